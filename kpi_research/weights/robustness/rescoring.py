"""Monte Carlo over normalization, aggregation and weights: what the ranks owe to choices of method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.limits import Floats
from kpi_research.weights.robustness.composite import Composite, choices, leaf_values, noisy_weights, ranks_of
from kpi_research.weights.robustness.scales import Scale
from kpi_research.weights.robustness.sobol import SobolIndices, sobol_indices
from kpi_research.weights.robustness.tree import read_tree

MEANS = ("arithmetic", "geometric")


@dataclass(frozen=True)
class Rescoring(Result):
    """Ranks over runs with other choices of method.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``rank`` (under the first normalization, the first aggregation and the weights
        given); ``mean_rank``, ``median_rank``; ``low``, ``high`` (quantiles at the level asked for).
    findings : tuple of Finding
        How far ranks move.
    scores : pandas.DataFrame of shape (runs, units)
        Score of the root in each run, on the scale of that run.
    runs : pandas.DataFrame
        The choices of each run: ``normalization``, ``aggregation``.
    """

    scores: pd.DataFrame
    runs: pd.DataFrame


def rescore(
    values: pd.DataFrame,
    tree: pd.DataFrame,
    *,
    scales: Sequence[Scale] | None = None,
    aggregations: Sequence[str] = MEANS,
    noise: float | Mapping[int, float] = 0.25,
    runs: int = 1000,
    level: float = 0.9,
    seed: int = 0,
) -> Rescoring:
    """Score units again and again with choices of method drawn at random.

    Parameters
    ----------
    values : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per leaf of the tree in its own unit of measure; NaN = missing.
    tree : pandas.DataFrame
        ``id``, ``parent``, ``weight`` and ``direction``; see `kpi_research.weights.robustness.tree.read_tree`.
    scales : sequence of Scale, optional
        Normalizations, equally likely; the first is the reference. Default: 1 to 100 from worst to best, and mean 10
        with standard deviation 2.
    aggregations : sequence of {"arithmetic", "geometric", "harmonic"}
        Means at every level, equally likely; the first is the reference.
    noise : float or mapping of level to float, default 0.25
        Largest relative change of weights, 0 to 1, at every or at single levels (leaves are level 1).
    runs : int, default 1000
        Number of runs, at least 1.
    level : float, default 0.9
        Level of the quantiles of ranks, between 0 and 1.
    seed : int, default 0
        Seed of the generator.

    Returns
    -------
    Rescoring

    Raises
    ------
    ValueError
        If an argument is out of range, or values and tree do not belong together.

    Notes
    -----
    Uncertainty analysis of composite indicators (Saisana, Saltelli & Tarantola 2005,
    doi:10.1111/j.1467-985X.2005.00350.x). Runs with the same normalization share its result; with one mean on all
    levels the root is a single matrix product of leaf weights and transformed leaves.

    Examples
    --------
    >>> values = pd.DataFrame({"a": [1.0, 3.0, 2.0], "b": [1.0, 5.0, 2.0]}, index=["North", "East", "South"])
    >>> tree = pd.DataFrame({"id": ["a", "b", "all"], "parent": ["all", "all", None]})
    >>> rescore(values, tree, runs=50).table["rank"].tolist()
    [3, 1, 2]
    """
    _check(runs, level, seed)
    given, means = choices(scales, aggregations)
    rng, read = np.random.default_rng(seed), read_tree(tree)
    sets = np.vstack([read.weight, noisy_weights(read, noise, runs, rng)])
    composite = Composite(read, leaf_values(values, read), given, means, sets)
    scale, mean = (np.append(0, rng.integers(0, len(part), runs)) for part in (given, means))
    scores = composite.scores(scale, mean, np.arange(runs + 1))
    ranks = ranks_of(scores)
    table = _table(values.index, ranks, level)
    moved = np.abs(ranks[1:] - ranks[0])
    facts = {"runs": runs, "mean": f"{moved.mean():.2g}", "most": int(moved.max())}
    chosen = pd.DataFrame(
        {"normalization": [given[s].method for s in scale[1:]], "aggregation": [means[m] for m in mean[1:]]}
    )
    frame = pd.DataFrame(scores[1:], columns=values.index)
    return Rescoring(table, (finding("rescoring-moves-ranks", Where(), **facts),), frame, chosen)


def _table(units: pd.Index, ranks: np.ndarray, level: float) -> pd.DataFrame:
    drawn = ranks[1:]
    low, high = (np.quantile(drawn, (1 + sign * level) / 2, axis=0, method="inverted_cdf") for sign in (-1, 1))
    return pd.DataFrame(
        {
            "unit": units,
            "rank": ranks[0],
            "mean_rank": drawn.mean(axis=0),
            "median_rank": np.median(drawn, axis=0),
            "low": low.astype(int),
            "high": high.astype(int),
        }
    )


def _check(runs: object, level: object, seed: object) -> None:
    for name, value, least in (("runs", runs, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must lie between 0 and 1")


def choices_that_move_ranks(
    values: pd.DataFrame,
    tree: pd.DataFrame,
    *,
    scales: Sequence[Scale] | None = None,
    aggregations: Sequence[str] = MEANS,
    noise: float | Mapping[int, float] = 0.25,
    sets: int = 256,
    size: int = 1024,
    seed: int = 0,
) -> SobolIndices:
    """Find out which choice of method moves ranks most: Sobol indices of the mean absolute rank shift.

    Parameters
    ----------
    values, tree, scales, aggregations, noise
        As for `rescore`.
    sets : int, default 256
        Sets of weights to choose from.
    size : int, default 1024
        Base sample, a power of 2; 5 times as many runs are scored.
    seed : int, default 0
        Seed of the generator.

    Returns
    -------
    SobolIndices
        Factors ``normalization``, ``aggregation`` and ``weights``.
    """
    given, means = choices(scales, aggregations)
    read = read_tree(tree)
    drawn = np.vstack([read.weight, noisy_weights(read, noise, sets, np.random.default_rng(seed))])
    composite = Composite(read, leaf_values(values, read), given, means, drawn)
    counts = np.array([len(given), len(means), sets])
    reference = ranks_of(composite.scores(*np.zeros((3, 1), dtype=int)))[0]

    def shift(points: Floats) -> Floats:
        chosen = np.minimum((points * counts).astype(int), counts - 1)
        distinct, back = np.unique(chosen, axis=0, return_inverse=True)
        ranks = ranks_of(composite.scores(distinct[:, 0], distinct[:, 1], 1 + distinct[:, 2]))
        return np.abs(ranks - reference).mean(axis=1)[back.ravel()]

    return sobol_indices(shift, ["normalization", "aggregation", "weights"], size=size, seed=seed)
