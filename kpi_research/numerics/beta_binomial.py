"""The beta-binomial model of unit rates: maximum likelihood and a likelihood interval of its size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Array = NDArray[np.float64]
LOWEST, HIGHEST = np.log(1e-4), np.log(1e7)
GRID = 24


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """A fitted beta-binomial model: unit rates follow Beta(a, b), counts are binomial given the rate.

    Attributes
    ----------
    a, b : float
        Shape parameters; infinite where the rates differ no more than chance.
    size, size_low, size_high : float
        ``a + b`` in cases, with its interval: a unit of n cases has reliability ``n / (a + b + n)``.
    log_likelihood : float
        At the maximum, without the binomial coefficients.
    """

    a: float
    b: float
    size: float
    size_low: float
    size_high: float
    log_likelihood: float


def fit_beta_binomial(successes: Array, cases: Array, level: float = 0.95) -> BetaBinomial:
    """Fit the beta-binomial model by maximum likelihood.

    Parameters
    ----------
    successes, cases : numpy.ndarray, shape (k,)
        Whole numbers per unit, ``0 <= successes <= cases``, ``cases >= 1``; not all rates 0 or all 1.
    level : float
        Coverage of the interval of ``a + b``.

    Returns
    -------
    BetaBinomial

    Notes
    -----
    The interval holds every size whose profile log-likelihood lies within half the squared t(k - 1) quantile of the
    maximum; it reaches infinity (reliability 0) where pure chance is compatible with the data.
    """
    profile = _Profile.of(successes, cases)
    best = _maximum(profile)
    allowed = stats.t.isf((1.0 - level) / 2.0, len(cases) - 1) ** 2 / 2.0
    floor = profile.value(best) - allowed
    low = _crossing(profile.value, LOWEST, best, floor, 0.0)
    high = _crossing(profile.value, HIGHEST, best, floor, float("inf"))
    if best >= HIGHEST - 1e-6:
        return BetaBinomial(np.inf, np.inf, np.inf, low, np.inf, profile.value(best))
    size, mean = float(np.exp(best)), profile.mean(best)
    return BetaBinomial(size * mean, size * (1.0 - mean), size, low, high, profile.value(best))


@dataclass(frozen=True, slots=True)
class _Profile:
    """Profile log-likelihood over the logarithm of the size; equal units are counted, not repeated."""

    successes: Array
    cases: Array
    weight: Array

    @classmethod
    def of(cls, successes: Array, cases: Array) -> _Profile:
        pairs, count = np.unique(np.column_stack([successes, cases]), axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1], count.astype(float))

    def mean(self, log_size: float) -> float:
        """Return the mean rate that is most likely at this size: the root of the score in the mean."""
        size = np.exp(log_size)

        def score(mean: float) -> float:
            a, b = size * mean, size * (1.0 - mean)
            rise = _digamma_rise(a, self.successes) - _digamma_rise(b, self.cases - self.successes)
            return float((self.weight * rise).sum())

        return float(optimize.brentq(score, 1e-12, 1.0 - 1e-12, xtol=1e-16, rtol=1e-14))

    def value(self, log_size: float) -> float:
        """Return the profile log-likelihood."""
        size, mean = np.exp(log_size), self.mean(log_size)
        a, b = size * mean, size * (1.0 - mean)
        rising = _log_rising(a, self.successes) + _log_rising(b, self.cases - self.successes)
        return float((self.weight * (rising - _log_rising(size, self.cases))).sum())

    def slope(self, log_size: float) -> float:
        """Return the derivative of the profile in the logarithm of the size (the mean drops out at its maximum)."""
        size, mean = np.exp(log_size), self.mean(log_size)
        a, b = size * mean, size * (1.0 - mean)
        up = mean * _digamma_rise(a, self.successes)
        down = (1.0 - mean) * _digamma_rise(b, self.cases - self.successes)
        return float(size * (self.weight * (up + down - _digamma_rise(size, self.cases))).sum())


def _log_rising(start: float, steps: Array) -> Array:
    """Return ``log(start (start + 1) ... (start + steps - 1))``."""
    result: Array = special.gammaln(start + steps) - special.gammaln(start)
    return result


def _digamma_rise(start: float, steps: Array) -> Array:
    """Return ``1 / start + 1 / (start + 1) + ... + 1 / (start + steps - 1)``."""
    result: Array = special.digamma(start + steps) - special.digamma(start)
    return result


def _maximum(profile: _Profile) -> float:
    """Return the logarithm of the most likely size: the best point of a grid, then the root of the slope beside it."""
    grid = np.linspace(LOWEST, HIGHEST, GRID)
    best = int(np.argmax([profile.value(point) for point in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    if profile.slope(low) <= 0.0 or profile.slope(high) >= 0.0:
        return float(grid[best])
    return float(optimize.brentq(profile.slope, low, high, xtol=1e-12, rtol=1e-13))


def _crossing(value: Callable[[float], float], end: float, best: float, floor: float, beyond: float) -> float:
    """Return the size between ``best`` and ``end`` where the profile falls to ``floor``, ``beyond`` if it does not."""
    if abs(end - best) < 1e-6 or value(end) >= floor:
        return beyond
    return float(np.exp(optimize.brentq(lambda point: value(point) - floor, *sorted((best, end)), xtol=1e-10)))
