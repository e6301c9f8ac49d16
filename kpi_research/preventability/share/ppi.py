"""Prediction-powered means: few labels and many predictions of one population, or of strata of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """A prediction-powered mean.

    Attributes
    ----------
    estimate, se, low, high : float
        The mean, its standard error, its interval (normal).
    power : float
        Weight of the predictions, 0 to 1; NaN for strata, each of which has its own.
    """

    estimate: float
    se: float
    low: float
    high: float
    power: float


def powered_mean(
    label: ArrayLike,
    predicted: ArrayLike,
    predicted_rest: ArrayLike,
    *,
    power: float | None = None,
    level: float = 0.95,
    ddof: int = 1,
) -> PoweredMean:
    r"""Estimate a mean from labelled cases and predictions for these and for further cases of the same population.

    .. math:: \hat\theta = \lambda \bar f_N + \overline{(y - \lambda f)}_n, \quad
        \hat\lambda = \frac{\mathrm{cov}(y, f)}{(1 + n/N)\,\mathrm{var}(f)}

    Useless predictions get the weight 0, so the interval is about as wide as that of the labels at the most.

    Parameters
    ----------
    label, predicted : array, shape (n,)
        Labels and predictions of the labelled cases, a simple random sample.
    predicted_rest : array, shape (N,)
        Predictions of the other cases.
    power : float, optional
        Weight of the predictions; the best one by default.
    level : float
        Confidence level.
    ddof : int
        1 divides variances by n - 1, 0 by n.

    Returns
    -------
    PoweredMean

    Raises
    ------
    ValueError
        If there are fewer than two labels or no other case, or a number is missing.

    References
    ----------
    Angelopoulos, A. N., Duchi, J. C. & Zrnic, T. (2023), PPI++: Efficient prediction-powered inference,
    doi:10.48550/arXiv.2311.01453.

    Examples
    --------
    >>> found = powered_mean([0, 1, 1, 0], [0.2, 0.8, 0.7, 0.1], [0.5] * 50)
    >>> round(found.estimate, 3), found.power
    (0.55, 1.0)
    """
    y, f, g = (np.asarray(values, dtype=float) for values in (label, predicted, predicted_rest))
    if len(y) != len(f) or len(y) < 2 or not len(g):
        raise ValueError(
            f"found {len(y)} labels, {len(f)} and {len(g)} predictions; at least 2, as many, and 1 are needed"
        )
    if not (np.isfinite(y).all() and np.isfinite(f).all() and np.isfinite(g).all()):
        raise ValueError("labels and predictions must be finite numbers")
    if power is None:
        spread = float(np.var(np.concatenate([f, g]), ddof=1))
        together = float(np.cov(y, f, ddof=ddof)[0, 1]) / (1 + len(y) / len(g))
        power = float(np.clip(together / spread, 0.0, 1.0)) if spread > 0 else 0.0
    rest = y - power * f
    estimate = power * float(g.mean()) + float(rest.mean())
    variance = float(np.var(rest, ddof=ddof)) / len(y) + power**2 * float(np.var(g, ddof=min(ddof, len(g) - 1))) / len(
        g
    )
    return _with_interval(estimate, variance, level, power)


def stratified_powered_mean(
    label: ArrayLike, predicted: ArrayLike, stratum: ArrayLike, *, level: float = 0.95
) -> PoweredMean:
    """Estimate a mean over strata, each with its own labels and predictions.

    Parameters
    ----------
    label : array, shape (cases,)
        Labels; NaN for cases that are not labelled.
    predicted : array, shape (cases,)
        Predictions of all cases.
    stratum : array, shape (cases,)
        Stratum of each case; strata count by their cases.
    level : float
        Confidence level.

    Returns
    -------
    PoweredMean
        The mean of the strata's prediction-powered means, weighted by their cases.

    Raises
    ------
    ValueError
        If a stratum has fewer than two labels or no unlabelled case.

    References
    ----------
    Fisch, A. et al. (2024), Stratified prediction-powered inference, doi:10.48550/arXiv.2406.04291.
    """
    y, f = np.asarray(label, dtype=float), np.asarray(predicted, dtype=float)
    names, code = np.unique(np.asarray(stratum), return_inverse=True)
    known = ~np.isnan(y)
    estimate = variance = 0.0
    for number in range(len(names)):
        own = code == number
        part = powered_mean(y[own & known], f[own & known], f[own & ~known], level=level)
        share = float(own.mean())
        estimate += share * part.estimate
        variance += share**2 * part.se**2
    return _with_interval(estimate, variance, level, float("nan"))


def _with_interval(estimate: float, variance: float, level: float, power: float) -> PoweredMean:
    se = float(np.sqrt(variance))
    half = float(stats.norm.isf((1 - level) / 2)) * se
    return PoweredMean(estimate, se, estimate - half, estimate + half, power)
