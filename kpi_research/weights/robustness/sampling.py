"""Uniform samples of admissible weights by hit-and-run, many chains at once, with what the sample is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.weights.limits import Floats
from kpi_research.weights.robustness.polytope import Polytope

CHAINS = 64
WARM_UP = 200
"""Steps of each round of warm-up per dimension, at least; two rounds adapt the directions to the polytope's shape."""

_REFRESH = 500
_EDGE = 1e-12


@dataclass(frozen=True, eq=False)
class Sample:
    """Weights drawn from a polytope.

    Attributes
    ----------
    weights : ndarray of shape (chains, draws, indicators)
        Points; each chain started at another point and is independent of the others.
    effective : float
        Effective sample size of the weight that mixes worst.
    shrink : float
        Split R-hat of that weight, 1 where chains agree.
    """

    weights: Floats
    effective: float
    shrink: float

    @property
    def flat(self) -> Floats:
        """All draws, shape (chains * draws, indicators)."""
        return self.weights.reshape(-1, self.weights.shape[2])


def sample_weights(region: Polytope, draws: int, thin: int, seed: int) -> Sample:
    """Draw weights uniformly from a polytope.

    Parameters
    ----------
    region : Polytope
        The admissible weights.
    draws : int
        Draws kept in all, rounded up to a multiple of the 64 chains.
    thin : int
        Steps between draws that are kept; a plain simplex is drawn independently and needs none.
    seed : int
        Seed of the generator.

    Returns
    -------
    Sample

    Notes
    -----
    Hit-and-run (Smith 1984, doi:10.1287/opre.32.6.1296; for weights under rules Tervonen, van Valkenhoef, Basturk &
    Postmus 2013, doi:10.1016/j.ejor.2012.08.026), with directions scaled by the covariance of a warm-up.
    """
    rng, each = np.random.default_rng(seed), -(-draws // CHAINS)
    dimensions = region.basis.shape[1]
    if dimensions == 0:
        return Sample(np.broadcast_to(region.start, (CHAINS, each, len(region.start))).copy(), np.inf, 1.0)
    if region.simplex:
        weights = 100.0 * rng.dirichlet(np.ones(len(region.start)), size=(CHAINS, each))
        return Sample(weights, *worth(weights))
    points: Floats = np.zeros((dimensions, CHAINS))
    shape: Floats = np.eye(dimensions)
    steps = WARM_UP + 20 * dimensions
    for _ in range(2):
        path, points = _walk(region, points, shape, steps, 2, rng)
        later = path[len(path) // 2 :].transpose(0, 2, 1).reshape(-1, dimensions)
        shape = np.asarray(
            np.linalg.cholesky(np.cov(later.T).reshape(dimensions, dimensions) + 1e-12 * np.eye(dimensions)),
            dtype=float,
        )
    path, _ = _walk(region, points, shape, each * thin, thin, rng)
    weights = region.start + path.transpose(2, 0, 1) @ region.basis.T
    return Sample(weights, *worth(weights))


def _walk(
    region: Polytope, points: Floats, shape: Floats, steps: int, thin: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move all chains; return every ``thin``-th position, shape (kept, dimensions, chains), and the last."""
    kept = []
    height = region.rows @ points
    for step in range(1, steps + 1):
        directions = shape @ rng.standard_normal(points.shape)
        rise = region.rows @ directions
        left = np.maximum(region.room[:, None] - height, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = left / rise
        ahead = np.where(rise > _EDGE, reach, np.inf).min(axis=0)
        behind = np.where(rise < -_EDGE, reach, -np.inf).max(axis=0)
        length = behind + (ahead - behind) * rng.random(points.shape[1])
        points = points + directions * length
        height = region.rows @ points if step % _REFRESH == 0 else height + rise * length
        if step % thin == 0:
            kept.append(points)
    return np.array(kept), points


def worth(draws: Floats) -> tuple[float, float]:
    """Return the effective sample size and split R-hat of the quantity that mixes worst.

    Parameters
    ----------
    draws : ndarray of shape (chains, draws, quantities)
        The chains.

    Returns
    -------
    effective : float
    shrink : float

    Notes
    -----
    Gelman et al. 2013, Bayesian Data Analysis, 11.4-11.5: split chains; autocorrelations summed to the first negative
    pair (Geyer 1992, doi:10.1214/ss/1177011137).
    """
    half = draws.shape[1] // 2
    if half < 2:
        return float(draws.shape[0] * draws.shape[1]), 1.0
    chains = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    moves = np.ptp(chains, axis=(0, 1)) > 1e-9
    if not moves.any():
        return float("inf"), 1.0
    chains = chains[:, :, moves]
    within = chains.var(axis=1, ddof=1).mean(axis=0)
    total = within * (half - 1) / half + chains.mean(axis=1).var(axis=0, ddof=1)
    correlation = 1 - (within - _autocovariance(chains)) / total
    effective = np.array([_effective(row, len(chains) * half) for row in correlation.T])
    worst = int(effective.argmin())
    return float(effective[worst]), float(np.sqrt(total[worst] / within[worst]))


def _autocovariance(chains: Floats) -> Floats:
    """Return mean autocovariances over chains, shape (lags, quantities)."""
    draws = chains.shape[1]
    centered = chains - chains.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centered, 2 * draws, axis=1)
    found = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :draws].mean(axis=0)
    return np.asarray(found / draws)


def _effective(correlation: Floats, size: int) -> float:
    pairs = correlation[: len(correlation) // 2 * 2].reshape(-1, 2).sum(axis=1)
    stop = int((pairs < 0).argmax()) if (pairs < 0).any() else len(pairs)
    falling = np.minimum.accumulate(pairs[:stop])
    return size / max(2.0 * float(falling.sum()) - 1.0, 1.0 / np.log10(max(size, 10)))
