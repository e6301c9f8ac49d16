"""Quantile functions: uniform numbers in, draws of a distribution out.

Drawing by inversion keeps the random numbers of two bureaus in step: a mechanism that is switched off changes only the
values it touches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints

_SEARCH_BELOW = 60.0


def normal(u: ArrayLike) -> Floats:
    """Return standard normal draws.

    Parameters
    ----------
    u : array_like
        Uniform numbers in (0, 1).

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> float(normal(0.5))
    0.0
    """
    return np.asarray(special.ndtri(u), dtype=float)


def mean_one_gamma(u: Floats, variance: float) -> Floats:
    """Return gamma draws with mean 1 and the given variance (all 1 where the variance is 0).

    Parameters
    ----------
    u : numpy.ndarray
        Uniform numbers in (0, 1).
    variance : float
        Variance, not negative.

    Returns
    -------
    numpy.ndarray
    """
    if variance == 0:
        return np.ones_like(u)
    return np.asarray(special.gammaincinv(1 / variance, u) * variance, dtype=float)


def mean_one_lognormal(u: Floats, variance: float) -> Floats:
    """Return lognormal draws with mean 1 and the given variance.

    Parameters
    ----------
    u : numpy.ndarray
        Uniform numbers in (0, 1).
    variance : float
        Variance, not negative.

    Returns
    -------
    numpy.ndarray
    """
    spread = np.log1p(variance)
    return np.asarray(np.exp(np.sqrt(spread) * normal(u) - spread / 2), dtype=float)


def poisson(u: ArrayLike, mean: ArrayLike) -> Ints:
    """Return Poisson draws.

    Parameters
    ----------
    u, mean : array_like
        Uniform numbers in (0, 1) and means, broadcast against each other.

    Returns
    -------
    numpy.ndarray of int
    """
    u, mean = np.broadcast_arrays(np.asarray(u, dtype=float), np.asarray(mean, dtype=float))
    flat_u, flat_mean = u.ravel(), mean.ravel()
    counts = np.zeros(flat_u.size, dtype=np.int64)
    small = flat_mean < _SEARCH_BELOW
    counts[small] = _poisson_search(flat_u[small], flat_mean[small])
    counts[~small] = stats.poisson.ppf(flat_u[~small], flat_mean[~small]).astype(np.int64)
    return counts.reshape(u.shape)


def _poisson_search(u: Floats, mean: Floats) -> Ints:
    counts = np.zeros(u.size, dtype=np.int64)
    open_rows, term = np.arange(u.size), np.exp(-mean)
    below, step = term.copy(), 0
    while open_rows.size:
        going = (u[open_rows] > below) & (term > 0)
        open_rows, term, below = open_rows[going], term[going], below[going]
        step += 1
        counts[open_rows] = step
        term = term * mean[open_rows] / step
        below = below + term
    return counts


def binomial(u: ArrayLike, trials: ArrayLike, chance: ArrayLike) -> Ints:
    """Return binomial draws.

    Parameters
    ----------
    u, trials, chance : array_like
        Uniform numbers in (0, 1), numbers of trials and probabilities, broadcast against each other.

    Returns
    -------
    numpy.ndarray of int
    """
    return np.asarray(stats.binom.ppf(u, trials, chance)).astype(np.int64)


def choice(u: Floats, cumulative: Floats) -> Ints:
    """Return category numbers.

    Parameters
    ----------
    u : numpy.ndarray, shape (n,)
        Uniform numbers in (0, 1).
    cumulative : numpy.ndarray, shape (k,) or (n, k)
        Cumulative probabilities of the k categories, the last one 1.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Numbers from 0 to k - 1.
    """
    return np.asarray((u[:, None] > np.atleast_2d(cumulative)[:, :-1]).sum(axis=1), dtype=np.int64)


def happens(u: Floats, chance: ArrayLike) -> Bools:
    """Return whether events of the given probability happen.

    Parameters
    ----------
    u : numpy.ndarray
        Uniform numbers in (0, 1).
    chance : array_like
        Probabilities.

    Returns
    -------
    numpy.ndarray of bool
    """
    return np.asarray(u < np.asarray(chance), dtype=bool)
