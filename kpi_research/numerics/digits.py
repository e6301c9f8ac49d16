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


NEIGHBORS = 5
"""Tens among which last digits are dealt anew."""


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

    The last digits are dealt anew to numbers of the same neighborhood (five tens): under honest records they do not
    depend on the leading digits there. The lowest and the highest ten are left out, because a range that begins or ends
    within a ten allows only some of its digits.

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
        Average frequencies, and the share of permutations with at least the observed one; NaN where fewer than three
        tens occur.
    """
    whole = np.rint(np.abs(values) * 10.0**decimals)
    lead = np.floor(whole / 10.0)
    inner = (lead > lead.min()) & (lead < lead.max())
    if not inner.any():
        return float("nan"), float("nan"), float("nan")
    _, lead = np.unique(lead[inner], return_inverse=True)
    order = np.argsort(lead, kind="stable")
    lead, digit = lead[order], (whole[inner][order] % 10).astype(np.int64)
    area = lead // NEIGHBORS
    frequency = np.array(
        [_mean_frequency(10 * lead + digit[np.argsort(area + rng.random(len(area)))]) for _ in range(draws)]
    )
    observed = _mean_frequency(10 * lead + digit)
    return observed, float(frequency.mean()), float((1 + (frequency >= observed - 1e-12).sum()) / (draws + 1))


def _mean_frequency(codes: Whole) -> float:
    counts = np.bincount(codes)
    return float(counts @ counts / len(codes))


def digits_are_free(values: NDArray[np.floating], decimals: int = 0) -> bool:
    """Tell whether last digits of honest numbers hardly depend on the leading ones.

    Parameters
    ----------
    values : ndarray
        Finite numbers.
    decimals : int
        Place of the last digit.

    Returns
    -------
    bool
        Of a smooth distribution with standard deviation ``s`` (in steps of the last digit), the slope within a ten
        adds a share of about ``(10/s)²/12`` to the pairs of equal numbers. Of ``n`` numbers ``n²/(4 sqrt(pi) s)`` pairs are
        equal by chance. The added share is held below a quarter of the standard error of that count, which gives
        ``n <= 0.08 s^2.5``.

    Examples
    --------
    >>> digits_are_free(np.arange(100.0, 400.0)), digits_are_free(np.tile([48.0, 50.0, 53.0], 50))
    (True, False)
    """
    steps = values * 10.0**decimals
    if len(steps) < 2:
        return False
    spread = min(float(steps.std()), float(np.subtract(*np.quantile(steps, [0.75, 0.25]))) / 1.349)
    return bool(len(steps) <= 0.08 * spread**2.5)
