"""Maximum-likelihood estimation of a confirmatory factor model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FactorModel:
    """Estimates of a factor model with factor variances of 1.

    Attributes
    ----------
    loadings : ndarray of shape (k, factors)
    correlation : ndarray of shape (factors, factors)
        Of the factors.
    uniqueness : ndarray of shape (k,)
    implied : ndarray of shape (k, k)
        Covariances that follow.
    discrepancy : float
        Minimum of log det(implied) + tr(S inverse(implied)) - log det(S) - k.
    """

    loadings: Array
    correlation: Array
    uniqueness: Array
    implied: Array
    discrepancy: float


def fit_factors(covariance: Array, pattern: NDArray[np.bool_]) -> FactorModel:
    """Fit a factor model in which each item loads on the factors that a pattern names.

    Parameters
    ----------
    covariance : ndarray of shape (k, k)
        Of the items, divided by n.
    pattern : ndarray of bool, shape (k, factors)
        Which loadings are free.

    Returns
    -------
    FactorModel

    Raises
    ------
    ValueError
        If the estimation does not converge.

    References
    ----------
    Joreskog, K. G. (1969), doi:10.1007/BF02289343.
    """
    k, factors = pattern.shape
    scale = np.sqrt(np.diag(covariance))
    s = covariance / np.outer(scale, scale)
    upper = np.triu_indices(factors, 1)
    free = int(pattern.sum())

    def unpack(values: Array) -> tuple[Array, Array, Array]:
        loadings = np.zeros((k, factors))
        loadings[pattern] = values[:free]
        phi = np.eye(factors)
        phi[upper] = values[free : free + len(upper[0])]
        phi = phi + phi.T - np.eye(factors)
        return loadings, phi, values[free + len(upper[0]) :]

    def misfit(values: Array) -> tuple[float, Array]:
        loadings, phi, theta = unpack(values)
        implied = loadings @ phi @ loadings.T + np.diag(theta)
        sign, logdet = np.linalg.slogdet(implied)
        if sign <= 0:
            return 1e10, np.zeros_like(values)
        inverse = np.linalg.inv(implied)
        core = inverse - inverse @ s @ inverse
        slope = 2.0 * core @ loadings @ phi
        around = 2.0 * (loadings.T @ core @ loadings)
        gradient = np.concatenate([slope[pattern], around[upper], np.diag(core)])
        return float(logdet + np.trace(s @ inverse)), gradient

    start = np.concatenate([np.full(free, 0.7), np.full(len(upper[0]), 0.3), np.full(k, 0.5)])
    bounds = [(None, None)] * free + [(-0.999, 0.999)] * len(upper[0]) + [(1e-4, None)] * k
    options = {"ftol": 1e-16, "gtol": 1e-10, "maxiter": 5000, "maxfun": 50000}
    found = optimize.minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if not found.success and np.abs(found.jac).max() > 1e-4:
        raise ValueError(f"the factor model did not converge: {found.message}")
    loadings, phi, theta = unpack(found.x)
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings, phi = loadings * signs, phi * np.outer(signs, signs)
    implied = (loadings @ phi @ loadings.T + np.diag(theta)) * np.outer(scale, scale)
    discrepancy = float(found.fun - np.linalg.slogdet(s)[1] - k)
    return FactorModel(loadings * scale[:, None], phi, theta * scale**2, implied, max(discrepancy, 0.0))
