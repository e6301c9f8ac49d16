"""Control charts of counts and shares: when a series leaves what it used to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]
STATES = 121
"""States of the Markov chain behind the run length of an EWMA chart."""
MOVING_RANGE = 1.128
"""Expected range of two independent standard normal values, 2 / sqrt(pi)."""


@dataclass(frozen=True)
class Chart:
    """A chart of one series.

    Attributes
    ----------
    center : float
        Rate or share of the baseline.
    dispersion : float
        Factor on the standard deviation that Poisson or binomial chance alone would give; at least 1.
    score : numpy.ndarray, shape (T,)
        Standardized deviation of each period.
    low, high : numpy.ndarray, shape (T,)
        Limits of the rate or share of each period.
    smooth, smooth_limit : numpy.ndarray, shape (T,)
        Exponentially weighted moving average of the scores, and its limit on either side.
    """

    center: float
    dispersion: float
    score: Array
    low: Array
    high: Array
    smooth: Array
    smooth_limit: Array


def chart(
    count: Array, exposure: Array, baseline: int, *, share: bool, run_length: float, smoothing: float = 0.2
) -> Chart:
    r"""Hold a series of counts against its baseline.

    Parameters
    ----------
    count : numpy.ndarray, shape (T,)
        Counts.
    exposure : numpy.ndarray, shape (T,)
        Days, residents or trials behind them, above 0.
    baseline : int
        First periods from which center and dispersion are taken, at least 3.
    share : bool
        True: counts are parts of the exposure (p chart), False: counts per exposure (u chart).
    run_length : float
        Periods between two false alarms, on average, of each of the two charts.
    smoothing : float
        Weight of the newest score in the moving average, above 0 and at most 1.

    Returns
    -------
    Chart

    Notes
    -----
    Scores are :math:`z_t = (x_t/n_t - \bar x) / (\sigma \sqrt{v/n_t})` with v the center (times one less it for shares)
    and :math:`\sigma` the mean moving range of the unscaled scores of the baseline over 1.128, so that counts lumpier than Poisson
    raise no alarms and slow drifts do not hide in it (Laney 2002, doi:10.1081/QEN-120003555; here at least 1). The
    moving average starts at 0 and has exact limits (Lucas & Saccucci 1990, doi:10.1080/00401706.1990.10484583).
    """
    first = slice(0, baseline)
    center = float(count[first].sum() / exposure[first].sum())
    unit = center * (1 - center) if share else center
    error = np.sqrt(np.maximum(unit, 1e-12) / exposure)
    plain = (count / exposure - center) / error
    moved = np.abs(np.diff(plain[first]))
    dispersion = max(1.0, float(moved.mean()) / MOVING_RANGE)
    score = plain / dispersion
    reach = stats.norm.isf(0.5 / run_length) * dispersion * error
    smooth = np.zeros(len(count))
    last = 0.0
    for place, value in enumerate(score):
        last = smoothing * float(value) + (1 - smoothing) * last
        smooth[place] = last
    age = 1 - (1 - smoothing) ** (2 * (np.arange(len(count)) + 1))
    limit = ewma_factor(smoothing, run_length) * np.sqrt(smoothing / (2 - smoothing) * age)
    high = center + reach
    return Chart(
        center,
        dispersion,
        score,
        np.maximum(center - reach, 0.0),
        np.minimum(high, 1.0) if share else high,
        smooth,
        limit,
    )


@cache
def ewma_factor(smoothing: float, run_length: float) -> float:
    """Return the limit of an EWMA chart of standard normal scores, in asymptotic standard deviations.

    Parameters
    ----------
    smoothing : float
        Weight of the newest score, above 0 and at most 1.
    run_length : float
        Periods between two false alarms on average, 10 to 100,000.

    Returns
    -------
    float

    Notes
    -----
    The run length is that of a Markov chain on 121 states (Brook & Evans 1972, doi:10.1093/biomet/59.3.539).

    Examples
    --------
    >>> round(ewma_factor(0.2, 500.0), 2)
    2.96
    """
    if smoothing == 1:
        return float(stats.norm.isf(0.5 / run_length))
    return float(optimize.brentq(lambda factor: _run_length(smoothing, factor) - run_length, 0.5, 6.0, xtol=1e-6))


def _run_length(smoothing: float, factor: float) -> float:
    bound = factor * np.sqrt(smoothing / (2 - smoothing))
    width = 2 * bound / STATES
    middle = -bound + width * (np.arange(STATES) + 0.5)
    edge = np.append(middle - width / 2, bound)
    moved = stats.norm.cdf((edge[None, :] - (1 - smoothing) * middle[:, None]) / smoothing)
    lengths = np.linalg.solve(np.eye(STATES) - np.diff(moved, axis=1), np.ones(STATES))
    return float(lengths[STATES // 2])
