"""False-discovery control over many tests, some of which may be missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def q_values(p: ArrayLike, *, dependent: bool = False) -> NDArray[np.float64]:
    """Return adjusted p-values: flagging those at or below 0.05 makes at most 5 % of the flags wrong on average.

    Parameters
    ----------
    p : array
        p-values between 0 and 1, of any shape; NaN is a test that was not made.
    dependent : bool
        Whether tests may depend on each other in any way (Benjamini & Yekutieli 2001, doi:10.1214/aos/1013699998);
        otherwise Benjamini & Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x).

    Returns
    -------
    numpy.ndarray
        Same shape; NaN where ``p`` is.

    Raises
    ------
    ValueError
        If a p-value lies outside 0 to 1.

    Examples
    --------
    >>> q_values([0.01, 0.04, float("nan"), 0.5]).round(3).tolist()
    [0.03, 0.06, nan, 0.5]
    """
    given = np.asarray(p, dtype=float)
    known = ~np.isnan(given)
    if ((given[known] < 0) | (given[known] > 1)).any():
        raise ValueError("p has values outside 0 to 1")
    found = np.full(given.shape, np.nan)
    if known.any():
        found[known] = stats.false_discovery_control(given[known], method="by" if dependent else "bh")
    return found
