"""Linear mixed models by restricted maximum likelihood, from cross-products alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RandomTerm:
    """A random term: for each level of a factor, one effect or several correlated ones (intercept and slopes).

    Attributes
    ----------
    levels : int
        Number of levels.
    size : int
        Effects per level.
    """

    levels: int
    size: int = 1

    @property
    def parameters(self) -> int:
        """Number of parameters of the relative Cholesky factor."""
        return self.size * (self.size + 1) // 2


@dataclass(frozen=True)
class MixedFit:
    """A fitted linear mixed model.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (fixed,)
    covariance : numpy.ndarray, shape (fixed, fixed)
    variances : tuple of numpy.ndarray, each of shape (size, size)
        Covariance of the effects of a level, per random term.
    residual : float
        Residual variance.
    effects : numpy.ndarray
        Predicted random effects, term after term, level after level.
    criterion : float
        Restricted deviance, -2 times the restricted log-likelihood.
    """

    coefficients: Array
    covariance: Array
    variances: tuple[Array, ...]
    residual: float
    effects: Array
    criterion: float


def mixed_linear(
    gram: Array, right: Array, square: float, rows: float, fixed: int, terms: Sequence[RandomTerm]
) -> MixedFit:
    r"""Fit a linear mixed model by restricted maximum likelihood.

    With the relative Cholesky factor :math:`\Lambda_\theta` of the random effects and
    :math:`LL' = \Lambda'Z'Z\Lambda + I`, the profiled criterion is
    :math:`\log|L|^2 + \log|R_X|^2 + (n - p)(1 + \log(2\pi r^2_\theta / (n - p)))`; it needs the cross-products of
    :math:`(X, Z)` with themselves and with y only, so that cells do as well as rows.

    Parameters
    ----------
    gram : numpy.ndarray, shape (k, k)
        Cross-products of the columns: the fixed ones first, of full rank, then for each term level after level.
    right : numpy.ndarray, shape (k,)
        Their cross-products with the response, which should be centered beforehand.
    square : float
        Sum of squares of the response.
    rows : float
        Number of rows (total weight).
    fixed : int
        Number of fixed columns.
    terms : sequence of RandomTerm
        At least one.

    Returns
    -------
    MixedFit

    Raises
    ------
    ValueError
        If there are no more rows than fixed columns.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015), doi:10.18637/jss.v067.i01.
    """
    if rows <= fixed:
        raise ValueError(f"{rows:g} rows for {fixed} coefficients; more rows are needed")
    problem = _Problem(gram, right, square, rows, fixed, tuple(terms))
    start = np.concatenate([np.eye(term.size)[np.tril_indices(term.size)] for term in terms])
    bounds = [
        (0.0, None) if row == column else (None, None)
        for term in terms
        for row, column in zip(*np.tril_indices(term.size), strict=True)
    ]
    rough = optimize.minimize(problem.criterion, start, method="L-BFGS-B", bounds=bounds)
    fine = optimize.minimize(
        problem.criterion, rough.x, method="Nelder-Mead", bounds=bounds,
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000},
    )  # fmt: skip
    return problem.result(fine.x)


@dataclass(frozen=True)
class _Problem:
    gram: Array
    right: Array
    square: float
    rows: float
    fixed: int
    terms: tuple[RandomTerm, ...]

    def factors(self, theta: Array) -> list[Array]:
        """Return the relative Cholesky factor of each term."""
        made, at = [], 0
        for term in self.terms:
            factor = np.zeros((term.size, term.size))
            factor[np.tril_indices(term.size)] = theta[at : at + term.parameters]
            made.append(factor)
            at += term.parameters
        return made

    def solved(self, theta: Array) -> tuple[Array, Array, Array, Array, float]:
        p = self.fixed
        scale = linalg.block_diag(
            *(
                np.kron(np.eye(term.levels), factor)
                for term, factor in zip(self.terms, self.factors(theta), strict=True)
            )
        )
        inner = scale.T @ self.gram[p:, p:] @ scale
        lower = np.linalg.cholesky(inner + np.eye(len(inner)))
        cross = linalg.solve_triangular(lower, scale.T @ self.gram[p:, :p], lower=True)
        known = linalg.solve_triangular(lower, scale.T @ self.right[p:], lower=True)
        upper = np.linalg.cholesky(self.gram[:p, :p] - cross.T @ cross).T
        turned = linalg.solve_triangular(upper.T, self.right[:p] - cross.T @ known, lower=True)
        beta = linalg.solve_triangular(upper, turned)
        rest = self.square - float(known @ known) - float(turned @ turned)
        effects = scale @ linalg.solve_triangular(lower.T, known - cross @ beta)
        return beta, effects, lower, upper, rest

    def criterion(self, theta: Array) -> float:
        _, _, lower, upper, rest = self.solved(theta)
        free = self.rows - self.fixed
        size = 2 * float(np.log(np.diag(lower)).sum() + np.log(np.diag(upper)).sum())
        return size + free * (1 + np.log(2 * np.pi * max(rest, 1e-300) / free))

    def result(self, theta: Array) -> MixedFit:
        beta, effects, _, upper, rest = self.solved(theta)
        residual = rest / (self.rows - self.fixed)
        inverse = linalg.solve_triangular(upper, np.eye(self.fixed))
        variances = tuple(residual * factor @ factor.T for factor in self.factors(theta))
        return MixedFit(beta, residual * inverse @ inverse.T, variances, residual, effects, self.criterion(theta))
