"""The relation of an indicator with an outcome before and after it became a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.cluster_slopes import cluster_slopes
from kpi_research.numerics.panel_tables import complete, period_leverage, remove_effects

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = tuple[str, str, float, float, float, float, float, float]
NOTHING = (float("nan"),) * 6
_PARTS = {"before": (1.0, 0.0), "after": (0.0, 1.0), "difference": (-1.0, 1.0)}


def within_relation(y: Array, x: Array, after: Bools, level: float) -> list[Row]:
    """Return slopes of the outcome on the indicator inside units before and after, and their difference.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and indicator, NaN where missing.
    after : numpy.ndarray of bool, shape (periods,)
        Which periods lie after.
    level : float
        Coverage of the intervals.

    Returns
    -------
    list of tuple
        ``within``, quantity, estimate, se, low, high, p, freedom; NaN where the indicator does not vary.

    Notes
    -----
    Effects of units differ before and after, effects of periods are common: each era has its own slope from movements
    inside it, and a jump of a unit's level at the target enters neither. CR2 errors with units as clusters.
    """
    both = np.stack([y, x])
    kept = complete(both)
    left = np.zeros_like(both)
    for era in (~after, after):
        left[:, :, era] = remove_effects(both[:, :, era], kept[:, era])
    return _slopes("within", left, after, period_leverage(kept), level)


def between_relation(y: Array, x: Array, after: Bools, level: float) -> list[Row]:
    """Return slopes of unit means of the outcome on those of the indicator before and after, and their difference.

    Parameters
    ----------
    y, x, after, level
        As in `within_relation`.

    Returns
    -------
    list of tuple
        ``between``, quantity, estimate, se, low, high, p, freedom.
    """
    means = era_means(np.stack([y, x]), after)
    kept = complete(means)
    left = remove_effects(means, kept, unit=False)
    return _slopes("between", left, np.array([False, True]), period_leverage(kept), level)


def change_relation(y: Array, x: Array, after: Bools, level: float) -> list[Row]:
    """Return the slope of units' change of the outcome on their change of the indicator, from before to after.

    Parameters
    ----------
    y, x, after, level
        As in `within_relation`.

    Returns
    -------
    list of tuple
        One row: ``change``, ``slope``, estimate, se, low, high, p, freedom.
    """
    means = era_means(np.stack([y, x]), after)
    change = (means[:, :, 1] - means[:, :, 0])[:, :, None]
    kept = complete(change)
    left = remove_effects(change, kept, unit=False)
    if not _varies(left[1]):
        return [("change", "slope", *NOTHING)]
    found = cluster_slopes(left[0], left[1:], lost=period_leverage(kept))
    return [("change", "slope", *found.combine(np.ones(1), level))]


def era_means(tables: Array, after: Bools) -> Array:
    """Return the means of units before and after, over periods in which all tables have a value.

    Parameters
    ----------
    tables : numpy.ndarray, shape (k, units, periods)
        Values, NaN where missing.
    after : numpy.ndarray of bool, shape (periods,)
        Which periods lie after.

    Returns
    -------
    numpy.ndarray, shape (k, units, 2)
        NaN where a unit has no such period.
    """
    kept = complete(tables)
    filled = np.where(kept, tables, 0.0)
    count = np.stack([kept[:, era].sum(axis=1) for era in (~after, after)], axis=-1)
    total = np.stack([filled[:, :, era].sum(axis=2) for era in (~after, after)], axis=-1)
    means: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means


def _slopes(part: str, left: Array, after: Bools, lost: float, level: float) -> list[Row]:
    eras = [np.where(era, left[1], 0.0) for era in (~after, after)]
    if not all(_varies(era) for era in eras):
        return [(part, name, *NOTHING) for name in _PARTS]
    found = cluster_slopes(left[0], np.stack(eras), lost=lost)
    return [(part, name, *found.combine(np.array(weights), level)) for name, weights in _PARTS.items()]


def _varies(table: Array) -> bool:
    return int((np.abs(table).sum(axis=1) > 0).sum()) >= 3
