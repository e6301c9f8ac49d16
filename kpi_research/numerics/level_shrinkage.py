"""Hierarchical shrinkage of the levels of a factor toward their common mean, with the full covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]
POINTS = 400
LEAST_LEVELS = 3


@dataclass(frozen=True)
class Shrunk:
    """Levels pulled toward their common mean.

    Attributes
    ----------
    effects : numpy.ndarray, shape (levels,)
        Posterior means of the effects around their mean.
    covariance : numpy.ndarray, shape (levels, levels)
        Posterior covariance of these.
    spread : float
        Posterior mean of the standard deviation between levels.
    """

    effects: Array
    covariance: Array
    spread: float


def shrink_levels(effects: Array, covariance: Array) -> Shrunk:
    r"""Shrink effects that are known up to a constant, with correlated errors.

    With an orthonormal basis A of the contrasts, :math:`A'\hat b \sim N(A'b, A'VA)` and
    :math:`A'b \sim N(0, \tau^2 I)`, which is what exchangeable levels with an unknown mean say. In the eigenvectors of
    :math:`A'VA` the parts are independent; the posterior is averaged over :math:`\tau` with a flat prior on
    :math:`\tau`, so that its uncertainty widens the intervals (the plug-in estimate of few levels is often zero).

    Parameters
    ----------
    effects : numpy.ndarray, shape (levels,)
        At least three.
    covariance : numpy.ndarray, shape (levels, levels)
        Their covariance in any parametrization (a reference level has zeros).

    Returns
    -------
    Shrunk

    Raises
    ------
    ValueError
        If there are fewer than three levels.

    References
    ----------
    Morris, C. N. (1983), doi:10.1080/01621459.1983.10477920; Gelman, A. (2006), Prior distributions for variance
    parameters in hierarchical models, doi:10.1214/06-BA117A.

    Examples
    --------
    >>> found = shrink_levels(np.array([-1.0, 0.0, 0.2, 0.8]), np.diag([0.01, 0.01, 0.01, 9.0]))
    >>> [round(float(value), 1) for value in found.effects - found.effects.mean()]
    [-0.8, 0.2, 0.4, 0.2]
    """
    if len(effects) < LEAST_LEVELS:
        raise ValueError(f"{len(effects)} levels; shrinkage needs {LEAST_LEVELS} at least")
    basis = linalg.helmert(len(effects)).T
    inner = basis.T @ covariance @ basis
    variance, vectors = np.linalg.eigh((inner + inner.T) / 2)
    variance = np.clip(variance, 0.0, None)
    turned = vectors.T @ (basis.T @ effects)
    tau, weight = _posterior(turned, variance)
    kept = tau[:, None] ** 2 / (tau[:, None] ** 2 + variance)
    mean_kept = weight @ kept
    moved = (kept - mean_kept) * turned
    after = np.diag(mean_kept * variance) + (moved * weight[:, None]).T @ moved
    back = basis @ vectors
    posterior = back @ after @ back.T
    return Shrunk(back @ (mean_kept * turned), posterior, float(weight @ tau))


def _posterior(turned: Array, variance: Array) -> tuple[Array, Array]:
    """Return points of tau and their posterior probabilities under a flat prior, on a grid from 0 to infinity."""
    scale = np.sqrt(np.mean(turned**2) + np.mean(variance)) or 1.0
    place = (np.arange(POINTS) + 0.5) / POINTS
    tau = scale * place / (1 - place)
    total = tau[:, None] ** 2 + variance
    log = -0.5 * (np.log(total) + turned**2 / total).sum(axis=1) - 2 * np.log1p(-place)
    weight = np.exp(log - log.max())
    return tau, weight / weight.sum()
