"""Removing unit and period effects from the columns of a panel, balanced or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse import csgraph

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def group_means(columns: Array, codes: Codes) -> Array:
    """Return the mean of each column in each group.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Finite numbers.
    codes : numpy.ndarray, shape (n,)
        Group of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    numpy.ndarray, shape (groups, k)
    """
    count = np.bincount(codes).astype(float)
    sums = np.column_stack([np.bincount(codes, column) for column in columns.T])
    means: Array = sums / count[:, None]
    return means


def remove_unit_means(columns: Array, unit: Codes) -> Array:
    """Return columns less the mean of their unit, in two passes.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Finite numbers.
    unit : numpy.ndarray, shape (n,)
        Unit of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    numpy.ndarray, shape (n, k)
    """
    once = columns - group_means(columns, unit)[unit]
    twice: Array = once - group_means(once, unit)[unit]
    return twice


def remove_two_way(columns: Array, unit: Codes, period: Codes) -> Array:
    """Return the columns with unit and period effects taken out exactly.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Finite numbers.
    unit, period : numpy.ndarray, shape (n,)
        Unit and period of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Residuals of a least-squares regression on all unit and period indicators.

    Notes
    -----
    Units are removed by their means, periods by QR on the period indicators less unit means (Frisch & Waugh 1933,
    doi:10.2307/1907330), which is exact for unbalanced panels too.
    """
    centered = remove_unit_means(columns, unit)
    indicators = np.eye(int(period.max()) + 1)[period][:, 1:]
    if indicators.shape[1] == 0:
        return centered
    basis = _orthonormal(remove_unit_means(indicators, unit))
    once = centered - basis @ (basis.T @ centered)
    twice: Array = once - basis @ (basis.T @ once)
    return twice


def two_way_rank(unit: Codes, period: Codes) -> int:
    """Return the number of parameters that unit and period effects take: units + periods - connected parts.

    Parameters
    ----------
    unit, period : numpy.ndarray, shape (n,)
        Unit and period of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    int

    Notes
    -----
    Each connected part of the graph of units and periods loses one parameter (Abowd, Creecy & Kramarz 2002).

    Examples
    --------
    >>> two_way_rank(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    3
    """
    units, periods = int(unit.max()) + 1, int(period.max()) + 1
    nodes = units + periods
    edges = sparse.coo_array((np.ones(len(unit)), (unit, units + period)), shape=(nodes, nodes))
    parts = csgraph.connected_components(edges, directed=False, return_labels=False)
    return nodes - int(parts)


def _orthonormal(columns: Array) -> Array:
    """Return an orthonormal basis of the columns' span; columns that add nothing are left out."""
    q, r, _ = linalg.qr(columns, mode="economic", pivoting=True)
    size = np.abs(np.diag(r))
    kept: Array = q[:, : int((size > 1e-9 * size.max()).sum())] if size.size and size.max() > 0 else q[:, :0]
    return kept
