"""Critical values of very many comparisons, found from those of the units with the largest simulated errors.

The difference of two independent errors over its standard error is at most the length of the two errors, each over its
own standard error (Cauchy and Schwarz). So only the few units with large errors in a draw can make its largest
difference; the others are left out wherever this bound shows that they change no critical value. What is found is the
critical value of all comparisons, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.draws import BLOCK, Draws, FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

CANDIDATES = 32
"""Units whose comparisons are looked at first in each draw."""

FEW_PAIRS = 64
"""Open comparisons per unit up to which all of them are computed."""

SLACK = 1 + 1e-9
"""Factor on bounds, for rounding errors."""


def critical_value(largest: FloatArray, level: float) -> float:
    """Return the smallest simulated value that a share ``level`` of the draws does not exceed.

    Parameters
    ----------
    largest : numpy.ndarray, shape (R,)
        Largest statistic of each draw.
    level : float
        Confidence level.

    Returns
    -------
    float
    """
    return float(np.quantile(largest, level, method="inverted_cdf"))


def critical_of_all(draws: Draws, shown: BoolArray, level: float) -> float:
    """Return the critical value of all comparisons that are still open, as one family.

    Parameters
    ----------
    draws : Draws
        Simulated errors.
    shown : numpy.ndarray of bool, shape (p, p)
        Row j, column k: unit j is shown to be above unit k. The diagonal is True.
    level : float
        Confidence level.

    Returns
    -------
    float
    """
    units, count = draws.deviation.shape
    if np.count_nonzero(shown) >= units * (units - FEW_PAIRS):
        return critical_value(_largest_of_pairs(draws, *np.nonzero(~shown)), level)
    low, high = np.full(count, -np.inf), np.full(count, np.inf)
    closed = None if np.count_nonzero(shown) == units else (shown, np.ascontiguousarray(shown.T))
    candidates = CANDIDATES
    while len(waiting := undecided(low, high, level)):
        for front in fronts(draws, waiting, candidates):
            found = largest_below(front.against(slice(None), draws.precision), front.top, closed).max()
            low[front.draw] = found
            high[front.draw] = max(found, SLACK * np.sqrt(2 * front.outside * stretch(draws)))
        candidates = min(4 * candidates, units)
    return critical_value(low, level)


def stretch(draws: Draws) -> float:
    """Return by how much correlation may lengthen a squared difference: 1 / (1 - largest correlation).

    Parameters
    ----------
    draws : Draws
        Simulated errors.

    Returns
    -------
    float
    """
    return 1 / max(1 - draws.correlation, 1e-12)


def undecided(low: FloatArray, high: FloatArray, level: float) -> IntArray:
    """Return the draws that may change the critical value: those not surely on one side of it.

    Parameters
    ----------
    low, high : numpy.ndarray, shape (R,)
        Bounds of the largest statistic of each draw.
    level : float
        Confidence level.

    Returns
    -------
    numpy.ndarray of int
        Empty where the critical value of the lower bounds is that of the statistics.
    """
    least, most = critical_value(low, level), critical_value(high, level)
    return np.flatnonzero((low < high) & (high > least) & (low < most))


@dataclass(frozen=True, slots=True)
class Front:
    """One draw and the units whose errors are largest in it.

    Attributes
    ----------
    draw : int
        Number of the draw.
    top : numpy.ndarray of int, shape (m,)
        Units with the largest errors over their own standard errors.
    outside : float
        Largest squared ratio of error and standard error among the other units; 0 where there are none.
    deviation, square : numpy.ndarray, shape (p,)
        Simulated errors, and their squares over the squared standard errors.
    variance : numpy.ndarray, shape (p,), or None
        Simulated squared standard errors.
    """

    draw: int
    top: IntArray
    outside: float
    deviation: FloatArray
    square: FloatArray
    variance: FloatArray | None

    def against(self, units: slice | IntArray, precision: FloatArray) -> FloatArray:
        """Return the studentized differences of the top units less other units.

        Parameters
        ----------
        units : slice or numpy.ndarray of int
            The other units.
        precision : numpy.ndarray, shape (p, k)
            As in `Draws`, columns of the other units.

        Returns
        -------
        numpy.ndarray, shape (m, k)
        """
        difference: FloatArray = np.subtract.outer(self.deviation[self.top], self.deviation[units])
        if self.variance is None:
            difference *= precision[self.top]
            return difference
        spread = np.add.outer(self.variance[self.top], self.variance[units])
        spread[spread == 0] = np.inf
        difference /= np.sqrt(spread, out=spread)
        return difference


def fronts(draws: Draws, which: IntArray, candidates: int) -> Iterator[Front]:
    """Yield draws with the units whose errors are largest.

    Parameters
    ----------
    draws : Draws
        Simulated errors.
    which : numpy.ndarray of int
        Numbers of the draws.
    candidates : int
        How many units, at most p.

    Yields
    ------
    Front
    """
    units = len(draws.deviation)
    size = max(BLOCK // units, 1)
    for start in range(0, len(which), size):
        numbers = which[start : start + size]
        deviation = np.ascontiguousarray(draws.deviation[:, numbers].T)
        simulated = draws.variance is not None
        variance = (
            np.ascontiguousarray(draws.variance[:, numbers].T) if draws.variance is not None else draws.se[None] ** 2
        )
        square = np.divide(deviation**2, variance, out=np.zeros_like(deviation), where=variance > 0)
        order = np.argpartition(square, units - candidates - 1 if candidates < units else 0, axis=1)
        for row, draw in enumerate(numbers):
            top = order[row, units - candidates :]
            outside = square[row, order[row, units - candidates - 1]] if candidates < units else 0.0
            yield Front(draw, top, outside, deviation[row], square[row], variance[row] if simulated else None)


def largest_below(statistic: FloatArray, top: IntArray, closed: tuple[BoolArray, BoolArray] | None) -> FloatArray:
    """Return, for each column, the largest open statistic in either direction.

    Parameters
    ----------
    statistic : numpy.ndarray, shape (m, k)
        Studentized differences of the top units less the units of the columns.
    top : numpy.ndarray of int, shape (m,)
        The top units.
    closed : tuple of two numpy.ndarray of bool, shape (p, k), or None
        Where "not above" of a row's unit, and of a column's unit, is no longer open; None where all are.

    Returns
    -------
    numpy.ndarray, shape (k,)
    """
    if closed is None:
        return np.asarray(np.abs(statistic, out=statistic).max(axis=0))
    highest = np.where(closed[0][top], -np.inf, statistic).max(axis=0)
    lowest = np.where(closed[1][top], np.inf, statistic).min(axis=0)
    return np.maximum(highest, -lowest)


def _largest_of_pairs(draws: Draws, first: IntArray, second: IntArray) -> FloatArray:
    """Return the largest statistic in each draw among listed pairs: the first unit less the second."""
    largest = np.full(draws.deviation.shape[1], -np.inf)
    for unit in np.unique(first):
        upward = np.zeros(len(draws.deviation), dtype=bool)
        upward[second[first == unit]] = True
        draws.largest(unit, upward, np.zeros_like(upward), largest)
    return largest
