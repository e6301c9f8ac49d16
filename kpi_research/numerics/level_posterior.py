"""What levels many units may have, given estimates with errors: draws from a hierarchical normal model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
POINTS = 400
LEAST_UNITS = 3
"""Units from which a flat prior on the spread between units has a proper posterior."""
BLOCK = 20
"""Draws that share one draw of the standard errors where these are uncertain."""


@dataclass(frozen=True)
class LevelDraws:
    """Draws of levels.

    Attributes
    ----------
    levels : numpy.ndarray, shape (draws, p)
        Levels of all units in each draw.
    error : numpy.ndarray, shape (p, p)
        Square root of the covariance of the estimates' errors.
    """

    levels: Array
    error: Array


def draw_levels(estimate: Array, cov: Array, draws: int, seed: int, dof: Array | None = None) -> LevelDraws:
    r"""Draw the levels of units from their posterior.

    .. math:: \hat\theta \sim N(\theta, V), \quad \theta_u \sim N(\mu, \tau^2), \quad p(\mu, \tau) \propto 1

    In the eigenvectors of V the posterior of :math:`\mu` and of :math:`\theta` given :math:`\tau` is normal, and
    :math:`p(\tau \mid \hat\theta)` is a product over the eigenvalues (Gelman et al. 2013, Bayesian Data Analysis, third
    edition, equation 5.21; Gelman 2006, doi:10.1214/06-BA117A for the prior). Drawing :math:`\tau` pays for not knowing
    the spread between units. With degrees of freedom, variances are drawn as well: :math:`s^2 d / \chi^2_d`.

    Parameters
    ----------
    estimate : numpy.ndarray, shape (p,)
        Estimates.
    cov : numpy.ndarray, shape (p, p)
        Covariance of their errors.
    draws, seed : int
        Number of draws and their seed.
    dof : numpy.ndarray, shape (p,), optional
        Degrees of freedom of the standard errors, infinite where known; used with a diagonal ``cov`` only.

    Returns
    -------
    LevelDraws
        With fewer than three units the levels are not shrunk.

    Raises
    ------
    ValueError
        If ``cov`` has a negative eigenvalue beyond rounding error.

    Examples
    --------
    >>> drawn = draw_levels(np.array([60.0, 50.0, 40.0, 50.0]), np.diag([1.0, 1.0, 1.0, 900.0]), 4000, 0)
    >>> [round(float(value)) for value in drawn.levels.mean(axis=0)[:3]]
    [60, 50, 40]
    """
    variance, vectors = np.linalg.eigh(cov)
    if variance[0] < -1e-8 * max(variance[-1], 0.0):
        raise ValueError(f"cov is not a covariance matrix: its smallest eigenvalue is {variance[0]:.3g}; allowed: 0 up")
    variance = np.clip(variance, 0.0, None)
    error = vectors * np.sqrt(variance)
    generator = np.random.default_rng(seed)
    if dof is None or np.isinf(dof).all():
        return LevelDraws(
            _draw(vectors.T @ estimate, vectors.sum(axis=0), variance, draws, generator) @ vectors.T, error
        )
    finite = np.where(np.isinf(dof), 1.0, dof)
    blocks = []
    for start in range(0, draws, BLOCK):
        chi = generator.chisquare(finite)
        own = np.diag(cov) * np.where(np.isinf(dof), 1.0, finite / np.maximum(chi, 1e-12))
        blocks.append(_draw(estimate, np.ones(len(estimate)), own, min(BLOCK, draws - start), generator))
    return LevelDraws(np.concatenate(blocks), error)


def _draw(value: Array, one: Array, variance: Array, draws: int, generator: np.random.Generator) -> Array:
    """Draw levels in coordinates in which errors are independent; ``one`` is the vector of ones in these."""
    if len(value) < LEAST_UNITS:
        return np.asarray(value + generator.standard_normal((draws, len(value))) * np.sqrt(variance))
    tau, chance = _spread(value, one, variance)
    drawn = generator.choice(tau, size=draws, p=chance)[:, None]
    total = drawn**2 + variance
    precision = (one**2 / total).sum(axis=1, keepdims=True)
    center = (one * value / total).sum(axis=1, keepdims=True) / precision
    mean = center + generator.standard_normal((draws, 1)) / np.sqrt(precision)
    kept = drawn**2 / total
    noise = generator.standard_normal((draws, len(value))) * np.sqrt(kept * variance)
    return np.asarray(one * mean + kept * (value - one * mean) + noise)


def _spread(value: Array, one: Array, variance: Array) -> tuple[Array, Array]:
    """Return points of tau and their posterior probabilities, on a grid from 0 to infinity."""
    center = float((one * value).sum() / (one**2).sum())
    scale = float(np.sqrt(((value - one * center) ** 2).mean() + variance.mean())) or 1.0
    place = (np.arange(POINTS) + 0.5) / POINTS
    tau = scale * place / (1 - place)
    total = tau[:, None] ** 2 + variance
    precision = (one**2 / total).sum(axis=1)
    middle = (one * value / total).sum(axis=1) / precision
    left = (value - one * middle[:, None]) ** 2 / total
    log = -0.5 * (np.log(total) + left).sum(axis=1) - 0.5 * np.log(precision) - 2 * np.log1p(-place)
    weight = np.exp(log - log.max())
    return tau, weight / weight.sum()
