"""The correlation ratio: the share of the variance of the score that goes away when one indicator is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.penalized_spline import SmoothFit, smooth_fit

Array = NDArray[np.float64]
Numbers = tuple[float, float, float]
LEAST_FREEDOM = 5.0
EXACT = 1e-14
"""Share of the variance left over below which the indicator gives the score exactly."""

NOTHING: Numbers = (float("nan"), float("nan"), float("nan"))


def correlation_ratio(x: Array, y: Array, level: float = 0.95) -> Numbers:
    r"""Return the correlation ratio of a score on an indicator with its interval.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        Indicator and score of each unit, finite.
    level : float
        Coverage.

    Returns
    -------
    estimate, low, high : float
        From 0 to 1; NaN where either side does not vary or there are fewer than eight units.

    Notes
    -----
    :math:`S = \mathrm{Var}\,E(y | x) / \mathrm{Var}\,y` (Pearson 1905; Paruolo, Saisana & Saltelli 2013,
    doi:10.1111/j.1467-985X.2012.01059.x), E(y | x) by a penalized natural cubic spline (Becker et al. 2017,
    doi:10.1016/j.ecolind.2017.03.056, compare splines and Gaussian processes). The estimate is corrected for the
    freedom of the curve like an adjusted R²: one less the residual variance (residual sum of squares over its degrees
    of freedom) over the variance of y. The interval is made on the scale :math:`z = \mathrm{artanh}\sqrt S`, which is
    Fisher's for a straight line; with u the curve and v the score, both standardized, a unit contributes
    :math:`u v - \sqrt S\,(u^2 + v^2)/2` over :math:`1 - S` to the error of z (the efficient influence function of S).
    Contributions are divided by one less leverage, and the degrees of freedom of the t quantile are lowered for long
    tails. A percentile bootstrap does not hold: resampled units repeat and the curve fits them too well.
    """
    n = len(x)
    spread = np.ptp(y) if n else 0.0
    if n < 8 or not spread > 0 or not np.ptp(x) > 0:
        return NOTHING
    score = (y - y.mean()) / y.std()
    fit = smooth_fit(x, score)
    if not fit.residual > EXACT * n:
        return 1.0, 1.0, 1.0
    estimate = 1.0 - (fit.residual / fit.residual_freedom) / (n / (n - 1.0))
    root = float(np.sqrt(max(estimate, 0.0)))
    error, freedom = _error(fit, score, root)
    center, half = np.arctanh(root), stats.t.isf((1.0 - level) / 2.0, freedom) * error
    low, high = float(np.tanh(max(center - half, 0.0))) ** 2, float(np.tanh(center + half)) ** 2
    return max(estimate, 0.0), low, high


def _error(fit: SmoothFit, score: Array, root: float) -> tuple[float, float]:
    """Return the standard error on Fisher's scale and degrees of freedom."""
    n = len(score)
    curve = fit.fitted - fit.fitted.mean()
    size = float(curve.std())
    standard = curve / size if size > 0 else np.zeros(n)
    influence = (standard * score - root * (standard**2 + score**2) / 2.0) / (1.0 - root**2)
    influence = influence / np.maximum(1.0 - fit.leverage, 1e-3)
    most = n - fit.freedom
    error = float(np.sqrt((influence**2).mean() / most))
    squares = (influence - influence.mean()) ** 2
    kurtosis = float((squares**2).mean() / squares.mean() ** 2) if squares.mean() > 0 else 3.0
    freedom = 2.0 * n / (kurtosis - 1.0) if kurtosis > 1.0 else most
    return error, float(np.clip(freedom, min(LEAST_FREEDOM, most), most))
