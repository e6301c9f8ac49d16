"""The distribution of a sum of independent F-type Wald statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
POINTS = 2**14
EXACT_UNITS = 300
"""Number of statistics up to which the distribution is computed; beyond it is normal."""


def wald_moments(count: int, freedom: Array) -> tuple[Array, Array]:
    """Return mean and variance of ``count`` times an F(count, freedom) variable.

    Parameters
    ----------
    count : int
        Restrictions that are tested.
    freedom : numpy.ndarray
        Residual degrees of freedom, above 4.

    Returns
    -------
    mean, variance : numpy.ndarray
    """
    mean = count * freedom / (freedom - 2.0)
    variance = 2.0 * count * freedom**2 * (count + freedom - 2.0) / ((freedom - 2.0) ** 2 * (freedom - 4.0))
    return mean, variance


def f_sum_tail(total: float, count: int, freedom: Array) -> float:
    """Return the probability that a sum of ``count * F(count, freedom)`` variables is at least ``total``.

    Parameters
    ----------
    total : float
        The observed sum, not negative.
    count : int
        Restrictions that each statistic tests.
    freedom : numpy.ndarray, shape (n,)
        Residual degrees of freedom of each, above 4.

    Returns
    -------
    float
        By convolution on a grid for up to 300 statistics, by the normal distribution beyond.

    Examples
    --------
    >>> exact = stats.f.sf(4.0 / 2, 2, 20)
    >>> bool(abs(f_sum_tail(4.0, 2, np.array([20.0])) - exact) < 1e-4)
    True
    """
    mean, variance = wald_moments(count, freedom)
    center, spread = float(mean.sum()), float(np.sqrt(variance.sum()))
    if len(freedom) > EXACT_UNITS or total > center + 40.0 * spread:
        return float(stats.norm.sf((total - center) / spread))
    step = (center + 60.0 * spread) / POINTS
    edges = (np.arange(POINTS + 1) - 0.5) * step
    spectrum = np.ones(POINTS // 2 + 1, dtype=complex)
    for value, times in zip(*np.unique(freedom, return_counts=True), strict=True):
        mass = np.diff(stats.f.cdf(np.maximum(edges, 0.0) / count, count, value))
        spectrum *= np.fft.rfft(mass) ** times
    density = np.fft.irfft(spectrum, POINTS)
    grid = np.arange(POINTS) * step
    share = np.clip((grid + 0.5 * step - total) / step, 0.0, 1.0)
    return float(np.clip((density * share).sum(), 0.0, 1.0))
