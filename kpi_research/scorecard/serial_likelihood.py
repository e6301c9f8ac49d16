"""Likelihood of many short series that share one serial correlation: a first-order autoregression plus white noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def log_likelihood(series: FloatArray, share: FloatArray, persistence: FloatArray) -> FloatArray:
    r"""Return the restricted log likelihood of common correlations, each series with a level and a variance of its own.

    Parameters
    ----------
    series : numpy.ndarray, shape (n, T)
        One series per row, periods in order and equally spaced; NaN where a period was not observed. Every row needs
        two observations that differ.
    share, persistence : numpy.ndarray, shape (g,)
        Candidates: the correlation at lag k = 1, 2, ... is share · persistence**k; share from 0 to 1, persistence from
        0 up to below 1.

    Returns
    -------
    numpy.ndarray, shape (g,)
        Log likelihood of each candidate, up to a constant.

    Notes
    -----
    Level and variance are taken out of each series: with :math:`e` its m observations, :math:`R` their correlation
    matrix and :math:`1` the vector of ones,

    .. math:: -\tfrac12 \log|R| - \tfrac12 \log 1'R^{-1}1 - \tfrac{m-1}2 \log(e'R^{-1}e - (1'R^{-1}e)^2 / 1'R^{-1}1)

    (Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545). The level costs no bias then, however short the series
    are. The terms come from the Kalman filter of state and noise, which passes over missing periods (Harvey 1989,
    Forecasting, Structural Time Series Models and the Kalman Filter, section 3.4).

    Examples
    --------
    >>> slow = np.array([[1.0, 2.0, 4.0, 3.0, 2.0, 1.0]])
    >>> white, persistent = log_likelihood(slow, np.array([1.0, 1.0]), np.array([0.0, 0.7]))
    >>> bool(persistent > white)
    True
    """
    observed, group = np.unique(~np.isnan(series), axis=0, return_inverse=True)
    pattern = group.ravel() if len(observed) > 1 else np.zeros(1, dtype=np.intp)
    values = np.nan_to_num(series)
    state, squares, products = np.zeros((3, len(series), len(share)))
    ones, logs = np.zeros((2, len(observed), len(share)))
    for period, step in enumerate(_steps(observed, share, persistence)):
        error = values[:, period, None] - state
        weighted = error * step.precision[pattern]
        squares += weighted * error
        products += weighted * step.one[pattern]
        ones += step.one**2 * step.precision
        logs += step.log_variance
        state = persistence * (state + step.gain[pattern] * error)
    free = observed.sum(axis=1)[pattern] - 1
    left = squares - products**2 / ones[pattern]
    each = (logs + np.log(ones))[pattern] + free[:, None] * np.log(left)
    total: FloatArray = -0.5 * each.sum(axis=0)
    return total


@dataclass(frozen=True, slots=True)
class _Step:
    """Of one period, per pattern of presence and candidate: what the filter does, none of it depending on the data."""

    precision: FloatArray
    gain: FloatArray
    one: FloatArray
    log_variance: FloatArray


def _steps(observed: BoolArray, share: FloatArray, persistence: FloatArray) -> Iterator[_Step]:
    variance = np.tile(share, (len(observed), 1))
    state = np.zeros_like(variance)
    for seen in observed.T[:, :, None]:
        total = variance + 1 - share
        precision = seen / total
        gain = variance * precision
        one = 1 - state
        yield _Step(precision, gain, one, np.where(seen, np.log(total), 0.0))
        state = persistence * (state + gain * one)
        variance = persistence**2 * (1 - gain) * variance + share * (1 - persistence**2)
