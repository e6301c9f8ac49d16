"""Unit means of indicators, and what remains of their values when unit and period are taken out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def means(columns: Array, codes: Codes) -> Array:
    """Return the mean of the known values of each column in each group.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Numbers; NaN is missing.
    codes : numpy.ndarray, shape (n,)
        Group of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    numpy.ndarray, shape (groups, k)
        NaN where a group has no value.
    """
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    known = np.isfinite(columns)[order]
    sums = np.add.reduceat(np.where(known, columns[order], 0.0), starts, axis=0)
    count = np.add.reduceat(known.astype(float), starts, axis=0)
    with np.errstate(invalid="ignore"):
        found: Array = np.where(count > 0, sums / np.where(count > 0, count, 1.0), np.nan)
    return found


def deviations(columns: Array, unit: Codes, period: Codes) -> Array:
    """Return values less the mean of their unit, then less the mean of their period.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Numbers; NaN is missing.
    unit, period : numpy.ndarray, shape (n,)
        Unit and period of each row, numbered without gaps.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        With every unit seen in every period both effects are gone exactly.
    """
    once = columns - means(columns, unit)[unit]
    twice: Array = once - means(once, period)[period]
    return twice


def numeric(frame: pd.DataFrame, names: list[str]) -> Array:
    """Return columns of a frame as one array of floats, NaN for missing or infinite values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns are checked to be numeric by the caller.
    names : list of str
        The columns.

    Returns
    -------
    numpy.ndarray, shape (n, k)
    """
    values = np.column_stack([frame[name].to_numpy(dtype=float, na_value=np.nan) for name in names])
    return np.where(np.isfinite(values), values, np.nan)
