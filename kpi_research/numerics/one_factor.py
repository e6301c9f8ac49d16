"""Factor models of a correlation or covariance matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]
FLOOR = 0.005


def minres(correlation: Array, factors: int = 1) -> tuple[Array, Array]:
    """Return the minimum-residual factor solution of a correlation matrix.

    Parameters
    ----------
    correlation : ndarray of shape (k, k)
        Correlations.
    factors : int
        Number of factors, fewer than variables.

    Returns
    -------
    loadings : ndarray of shape (k, factors)
        Unrotated; columns by decreasing size, signs so that most loadings are positive.
    uniqueness : ndarray of shape (k,)
        Variances that no factor shares.

    References
    ----------
    Harman, H. H. & Jones, W. H. (1966), Factor analysis by minimizing residuals, doi:10.1007/BF02289468.
    """
    start = np.clip(1.0 / np.diag(np.linalg.pinv(correlation)), FLOOR, 1.0)

    def misfit(uniqueness: Array) -> tuple[float, Array]:
        loadings = _loadings(correlation, uniqueness, factors)
        residual = correlation - loadings @ loadings.T
        np.fill_diagonal(residual, 0.0)
        gradient = np.diag(loadings @ loadings.T + np.diag(uniqueness) - correlation)
        return float((residual**2).sum() / 2.0), gradient / np.maximum(uniqueness, FLOOR) ** 2

    def plain(uniqueness: Array) -> float:
        return misfit(uniqueness)[0]

    bounds = [(FLOOR, 1.0)] * len(start)
    found = optimize.minimize(
        plain, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000}
    )
    loadings = _loadings(correlation, found.x, factors)
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings = loadings * signs
    return loadings, 1.0 - (loadings**2).sum(axis=1)


def _loadings(correlation: Array, uniqueness: Array, factors: int) -> Array:
    reduced = correlation.copy()
    np.fill_diagonal(reduced, 1.0 - uniqueness)
    values, vectors = np.linalg.eigh(reduced)
    order = np.argsort(values)[::-1][:factors]
    return vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))


def oblimin(loadings: Array) -> tuple[Array, Array]:
    """Rotate loadings obliquely so that each variable loads on few factors.

    Parameters
    ----------
    loadings : ndarray of shape (k, factors)
        Unrotated, two factors or more.

    Returns
    -------
    pattern : ndarray of shape (k, factors)
    correlation : ndarray of shape (factors, factors)
        Of the factors. Direct quartimin by the gradient projection algorithm (Jennrich 2002, doi:10.1007/BF02294706).
    """
    size = loadings.shape[1]
    turn, step = np.eye(size), 1.0
    inverse = np.linalg.inv(turn)
    pattern = loadings @ inverse.T
    value, slope = _quartimin(pattern)
    for _ in range(2000):
        gradient = -(pattern.T @ slope @ inverse).T
        tangent = gradient - turn * (turn * gradient).sum(axis=0)
        size_of_step = float(np.sqrt((tangent**2).sum()))
        if size_of_step < 1e-9:
            break
        step *= 2.0
        for _ in range(30):
            moved = turn - step * tangent
            moved = moved / np.sqrt((moved**2).sum(axis=0))
            inverse = np.linalg.inv(moved)
            pattern = loadings @ inverse.T
            new, new_slope = _quartimin(pattern)
            if new < value - 0.5 * size_of_step**2 * step:
                break
            step /= 2.0
        turn, value, slope = moved, new, new_slope
    return pattern, turn.T @ turn


def _quartimin(pattern: Array) -> tuple[float, Array]:
    squares = pattern**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum() / 4.0), pattern * others
