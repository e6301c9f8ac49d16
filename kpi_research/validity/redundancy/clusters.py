"""Groups of indicators that say the same thing, and which one of a group to keep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def cluster(similarity: Array, threshold: float) -> tuple[Codes, Array]:
    """Return groups by average linkage: two groups join while their mean similarity is at least the threshold.

    Parameters
    ----------
    similarity : numpy.ndarray, shape (k, k)
        From 0 to 1; NaN counts as 0.
    threshold : float
        Mean similarity down to which groups are joined.

    Returns
    -------
    groups : numpy.ndarray of int, shape (k,)
        Numbers from 1 in the order of the first member.
    tree : numpy.ndarray, shape (k - 1, 4)
        The linkage on the distance ``1 - similarity``; empty for one indicator.

    Notes
    -----
    Sokal & Michener (1958, University of Kansas Science Bulletin 38:1409), as in `scipy.cluster.hierarchy.average`.
    """
    k = len(similarity)
    if k < 2:
        return np.ones(k, dtype=np.intp), np.empty((0, 4))
    distance = 1.0 - np.nan_to_num(similarity, nan=0.0)
    distance = np.clip((distance + distance.T) / 2.0, 0.0, 1.0)
    np.fill_diagonal(distance, 0.0)
    tree = hierarchy.linkage(squareform(distance, checks=False), method="average")
    raw = hierarchy.fcluster(tree, 1.0 - threshold + 1e-12, criterion="distance")
    first = {number: place for place, number in reversed(list(enumerate(raw)))}
    order = {number: place for place, number in enumerate(sorted(first, key=first.__getitem__), 1)}
    return np.array([order[number] for number in raw], dtype=np.intp), np.asarray(tree, dtype=float)


def keepers(groups: Codes, similarity: Array, prefer: Array) -> NDArray[np.bool_]:
    """Return which indicator of each group to keep.

    Parameters
    ----------
    groups : numpy.ndarray of int, shape (k,)
        Group of each indicator.
    similarity : numpy.ndarray, shape (k, k)
        From 0 to 1.
    prefer : numpy.ndarray, shape (k,)
        Higher is better; NaN counts as worst.

    Returns
    -------
    numpy.ndarray of bool, shape (k,)
        One per group: the highest ``prefer``, then the highest mean similarity with the group, then the first.
    """
    kept = np.zeros(len(groups), dtype=bool)
    worth = np.where(np.isnan(prefer), -np.inf, prefer)
    filled = np.nan_to_num(similarity, nan=0.0)
    for number in np.unique(groups):
        members = np.flatnonzero(groups == number)
        center = filled[np.ix_(members, members)].mean(axis=1).round(12)
        best = max(range(len(members)), key=lambda at: (worth[members[at]], center[at], -at))
        kept[members[best]] = True
    return kept
