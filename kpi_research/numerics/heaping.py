"""Heaping: preference for round numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
SPREAD_PER_BASE = 0.5
"""Least standard deviation, in bases, at which the multiples of a base are as frequent as chance: the first harmonic of
a bell shape is then exp(-2 pi^2 0.25) = 0.007."""


def whipple(counts: Array, first: int = 23, last: int = 62) -> float:
    """Return Whipple's index of numbers that end in 0 or 5.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        How often 0, 1, 2, ... stands in the data.
    first, last : int
        Range looked at; a multiple of five numbers with the round ones in the middle of their fives.

    Returns
    -------
    float
        100 without preference, 500 where all numbers are round (United Nations 1955, Manual II).
    """
    span = np.arange(first, last + 1)
    round_ones = span[span % 5 == 0]
    return float(500.0 * counts[round_ones].sum() / counts[span].sum())


def myers(counts: Array, first: int = 23, last: int = 82) -> float:
    """Return Myers' blended index of preference for any last digit.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        How often 0, 1, 2, ... stands in the data.
    first, last : int
        Range looked at; whole tens.

    Returns
    -------
    float
        Percent of the numbers that would have to change their last digit: 0 to 90 (Myers 1940, Transactions of the
        Actuarial Society of America 41: 402-415).
    """
    span = np.arange(first, last + 1)
    start = (span - first) % 10
    early, later = span <= last - 10, span >= first + 10
    one = np.bincount(start[early], counts[span][early], 10)
    two = np.bincount(start[later], counts[span][later], 10)
    blended = one * (np.arange(10) + 1) + two * (9 - np.arange(10))
    return float(50.0 * np.abs(blended / blended.sum() - 0.1).sum())


def bachi(counts: Array, first: int = 23, decades: int = 5) -> float:
    """Return Bachi's index: Whipple's method for each digit in ranges centered on it.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        How often 0, 1, 2, ... stands in the data, up to ``first + 10 decades + 4``.
    first : int
        Lowest number of the ranges.
    decades : int
        Length of each range in tens, at least 1.

    Returns
    -------
    float
        Percent, 0 to 90: half the sum of the digits' distances from 10 percent, each share the mean of two neighboring
        ranges (Bachi 1951, Bulletin of the International Statistical Institute 33: 195-221).
    """
    shares = []
    for digit in range(10):
        start = next(low for low in range(first, first + 5) if low % 5 == digit % 5)
        found = []
        for low in (start, start + 1):
            span = np.arange(low, low + 10 * decades)
            found.append(counts[span[span % 10 == digit]].sum() / counts[span].sum())
        shares.append(sum(found) / 2.0)
    return float(50.0 * np.abs(np.array(shares) - 0.1).sum())


def rounding_excess(multiples: NDArray[np.number], n: Array, base: int | NDArray[np.integer]) -> tuple[Array, Array]:
    """Return the share of rounded numbers above chance, and one-sided p-values.

    Parameters
    ----------
    multiples, n : ndarray of shape (units,)
        Numbers that are multiples of the base, and all numbers.
    base : int or ndarray of int
        5, 10, 30 ...

    Returns
    -------
    rounded, p : ndarray of shape (units,)
        Share of numbers that were rounded, ``(m/n - 1/base) / (1 - 1/base)``; binomial probability of at least so many
        multiples where each number has the chance ``1/base`` of being one.

    Examples
    --------
    >>> rounded, p = rounding_excess(np.array([55.0]), np.array([100.0]), 10)
    >>> float(rounded[0].round(2)), bool(p[0] < 1e-20)
    (0.5, True)
    """
    chance = 1.0 / base
    with np.errstate(invalid="ignore", divide="ignore"):
        rounded = (multiples / n - chance) / (1.0 - chance)
    p = np.where(n > 0, stats.binom.sf(multiples - 1, n, chance), np.nan)
    return np.asarray(rounded, dtype=float), np.asarray(p, dtype=float)
