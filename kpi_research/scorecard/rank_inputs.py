"""Estimates and their errors as a user gives them, checked and in an order that does not depend on the user's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpi_research.scorecard.draws import Draws, FloatArray, independent_draws, joint_draws, replicate_draws

LEAST_REPLICATES = 100
"""Fewest bootstrap replicates from which a tail can be read."""


@dataclass(frozen=True, slots=True)
class RankInputs:
    """Checked arguments of `rank_sets`, sorted by the label of the unit.

    Attributes
    ----------
    labels : pandas.Index
        Labels of the units.
    estimate : numpy.ndarray, shape (p,)
        Estimates.
    se, dof : numpy.ndarray, shape (p,), or None
        Standard errors and their degrees of freedom.
    cov : numpy.ndarray, shape (p, p), or None
        Covariance matrix.
    replicates : numpy.ndarray, shape (R, p), or None
        Bootstrap replicates of the estimates.
    given : numpy.ndarray of int, shape (p,)
        Row of each unit in the order in which the user gave them.
    """

    labels: pd.Index
    estimate: FloatArray
    se: FloatArray | None
    dof: FloatArray | None
    cov: FloatArray | None
    replicates: FloatArray | None
    given: NDArray[np.intp]

    def simulate(self, draws: int, seed: int) -> Draws:
        """Return simulated errors.

        Parameters
        ----------
        draws : int
            Number of draws; with replicates, their own number counts.
        seed : int
            Seed.

        Returns
        -------
        Draws
        """
        if self.replicates is not None:
            return replicate_draws(self.replicates)
        if self.cov is not None:
            return joint_draws(self.cov, draws, seed)
        se = self.se if self.se is not None else np.zeros(len(self.estimate))
        return independent_draws(se, self.dof, draws, seed)


def read_rank_inputs(
    estimate: pd.Series | ArrayLike,
    se: pd.Series | ArrayLike | None,
    cov: pd.DataFrame | ArrayLike | None,
    dof: pd.Series | ArrayLike | float | None,
    replicates: pd.DataFrame | ArrayLike | None = None,
) -> RankInputs:
    """Check the arguments of `rank_sets` and bring them into one order.

    Parameters
    ----------
    estimate, se, cov, dof, replicates
        As in `rank_sets`.

    Returns
    -------
    RankInputs

    Raises
    ------
    ValueError
        If there are no units, a label stands twice, a value is missing or out of range, or shapes disagree.
    """
    named = _labelled(estimate)
    if sum(errors is not None for errors in (se, cov, replicates)) != 1:
        raise ValueError(
            "give exactly one of se and cov (or replicates): the errors of the estimates decide which ranks are possible"
        )
    if se is None and dof is not None:
        raise ValueError("dof goes with se only: a covariance matrix counts as known")
    order = np.array(sorted(range(len(named)), key=lambda row: _sort_key(named.index[row])))
    return RankInputs(
        labels=named.index[order],
        estimate=named.to_numpy()[order],
        se=None if se is None else _per_unit(se, named.index, "se", strict=False)[order],
        dof=None if dof is None else _per_unit(dof, named.index, "dof", strict=True)[order],
        cov=None if cov is None else _matrix(cov, named.index)[np.ix_(order, order)],
        replicates=None if replicates is None else _replicates(replicates, named.index)[:, order],
        given=np.argsort(order),
    )


def _labelled(estimate: pd.Series | ArrayLike) -> pd.Series:
    named = estimate if isinstance(estimate, pd.Series) else pd.Series(np.asarray(estimate, dtype=float))
    named = named.astype("float64")
    if named.empty:
        raise ValueError("estimate is empty; it needs at least one unit")
    if not named.index.is_unique:
        raise ValueError(
            f"estimate has unit {named.index[named.index.duplicated()][0]!r} twice; each unit may stand once"
        )
    values = np.asarray(named, dtype=np.float64)
    _refuse(named.index, ~np.isfinite(values), values, "estimate", "a finite number")
    return named


def _sort_key(label: object) -> tuple[str, object]:
    is_number = isinstance(label, int | float | np.number)
    return ("", label) if is_number else (type(label).__name__, str(label))


def _per_unit(values: pd.Series | ArrayLike | float, units: pd.Index, name: str, strict: bool) -> FloatArray:
    if isinstance(values, pd.Series):
        _refuse_absent(units, values.index, name)
        values = values.reindex(units)
    array: FloatArray = np.array(values, dtype=float)
    if array.ndim == 0 and strict:
        array = np.full(len(units), float(array))
    if array.shape != (len(units),):
        raise ValueError(f"{name} has shape {array.shape}; estimate has {len(units)} units")
    wrong = np.isnan(array) | ((array <= 0) if strict else (array < 0) | np.isinf(array))
    _refuse(units, wrong, array, name, "a number above 0" if strict else "a finite number, 0 or above")
    return array


def _matrix(cov: pd.DataFrame | ArrayLike, units: pd.Index) -> FloatArray:
    if isinstance(cov, pd.DataFrame):
        for labels in (cov.index, cov.columns):
            _refuse_absent(units, labels, "cov")
        cov = cov.loc[units, units]
    matrix = np.asarray(cov, dtype=float)
    if matrix.shape != (len(units), len(units)):
        raise ValueError(f"cov has shape {matrix.shape}; estimate has {len(units)} units")
    if not np.isfinite(matrix).all():
        raise ValueError("cov holds a missing or infinite value; all must be finite")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-12 * np.abs(matrix).max()):
        raise ValueError("cov is not symmetric; a covariance matrix is")
    return matrix


def _replicates(replicates: pd.DataFrame | ArrayLike, units: pd.Index) -> FloatArray:
    if isinstance(replicates, pd.DataFrame):
        _refuse_absent(units, replicates.columns, "replicates")
        replicates = replicates[units]
    table = np.asarray(replicates, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(units) or len(table) < LEAST_REPLICATES:
        raise ValueError(
            f"replicates has shape {table.shape}; allowed: {LEAST_REPLICATES} or more rows, and a column for each of the "
            f"{len(units)} units"
        )
    if not np.isfinite(table).all():
        raise ValueError("replicates holds a missing or infinite value; leave such a replicate out as a whole")
    return table


def _refuse(units: pd.Index, wrong: NDArray[np.bool_], values: FloatArray, name: str, allowed: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} of unit {units[row]!r} is {values[row]}; allowed: {allowed} ({int(wrong.sum())} such units)"
        )


def _refuse_absent(units: pd.Index, labels: pd.Index, name: str) -> None:
    if not labels.is_unique:
        raise ValueError(f"{name} has unit {labels[labels.duplicated()][0]!r} twice; each unit may stand once")
    absent = units.difference(labels, sort=False)
    if len(absent):
        raise ValueError(
            f"{name} lacks unit {absent[0]!r}; it must have every unit of estimate ({len(absent)} missing)"
        )
