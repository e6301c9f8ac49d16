"""Shares from a unit's own labels: by labels alone, and with predictions as a control (design-based)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.preventability.share.data import UnitData

Floats = NDArray[np.float64]
PRIOR_FREEDOM = 4.0
"""Weight, in degrees of freedom, of the pooled variance in that of a unit."""


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of all units, with intervals that may reach beyond 0 and 1.

    Attributes
    ----------
    estimate, se, low, high : numpy.ndarray, shape (units,)
        NaN where a unit has no labels.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Design:
    """The design estimate with what the shrunk one needs of it.

    Attributes
    ----------
    found : Estimates
        Estimates of all units.
    power : float
        Weight of the predictions, the same for all units, 0 to 1.
    variance : numpy.ndarray, shape (units,)
        Variance of each estimate from the pooled spread of residuals, which does not go up and down with the estimate.
    """

    found: Estimates
    power: float
    variance: Floats


def by_labels(data: UnitData, level: float) -> Estimates:
    """Estimate shares from labels alone: weighted, corrected for errors, Wilson's interval.

    Parameters
    ----------
    data : UnitData
        Cases by unit.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
    """
    said = data.weighted_mean(data.y)
    total, squares = data.total(data.w), data.total(data.w**2)
    n = np.divide(total**2, squares, out=np.zeros(len(total)), where=squares > 0)
    left = np.maximum(1 - data.labels / data.cases, 0.0) if data.error == (0.0, 0.0) else np.ones(len(n))
    n = np.divide(n, left, out=np.full(len(n), np.inf), where=left > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = float(stats.norm.isf((1 - level) / 2))
        scale = 1 + z * z / n
        middle = (said + z * z / (2 * n)) / scale
        half = z * np.sqrt(said * (1 - said) / n + z * z / (4 * n * n)) / scale
        se = np.sqrt(said * (1 - said) / n)
    e01 = data.error[0]
    return Estimates(
        (said - e01) / data.size, se / data.size, (middle - half - e01) / data.size, (middle + half - e01) / data.size
    )


def pooled_power(data: UnitData) -> float:
    r"""Return the weight of predictions that makes the pooled variance within units smallest, between 0 and 1.

    Parameters
    ----------
    data : UnitData
        Cases by unit.

    Returns
    -------
    float
        :math:`\sum (z - \bar z_u)(f - \bar f_u) / \sum (f - \bar f_u)^2` over labelled cases, in which each counts
        as in the variance.
    """
    weight = _in_variance(data)
    f = data.f - data.weighted_mean(data.f)[data.group]
    z = data.z - data.weighted_mean(data.z)[data.group]
    spread = float(weight @ f**2)
    return float(np.clip(float(weight @ (z * f)) / spread, 0.0, 1.0)) if spread > 1e-12 else 0.0


def _in_variance(data: UnitData) -> Floats:
    """Return how much the squared deviation of a label counts in the variance of its unit's mean."""
    total = data.total(data.w)[data.group]
    return data.w**2 * np.maximum(1 - 1 / data.w, 0.0) / total**2 + 1e-12


def by_design(data: UnitData, level: float) -> Design:
    r"""Estimate shares by the difference estimator with a pooled power.

    .. math:: \hat\theta_u = \lambda \bar p_u + \frac{\sum_i w_i (z_i - \lambda p_i)}{\sum_i w_i}, \quad
        z_i = \frac{y_i - e_{01}}{1 - e_{01} - e_{10}}

    with the mean probability over all cases of the unit and the sum over its labelled ones. Its variance has the
    finite-population correction for the draw of cases and none for the errors of labels. The variance of a unit's
    residuals is held together with the pooled one (4 degrees of freedom), so that no interval has width zero.

    Parameters
    ----------
    data : UnitData
        Cases by unit.
    level : float
        Confidence level.

    Returns
    -------
    Design

    References
    ----------
    Angelopoulos, A. N., Duchi, J. C. & Zrnic, T. (2023), doi:10.48550/arXiv.2311.01453; Särndal, C.-E., Swensson, B. &
    Wretman, J. (1992), Model Assisted Survey Sampling, doi:10.1007/978-1-4612-4378-6 (difference estimator); Smyth, G. K.
    (2004), doi:10.2202/1544-6115.1027 (variances held together).
    """
    power = pooled_power(data)
    d = data.z - power * data.f
    center = data.weighted_mean(d)
    estimate = power * data.mean + center
    n = data.labels
    squares = data.total(data.w * (d - center[data.group]) ** 2)
    total = data.total(data.w)
    mean_square = np.divide(squares, total, out=np.zeros(len(n)), where=total > 0)
    freedom = np.maximum(n - 1, 0.0)
    own = np.divide(mean_square * n, freedom, out=np.zeros(len(n)), where=freedom > 0)
    pooled = max(float(own @ freedom / freedom.sum()) if freedom.sum() else 0.25, _floor(data))
    common = pooled * _relative(data, power)
    held = (freedom * own + PRIOR_FREEDOM * common) / (freedom + PRIOR_FREEDOM)
    se = np.sqrt(_variance(data, held))
    t = stats.t.isf((1 - level) / 2, np.maximum(freedom, 1.0))
    found = Estimates(estimate, se, estimate - t * se, estimate + t * se)
    return Design(_with_wilson(data, found, level), power, _variance(data, common))


def _floor(data: UnitData) -> float:
    """Return the least variance of a label that as many labels can rule out, were all of them equal."""
    n = len(data.y)
    share = (float(data.y.sum()) + 1) / (n + 2)
    return share * (1 - share) / n if 0 < data.y.mean() < 1 else share * (1 - share)


def _relative(data: UnitData, power: float) -> Floats:
    """Return how large the variance of a residual should be in each unit, relative to the mean over labels."""
    share = np.clip(data.mean, 0.02, 0.98)
    size = share * (1 - share) + data.noise(share)
    return size / float(np.average(size, weights=np.maximum(data.labels, 1e-9)))


def _variance(data: UnitData, of_residual: Floats) -> Floats:
    """Return the variance of the weighted mean residual: the draw with, the errors without finite-population correction."""
    share = np.clip(data.mean, 0.0, 1.0)
    noise = np.minimum(data.noise(share), of_residual)
    total = data.total(data.w)
    drawn = data.total(data.w**2 * np.maximum(1 - 1 / data.w, 0.0))
    kept = data.total(data.w)
    top = of_residual * drawn + noise * kept
    return np.divide(top, total**2, out=np.full(len(total), np.nan), where=total > 0)


def _with_wilson(data: UnitData, found: Estimates, level: float) -> Estimates:
    """Widen the interval of units whose labels are all equal to Wilson's: their residuals know too little of a tail."""
    n, yes = data.labels, data.total(data.y)
    flat = (n > 0) & ((yes == 0) | (yes == n))
    plain = by_labels(data, level)
    low = np.where(flat, np.fmin(found.low, plain.low), found.low)
    high = np.where(flat, np.fmax(found.high, plain.high), found.high)
    return Estimates(found.estimate, found.se, low, high)
