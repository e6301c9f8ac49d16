"""Probabilities of Pearson's statistic of ten digits where counts are too few for its limiting distribution."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special, stats

Array = NDArray[np.float64]
EXACT_UP_TO = 100
"""Numbers up to which the distribution under even digits is computed; beyond, chi-squared tails hold within a fifth down
to 1e-4."""
FEW = 10.0
"""Expected count below which uneven digits are simulated."""
SCREEN = 0.01
"""Chi-squared p-value above which no simulation is made: there both agree within a fifth, and no unit of many is told."""
DRAWS = (9_999, 99_999)
"""Simulated tables; the second number only where the first leaves fewer than ten as extreme."""
ENOUGH = 10


def even_digit_p(squares: NDArray[np.integer], n: int) -> Array:
    """Return the exact probability that ten even digits give a sum of squared counts of at least the one seen.

    Parameters
    ----------
    squares : ndarray of int
        Sum of squared digit counts; Pearson's statistic is ``10 squares / n - n``.
    n : int
        How many digits, 1 to 100.

    Returns
    -------
    ndarray
        Same shape.

    Examples
    --------
    >>> even_digit_p(np.array([2, 4]), 2).round(12).tolist()  # two digits: alike with probability 1/10
    [1.0, 0.1]
    """
    return _tail(n)[np.clip(squares, 0, n * n)]


@lru_cache(maxsize=EXACT_UP_TO)
def _tail(n: int) -> Array:
    """Return P(sum of squares >= s) for s = 0 ... n², from the exponential generating function of ten cells."""
    size = fft.next_fast_len(n * n + 1, real=True)
    counts = np.arange(n + 1)
    one = np.zeros((n + 1, size))
    # Scaled by the Poisson probabilities at mean n/10, so that no term under- or overflows.
    one[counts, (counts**2) % size] = stats.poisson.pmf(counts, n / 10.0)
    two = _product(one_hat := fft.rfft(one, axis=1), one_hat)
    four = _product(two, two)
    eight = _product(four, four)
    last = sum(eight[k] * two[n - k] for k in range(n + 1))
    mass = np.maximum(fft.irfft(last, size)[: n * n + 1], 0.0)
    return np.clip(np.cumsum((mass / mass.sum())[::-1])[::-1], 10.0 ** (1 - n), 1.0)


def _product(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Convolve over the number of digits; over squares the spectra multiply."""
    found = np.zeros_like(first)
    for k in range(len(first)):
        found[k:] += first[k] * second[: len(first) - k]
    return found


def digit_p(observed: Array, expected: Array, seed: int = 0) -> tuple[Array, Array]:
    """Return Pearson's statistic of digit counts and its p-value, row by row.

    Parameters
    ----------
    observed, expected : ndarray of shape (units, 10)
        Counts; rows of the same sum, expected ones above 0.
    seed : int
        Of the simulation.

    Returns
    -------
    statistic, p : ndarray of shape (units,)
        Exact for even digits of up to a hundred numbers; simulated (99,999 draws at the most) where an uneven expected count is
        below ten and the chi-squared p-value below 0.01; otherwise from the chi-squared distribution on nine degrees
        of freedom. Its tail is too thin by a factor of two to seven where five numbers or fewer are expected per digit, which matters when
        hundreds of units are tested.
    """
    statistic = ((observed - expected) ** 2 / expected).sum(axis=1)
    p = np.asarray(special.chdtrc(9, statistic), dtype=float)
    n = np.rint(observed.sum(axis=1)).astype(int)
    even = np.ptp(expected, axis=1) < 1e-9
    for size in np.unique(n[even & (n <= EXACT_UP_TO) & (n > 0)]):
        rows = even & (n == size)
        p[rows] = even_digit_p(np.rint((observed[rows] ** 2).sum(axis=1)).astype(int), int(size))
    rng = np.random.default_rng(seed)
    for row in np.flatnonzero(~even & (expected.min(axis=1) < FEW) & (p < SCREEN)):
        p[row] = _simulated_p(statistic[row], expected[row], int(n[row]), rng)
    return statistic, p


def _simulated_p(statistic: float, expected: Array, n: int, rng: np.random.Generator) -> float:
    p = 1.0
    for draws in DRAWS:
        drawn = rng.multinomial(n, expected / expected.sum(), size=draws)
        as_extreme = int((((drawn - expected) ** 2 / expected).sum(axis=1) >= statistic - 1e-9).sum())
        p = (1 + as_extreme) / (draws + 1)
        if as_extreme >= ENOUGH:
            break
    return p
