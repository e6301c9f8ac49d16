"""Partial pooling of targets: each estimate drawn toward the mean of all as far as its own answers are few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.fay_herriot import fay_herriot
from kpi_research.scorecard.evaluators.direct import Direct

Array = NDArray[np.float64]

LEAST_TARGETS = 5
"""Fewest targets from which the spread between targets is read."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Pooled estimates of one item.

    Attributes
    ----------
    estimate, se, low, high : numpy.ndarray, shape (targets,)
        NaN where targets are too few; a target without answers gets the mean of all.
    own : numpy.ndarray, shape (targets,)
        Weight of the target's own answers, 0 to 1: the reliability of its direct estimate.
    between : float
        Standard deviation between targets.
    """

    estimate: Array
    se: Array
    low: Array
    high: Array
    own: Array
    between: float


def pool_targets(estimate: Array, variance: Array, level: float, bounds: tuple[float, float]) -> Pooled:
    """Pool the estimates of one item.

    Parameters
    ----------
    estimate : numpy.ndarray, shape (targets,)
        Direct estimates, NaN without answers.
    variance : numpy.ndarray, shape (targets,)
        Their variances, those of a single answer being steadied by all targets.
    level : float
        Confidence level.
    bounds : tuple of (float, float)
        Smallest and largest possible value.

    Returns
    -------
    Pooled

    References
    ----------
    Fay, R. E. & Herriot, R. A. (1979), doi:10.1080/01621459.1979.10482505.
    """
    known = np.isfinite(estimate) & (variance > 0)
    none = np.full(len(estimate), np.nan)
    if known.sum() < LEAST_TARGETS:
        return Pooled(none, none, none, none, none, float("nan"))
    found = fay_herriot(np.where(known, estimate, np.nan), np.where(known, variance, np.nan), np.ones((len(known), 1)))
    se = np.sqrt(found.mse)
    half = float(stats.norm.isf((1 - level) / 2)) * se
    low, high = np.maximum(found.estimate - half, bounds[0]), np.minimum(found.estimate + half, bounds[1])
    return Pooled(found.estimate, se, low, high, found.weight, float(np.sqrt(found.tau2)))


def sampling_variance(direct: Direct, extra: Array) -> Array:
    """Return the variance of direct estimates that pooling takes as known.

    Parameters
    ----------
    direct : Direct
        Direct estimates.
    extra : numpy.ndarray, shape (cells,)
        Variance that an adjustment adds.

    Returns
    -------
    numpy.ndarray, shape (cells,)
        NaN without answers.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(direct.effective > 0, direct.variance / direct.effective + extra, np.nan)
