"""Effective weights: the share of the spread of the score that each weighted indicator brings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
LEAST_FREEDOM = 5.0


def effective_weights(parts: Array, score: Array, level: float = 0.95) -> tuple[Array, Array, Array]:
    r"""Return the covariance share of each weighted indicator with its interval.

    Parameters
    ----------
    parts : numpy.ndarray, shape (n, k)
        Weight times indicator of each unit, finite.
    score : numpy.ndarray, shape (n,)
        The score; where it is the sum of the parts, shares add up to 1.
    level : float
        Coverage.

    Returns
    -------
    estimate, low, high : numpy.ndarray, shape (k,)
        NaN where the score does not vary.

    Notes
    -----
    :math:`e_j = w_j\,\mathrm{Cov}(x_j, y) / \mathrm{Var}(y)` is the slope of a regression of a part on the score; the
    interval takes the heteroscedasticity-consistent error HC3 (MacKinnon & White 1985,
    doi:10.1016/0304-4076(85)90158-7) and a t quantile. Its degrees of freedom are ``2 n / (kurtosis - 1)`` of what units
    contribute to the error, from 5 to n - 2: with long tails the error is itself uncertain (Satterthwaite 1946,
    doi:10.2307/3002019).
    """
    n, k = parts.shape
    centered = score - score.mean() if n else score
    size = float(centered @ centered)
    if n < 3 or not np.ptp(score) > 0:
        return np.full(k, np.nan), np.full(k, np.nan), np.full(k, np.nan)
    deviations = parts - parts.mean(axis=0)
    slopes: Array = centered @ deviations / size
    leverage = np.minimum(1.0 / n + centered**2 / size, 1.0 - 1e-9)
    residuals = (deviations - np.outer(centered, slopes)) / (1.0 - leverage)[:, None]
    squares = (centered[:, None] * residuals) ** 2
    error = np.sqrt(squares.sum(axis=0)) / size
    half = stats.t.isf((1.0 - level) / 2.0, _freedom(squares)) * error
    return slopes, slopes - half, slopes + half


def _freedom(squares: Array) -> Array:
    n, mean = len(squares), squares.mean(axis=0)
    most = float(n - 2)
    kurtosis = (squares**2).mean(axis=0) / np.where(mean > 0, mean, 1.0) ** 2
    freedom: Array = np.where(kurtosis > 1.0, 2.0 * n / np.maximum(kurtosis - 1.0, 1e-9), most)
    return np.clip(freedom, min(LEAST_FREEDOM, most), most)
