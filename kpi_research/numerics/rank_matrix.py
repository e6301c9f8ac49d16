"""Rank correlations of all pairs of columns at once, some values missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


def rank_correlations(columns: Array) -> tuple[Array, Counts]:
    """Return the rank correlation of every pair of columns over the rows that both have.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Numbers; NaN is missing.

    Returns
    -------
    correlations : numpy.ndarray, shape (k, k)
        Pearson correlations of ranks; NaN where a side does not vary or fewer than three rows are common. Where
        nothing is missing this is Spearman's correlation exactly; otherwise ranks are those among a column's own values.
    rows : numpy.ndarray of int, shape (k, k)
        Rows common to a pair.

    Examples
    --------
    >>> x = np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0], [4.0, 40.0]])
    >>> round(float(rank_correlations(x)[0][0, 1]), 12)
    0.8
    """
    known = np.isfinite(columns)
    there = known.astype(float)
    count = there.T @ there
    return _correlations(_scaled_ranks(columns, known), there, count), np.rint(count).astype(np.int64)


def _scaled_ranks(columns: Array, known: NDArray[np.bool_]) -> Array:
    """Return average ranks, centered over a column's own values and divided by their number, 0 where missing."""
    total = np.maximum(known.sum(axis=0), 1).astype(float)
    if known.all():
        ranks: Array = np.asarray(stats.rankdata(columns, axis=0), dtype=float)
        return (ranks - (total + 1.0) / 2.0) / total
    found = np.zeros(columns.shape)
    for place in range(columns.shape[1]):
        own = known[:, place]
        found[own, place] = (stats.rankdata(columns[own, place]) - (total[place] + 1.0) / 2.0) / total[place]
    return found


def _correlations(filled: Array, there: Array, count: Array) -> Array:
    """Return pairwise-complete correlations of columns that are centered over their own rows."""
    if there.all():
        sums, squares = np.zeros(count.shape), np.broadcast_to((filled**2).sum(axis=0)[:, None], count.shape)
    else:
        sums, squares = filled.T @ there, (filled**2).T @ there
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares - sums**2 / count
        product = filled.T @ filled - sums * sums.T / count
        lowest = 1e-9 * np.diag(squares)[:, None]
        usable = (count >= 3) & (spread > lowest) & (spread.T > lowest.T)
        found: Array = np.where(usable, product / np.sqrt(np.where(usable, spread * spread.T, 1.0)), np.nan)
    return np.clip(found, -1.0, 1.0)
