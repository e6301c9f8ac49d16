"""Ratio of the variance between groups to the variance within them: estimate and interval."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from kpi_research.numerics.anova import Array, OneWay
from kpi_research.numerics.jackknife import jackknife_interval


def variance_ratio(parts: OneWay) -> float:
    """Return the analysis-of-variance estimate of the ratio of variances, ``(F - 1) / k0``.

    Parameters
    ----------
    parts : OneWay
        The analysis of variance.

    Returns
    -------
    float
        Between-group over within-group variance; negative where groups differ less than chance.
    """
    return (parts.f - 1.0) / parts.k0


def variance_ratio_interval(parts: OneWay, level: float) -> tuple[float, float]:
    """Return the exact interval of the ratio of variances of a one-way random model with normal effects.

    Parameters
    ----------
    parts : OneWay
        The analysis of variance, balanced or not.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : float
        Bounds; the lower one may be negative, never below ``-1 / max(n)``.

    Notes
    -----
    With weights ``w = n / (1 + n r)``, ``sum(w (mean - weighted mean)**2) / ((k - 1) MSW)`` follows F(k - 1, N - k)
    at the true ratio r and falls in r, so its quantiles are turned into bounds (Wald 1940,
    Annals of Mathematical Statistics 11:96-100). With groups of one size this is the textbook ``(F / F_q - 1) / n``.
    """
    tail = (1.0 - level) / 2.0
    low, high = (
        _ratio_at(parts, float(stats.f.isf(tail_above, parts.df_between, parts.df_within)))
        for tail_above in (tail, 1.0 - tail)
    )
    return low, high


def variance_ratio_jackknife(parts: OneWay, level: float) -> tuple[float, float]:
    """Return the jackknife interval of the ratio of variances, which does not need normal effects.

    Parameters
    ----------
    parts : OneWay
        The analysis of variance; at least three groups.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : float
        Bounds, from the jackknife of log F over groups (Arvesen & Schmitz 1970, Biometrics 26:677-686); NaN where
        nothing varies within groups.
    """
    if not parts.ms_within > 0:
        return float("nan"), float("nan")
    bounds = jackknife_interval(float(np.log(parts.f)), _log_f_without_each(parts), level)
    low, high = (float(np.expm1(bound)) / parts.k0 for bound in bounds)
    return low, high


def _log_f_without_each(parts: OneWay) -> Array:
    """Return log F with each group left out once, by updating the sums of squares."""
    total, units = parts.n.sum(), len(parts.n)
    mean = (parts.n * parts.mean).sum() / total
    left, squares = total - parts.n, parts.n * (parts.mean - mean) ** 2
    between = squares.sum() - squares * total / left
    within = parts.ss.sum() - parts.ss
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = np.log(between / (units - 2)) - np.log(within / (left - units + 1))
    return result


def to_icc(ratio: float) -> float:
    """Return the intraclass correlation ``r / (1 + r)`` of a ratio of variances r.

    Parameters
    ----------
    ratio : float
        Ratio, above -1; may be infinite.

    Returns
    -------
    float

    Examples
    --------
    >>> to_icc(1.0)
    0.5
    """
    return 1.0 if np.isinf(ratio) else ratio / (1.0 + ratio)


def _ratio_at(parts: OneWay, quantile: float) -> float:
    """Return the ratio at which Wald's statistic takes the value ``quantile``."""
    if not parts.ms_within > 0:
        return float("inf")
    smallest = -1.0 / float(parts.n.max())
    if np.ptp(parts.n) == 0:
        return max((parts.f / quantile - 1.0) / float(parts.n[0]), smallest)
    lower = smallest * (1.0 - 1e-9)
    if _statistic(parts, lower) <= quantile:
        return smallest
    upper = 1.0
    while _statistic(parts, upper) > quantile:
        upper *= 4.0
    return float(
        optimize.brentq(lambda ratio: _statistic(parts, ratio) - quantile, lower, upper, xtol=1e-14, rtol=1e-13)
    )


def _statistic(parts: OneWay, ratio: float) -> float:
    weight: Array = parts.n / (1.0 + parts.n * ratio)
    mean = (weight * parts.mean).sum() / weight.sum()
    return float((weight * (parts.mean - mean) ** 2).sum() / (parts.df_between * parts.ms_within))
