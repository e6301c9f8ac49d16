"""A composite under given choices of normalization, aggregation and weights, with every stage kept for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Floats
from kpi_research.weights.robustness.scales import Scale
from kpi_research.weights.robustness.tree import Tree, climb, effective_weights, lower_from, raise_to, read_tree


def composite_scores(
    values: pd.DataFrame, tree: pd.DataFrame, *, scale: Scale | None = None, aggregation: str = "arithmetic"
) -> pd.DataFrame:
    """Score units on every level of a hierarchy.

    Parameters
    ----------
    values : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per leaf of the tree in its own unit of measure; NaN = missing.
    tree : pandas.DataFrame
        ``id``, ``parent``, ``weight`` and ``direction``; see `read_tree`.
    scale : Scale, optional
        Normalization; default 0 to 100 from worst to best. The scale is fitted to the units given.
    aggregation : {"arithmetic", "geometric", "harmonic"}, default "arithmetic"
        Mean at every level.

    Returns
    -------
    pandas.DataFrame of shape (units, nodes above the leaves)
        On the scale chosen; where a child is missing, its siblings share its weight.

    Examples
    --------
    >>> values = pd.DataFrame({"a": [1.0, 3.0], "b": [5.0, 1.0]}, index=["North", "East"])
    >>> tree = pd.DataFrame({"id": ["a", "b", "all"], "parent": ["all", "all", None], "weight": [3.0, 1.0, 1.0]})
    >>> composite_scores(values, tree)["all"].tolist()
    [25.0, 75.0]
    """
    read = read_tree(tree)
    scaled = (scale or Scale("minmax")).apply(leaf_values(values, read))
    sums = climb(read, raise_to(scaled, aggregation), read.weight)[:, read.leaves :]
    return pd.DataFrame(lower_from(sums, aggregation), index=values.index, columns=list(read.aggregates))


def leaf_values(values: pd.DataFrame, tree: Tree) -> Floats:
    """Return the leaves of a tree as an array in which higher is better.

    Parameters
    ----------
    values : pandas.DataFrame
        Index: unit; a column per leaf.
    tree : Tree
        The hierarchy.

    Returns
    -------
    ndarray of shape (units, leaves)

    Raises
    ------
    ValueError
        If a leaf has no column or no value, a unit stands twice, or a value is infinite or no number.
    """
    names = tree.nodes[: tree.leaves]
    for name in names:
        if name not in values.columns:
            raise ValueError(f"values has no column '{name}'.{did_you_mean(name, map(str, values.columns))['en']}")
    if values.index.has_duplicates:
        raise ValueError(f"values: the unit '{values.index[values.index.duplicated()][0]}' stands twice")
    try:
        found = values[list(names)].to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"values must hold numbers: {error}") from error
    if not len(found) or np.isinf(found).any() or np.isnan(found).all(axis=0).any():
        raise ValueError("values must hold finite numbers, and for each indicator at least one that is not missing")
    return found * tree.sign


@dataclass(frozen=True, eq=False)
class Composite:
    """A composite whose choices are numbered, so that runs share all stages they have in common.

    Attributes
    ----------
    tree : Tree
        The hierarchy.
    values : ndarray of shape (units, leaves)
        Higher is better; NaN = missing.
    scales : tuple of Scale
        Normalizations to choose from.
    means : tuple of str
        Aggregations to choose from.
    weights : ndarray of shape (sets, nodes)
        Sets of weights to choose from.
    """

    tree: Tree
    values: Floats
    scales: tuple[Scale, ...]
    means: tuple[str, ...]
    weights: Floats

    def scores(self, scale: NDArray[np.int_], mean: NDArray[np.int_], weights: NDArray[np.int_]) -> Floats:
        """Score all units in many runs.

        Parameters
        ----------
        scale, mean, weights : ndarray of int, shape (runs,)
            Number of the choice in each run.

        Returns
        -------
        ndarray of shape (runs, units)
            Scores of the root.
        """
        found = np.zeros((len(scale), len(self.values)))
        gaps = bool(np.isnan(self.values).any())
        leaf_weights = None if gaps else effective_weights(self.tree, self.weights)
        for number in np.unique(scale):
            scaled = self.scales[number].apply(self.values)
            for which in np.unique(mean[scale == number]):
                runs = np.flatnonzero((scale == number) & (mean == which))
                raised = raise_to(scaled, self.means[which])
                if leaf_weights is not None:
                    sums = leaf_weights[weights[runs]] @ raised.T
                else:
                    sums = np.array([climb(self.tree, raised, self.weights[s])[:, -1] for s in weights[runs]])
                found[runs] = lower_from(sums, self.means[which])
        return found


def noisy_weights(tree: Tree, noise: float | Mapping[int, float], sets: int, rng: np.random.Generator) -> Floats:
    """Draw weights around those of a tree.

    Parameters
    ----------
    tree : Tree
        The hierarchy.
    noise : float or mapping of level to float
        Largest relative change, 0 to 1; a single number holds for every level, a mapping leaves other levels alone.
    sets : int
        Number of sets.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of shape (sets, nodes)
        Each weight times a factor drawn evenly from 1 - noise to 1 + noise.

    Raises
    ------
    ValueError
        If a level is not in the tree or a change is not within 0 to 1.
    """
    levels = sorted({int(level) for level in tree.level[:-1]})
    given = noise if isinstance(noise, Mapping) else dict.fromkeys(levels, noise)
    for level, value in given.items():
        if level not in levels:
            raise ValueError(f"noise names level {level}; the tree has levels {levels} beneath the root")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ValueError(f"noise at level {level} is {value!r}; allowed is 0 to 1")
    width = np.array([given.get(int(level), 0.0) for level in tree.level])
    return tree.weight * (1 + width * rng.uniform(-1, 1, size=(sets, len(tree.nodes))))


def ranks_of(scores: Floats) -> NDArray[np.int_]:
    """Return ranks of units in each run, 1 for the highest score; ties share the better rank.

    Parameters
    ----------
    scores : ndarray of shape (runs, units)
        Scores; NaN stands last.

    Returns
    -------
    ndarray of int, shape (runs, units)
    """
    filled = np.where(np.isnan(scores), -np.inf, scores)
    ordered = np.sort(filled, axis=1)
    units = filled.shape[1]
    shifted = np.array([np.searchsorted(row, own, side="right") for row, own in zip(ordered, filled, strict=True)])
    return 1 + units - shifted


def choices(scales: Sequence[Scale] | None, means: Sequence[str]) -> tuple[tuple[Scale, ...], tuple[str, ...]]:
    """Return the alternatives as tuples.

    Parameters
    ----------
    scales : sequence of Scale or None
        Normalizations; None takes 1 to 100 from worst to best, and mean 10 with standard deviation 2.
    means : sequence of str
        Aggregations.

    Returns
    -------
    tuple of Scale
    tuple of str

    Raises
    ------
    ValueError
        If one of them is empty.
    """
    found = (Scale("minmax", 1.0, 100.0), Scale("zscore", 10.0, 2.0)) if scales is None else tuple(scales)
    if not found or not means or isinstance(means, str):
        raise ValueError("scales and aggregations must each hold at least one choice, in a list")
    return found, tuple(means)
