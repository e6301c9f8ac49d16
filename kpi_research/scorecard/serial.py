"""How far the mean of a short, serially correlated series may lie from its long-run level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LARGEST = 0.9
"""Largest serial correlation that a short panel is allowed to show."""


@dataclass(frozen=True, slots=True)
class SeriesMoments:
    """What a first-order autoregression with unit variance implies for a series less its own mean.

    Attributes
    ----------
    squares : float
        Expected sum of squares.
    products : float
        Expected sum of products of neighbouring periods.
    mean_variance : float
        Variance of the mean.
    dof : float
        Degrees of freedom of the sum of squares (Satterthwaite 1946, doi:10.2307/3002019).
    """

    squares: float
    products: float
    mean_variance: float
    dof: float


def series_moments(correlation: float, observed: tuple[bool, ...]) -> SeriesMoments:
    """Return the moments of a first-order autoregression of which some periods were observed.

    Parameters
    ----------
    correlation : float
        Serial correlation r of neighbouring periods, from 0 up to below 1.
    observed : tuple of bool
        Which of the equally spaced periods were observed; at least one.

    Returns
    -------
    SeriesMoments

    Notes
    -----
    With G the correlation matrix r^|s - t| of the observed periods and M the matrix that takes out their mean, the
    series less its mean has covariance K = M G M: squares = tr K, products = sum of K over neighbours, dof =
    (tr K)² / tr K². The variance of the mean is the mean of all entries of G. With r = 0 these are T - 1, -(T - 1)/T,
    1/T and T - 1.
    """
    periods = np.flatnonzero(observed)
    lags = np.abs(np.subtract.outer(periods, periods))
    covariance = np.power(correlation, lags) if correlation else np.eye(len(periods))
    centered = covariance - covariance.mean(axis=0)
    centered = centered - centered.mean(axis=1, keepdims=True)
    squares = float(np.trace(centered))
    dof = squares**2 / float((centered**2).sum()) if len(periods) > 1 else 0.0
    products = float(centered[lags == 1].sum()) / 2
    return SeriesMoments(squares, products, float(covariance.mean()), dof)


def serial_correlation(residuals: FloatArray) -> float:
    """Return the serial correlation that short series, each less its own mean, have in common.

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n, T)
        Deviations from unit and period means; NaN where a period was not observed.

    Returns
    -------
    float
        From 0 to 0.9; 0 where no unit has three neighbouring periods or nothing varies. Negative correlation, which
        would promise more precision than independent periods give, is set to 0.

    Notes
    -----
    Taking out a mean biases the correlation of short series downwards (Nickell 1981, doi:10.2307/1911408). Instead of
    the plain ratio of products to squares, the value is taken at which `series_moments` expects the ratio found.
    """
    observed = ~np.isnan(residuals)
    patterns, counts = np.unique(observed[observed.sum(axis=1) >= 3], axis=0, return_counts=True)
    filled = np.where(observed, residuals, 0.0)[observed.sum(axis=1) >= 3]
    squares, products = float((filled**2).sum()), float((filled[:, 1:] * filled[:, :-1]).sum())
    if squares == 0 or not (patterns[:, 1:] & patterns[:, :-1]).any():
        return 0.0

    @cache
    def excess(correlation: float) -> float:
        moments = [series_moments(correlation, tuple(pattern)) for pattern in patterns]
        expected = sum(count * part.products for count, part in zip(counts, moments, strict=True))
        return (
            expected / sum(count * part.squares for count, part in zip(counts, moments, strict=True))
            - products / squares
        )

    if excess(0.0) >= 0:
        return 0.0
    if excess(LARGEST) <= 0:
        return LARGEST
    return float(optimize.brentq(excess, 0.0, LARGEST))
