"""Variance inflation: how far each column is a linear combination of the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]
DEPENDENT = 1e-10
"""Share of a column's length that must remain after the others are taken out."""


def variance_inflation(columns: Array) -> Array:
    """Return the variance inflation factor of every column.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, k)
        Finite numbers.

    Returns
    -------
    numpy.ndarray, shape (k,)
        ``1 / (1 - R²)`` of the regression of a column on all others and a constant; infinite where it is a linear
        combination of them, NaN where it does not vary or there are not more rows than columns and a constant.

    Notes
    -----
    With X the centered columns of length 1 and X = Q R, the factors are the squared lengths of the rows of the inverse
    of R. Belsley, Kuh & Welsch (1980), Regression Diagnostics, doi:10.1002/0471725153.

    Examples
    --------
    >>> variance_inflation(np.array([[1.0, 1.0], [2.0, -1.0], [3.0, -1.0], [4.0, 1.0]])).round(12).tolist()
    [1.0, 1.0]
    """
    n, k = columns.shape
    found = np.full(k, np.nan)
    centered = columns - columns.mean(axis=0) if n else columns
    length = linalg.norm(centered, axis=0) if n else np.zeros(k)
    scale = np.abs(columns).max(axis=0, initial=0.0) * np.sqrt(n)
    varying = np.flatnonzero(length > 1e-12 * np.maximum(scale, 1e-300))
    if n <= len(varying) + 1 or not varying.size:
        return found
    upper = linalg.qr(centered[:, varying] / length[varying], mode="r")[0][: varying.size]
    if np.abs(np.diag(upper)).min() <= DEPENDENT:
        found[varying] = _singular(upper)
        return found
    inverse = linalg.solve_triangular(upper, np.eye(varying.size))
    found[varying] = (inverse**2).sum(axis=1)
    return found


def _singular(upper: Array) -> Array:
    """Return the factors where some columns depend on others: those in a dependence get infinity."""
    _, sizes, right = linalg.svd(upper)
    none = sizes <= DEPENDENT * sizes[0] * len(sizes)
    dependent = (np.abs(right[none]) > 1e-6).any(axis=0)
    kept = ~none
    inverse: Array = ((right[kept] / sizes[kept, None]) ** 2).sum(axis=0)
    return np.where(dependent, np.inf, inverse)
