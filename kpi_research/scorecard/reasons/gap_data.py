"""Units, their outcomes and the indices of their causes, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.moderated import moderated_variance
from kpi_research.scorecard.reasons.frames import labels, numbers
from kpi_research.scorecard.reasons.words import cause_text
from kpi_research.study.findings import Finding, finding

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
CONSTANT = 1e-9
"""A column whose spread between units is below this share of its size counts as constant."""


@dataclass(frozen=True)
class GapData:
    """What the comparison of units rests on.

    Attributes
    ----------
    units, groups : pandas.Index
        Units with all values, sorted; names of the groups of peers.
    group : numpy.ndarray of int, shape (n,)
        Position of each unit's group in ``groups``.
    outcome, outcome_se : numpy.ndarray, shape (n,)
        Mean outcome of each unit and its standard error; 0 where it is unknown.
    index, index_se : numpy.ndarray, shape (n, K)
        Index of each cause, and the standard error that the ups and downs of the rows give it.
    causes : tuple of str
        Names of the K causes.
    loadings : pandas.DataFrame
        ``cause``, ``column``, ``loading`` (weight of the standardized column in the index of the cause).
    findings : tuple of Finding
        Units and causes that were left out.
    """

    units: pd.Index
    groups: pd.Index
    group: Ints
    outcome: Array
    outcome_se: Array
    index: Array
    index_se: Array
    causes: tuple[str, ...]
    loadings: pd.DataFrame
    findings: tuple[Finding, ...]


def gather_gaps(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    causes: Mapping[str, Sequence[str]],
    peers: str | None,
    weight: str | None,
) -> GapData:
    """Lay out the rows of units as one row per unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period, or finer.
    outcome, unit : str
        Columns.
    causes : mapping of str to sequence of str
        Columns of each cause.
    peers, weight : str or None
        Column of the group of peers; column of the number of answers behind each outcome.

    Returns
    -------
    GapData

    Raises
    ------
    ValueError
        If a label is missing, a unit stands in two groups, a weight is negative, or a column holds no numbers.
    """
    names = labels(frame, unit, "unit")
    groups = pd.Series("", index=frame.index) if peers is None else labels(frame, peers, "peers")
    _one_group_each(names, groups)
    code, units = pd.factorize(names, sort=True)
    level, level_se, known = _outcome_levels(frame, outcome, weight, code, len(units))
    columns = list(dict.fromkeys(column for given in causes.values() for column in given))
    means, errors = _means(np.column_stack([numbers(frame, column) for column in columns]), code, len(units))
    keep = known & np.isfinite(means).all(axis=1)
    of_unit = groups.groupby(code).first().to_numpy()
    group, group_names = pd.factorize(of_unit[keep], sort=True)
    found = [] if keep.all() else [_left_out(units[~keep])]
    within = _around_peers(means[keep], group)
    parts = {name: [columns.index(column) for column in given] for name, given in causes.items()}
    index, index_se, loadings, more = _indices(within, means[keep], errors[keep], parts, columns)
    data = (group.astype(np.intp), level[keep], level_se[keep], index, index_se)
    return GapData(pd.Index(units[keep]), pd.Index(group_names), *data, tuple(causes), loadings, (*found, *more))


def _one_group_each(names: pd.Series, groups: pd.Series) -> None:
    spread = groups.groupby(names).nunique()
    if (spread > 1).any():
        raise ValueError(f"peers: unit {spread.idxmax()!r} stands in {spread.max()} groups; each unit needs one")


def _left_out(units: pd.Index) -> Finding:
    shown = ", ".join(map(str, units[:8])) + (" …" if len(units) > 8 else "")
    return finding("gap-units-left-out", count=len(units), units=shown)


def _outcome_levels(
    frame: pd.DataFrame, outcome: str, weight: str | None, code: Ints, count: int
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return weighted means, their standard errors (0 where unknown), and which units have one."""
    values = numbers(frame, outcome)
    given = np.ones(len(frame)) if weight is None else numbers(frame, weight)
    if (given < 0).any():
        raise ValueError(f"weight: column '{weight}' is below 0 in {int((given < 0).sum())} rows; allowed: 0 or above")
    given = np.where(np.isfinite(values) & np.isfinite(given), given, 0.0)
    filled = np.where(given > 0, values, 0.0)
    total = np.bincount(code, given, count)
    mean = np.divide(np.bincount(code, given * filled, count), total, out=np.full(count, np.nan), where=total > 0)
    squares = np.bincount(code, given * (filled - mean[code]) ** 2, count)
    dof = np.maximum(np.bincount(code, given > 0, count) - 1.0, 0.0)
    per_row = np.divide(squares, dof, out=np.zeros(count), where=dof > 0)
    if not (per_row > 0).any():
        return mean, np.zeros(count), total > 0
    variance = moderated_variance(per_row, dof, float(dof.sum())).variance
    error = np.sqrt(np.divide(variance, total, out=np.zeros(count), where=total > 0))
    return mean, error, total > 0


def _means(values: Array, code: Ints, count: int) -> tuple[Array, Array]:
    """Return the mean of each column per unit, and its standard error from the variance within units in common."""
    means, errors = np.full((count, values.shape[1]), np.nan), np.zeros((count, values.shape[1]))
    for position, column in enumerate(values.T):
        seen = np.isfinite(column)
        rows = np.bincount(code[seen], minlength=count).astype(float)
        total = np.bincount(code[seen], column[seen], count)
        np.divide(total, rows, out=means[:, position], where=rows > 0)
        left = column[seen] - means[code[seen], position]
        dof = float(np.maximum(rows - 1, 0).sum())
        if dof > 0:
            spread = float((left**2).sum()) / dof
            errors[:, position] = np.sqrt(np.divide(spread, rows, out=np.zeros(count), where=rows > 0))
    return means, errors


def _around_peers(values: Array, group: Ints) -> Array:
    out = values.copy()
    for member in np.unique(group):
        out[group == member] -= values[group == member].mean(axis=0)
    return out


def _indices(
    within: Array, means: Array, errors: Array, parts: Mapping[str, list[int]], columns: list[str]
) -> tuple[Array, Array, pd.DataFrame, list[Finding]]:
    """Return one index per cause: the first principal component of its standardized columns among peers."""
    spread = within.std(axis=0)
    varies = spread > CONSTANT * np.maximum(np.abs(means).max(axis=0, initial=0.0), 1e-300)
    index, index_se = np.zeros((len(within), len(parts))), np.zeros((len(within), len(parts)))
    rows, found = [], []
    for position, (cause, places) in enumerate(parts.items()):
        used = [place for place in dict.fromkeys(places) if varies[place]]
        if not used:
            found.append(finding("gap-cause-constant", cause=cause_text(cause)))
            continue
        loading = _first_component(within[:, used] / spread[used])
        index[:, position] = (means[:, used] - means[:, used].mean(axis=0)) / spread[used] @ loading
        index_se[:, position] = np.sqrt((errors[:, used] / spread[used]) ** 2 @ loading**2)
        rows += [(cause, columns[place], value) for place, value in zip(used, loading, strict=True)]
    return index, index_se, pd.DataFrame(rows, columns=["cause", "column", "loading"]), found


def _first_component(standardized: Array) -> Array:
    """Return the loadings of the first principal component, the largest one positive."""
    loading = np.linalg.svd(standardized, full_matrices=False)[2][0]
    return np.asarray(loading * np.sign(loading[np.argmax(np.abs(loading).round(9))]))
