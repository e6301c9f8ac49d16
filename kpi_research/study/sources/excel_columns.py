"""Cells of an Excel column as one typed column: numbers, dates, yes/no where all cells agree, else text."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pandas as pd

from kpi_research.study.sources.cells import cell_text

_INT64 = 2**63


def typed(values: Sequence[object]) -> pd.Series:
    """Return the cells of a column with the type they share.

    Parameters
    ----------
    values : sequence
        Cells as openpyxl reads them; None = empty.

    Returns
    -------
    pandas.Series
        ``int64`` or ``float64`` for numbers, ``datetime64`` for dates, ``bool`` or ``boolean`` for TRUE/FALSE, ``str`` for all else.

    Examples
    --------
    >>> typed([1, 2.5, None]).tolist()
    [1.0, 2.5, nan]
    """
    present = [value for value in values if value is not None]
    whole = len(present) == len(values)
    if present and all(isinstance(value, bool) for value in present):
        return pd.Series(list(values), dtype="bool" if whole else "boolean")
    if present and all(_is_number(value) for value in present):
        return _numbers(values, whole and all(isinstance(value, int) for value in present))
    if present and all(isinstance(value, datetime.datetime) for value in present):
        return pd.Series(np.array(list(values), dtype="datetime64[us]"))
    return pd.Series([cell_text(value) for value in values], dtype="str")


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, float) or (isinstance(value, int) and -_INT64 <= value < _INT64)


def _numbers(values: Sequence[object], integers: bool) -> pd.Series:
    kind = np.int64 if integers else np.float64
    return pd.Series(np.array([np.nan if value is None else value for value in values], dtype=kind))
