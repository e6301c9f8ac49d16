"""A hierarchy of indicators: pillars over indicators, an index over pillars; weights down it and scores up it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Flags, Floats

MEANS = ("arithmetic", "geometric", "harmonic")
POWER: Mapping[str, float] = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


@dataclass(frozen=True, eq=False)
class Tree:
    """A hierarchy, from the leaves up.

    Attributes
    ----------
    nodes : tuple of str
        Leaves in their order, then aggregates, each after all that is beneath it; the last is the root.
    leaves : int
        Number of leaves.
    parent : ndarray of int, shape (nodes,)
        Place of each node's parent; -1 for the root.
    level : ndarray of int, shape (nodes,)
        1 for leaves, else one more than the highest child.
    weight : ndarray of shape (nodes,)
        Weight of each node among its siblings, any scale.
    sign : ndarray of shape (leaves,)
        -1 where lower is better.
    """

    nodes: tuple[str, ...]
    leaves: int
    parent: np.ndarray
    level: np.ndarray
    weight: Floats
    sign: Floats

    @property
    def aggregates(self) -> tuple[str, ...]:
        """Names of the nodes above the leaves."""
        return self.nodes[self.leaves :]


def read_tree(table: pd.DataFrame) -> Tree:
    """Read a hierarchy from a table.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per node: ``id``; ``parent`` (id, missing or empty for the one root); ``weight`` among its siblings (0 or
        more, default 1); ``direction`` of leaves (``"higher"`` or 1, ``"lower"`` or -1; default higher).

    Returns
    -------
    Tree

    Raises
    ------
    ValueError
        If a column is missing, an id stands twice, a parent is unknown, there is not exactly one root, the table goes
        round in a circle, or the weights of some siblings are negative, missing or all 0.
    """
    for name in ("id", "parent"):
        if name not in table:
            raise ValueError(f"tree has no column '{name}'.{did_you_mean(name, map(str, table.columns))['en']}")
    ids = [str(name) for name in table["id"]]
    if len(set(ids)) < len(ids):
        raise ValueError(f"tree: the id '{next(name for name in ids if ids.count(name) > 1)}' stands twice")
    above = {name: ("" if pd.isna(cell) else str(cell)) for name, cell in zip(ids, table["parent"], strict=True)}
    for name, over in above.items():
        if over and over not in above:
            raise ValueError(f"tree: the parent '{over}' of '{name}' is no id.{did_you_mean(over, ids)['en']}")
    roots = [name for name, over in above.items() if not over]
    if len(roots) != 1:
        raise ValueError(f"tree has {len(roots)} roots ({', '.join(roots[:3])}); exactly one node has no parent")
    level = _levels(above)
    order = sorted(ids, key=lambda name: (level[name], ids.index(name)))
    if len(order) < 2 or order[-1] != roots[0]:
        raise ValueError("tree: the root must have indicators beneath it")
    leaves = sum(level[name] == 1 for name in order)
    rows = table.set_axis(pd.Index(ids)).loc[order]
    place = {name: number for number, name in enumerate(order)}
    parent = np.array([place[above[name]] if above[name] else -1 for name in order])
    weight = rows["weight"].fillna(1.0).to_numpy(dtype=float) if "weight" in rows else np.ones(len(order))
    _check_weights(weight, parent, order)
    return Tree(tuple(order), leaves, parent, np.array([level[name] for name in order]), weight, _signs(rows, leaves))


def _levels(above: Mapping[str, str]) -> dict[str, int]:
    level = dict.fromkeys(above, 1)
    for _ in range(len(above) + 1):
        moved = False
        for name, parent in above.items():
            if parent and level[parent] <= level[name]:
                level[parent], moved = level[name] + 1, True
        if not moved:
            return level
    raise ValueError("tree goes round in a circle; no node may be its own ancestor")


def _check_weights(weight: Floats, parent: np.ndarray, order: list[str]) -> None:
    bad = ~np.isfinite(weight) | (weight < 0)
    if bad.any():
        raise ValueError(f"tree: the weight of '{order[int(bad.argmax())]}' is {weight[bad][0]}; allowed is 0 or more")
    for node in np.unique(parent[parent >= 0]):
        if weight[parent == node].sum() <= 0:
            raise ValueError(f"tree: all weights beneath '{order[node]}' are 0")


def _signs(rows: pd.DataFrame, leaves: int) -> Floats:
    if "direction" not in rows:
        return np.ones(leaves)
    known = {"higher": 1.0, "lower": -1.0, "1": 1.0, "-1": -1.0, "1.0": 1.0, "-1.0": -1.0}
    given = rows["direction"].iloc[:leaves]
    for name, cell in given.items():
        if pd.notna(cell) and str(cell) not in known:
            raise ValueError(f"tree: direction of '{name}' is {cell!r}; allowed: higher, lower, 1, -1")
    return np.array([1.0 if pd.isna(cell) else known[str(cell)] for cell in given])


def effective_weights(tree: Tree, weights: Floats) -> Floats:
    """Return each leaf's weight in the root, adding up to 1.

    Parameters
    ----------
    tree : Tree
        The hierarchy.
    weights : ndarray of shape (sets, nodes)
        Weights of the nodes among their siblings.

    Returns
    -------
    ndarray of shape (sets, leaves)
        Product of the shares on the way up to the root.
    """
    share = sibling_shares(tree, weights)
    for node in range(len(tree.nodes) - 2, -1, -1):
        share[:, node] *= share[:, tree.parent[node]]
    return share[:, : tree.leaves]


def sibling_shares(tree: Tree, weights: Floats) -> Floats:
    """Return the share of each node in the weight of its siblings.

    Parameters
    ----------
    tree : Tree
        The hierarchy.
    weights : ndarray of shape (sets, nodes)
        Weights of the nodes.

    Returns
    -------
    ndarray of shape (sets, nodes)
        1 for the root.
    """
    count = len(tree.nodes)
    child = np.zeros((count, count))
    child[np.arange(count - 1), tree.parent[:-1]] = 1.0
    sums = weights @ child
    share: Floats = np.ones(weights.shape)
    share[:, :-1] = weights[:, :-1] / sums[:, tree.parent[:-1]]
    return share


def raise_to(values: Floats, mean: str) -> Floats:
    """Return values in which a mean is a weighted sum: themselves, their logarithms or their reciprocals.

    Parameters
    ----------
    values : ndarray
        Above 0 unless the mean is arithmetic; NaN stays.
    mean : {"arithmetic", "geometric", "harmonic"}
        The mean.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If a value is 0 or less and the mean needs more.
    """
    if mean not in MEANS:
        raise ValueError(f"aggregation is {mean!r}.{did_you_mean(str(mean), MEANS)['en']}")
    if mean == "arithmetic":
        return values
    if (values <= 0).any():
        raise ValueError(
            f"the {mean} mean needs values above 0, found {np.nanmin(values):g}; use a scale from 1 to 100"
        )
    return np.log(values) if mean == "geometric" else 1.0 / values


def lower_from(sums: Floats, mean: str) -> Floats:
    """Undo `raise_to` after summing.

    Parameters
    ----------
    sums : ndarray
        Weighted sums.
    mean : {"arithmetic", "geometric", "harmonic"}
        The mean.

    Returns
    -------
    ndarray
    """
    if mean == "arithmetic":
        return sums
    return np.exp(sums) if mean == "geometric" else 1.0 / sums


def climb(tree: Tree, raised: Floats, weights: Floats) -> Floats:
    """Return weighted sums at every node; where a child is missing, its siblings share its weight.

    Parameters
    ----------
    tree : Tree
        The hierarchy.
    raised : ndarray of shape (units, leaves)
        Leaves from `raise_to`; NaN = missing.
    weights : ndarray of shape (nodes,)
        Weights among siblings.

    Returns
    -------
    ndarray of shape (units, nodes)
        NaN where nothing beneath a node is known.
    """
    sums = np.full((len(raised), len(tree.nodes)), np.nan)
    sums[:, : tree.leaves] = raised
    for node in range(tree.leaves, len(tree.nodes)):
        children = np.flatnonzero(tree.parent == node)
        known: Flags = ~np.isnan(sums[:, children])
        given = np.where(known, weights[children], 0.0)
        total = given.sum(axis=1)
        summed = (np.nan_to_num(sums[:, children]) * given).sum(axis=1)
        sums[:, node] = np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)
    return sums
