"""How far the mean of a short, serially correlated series may lie from its long-run level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.scorecard.serial_likelihood import log_likelihood

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Box = tuple[tuple[float, float], tuple[float, float]]

LARGEST = 0.95
"""Largest persistence considered: beyond it a short series tells nothing about its level."""
WHOLE: Box = ((0.0, 1.0), (0.0, LARGEST**2))
"""Range of the share that persists and of the square of its persistence."""
POINTS = (13, 16)
"""Candidates on each side; three times as many change coverage by less than 0.01."""
WHITE = 0.3
"""Prior probability that there is no serial correlation: less of it lets short series without any look persistent."""
NEGLIGIBLE = 5e-5
"""Probability, relative to the largest of a pair, at which a pair no longer counts."""
CONSTANT = 1e-16
"""Sum of squares, relative to the largest of a unit, that is rounding error."""


@dataclass(frozen=True)
class SerialCorrelation:
    """Serial correlations that the data allow, with their probabilities.

    Attributes
    ----------
    share : numpy.ndarray, shape (g,)
        Share of the variance that persists, 0 to 1; the rest is white noise.
    persistence : numpy.ndarray, shape (g,)
        How much of it is left one period later, 0 up to below 1.
    probability : numpy.ndarray, shape (g,)
        Probability of each pair; adds up to 1.
    """

    share: FloatArray
    persistence: FloatArray
    probability: FloatArray

    @property
    def neighbors(self) -> float:
        """Expected correlation of neighboring periods."""
        return float(self.probability @ (self.share * self.persistence))

    @property
    def noise_share(self) -> float:
        """Expected share of white noise in the variance; what persists not at all is noise too."""
        return 1 - float(self.probability @ np.where(self.persistence > 0, self.share, 0.0))

    def by_lag(self, periods: int) -> FloatArray:
        """Return the correlations at lags 0 to periods - 1 under each pair.

        Parameters
        ----------
        periods : int
            Number of lags, at least 1.

        Returns
        -------
        numpy.ndarray, shape (g, periods)
        """
        correlations = self.share[:, None] * self.persistence[:, None] ** np.arange(periods)
        correlations[:, 0] = 1.0
        return correlations


def known_correlation(share: float, persistence: float) -> SerialCorrelation:
    """Return a serial correlation of which nothing is uncertain.

    Parameters
    ----------
    share : float
        Share of the variance that persists, 0 to 1; 1 is a plain first-order autoregression.
    persistence : float
        How much of it is left one period later, 0 up to below 1.

    Returns
    -------
    SerialCorrelation

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> known_correlation(0.5, 0.8).neighbors
    0.4
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; allowed: 0 to 1")
    if not 0 <= persistence < 1:
        raise ValueError(f"persistence is {persistence}; allowed: 0 up to below 1")
    return SerialCorrelation(np.array([float(share)]), np.array([float(persistence)]), np.ones(1))


@dataclass(frozen=True, slots=True)
class SeriesMoments:
    """What a serial correlation implies for a series of unit variance less its own mean.

    Attributes
    ----------
    squares : float
        Expected sum of squares.
    mean_variance : float
        Variance of the mean.
    dof : float
        Degrees of freedom of the sum of squares (Satterthwaite 1946, doi:10.2307/3002019).
    ratio_dof : float
        Degrees of freedom that stand for not knowing ``mean_variance`` / ``squares``; infinite where it is known.
    """

    squares: float
    mean_variance: float
    dof: float
    ratio_dof: float


def series_moments(correlation: SerialCorrelation, observed: tuple[bool, ...]) -> SeriesMoments:
    """Return the moments of a serially correlated series of which some periods were observed.

    Parameters
    ----------
    correlation : SerialCorrelation
        Serial correlations and their probabilities.
    observed : tuple of bool
        Which of the equally spaced periods were observed; at least one.

    Returns
    -------
    SeriesMoments

    Notes
    -----
    With G the correlation matrix of the m observed periods and M the matrix that takes out their mean, the series less
    its mean has covariance K = M G M: the variance v of its mean is the mean of all entries of G, squares = tr K =
    m (1 - v), dof = (tr K)² / tr K². Without serial correlation these are 1/m, m - 1 and m - 1.

    Where the correlation is uncertain, v is such that squares / v has its expected value q: a sum of squares over q is
    then the variance of a t distribution, of which ratio_dof = 2 q² / variance of the ratio (moments of the inverse
    variance, matched to a gamma distribution); dof is that of the expected G.
    """
    periods = np.flatnonzero(observed)
    size = len(periods)
    lags = np.abs(np.subtract.outer(periods, periods))
    by_lag = correlation.by_lag(len(observed))
    if size < 2:
        return SeriesMoments(0.0, 1.0, 0.0, np.inf)
    variance = by_lag @ (np.bincount(lags.ravel(), minlength=len(observed)) / size**2)
    ratio = size * (1 - variance) / variance
    expected = float(correlation.probability @ ratio)
    spread = float(correlation.probability @ (ratio - expected) ** 2)
    mean_variance = size / (size + expected)
    covariance = (correlation.probability @ by_lag)[lags]
    centered = covariance - covariance.mean(axis=0)
    centered = centered - centered.mean(axis=1, keepdims=True)
    dof = float(np.trace(centered)) ** 2 / float((centered**2).sum())
    return SeriesMoments(
        size * (1 - mean_variance), mean_variance, dof, 2 * expected**2 / spread if spread > 0 else np.inf
    )


def fit_serial_correlation(residuals: FloatArray) -> SerialCorrelation:
    """Return the serial correlation that short series have in common.

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n, T)
        Deviations from unit and period means; NaN where a period was not observed.

    Returns
    -------
    SerialCorrelation
        The prior where no unit has two observations that differ.

    Notes
    -----
    The correlation at lag k is c r^k: an autoregression with share c of the variance, and white noise with the rest;
    it is never negative, which would promise more precision than independent periods give. The likelihood
    (`log_likelihood`) takes out each unit's level and variance, so that short series do not bias it (Nickell 1981,
    doi:10.2307/1911408). In a balanced panel taking out period means changes the covariance of residuals by a factor
    only, and costs one unit's information.

    Few and short series cannot tell much noise with long memory from little memory, and the pair of largest likelihood
    is then mostly chance; so all pairs count by their posterior probability. A priori there is no serial correlation
    with probability 0.3; else c and r² are uniform from 0 to 1 and 0 to 0.95². With two or three periods the result is
    little more than that prior; in long panels, where few pairs are left, it does not matter, and the grid zooms in on
    them.
    """
    observed = ~np.isnan(residuals)
    squares = np.where(observed, residuals, 0.0) ** 2
    totals = squares.sum(axis=1)
    used = (observed.sum(axis=1) > 1) & (totals > CONSTANT * totals.max(initial=0.0))
    if not used.any():
        prior = _prior(WHOLE)
        return SerialCorrelation(prior.share, prior.persistence, prior.probability / prior.probability.sum())
    series = residuals[used] / np.sqrt(totals[used, None])
    kept = (len(series) - 1) / len(series) if len(series) > 1 else 1.0
    box, found = WHOLE, _posterior(WHOLE, series, kept)
    while _area(smaller := _zoom(box, found)) < _area(box) / 4:
        box, found = smaller, _posterior(smaller, series, kept)
    return found


def _posterior(box: Box, series: FloatArray, kept: float) -> SerialCorrelation:
    prior = _prior(box)
    fit = kept * log_likelihood(series, prior.share, prior.persistence)
    probability = prior.probability * np.exp(fit - fit.max())
    return SerialCorrelation(prior.share, prior.persistence, probability / probability.sum())


def _prior(box: Box) -> SerialCorrelation:
    """Return a grid over the box with prior probabilities, those outside the box left out."""
    first, second = _sides(box)
    share, persistence = np.repeat(first, len(second)), np.sqrt(np.tile(second, len(first)))
    white = share * persistence == 0
    inside = (1 - WHITE) * _area(box) / _area(WHOLE)
    probability = np.where(white, WHITE / max(white.sum(), 1), inside / (~white).sum())
    return SerialCorrelation(share, persistence, probability)


def _sides(box: Box) -> tuple[FloatArray, FloatArray]:
    (low, high), (least, most) = box
    return np.linspace(low, high, POINTS[0]), np.linspace(least, most, POINTS[1])


def _zoom(box: Box, found: SerialCorrelation) -> Box:
    """Return the box, a step wider on each side than needed, that holds all pairs that count."""
    near = (found.probability > NEGLIGIBLE * found.probability.max()).reshape(POINTS)
    first, second = (_range(values, near.any(axis=1 - axis)) for axis, values in enumerate(_sides(box)))
    return first, second


def _range(values: FloatArray, near: BoolArray) -> tuple[float, float]:
    places = np.flatnonzero(near)
    return float(values[max(places[0] - 1, 0)]), float(values[min(places[-1] + 1, len(values) - 1)])


def _area(box: Box) -> float:
    return (box[0][1] - box[0][0]) * (box[1][1] - box[1][0])
