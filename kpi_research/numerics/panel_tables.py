"""Panels as tables, a row per unit and a column per period: removing effects, lags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.within import remove_two_way

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
SWEEPS = 200
"""Sweeps over units and periods before an unbalanced table is solved by QR instead."""
EXACT = 1e-12
"""Change of a sweep, relative to the largest entry, below which effects count as removed."""


def remove_effects(tables: Array, kept: Bools, *, unit: bool = True, period: bool = True) -> Array:
    """Return tables less their unit effects, period effects or both.

    Parameters
    ----------
    tables : numpy.ndarray, shape (k, units, periods)
        Numbers; what stands where ``kept`` is false is not read.
    kept : numpy.ndarray of bool, shape (units, periods)
        The cells that count.
    unit, period : bool
        Which effects are removed.

    Returns
    -------
    numpy.ndarray, shape (k, units, periods)
        Least-squares residuals on the indicators of units and periods; 0 where ``kept`` is false.

    Notes
    -----
    One sweep over units and periods is exact where every unit has the same periods. Otherwise sweeps alternate until
    they change nothing (von Neumann 1949), and QR on the period indicators solves what converges too slowly.
    """
    left = np.where(kept, tables, 0.0)
    scale = float(np.abs(left).max(initial=0.0))
    if not (unit and period):
        return _sweep(_sweep(left, kept, unit, period), kept, unit, period)
    for _ in range(SWEEPS):
        swept = _sweep(left, kept, unit, period)
        change = float(np.abs(swept - left).max(initial=0.0))
        left = swept
        if change <= EXACT * scale:
            return left
    return _by_qr(tables, kept)


def _sweep(tables: Array, kept: Bools, unit: bool, period: bool) -> Array:
    left = tables
    for axis, wanted in ((2, unit), (1, period)):
        if wanted:
            count = np.maximum(kept.sum(axis=axis - 1, keepdims=True), 1)
            left = np.where(kept, left - left.sum(axis=axis, keepdims=True) / count, 0.0)
    return left


def _by_qr(tables: Array, kept: Bools) -> Array:
    row, column = np.nonzero(kept)
    codes = [np.unique(part, return_inverse=True)[1] for part in (row, column)]
    left = np.zeros_like(tables)
    left[:, row, column] = remove_two_way(tables[:, row, column].T, codes[0], codes[1]).T
    return left


def complete(tables: Array) -> Bools:
    """Return the cells in which every table has a value.

    Parameters
    ----------
    tables : numpy.ndarray, shape (k, units, periods)
        Numbers, NaN where missing.

    Returns
    -------
    numpy.ndarray of bool, shape (units, periods)
    """
    return np.asarray(np.isfinite(tables).all(axis=0), dtype=bool)


def period_leverage(kept: Bools) -> float:
    """Return what a cell adds to its own fitted period effect: the mean of one over the units of its period.

    Parameters
    ----------
    kept : numpy.ndarray of bool, shape (units, periods)
        The cells that count.

    Returns
    -------
    float
        1 / units where every unit has every period.

    Examples
    --------
    >>> period_leverage(np.ones((4, 3), dtype=bool))
    0.25
    """
    count = kept.sum(axis=0)
    return float((count > 0).sum() / count.sum()) if count.sum() else 0.0


def lagged(table: Array, lag: int) -> Array:
    """Return a table shifted so that each period holds the value of ``lag`` periods before.

    Parameters
    ----------
    table : numpy.ndarray, shape (..., periods)
        Numbers, NaN where missing.
    lag : int
        Periods to look back, 0 or more.

    Returns
    -------
    numpy.ndarray, shape (..., periods)
        NaN in the first ``lag`` periods.

    Examples
    --------
    >>> lagged(np.array([1.0, 2.0, 3.0]), 1).tolist()
    [nan, 1.0, 2.0]
    """
    shifted = np.full(table.shape, np.nan)
    shifted[..., lag:] = table[..., : table.shape[-1] - lag]
    return shifted
