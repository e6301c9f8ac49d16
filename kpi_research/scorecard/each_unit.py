"""Stepwise comparisons of every unit of a long list with all others, one family of comparisons per unit."""

from __future__ import annotations

import numpy as np

from kpi_research.scorecard.draws import Draws, FloatArray
from kpi_research.scorecard.extremes import (
    CANDIDATES,
    SLACK,
    BoolArray,
    IntArray,
    critical_value,
    fronts,
    largest_below,
    stretch,
    undecided,
)

CELLS, LEAST_BLOCK = 2**19, 256
"""Numbers kept for a block of units (units times draws), and units it has at least."""


def step_down_each(statistic: FloatArray, draws: Draws, level: float, below: BoolArray, above: BoolArray) -> None:
    """Mark for every unit the units shown below and above it, in place, until no family shows anything new.

    Parameters
    ----------
    statistic : numpy.ndarray, shape (p, p)
        Studentized differences of the estimates.
    draws : Draws
        Simulated errors.
    level : float
        1 less the probability of any wrong decision in the family of one unit.
    below, above : numpy.ndarray of bool, shape (p, p)
        What is shown so far, row by row; the diagonal is True. Changed in place.
    """
    size = max(CELLS // draws.deviation.shape[1], LEAST_BLOCK)
    for start in range(0, len(statistic), size):
        units = np.arange(start, min(start + size, len(statistic)))
        while len(units):
            critical = critical_of_each(draws, units, below, above, level)[:, None]
            new_below = ~below[units] & (statistic[units] > critical)
            new_above = ~above[units] & (statistic[units] < -critical)
            below[units] |= new_below
            above[units] |= new_above
            going_on = (new_below | new_above).any(axis=1) & ~(below[units] & above[units]).all(axis=1)
            units = units[going_on]


def critical_of_each(draws: Draws, units: IntArray, below: BoolArray, above: BoolArray, level: float) -> FloatArray:
    """Return the critical value of the family of each unit.

    Parameters
    ----------
    draws : Draws
        Simulated errors.
    units : numpy.ndarray of int, shape (k,)
        The units.
    below, above : numpy.ndarray of bool, shape (p, p)
        What is shown so far.
    level : float
        Confidence level.

    Returns
    -------
    numpy.ndarray, shape (k,)
    """
    low, high = _bounds(draws, units, below, above)
    critical = np.empty(len(units))
    for row, unit in enumerate(units):
        waiting = undecided(low[row], high[row], level)
        if len(waiting):
            found = np.full(len(waiting), -np.inf)
            draws.take(waiting).largest(unit, ~below[unit], ~above[unit], found)
            low[row, waiting] = found
        critical[row] = critical_value(low[row], level)
    return critical


def _bounds(draws: Draws, units: IntArray, below: BoolArray, above: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return bounds of the largest statistic of each unit's family in each draw, shape (k, R)."""
    closed = (np.ascontiguousarray(above[units].T), np.ascontiguousarray(below[units].T))
    everything = np.count_nonzero(closed[0]) == len(units) == np.count_nonzero(closed[1])
    precision = np.ascontiguousarray(draws.precision[:, units])
    low, high = (np.empty((len(units), draws.deviation.shape[1])) for _ in range(2))
    for front in fronts(draws, np.arange(low.shape[1]), min(CANDIDATES, len(below))):
        statistic = front.against(units, precision)
        low[:, front.draw] = largest_below(statistic, front.top, None if everything else closed)
        high[:, front.draw] = _ceiling(front.square[units], front.outside, _reach(draws, front.variance, units))
    high *= SLACK * np.sqrt(stretch(draws))
    return low, np.maximum(low, high, out=high)


def _reach(draws: Draws, variance: FloatArray | None, units: IntArray) -> FloatArray:
    """Return the largest share, 0 to 1, that another unit's error can have in the variance of a difference."""
    if draws.correlation > 0:
        return np.ones(len(units))
    spread = draws.se**2 if variance is None else variance
    first, second = np.partition(spread, len(spread) - 2)[[-1, -2]]
    other = np.where(spread[units] == first, second, first)
    total = spread[units] + other
    return np.divide(other, total, out=np.zeros(len(units)), where=total > 0)


def _ceiling(own: FloatArray, outside: float, reach: FloatArray) -> FloatArray:
    r"""Return the largest possible difference of a unit from those outside the front.

    The difference is :math:`\sqrt{1 - b} z_j - \sqrt b z_k` with the share b of the other unit's error in its variance.
    Its size grows with b up to the length of the two errors.
    """
    length = own + outside
    inside = reach * length < outside
    limited = np.sqrt((1 - reach) * own) + np.sqrt(reach * outside)
    return np.where(inside, limited, np.sqrt(length))
