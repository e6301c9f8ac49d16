"""The estimators behind `reliability`, each from checked arrays to an estimate with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.anova import OneWay, from_groups, one_way
from kpi_research.numerics.beta_binomial import fit_beta_binomial
from kpi_research.numerics.jackknife import jackknife_interval
from kpi_research.numerics.split_half import mean_correlation, split_counts, split_values
from kpi_research.numerics.variance_ratio import (
    to_icc,
    variance_ratio,
    variance_ratio_interval,
    variance_ratio_jackknife,
)
from kpi_research.validity.reliability.data import Counts, Values

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A reliability with its interval.

    Attributes
    ----------
    estimate, low, high : float
        Reliability and bounds.
    ratio : float
        Variance between units over the chance variance of one value or case.
    """

    estimate: float
    low: float
    high: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Options:
    """How an estimator is to work.

    Attributes
    ----------
    level : float
        Coverage of the interval.
    exact : bool
        Whether ratios of variances get the exact interval for normal effects instead of the jackknife.
    splits, seed : int
        Number and seed of random splits.
    """

    level: float
    exact: bool = False
    splits: int = 400
    seed: int = 0

    def bounds(self, parts: OneWay) -> tuple[float, float]:
        """Return the interval of the ratio of variances.

        Parameters
        ----------
        parts : OneWay
            The analysis of variance.

        Returns
        -------
        low, high : float
        """
        return (variance_ratio_interval if self.exact else variance_ratio_jackknife)(parts, self.level)


def of_mean(ratio: float, n: float) -> float:
    """Return the reliability of a mean of n values at a signal-to-noise ratio per value.

    Parameters
    ----------
    ratio : float
        Variance between units over the variance of one value around its unit; may be infinite.
    n : float
        Number of values.

    Returns
    -------
    float
        ``ratio n / (1 + ratio n)``.

    Examples
    --------
    >>> of_mean(0.25, 12)
    0.75
    """
    return 1.0 if np.isinf(ratio) else ratio * n / (1.0 + ratio * n)


def _icc(data: Values, options: Options) -> Estimate:
    parts = one_way(data.value, data.unit)
    low, high = (to_icc(bound) for bound in options.bounds(parts))
    return Estimate(to_icc(variance_ratio(parts)), low, high, variance_ratio(parts))


def _anova(data: Values | Counts, options: Options) -> Estimate:
    parts = one_way(data.value, data.unit) if isinstance(data, Values) else _parts_of_counts(data)
    if not parts.ms_within > 0:
        return Estimate(1.0, np.nan, np.nan, np.inf)
    ratio, median = variance_ratio(parts), float(np.median(data.n))
    low, high = (of_mean(bound, median) for bound in options.bounds(parts))
    return Estimate(of_mean(ratio, median), low, high, ratio)


def _parts_of_counts(data: Counts) -> OneWay:
    """Return the analysis of variance of the cases as ones and zeros."""
    rate = data.successes / data.n
    return from_groups(data.n, rate, data.n * rate * (1.0 - rate))


def _beta_binomial(data: Counts, options: Options) -> Estimate:
    model = fit_beta_binomial(data.successes, data.n, options.level)
    median = float(np.median(data.n))
    ratios = [1.0 / size if size else np.inf for size in (model.size, model.size_high, model.size_low)]
    best, low, high = (of_mean(ratio, median) for ratio in ratios)
    return Estimate(best, low, high, ratios[0])


def _split_half(data: Values | Counts, options: Options) -> Estimate:
    data, splits, rng = _with_two(data), options.splits, np.random.default_rng(options.seed)
    if isinstance(data, Counts):
        halves = split_counts(data.successes, data.n, splits, rng)
    else:
        halves = split_values(data.value, data.unit, splits, rng)
    whole, left_out = mean_correlation(*halves)
    low, high = jackknife_interval(_z(whole), _z_all(left_out), options.level)
    best, low, high = (_step_up(value) for value in (whole, float(np.tanh(low)), float(np.tanh(high))))
    harmonic = len(data.n) / float((1.0 / data.n).sum())
    return Estimate(best, low, high, best / (1.0 - best) / harmonic if best < 1.0 else np.inf)


def _with_two(data: Values | Counts) -> Values | Counts:
    """Return the units that have two values or cases, which a split needs."""
    enough = data.n >= 2
    if enough.sum() < 3:
        raise ValueError(f"split_half needs at least three units with two values or cases, found {int(enough.sum())}")
    if isinstance(data, Counts):
        return Counts(data.labels[enough], data.n[enough], data.successes[enough])
    kept = enough[data.unit]
    codes = np.unique(data.unit[kept], return_inverse=True)[1]
    return Values(data.labels[enough], data.n[enough], codes, data.value[kept])


def _z(correlation: float) -> float:
    return float(_z_all(np.array([correlation]))[0])


def _z_all(correlation: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = np.arctanh(correlation)
    return result


def _step_up(correlation: float) -> float:
    """Return the Spearman-Brown reliability of the whole from the correlation of its halves."""
    return 2.0 * correlation / (1.0 + correlation)


METHODS: Mapping[str, Callable[[Any, Options], Estimate]] = {
    "icc": _icc,
    "anova": _anova,
    "beta_binomial": _beta_binomial,
    "split_half": _split_half,
}
