"""Spearman's rank correlation, its influence values and intervals for grouped rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Return Spearman's rank correlation: Pearson's correlation of average ranks.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Finite numbers, pairs by position.

    Returns
    -------
    float
        Between -1 and 1; NaN where either side does not vary or there are fewer than three pairs.

    Examples
    --------
    >>> round(spearman([1, 2, 3, 4], [10, 30, 20, 40]), 12)
    0.8
    """
    return spearman_influence(x, y)[0]


def spearman_influence(x: ArrayLike, y: ArrayLike) -> tuple[float, Array]:
    """Return Spearman's rank correlation and what each pair contributes to its sampling error.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Finite numbers, pairs by position.

    Returns
    -------
    correlation : float
        Rank correlation, NaN where it does not exist.
    influence : numpy.ndarray, shape (n,)
        Empirical influence values; they sum to zero, and the correlation errs by about their mean.

    Notes
    -----
    With u and v the centered average ranks over n, the correlation is A / sqrt(B C), A, B, C = mean of u v, u u, v v.
    The influence of a pair on each mean counts the pair itself and the shift it gives to the ranks of all others
    (Hájek projection; ties by the average of both inequalities, as in Genest, Nešlehová & Rémillard 2013,
    doi:10.1016/j.jmva.2013.02.007).
    """
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = len(first)
    u, v = _centered_ranks(first), _centered_ranks(second)
    a, b, c = (float((p * q).mean()) if n else 0.0 for p, q in ((u, v), (u, u), (v, v)))
    if n < 3 or b <= 0 or c <= 0:
        return float("nan"), np.full(n, np.nan)
    correlation = a / np.sqrt(b * c)
    of_a = u * v - a + _rank_shift(first, v) + _rank_shift(second, u)
    of_b = u * u - b + 2.0 * _rank_shift(first, u)
    of_c = v * v - c + 2.0 * _rank_shift(second, v)
    influence = of_a / np.sqrt(b * c) - correlation / 2.0 * (of_b / b + of_c / c)
    return float(np.clip(correlation, -1.0, 1.0)), influence


def clustered_error(influence: Array, groups: ArrayLike) -> tuple[float, int]:
    """Return the standard error of a mean of influence values whose rows belong to groups.

    Parameters
    ----------
    influence : numpy.ndarray, shape (n,)
        What each row adds to the estimate's error (already divided by the number of rows).
    groups : array_like, shape (n,)
        Group of each row; groups are independent, rows of a group need not be.

    Returns
    -------
    error : float
        Square root of ``k / (k - 1)`` times the sum of squared group totals.
    count : int
        Number of groups k.
    """
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    totals = np.bincount(codes, influence)
    count = len(totals)
    if count < 2:
        return float("nan"), count
    return float(np.sqrt(count / (count - 1) * (totals**2).sum())), count


def fisher_interval(correlation: float, error: float, df: float, level: float) -> tuple[float, float]:
    """Return an interval of a correlation from its standard error, on Fisher's z scale.

    Parameters
    ----------
    correlation : float
        The estimate, strictly between -1 and 1.
    error : float
        Its standard error on its own scale.
    df : float
        Degrees of freedom of the t quantile.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : float
        ``tanh(atanh(r) ± t error / (1 - r**2))``; NaN where the estimate is ±1 or has no error.
    """
    if not (abs(correlation) < 1.0 and np.isfinite(error) and df >= 1):
        return float("nan"), float("nan")
    half = stats.t.isf((1.0 - level) / 2.0, df) * error / (1.0 - correlation**2)
    center = np.arctanh(correlation)
    return float(np.tanh(center - half)), float(np.tanh(center + half))


def _centered_ranks(values: Array) -> Array:
    n = len(values)
    ranks: Array = (stats.rankdata(values) - (n + 1) / 2.0) / n if n else np.empty(0)
    return ranks


def _rank_shift(values: Array, weights: Array) -> Array:
    """Return, per pair, the mean of ``weights`` (which sum to zero) over the pairs above it, half of it for ties."""
    levels, codes = np.unique(values, return_inverse=True)
    at = np.bincount(codes, weights, minlength=len(levels))
    above = at.sum() - np.cumsum(at) + at / 2.0
    shift: Array = above[codes] / len(values)
    return shift - shift.mean()
