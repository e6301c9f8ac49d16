"""How far two groups lie apart: Hedges' g and the area under the ROC curve, with their influence values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


def hedges_g(values: Array, upper: Bools) -> tuple[float, Array]:
    """Return Hedges' g and the influence of each row.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Finite numbers.
    upper : numpy.ndarray of bool, shape (n,)
        Rows of the first group; both groups have two rows at least.

    Returns
    -------
    g : float
        Difference of means over the pooled standard deviation, times ``J = gamma(m/2) / (sqrt(m/2) gamma((m-1)/2))``
        with m = n - 2 (Hedges 1981, doi:10.3102/10769986006002107); NaN where nothing varies inside groups.
    influence : numpy.ndarray, shape (n,)
        Influence of each row on g.
    """
    freedom = len(values) - 2
    mean = np.where(upper, values[upper].mean(), values[~upper].mean())
    count = np.where(upper, upper.sum(), (~upper).sum())
    variance = float(((values - mean) ** 2).sum() / freedom)
    if not variance > 0:
        return float("nan"), np.full(len(values), np.nan)
    spread = np.sqrt(variance)
    g = float((values[upper].mean() - values[~upper].mean()) / spread)
    sign = np.where(upper, 1.0, -1.0)
    group_variance = np.where(upper, values[upper].var(), values[~upper].var())
    influence = sign * (values - mean) / count / spread - g / 2.0 * ((values - mean) ** 2 - group_variance) / (
        variance * freedom
    )
    correction = small_sample_factor(freedom)
    return correction * g, correction * influence


def small_sample_factor(freedom: int) -> float:
    """Return Hedges' exact correction for small samples.

    Parameters
    ----------
    freedom : int
        Degrees of freedom of the pooled variance, at least 2.

    Returns
    -------
    float

    Examples
    --------
    >>> round(small_sample_factor(10), 4)
    0.9227
    """
    half = freedom / 2.0
    return float(np.exp(special.gammaln(half) - special.gammaln(half - 0.5) - 0.5 * np.log(half)))


def hedges_interval(g: float, first: int, second: int, level: float) -> tuple[float, float]:
    """Return the exact interval of Hedges' g for independent normal rows of one variance.

    Parameters
    ----------
    g : float
        The estimate.
    first, second : int
        Rows of the groups.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : float
        Standardized differences at which the noncentral t of the observed one has the tail (1 - level) / 2 (Steiger &
        Fouladi 1997).
    """
    freedom = first + second - 2
    root = np.sqrt(first * second / (first + second))
    t = g / small_sample_factor(freedom) * root
    tail = (1.0 - level) / 2.0
    reach = abs(t) + 12.0 + 12.0 * abs(t) / np.sqrt(freedom)
    low, high = (
        optimize.brentq(lambda shift, side=side: stats.nct.sf(t, freedom, shift) - side, t - reach, t + reach)
        for side in (tail, 1.0 - tail)
    )
    return float(low / root), float(high / root)


def roc_area(values: Array, upper: Bools) -> tuple[float, Array]:
    """Return the area under the ROC curve and the influence of each row.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Finite numbers.
    upper : numpy.ndarray of bool, shape (n,)
        Rows of the first group.

    Returns
    -------
    area : float
        Probability that a row of the first group is higher than one of the second, ties counted half.
    influence : numpy.ndarray, shape (n,)
        Structural components less their mean, over the size of their group (DeLong, DeLong & Clarke-Pearson 1988,
        doi:10.2307/2531595; summed over units as in Obuchowski 1997, doi:10.2307/2533958).

    Examples
    --------
    >>> roc_area(np.array([3.0, 2.0, 1.0, 2.0]), np.array([True, True, False, False]))[0]
    0.875
    """
    first, second = values[upper], values[~upper]
    components = np.empty(len(values))
    components[upper] = _share_below(first, second)
    components[~upper] = 1.0 - _share_below(second, first)
    area = float(components[upper].mean())
    influence = (components - area) / np.where(upper, len(first), len(second))
    return area, influence


def _share_below(values: Array, others: Array) -> Array:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    share: Array = (below + upto) / (2.0 * len(ordered))
    return share


def logit_interval(share: float, error: float, freedom: float, level: float, cases: int) -> tuple[float, float]:
    """Return an interval of a share on the logit scale.

    Parameters
    ----------
    share : float
        Estimate, 0 to 1.
    error, freedom : float
        Its standard error and degrees of freedom.
    level : float
        Coverage, above 0 and below 1.
    cases : int
        Independent cases of the smaller group; used where the estimate is 0 or 1, whose interval then is that of as
        many successes in as many trials.

    Returns
    -------
    low, high : float
    """
    tail = (1.0 - level) / 2.0
    if not np.isfinite(error):
        return float("nan"), float("nan")
    if share in (0.0, 1.0):
        bound = tail ** (1.0 / cases)
        return (bound, 1.0) if share == 1.0 else (0.0, 1.0 - bound)
    half = float(stats.t.isf(tail, freedom)) * error / (share * (1.0 - share))
    center = float(special.logit(share))
    return float(special.expit(center - half)), float(special.expit(center + half))
