"""Last digits and repeated values of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
SMOOTH_SPREAD = 5.0
"""Standard deviation, in steps of the last digit, from which on a bell-shaped variable has even last digits: the first
harmonic of its distribution over ten digits is exp(-2 pi^2 25 / 100) = 0.007."""


def last_digits(values: NDArray[np.floating], decimals: int = 0) -> Whole:
    """Return the digit at a decimal place, 0 to 9.

    Parameters
    ----------
    values : ndarray
        Finite numbers.
    decimals : int
        The place: 0 for ones, 1 for tenths, -1 for tens.

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> last_digits(np.array([123.0, -45.0, 7.0])).tolist(), last_digits(np.array([0.65]), 2).tolist()
    ([3, 5, 7], [5])
    """
    return (np.abs(np.rint(values * 10.0**decimals)) % 10).astype(np.int64)


def count_digit_shares(mean: float, variance: float) -> Array:
    """Return the probability of each last digit of a count.

    Parameters
    ----------
    mean, variance : float
        Of the count; mean above 0.

    Returns
    -------
    ndarray of shape (10,)
        From the Poisson distribution, or the negative binomial where the variance exceeds the mean.
    """
    top = int(mean + 12.0 * np.sqrt(max(variance, mean)) + 20.0)
    support = np.arange(top + 1)
    if variance <= mean * (1.0 + 1e-9):
        mass = stats.poisson.pmf(support, mean)
    else:
        size = mean**2 / (variance - mean)
        mass = stats.nbinom.pmf(support, size, size / (size + mean))
    shares = np.bincount(support % 10, mass, minlength=10)
    return shares / shares.sum()


def digit_chi_square(observed: Array, expected: Array) -> tuple[float, float]:
    """Return Pearson's statistic of digit counts and its p-value on nine degrees of freedom.

    Parameters
    ----------
    observed, expected : ndarray of shape (10,)
        Counts; of the same sum.

    Returns
    -------
    statistic, p : float
        NaN where an expected count is below 1 (Cochran 1954, doi:10.2307/3001616).

    Examples
    --------
    >>> statistic, p = digit_chi_square(np.full(10, 20.0), np.full(10, 20.0))
    >>> statistic, p
    (0.0, 1.0)
    """
    if (expected < 1.0).any():
        return float("nan"), float("nan")
    statistic = float(((observed - expected) ** 2 / expected).sum())
    return statistic, float(stats.chi2.sf(statistic, 9))


def average_frequency(values: NDArray[np.floating]) -> float:
    """Return the mean, over the numbers, of how often each stands in the data.

    Parameters
    ----------
    values : ndarray
        Finite numbers.

    Returns
    -------
    float
        1 where every number stands once (Simonsohn 2019, number bunching).

    Examples
    --------
    >>> average_frequency(np.array([1.0, 1.0, 2.0]))
    1.6666666666666667
    """
    _, counts = np.unique(values, return_counts=True)
    return float((counts.astype(float) ** 2).sum() / counts.sum())


def bunching_of_numbers(
    values: NDArray[np.floating], decimals: int, draws: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return how often numbers repeat, what is expected, and a permutation p-value.

    The last digits are dealt anew to the numbers: under honest records they do not depend on the leading digits.

    Parameters
    ----------
    values : ndarray
        Finite numbers.
    decimals : int
        Place of the last digit.
    draws : int
        Permutations.
    rng : numpy.random.Generator

    Returns
    -------
    observed, expected, p : float
        Average frequencies, and the share of permutations with at least the observed one.
    """
    whole = np.rint(np.abs(values) * 10.0**decimals)
    lead, digit = np.floor(whole / 10.0), whole % 10
    observed = average_frequency(whole)
    dealt = np.array([average_frequency(lead * 10.0 + rng.permutation(digit)) for _ in range(draws)])
    return observed, float(dealt.mean()), float((1 + (dealt >= observed - 1e-12).sum()) / (draws + 1))
