"""Which of two units is above the other: stepwise tests of all differences with one familywise error rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.scorecard.draws import Draws, FloatArray
from kpi_research.scorecard.each_unit import step_down_each
from kpi_research.scorecard.extremes import BoolArray, critical_of_all, critical_value

MANY = 300
"""Number of units from which most comparisons are left out of the search for critical values."""

CORRELATED = 0.5
"""Correlation of errors from which the bounds that this needs are too wide to be of use."""


@dataclass(frozen=True, slots=True)
class Separation:
    """What the comparisons decided.

    Attributes
    ----------
    below, above : numpy.ndarray of bool, shape (p, p)
        Row j, column k: in the comparisons made for unit j, unit k is shown to be below (above) unit j.
    """

    below: BoolArray
    above: BoolArray

    @property
    def unresolved(self) -> float:
        """Share of pairs of units whose order is not shown in either direction; NaN for a single unit."""
        upper = np.triu_indices(len(self.below), 1)
        decided = self.below | self.above
        return float((~(decided | decided.T))[upper].mean()) if len(upper[0]) else float("nan")


def studentized(estimate: FloatArray, precision: FloatArray) -> FloatArray:
    """Return the difference of each two estimates over its standard error.

    Parameters
    ----------
    estimate : numpy.ndarray, shape (p,)
        Estimates.
    precision : numpy.ndarray, shape (p, p)
        As in `Draws`.

    Returns
    -------
    numpy.ndarray, shape (p, p)
        Infinite where a difference is known without error, 0 for equal estimates.
    """
    statistic: FloatArray = np.subtract.outer(estimate, estimate)
    known = precision == 0
    certain = statistic[known]
    statistic *= precision
    statistic[known] = np.where(certain == 0, 0.0, np.copysign(np.inf, certain))
    return statistic


def compare_each_unit(statistic: FloatArray, draws: Draws, level: float) -> Separation:
    """Compare every unit with all others, one family of comparisons per unit.

    Parameters
    ----------
    statistic : numpy.ndarray, shape (p, p)
        Studentized differences of the estimates.
    draws : Draws
        Simulated errors.
    level : float
        1 less the probability of any wrong decision in the family of one unit.

    Returns
    -------
    Separation
    """
    size = len(statistic)
    below, above = np.eye(size, dtype=bool), np.eye(size, dtype=bool)
    if _is_large(draws):
        step_down_each(statistic, draws, level, below, above)
    for unit in range(0 if _is_large(draws) else size):
        _step_down(unit, statistic[unit], draws, level, below[unit], above[unit])
    return Separation(below & ~np.eye(size, dtype=bool), above & ~np.eye(size, dtype=bool))


def compare_all_units(statistic: FloatArray, draws: Draws, level: float) -> Separation:
    """Compare every unit with all others, all comparisons in one family.

    Parameters
    ----------
    statistic : numpy.ndarray, shape (p, p)
        Studentized differences of the estimates.
    draws : Draws
        Simulated errors.
    level : float
        1 less the probability of any wrong decision among all pairs.

    Returns
    -------
    Separation

    Notes
    -----
    The pairs are streamed: memory grows with R p + p². Of many units, most pairs are left out of the search for the
    critical value without changing it (`critical_of_all`).
    """
    shown = np.eye(len(statistic), dtype=bool)
    while not shown.all():
        find = critical_of_all if _is_large(draws) else _critical_value
        critical = find(draws, shown, level)
        new = ~shown & (statistic > critical)
        if not new.any():
            break
        shown |= new
    shown &= ~np.eye(len(shown), dtype=bool)
    return Separation(shown, shown.T.copy())


def _is_large(draws: Draws) -> bool:
    return len(draws.deviation) >= MANY and draws.correlation < CORRELATED


def _critical_value(draws: Draws, shown: BoolArray, level: float) -> float:
    """Return the critical value of all open comparisons, each of them computed."""
    largest = np.full(draws.deviation.shape[1], -np.inf)
    for unit in range(len(shown) - 1):
        after = np.arange(len(shown)) > unit
        draws.largest(unit, after & ~shown[unit], after & ~shown[:, unit], largest)
    return critical_value(largest, level)


def _step_down(
    unit: int, statistic: FloatArray, draws: Draws, level: float, below: BoolArray, above: BoolArray
) -> None:
    """Mark the units shown below and above one unit, in place, until a step shows nothing new."""
    while not (below & above).all():
        largest = np.full(draws.deviation.shape[1], -np.inf)
        draws.largest(unit, ~below, ~above, largest)
        critical = critical_value(largest, level)
        new_below, new_above = ~below & (statistic > critical), ~above & (-statistic > critical)
        if not (new_below.any() or new_above.any()):
            break
        below |= new_below
        above |= new_above
