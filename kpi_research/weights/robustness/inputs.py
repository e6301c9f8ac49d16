"""Scores and rules as arrays: what every question about robustness starts from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import sparse

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.indicators import canonical_indicators
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.rules import Rule, resolve
from kpi_research.weights.wording import wording_of


def admissible(scores: pd.DataFrame, indicators: pd.DataFrame | None, rules: Iterable[Rule]) -> tuple[Floats, Program]:
    """Return the scores in canonical order and all weights that the hard rules allow.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator on one common scale; no gaps.
    indicators : pandas.DataFrame or None
        The catalogue; None takes the columns of the scores without further limits.
    rules : iterable of Rule
        The rules; soft ones do not restrict.

    Returns
    -------
    values : ndarray of shape (units, indicators)
    program : Program

    Raises
    ------
    InfeasibleRules
        If the hard rules and the catalogue cannot all hold.
    TypeError
        If scores is no frame.
    ValueError
        If a column is missing, a unit stands twice, or a value is missing, infinite or no number.
    """
    if not isinstance(scores, pd.DataFrame):
        raise TypeError(f"scores must be a pandas DataFrame (units in its index), found {type(scores).__name__}")
    catalogue = pd.DataFrame({"id": [str(name) for name in scores.columns]}) if indicators is None else indicators
    frame = canonical_indicators(catalogue)
    resolved = resolve(rules, frame).only_linear("this question")
    for name in resolved.ids:
        if name not in scores.columns:
            hint = did_you_mean(name, map(str, scores.columns))["en"]
            raise ValueError(f"scores has no column for indicator '{name}'.{hint}")
    values = _values(scores[list(resolved.ids)])
    conflict = explain_conflict(resolved, resolved.limits, wording_of(resolved, frame))
    if conflict is not None:
        raise conflict
    return values, compile_program(resolved.ids, [limit for limit in resolved.limits if limit.hard])


def _values(scores: pd.DataFrame) -> Floats:
    if scores.empty:
        raise ValueError("scores has no units; at least one is needed")
    if scores.index.has_duplicates:
        raise ValueError(f"scores: the unit '{scores.index[scores.index.duplicated()][0]}' stands twice")
    try:
        values = scores.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"scores must hold numbers: {error}") from error
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"scores: unit '{scores.index[row]}' has {values[row, column]} in '{scores.columns[column]}'; "
            "fill gaps or leave the unit out first"
        )
    return values


def region_model(program: Program) -> LinearModel:
    """Return the admissible weights as a linear model without objective.

    Parameters
    ----------
    program : Program
        The rules.

    Returns
    -------
    LinearModel
    """
    return LinearModel(
        np.zeros(len(program.ids)),
        sparse.csr_array(program.matrix),
        program.lower,
        program.upper,
        program.low,
        program.high,
    )
