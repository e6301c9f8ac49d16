"""Gaussian and Poisson regression on cells: the estimates and errors of the row-level fit from sums alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CellFit:
    """Coefficients of a regression on cells.

    Attributes
    ----------
    coefficients : ndarray of shape (k,)
        Estimates, in the order of the design's columns; logs of rate ratios for Poisson.
    covariance : ndarray of shape (k, k)
        Their model-based covariance.
    scale : float
        Residual variance (Gaussian); 1 (Poisson).
    iterations : int
        Newton steps; 1 for Gaussian.
    """

    coefficients: Array
    covariance: Array
    scale: float
    iterations: int

    @property
    def errors(self) -> Array:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))


def gaussian_cells(design: ArrayLike, n: ArrayLike, weight: ArrayLike, total: ArrayLike, squares: ArrayLike) -> CellFit:
    r"""Fit the linear model of the rows from their cells.

    With covariates constant in a cell, the residual sum of squares of the rows is
    :math:`\sum_c S_c + \sum_c W_c (T_c/W_c - x_c'\beta)^2`; only the second part depends on :math:`\beta`, and the
    first adds to the residual variance. Estimates and standard errors equal those of weighted least squares on the
    rows.

    Parameters
    ----------
    design : array of shape (cells, k)
        Covariates of each cell, with a column of ones where an intercept is wanted; of full column rank.
    n : array of shape (cells,)
        Rows of each cell.
    weight, total, squares : arrays of shape (cells,)
        Total weight, weighted total and weighted squared deviations of the values of each cell, as `Study.cells` gives.

    Returns
    -------
    CellFit

    Raises
    ------
    ValueError
        If shapes differ, a weight is not positive, the design is rank-deficient or no degree of freedom is left.

    References
    ----------
    Searle, S. R. (1971), Linear Models, ch. 3, doi:10.1002/9781118491782.

    Examples
    --------
    >>> fit = gaussian_cells([[1.0], [1.0]], n=[2, 2], weight=[2, 2], total=[2.0, 6.0], squares=[2.0, 2.0])
    >>> round(float(fit.coefficients[0]), 6), round(float(fit.scale), 6)
    (2.0, 2.666667)
    """
    x, weights = _checked(design, weight, n, total, squares)
    counts, means, within = (np.asarray(part, dtype=float) for part in (n, np.asarray(total) / weights, squares))
    root = np.sqrt(weights)
    q, r = _full_rank(x * root[:, None])
    coefficients = np.linalg.solve(r, q.T @ (root * means))
    left = counts.sum() - x.shape[1]
    if left <= 0:
        raise ValueError(f"n: {counts.sum():g} rows for {x.shape[1]} coefficients; more rows are needed")
    scale = float((within.sum() + np.sum(weights * (means - x @ coefficients) ** 2)) / left)
    inverse = np.linalg.inv(r)
    return CellFit(coefficients, scale * inverse @ inverse.T, scale, 1)


def poisson_cells(
    design: ArrayLike, weight: ArrayLike, total: ArrayLike, *, tolerance: float = 1e-12, max_iterations: int = 50
) -> CellFit:
    r"""Fit the log-linear Poisson model of the rows from their cells.

    The Poisson log-likelihood of the rows is, up to a constant, :math:`\sum_c T_c x_c'\beta - W_c \exp(x_c'\beta)`.
    It is maximized by Newton's method in the form of iteratively reweighted least squares, each step by QR.

    Parameters
    ----------
    design : array of shape (cells, k)
        Covariates of each cell; of full column rank.
    weight, total : arrays of shape (cells,)
        Total weight (number of rows, or exposure) and total of the values of each cell.
    tolerance : float
        Largest relative change of the log-likelihood at which the iteration ends.
    max_iterations : int
        Newton steps at the most.

    Returns
    -------
    CellFit
        The covariance is the inverse Fisher information.

    Raises
    ------
    ValueError
        If shapes differ, a weight is not positive, a total is negative, the design is rank-deficient, a
        group of cells has no count at all, or the iteration does not converge.

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989), Generalized Linear Models, ch. 2.5, doi:10.1007/978-1-4899-3242-6.

    Examples
    --------
    >>> fit = poisson_cells([[1.0, 0.0], [1.0, 1.0]], weight=[10, 10], total=[20, 40])
    >>> [round(float(value), 6) for value in np.exp(fit.coefficients)]
    [2.0, 2.0]
    """
    x, weights = _checked(design, weight, total)
    totals = np.asarray(total, dtype=float)
    if (totals < 0).any() or not totals.any():
        raise ValueError("total: a Poisson model needs totals of at least 0 that are not all 0")
    eta = np.log((totals + totals.sum() / weights.sum() * weights * 0.1) / (1.1 * weights))
    before = -np.inf
    for step in range(1, max_iterations + 1):
        expected = weights * np.exp(eta)
        root = np.sqrt(expected)
        q, r = _full_rank(x * root[:, None])
        coefficients = np.linalg.solve(r, q.T @ (root * (eta + (totals - expected) / expected)))
        eta = x @ coefficients
        likelihood = float(totals @ eta - weights @ np.exp(eta))
        if (weights * np.exp(eta)).min() < 1e-9 * totals.sum() / len(totals):
            raise ValueError("no finite maximum: a group of cells has no count at all; drop or merge it")
        if abs(likelihood - before) <= tolerance * (abs(likelihood) + 1):
            inverse = np.linalg.inv(_full_rank(x * np.sqrt(weights * np.exp(eta))[:, None])[1])
            return CellFit(coefficients, inverse @ inverse.T, 1.0, step)
        before = likelihood
    raise ValueError(f"no convergence in {max_iterations} steps")


def _checked(design: ArrayLike, weight: ArrayLike, *others: ArrayLike) -> tuple[Array, Array]:
    x = np.asarray(design, dtype=float)
    weights = np.asarray(weight, dtype=float)
    shapes = [np.shape(part) for part in (weight, *others)]
    if x.ndim != 2 or any(shape != (x.shape[0],) for shape in shapes):
        raise ValueError(f"design has shape {x.shape}, the other arrays {shapes}; needed are (cells, k) and (cells,)")
    if not (weights > 0).all() or not np.isfinite(x).all():
        raise ValueError("weight: every cell needs a positive weight, and the design finite numbers")
    return x, weights


def _full_rank(matrix: Array) -> tuple[Array, Array]:
    q, r = np.linalg.qr(matrix)
    sizes = np.abs(np.diag(r))
    if matrix.shape[0] < matrix.shape[1] or sizes.min() <= sizes.max() * max(matrix.shape) * np.finfo(float).eps:
        raise ValueError("design: the columns are linearly dependent; drop one of them")
    return q, r
