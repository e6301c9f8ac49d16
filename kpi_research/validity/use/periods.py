"""Where a period stands in the year."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FORMS = ((re.compile(r"\d{4}-(\d{2})"), 12), (re.compile(r"\d{4}Q([1-4])"), 4))
LEAST_YEARS = 1.5
"""Years of periods from which a yearly wave can be told from a trend."""


def phases(periods: Sequence[object]) -> NDArray[np.float64] | None:
    """Return the place of each period in its year.

    Parameters
    ----------
    periods : sequence
        Months such as ``2026-01`` or quarters such as ``2026Q1``, in order.

    Returns
    -------
    numpy.ndarray, shape (periods,), or None
        From 0 up to 1; None where periods are neither, or there are fewer than a year and a half of them.

    Examples
    --------
    >>> phases([f"{year}Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)]).tolist()[:3]
    [0.0, 0.25, 0.5]
    """
    for form, number in _FORMS:
        found = [form.fullmatch(str(period)) for period in periods]
        places = [int(match[1]) - 1 for match in found if match]
        if len(places) == len(found) and len(places) >= LEAST_YEARS * number:
            return np.array(places, dtype=float) / number
    return None
