"""Direct estimates from weighted answers: shares with Wilson's interval, means with Student's, both with a design effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.evaluators.answers import Answers
from kpi_research.scorecard.moderated import moderated_variance

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

SWEEPS = 30
"""Rounds in which the means of several margins are taken out of the answers in turn."""

LEAST_EFFECT = 0.5
"""Smallest design effect beside that of the weights: a gain by strata or margins is believed up to here."""


@dataclass(frozen=True, slots=True)
class Direct:
    """Estimates of each target and item.

    Attributes
    ----------
    estimate, se, low, high : numpy.ndarray, shape (cells,)
        NaN without answers. The standard error of a share is that of the interval's width, so that it is above 0 where
        all answers are alike.
    n : numpy.ndarray, shape (cells,)
        Answers.
    effective : numpy.ndarray, shape (cells,)
        Answers of a simple random sample that would say as much.
    variance : numpy.ndarray, shape (cells,)
        Variance of a single answer, steadied by the other targets, for pooling.
    """

    estimate: Array
    se: Array
    low: Array
    high: Array
    n: Array
    effective: Array
    variance: Array

    def moved(self, by: Array, variance: Array, bounds: tuple[float, float]) -> Direct:
        """Return estimates moved by an amount that is itself estimated.

        Parameters
        ----------
        by, variance : numpy.ndarray, shape (cells,)
            The amount and its variance.
        bounds : tuple of (float, float)
            Smallest and largest possible value.

        Returns
        -------
        Direct
        """
        if not by.any():
            return self
        ratio = np.sqrt(1 + np.divide(variance, self.se**2, out=np.zeros_like(variance), where=self.se > 0))
        ends = (self.estimate + by + ratio * (end - self.estimate) for end in (self.low, self.high))
        estimate, low, high = (np.clip(end, *bounds) for end in (self.estimate + by, *ends))
        return replace(self, estimate=estimate, se=self.se * ratio, low=low, high=high)


def direct_estimates(
    data: Answers,
    values: Array,
    weight: Array,
    cluster: IntArray,
    groups: Sequence[IntArray],
    share: bool,
    level: float,
    bounds: tuple[float, float],
) -> Direct:
    """Estimate every target and item.

    Parameters
    ----------
    data : Answers
        Rows with an answer.
    values, weight : numpy.ndarray, shape (rows,)
        Value (0 or 1 for shares) and weight of each.
    cluster : numpy.ndarray of int, shape (rows,)
        Codes of groups drawn as a whole.
    groups : sequence of numpy.ndarray of int, shape (rows,)
        Codes of strata and of margins to which weights were brought.
    share : bool
        Whether values are 0 or 1.
    level : float
        Confidence level.
    bounds : tuple of (float, float)
        Smallest and largest possible value.

    Returns
    -------
    Direct
        Where persons were drawn in clusters, intervals use t with the clusters of all targets less the targets.
    """
    n, total = data.total(np.ones(len(values))), data.total(weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = data.total(weight * values) / total
        kish = n * data.total(weight**2) / total**2
        spread = data.total(weight * (values - estimate[data.cell]) ** 2) / total * n / (n - 1)
    effect = _pooled_effect(data, values, weight, cluster, groups, n, kish, spread)
    effective = np.divide(n, kish * effect[data_item(data)], out=np.zeros_like(n), where=n > 0)
    variance, freedom = _steadied(data, spread, n, share, estimate)
    t = _quantile(level, _cluster_freedom(data, cluster))[data_item(data)]
    with np.errstate(invalid="ignore", divide="ignore"):
        if share:
            # Few clusters: fewer answers by (z / t)², after Korn and Graubard.
            low, high = wilson_limits(estimate, effective * (_quantile(level, np.inf) / t) ** 2, level)
            se = (high - low) / (2 * float(stats.norm.isf((1 - level) / 2)))
        else:
            se = np.sqrt(variance / effective)
            half = np.maximum(_quantile(level, np.maximum(freedom, 1.0)), t) * se
            low, high = np.maximum(estimate - half, bounds[0]), np.minimum(estimate + half, bounds[1])
    return Direct(estimate, se, low, high, n, effective, variance)


def data_item(data: Answers) -> IntArray:
    """Return the item of each cell.

    Parameters
    ----------
    data : Answers
        The answers.

    Returns
    -------
    numpy.ndarray of int, shape (cells,)
    """
    return np.tile(np.arange(len(data.items)), len(data.targets))


def wilson_limits(share: Array, n: Array, level: float) -> tuple[Array, Array]:
    """Return Wilson's intervals of shares at effective sample sizes.

    Parameters
    ----------
    share, n : numpy.ndarray
        Shares, 0 to 1, and answers; may be no whole numbers.
    level : float
        Confidence level.

    Returns
    -------
    low, high : numpy.ndarray
        NaN without answers.

    References
    ----------
    Wilson, E. B. (1927), doi:10.1080/01621459.1927.10502953; at an effective size: Korn, E. L. & Graubard, B. I. (1998),
    Survey Methodology 24:193-201.
    """
    z = float(stats.norm.isf((1 - level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 + z * z / n
        middle = (share + z * z / (2 * n)) / scale
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _pooled_effect(
    data: Answers, values: Array, weight: Array, cluster: IntArray, groups: Sequence[IntArray], n: Array, kish: Array,
    spread: Array,
) -> Array:  # fmt: skip
    """Return, for each item, the design effect of clusters, strata and margins, pooled over targets."""
    rest = values - (data.total(weight * values) / np.maximum(data.total(weight), 1e-300))[data.cell]
    sets = [data.cell * (int(group.max(initial=0)) + 1) + group for group in groups]
    for _ in range(SWEEPS if len(sets) > 1 else len(sets)):
        for group in sets:
            size = np.bincount(group, weight)
            rest = rest - (np.bincount(group, weight * rest) / np.maximum(size, 1e-300))[group]
    freedom = np.ones(data.cells)
    if len(sets):
        levels = np.zeros(data.cells)
        for group in sets:
            first = np.unique(group, return_index=True)[1]
            levels += np.bincount(data.cell[first], minlength=data.cells) - 1
        freedom = np.where(n - 1 - levels > 0, (n - 1) / np.maximum(n - 1 - levels, 1.0), 1.0)
    joint, index = np.unique(data.cell * (int(cluster.max(initial=0)) + 1) + cluster, return_inverse=True)
    cell_of = joint // (int(cluster.max(initial=0)) + 1)
    square = np.bincount(cell_of, np.bincount(index, weight * rest) ** 2, minlength=data.cells)
    clusters = np.bincount(cell_of, minlength=data.cells)
    total = data.total(weight)
    used = (n > 1) & (clusters > 1) & (spread > 0)
    found = square * clusters / np.maximum(clusters - 1, 1) / np.where(used, total, 1.0) ** 2 * freedom
    plain = np.where(used, np.nan_to_num(spread * kish) / np.maximum(n, 1.0), 0.0)
    # Each target counts with its number of answers, as in a pooled variance.
    item = data_item(data)
    top = np.bincount(item, np.where(used, found, 0.0) * n * n, minlength=len(data.items))
    below = np.bincount(item, plain * n * n, minlength=len(data.items))
    effect = np.divide(top, below, out=np.ones_like(top), where=below > 0)
    return np.asarray(np.maximum(effect, LEAST_EFFECT), dtype=np.float64)


def _quantile(level: float, freedom: Array | float) -> Array:
    return np.asarray(stats.t.isf((1 - level) / 2, freedom), dtype=np.float64)


def _cluster_freedom(data: Answers, cluster: IntArray) -> Array:
    """Return the degrees of freedom of each item's design effect: infinite where nobody shares a cluster."""
    size = int(cluster.max(initial=0)) + 1
    joint = np.unique(data.cell * size + cluster) // size
    clusters, answers = np.bincount(joint, minlength=data.cells), data.total(np.ones(len(cluster)))
    item = data_item(data)
    free = np.bincount(item, np.maximum(clusters - 1, 0), minlength=len(data.items))
    shared = np.bincount(item, answers - clusters, minlength=len(data.items)) > 0
    return np.where(shared, np.maximum(free, 1.0), np.inf)


def _steadied(data: Answers, spread: Array, n: Array, share: bool, estimate: Array) -> tuple[Array, Array]:
    """Return the variance of a single answer in each cell and its degrees of freedom."""
    variance, freedom = np.full(data.cells, np.nan), np.maximum(n - 1, 0.0)
    item = data_item(data)
    for number in range(len(data.items)):
        rows = item == number
        here = rows & (n > 0)
        if share and here.any():
            pooled = float(np.average(estimate[here], weights=n[here]))
            half = (pooled * n[here].sum() + 1) / (n[here].sum() + 2)
            variance[rows] = half * (1 - half)
        elif (freedom[rows] > 0).any():
            found = moderated_variance(np.nan_to_num(spread[rows]), freedom[rows], float(freedom[rows].sum()))
            variance[rows], freedom[rows] = found.variance, found.dof
    return variance, freedom
