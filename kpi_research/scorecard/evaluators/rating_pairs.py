"""Ratings as a user gives them, brought to one mean per rater and target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from kpi_research.scorecard.evaluators.arguments import numbers
from kpi_research.scorecard.evaluators.crossed import Pairs
from kpi_research.study.frame_checks import require_columns


@dataclass(frozen=True)
class RatingPairs:
    """Mean ratings with their labels.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per kind, rater and target: ``kind``, ``rater``, ``target``, ``mean`` (items at their common level),
        ``ratings`` (number), ``occasions``, ``family`` (kinds that rate the same targets, from 1).
    dropped : int
        Ratings left out because a value is missing.
    """

    frame: pd.DataFrame
    dropped: int


def read_pairs(
    ratings: pd.DataFrame, *, rater: str, target: str, rating: str, kind: str | None, item: str | None
) -> RatingPairs:
    """Check ratings and take the mean of each rater and target.

    Parameters
    ----------
    ratings, rater, target, rating, kind, item
        As in `rater_severity`.

    Returns
    -------
    RatingPairs

    Raises
    ------
    TypeError, ValueError
        As in `rater_severity`.
    """
    require_columns(
        ratings, "ratings", {"rater": rater, "target": target, "rating": rating, "kind": kind, "item": item}
    )
    data = pd.DataFrame({"rater": ratings[rater].array, "target": ratings[target].array})
    data["rating"] = numbers(ratings, rating)
    data["kind"] = ratings[kind].array if kind else "all"
    data["item"] = ratings[item].array if item else ""
    kept = data.dropna()
    if kept.empty:
        raise ValueError("ratings has no row in which rater, target and rating are all given")
    kept = kept.assign(rating=kept["rating"].to_numpy() - _item_effects(kept))
    groups = kept.groupby(["kind", "rater", "target"], sort=True, observed=True)
    frame = groups.agg(mean=("rating", "mean"), ratings=("rating", "size"), items=("item", "nunique")).reset_index()
    frame["occasions"] = frame["ratings"] / frame.pop("items")
    frame["family"] = _families(frame)
    return RatingPairs(frame, len(data) - len(kept))


def coded(frame: pd.DataFrame) -> tuple[Pairs, list[str], pd.DataFrame, pd.Index]:
    """Return pairs as arrays, with the labels of kinds, raters (kind and rater) and targets.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of `RatingPairs` of one family.

    Returns
    -------
    pairs : Pairs
    kinds : list of str
    raters : pandas.DataFrame
        ``kind`` and ``rater`` of each rater code.
    targets : pandas.Index
    """
    kind, kinds = pd.factorize(frame["kind"], sort=True)
    target, targets = pd.factorize(frame["target"], sort=True)
    rater = frame.groupby(["kind", "rater"], sort=True, observed=True).ngroup().to_numpy()
    raters = frame[["kind", "rater"]].drop_duplicates().sort_values(["kind", "rater"], ignore_index=True)
    mean, occasions = (frame[name].to_numpy(dtype=float) for name in ("mean", "occasions"))
    codes = (np.asarray(found, dtype=np.intp) for found in (target, rater, kind))
    return Pairs(mean, occasions, *codes), [str(name) for name in kinds], raters, pd.Index(targets)


def _item_effects(data: pd.DataFrame) -> NDArray[np.float64]:
    """Return for each rating how much higher its item is rated than the mean item, by the same raters and targets."""
    item, items = pd.factorize(data["item"], sort=True)
    if len(items) < 2:
        return np.zeros(len(data))
    cell = data.groupby(["kind", "rater", "target"], sort=False, observed=True).ngroup().to_numpy()
    count = np.bincount(cell)
    dummies = np.zeros((len(data), len(items)))
    dummies[np.arange(len(data)), item] = 1.0
    columns = np.column_stack([dummies, data["rating"].to_numpy()])
    for column in columns.T:
        column -= (np.bincount(cell, column) / count)[cell]
    found, *_ = np.linalg.lstsq(columns[:, :-1], columns[:, -1], rcond=None)
    return np.asarray((found - found @ dummies.mean(axis=0))[item], dtype=np.float64)


def _families(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Number the sets of kinds that are connected by common targets."""
    kind, _ = pd.factorize(frame["kind"], sort=True)
    target, targets = pd.factorize(frame["target"], sort=True)
    size = len(targets) + int(kind.max()) + 1
    links = sparse.coo_array((np.ones(len(frame)), (target, len(targets) + kind)), shape=(size, size))
    _, component = sparse.csgraph.connected_components(links, directed=False)
    found, _ = pd.factorize(component[len(targets) + kind], sort=False)
    return np.asarray(found + 1, dtype=np.int64)
