"""From panel rows to the least-squares problem of each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.collinear import first_dependence, vanished
from kpi_research.numerics.within import group_means, remove_two_way, two_way_rank
from kpi_research.validity.prediction.panel_data import PanelData
from kpi_research.validity.prediction.panel_question import Question

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Design:
    """A least-squares problem.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
        Left side.
    x : numpy.ndarray, shape (n, k)
        Right side: the terms asked for, then constant and period indicators.
    z : numpy.ndarray, shape (n, m)
        Excluded instruments; m may be 0.
    names : tuple of str
        Name of each column of ``x``.
    cluster : numpy.ndarray, shape (n,)
        Group of each row.
    absorbed : int
        Parameters of effects that were taken out beforehand.
    nested : int
        Those among them that are constant inside clusters.
    """

    y: Array
    x: Array
    z: Array
    names: tuple[str, ...]
    cluster: Codes
    absorbed: int = 0
    nested: int = 0


def build_design(data: PanelData, question: Question) -> Design:
    """Return the least-squares problem of a model, refusing columns that the data cannot tell apart.

    Parameters
    ----------
    data : PanelData
        Complete rows.
    question : Question
        What is asked.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If a column is absorbed by the effects or equals a combination of others, or there are too few rows.
    """
    design = _DESIGNS[question.model](data, question)
    _refuse_dependent(design, question)
    if len(design.y) - design.absorbed - design.x.shape[1] < 1:
        raise ValueError(
            f"model '{question.model}' has {len(design.y)} rows for {design.absorbed + design.x.shape[1]} parameters; "
            "leave out controls or use more data"
        )
    return design


def _two_way(data: PanelData, question: Question) -> Design:
    columns = np.column_stack([data.y, data.x, data.z])
    left = remove_two_way(columns, data.unit, data.period)
    _refuse_absorbed(columns, left, question)
    terms = data.x.shape[1]
    nested = sum(len(np.unique(code)) for code in (data.unit, data.period) if _is_nested(code, data.cluster))
    return Design(
        left[:, 0],
        left[:, 1 : terms + 1],
        left[:, terms + 1 :],
        question.terms,
        data.cluster,
        two_way_rank(data.unit, data.period),
        nested,
    )


def _between(data: PanelData, question: Question) -> Design:
    if not _is_nested(data.unit, data.cluster):
        raise ValueError(
            f"cluster: column '{question.cluster}' changes within units; model 'between' needs one group per unit"
        )
    means = group_means(np.column_stack([data.y, data.x]), data.unit)
    first = np.unique(data.unit, return_index=True)[1]
    return _with_constant(means[:, 0], means[:, 1:], question, data.cluster[first])


def _first_difference(data: PanelData, question: Question) -> Design:
    """Difference rows of a unit in adjacent periods; the first of the remaining periods is the base of the others."""
    later = 1 + np.flatnonzero((np.diff(data.unit) == 0) & (np.diff(data.period) == 1))
    if later.size == 0:
        raise ValueError(
            f"no {question.unit} has rows in two adjacent values of '{question.period}'; nothing can be differenced"
        )
    columns = np.column_stack([data.y, data.x])
    change = columns[later] - columns[later - 1]
    _refuse_absorbed(columns[later], change, question)
    seen = np.unique(data.period[later])[1:]
    indicators = (data.period[later][:, None] == seen).astype(float)
    names = tuple(f"{question.period}={data.periods[place]}" for place in seen)
    return _with_constant(change[:, 0], change[:, 1:], question, data.cluster[later], indicators, names)


def _with_constant(
    y: Array,
    x: Array,
    question: Question,
    cluster: Codes,
    more: Array | None = None,
    names: tuple[str, ...] = (),
) -> Design:
    extra = np.ones((len(y), 1)) if more is None else np.column_stack([np.ones(len(y)), more])
    groups = np.unique(cluster, return_inverse=True)[1]
    return Design(y, np.column_stack([x, extra]), np.empty((len(y), 0)), (*question.terms, "const", *names), groups)


_DESIGNS: Mapping[str, Callable[[PanelData, Question], Design]] = {
    "two_way": _two_way,
    "iv_two_way": _two_way,
    "between": _between,
    "first_difference": _first_difference,
}


def _is_nested(codes: Codes, clusters: Codes) -> bool:
    """Return whether every group of ``codes`` lies in one cluster."""
    pairs = np.unique(np.column_stack([codes, clusters]), axis=0)
    return len(pairs) == len(np.unique(codes))


def _refuse_absorbed(before: Array, after: Array, question: Question) -> None:
    names = np.array([question.outcome, *question.terms, *question.instruments][: before.shape[1]])
    gone = names[vanished(before, after)]
    if gone.size:
        raise ValueError(
            f"model '{question.model}' removes unit (and period) effects, and nothing is left of {_quoted(gone)}: "
            "a column needs to vary within units, and not in step everywhere; leave it out or use model 'between'"
        )


def _refuse_dependent(design: Design, question: Question) -> None:
    """Look at effects first, so that the column to leave out is one that was asked for."""
    names = np.array([*design.names, *question.instruments])
    columns = np.column_stack([design.x, design.z])
    zero = names[~columns.any(axis=0)]
    if zero.size:
        raise ValueError(f"model '{question.model}': {_quoted(zero)} is zero in every row that is left")
    terms, right = len(question.terms), design.x.shape[1]
    regressors = [*range(terms, right), *range(terms)]
    first_stage = [place for place in regressors if names[place] not in question.endogenous]
    for order in (regressors, [*first_stage, *range(right, len(names))]):
        found = first_dependence(columns[:, order])
        if found is not None:
            column, others = found
            raise ValueError(
                f"model '{question.model}': the column '{names[order[column]]}' is a linear combination of "
                f"{_quoted(names[[order[place] for place in others]])}; leave one of them out"
            )


def _quoted(names: Array | NDArray[np.str_]) -> str:
    return ", ".join(f"'{name}'" for name in names)
