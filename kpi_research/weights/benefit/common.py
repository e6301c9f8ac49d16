"""Common weights closest to each unit's own ideal: goal programming on the scores of benefit of the doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.benefit.bod import BenefitOfDoubt
from kpi_research.weights.benefit.inputs import score_matrix
from kpi_research.weights.check import dual_bound
from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.rules import Rule, resolve
from kpi_research.weights.solve import Solution, SolverError, Status
from kpi_research.weights.wording import wording_of

GOALS = ("total", "worst")
SLACK = 1e-10
"""Part by which a goal that is reached is loosened before the next one, against rounding."""


@dataclass(frozen=True)
class CommonWeights(Result):
    """One set of weights for all units, as close as possible to what each reaches with its own.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``ideal`` (its benefit of the doubt, 0 to 1); ``score`` (0 to 1 with the common
        weights, the best unit having at most 1); ``shortfall`` (ideal minus score).
    findings : tuple of Finding
        Mean and largest shortfall.
    weights : pandas.Series
        Points of 100 by indicator, on the scale of the scores.
    total, worst : float
        Sum and largest of the absolute shortfalls.
    gap : float
        Distance of the first goal from the bound that the duals prove, computed without the solver.
    """

    weights: pd.Series
    total: float
    worst: float
    gap: float


def common_weights(
    scores: pd.DataFrame,
    ideal: BenefitOfDoubt,
    *,
    goal: Literal["total", "worst"] = "total",
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
) -> CommonWeights:
    """Find the common weights that leave units least short of their own ideal, under written rules.

    ``min sum_k |d_k|`` or ``min max_k |d_k|`` with ``d_k = ideal_k - sum_j v_j y_kj``, ``sum_j v_j y_ij <= 1`` for every
    unit and ``v = scale * w``, where w are points of 100 that obey the rules; the other goal decides among the best.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        As given to `benefit_of_doubt`; rules speak of weights on this scale.
    ideal : BenefitOfDoubt
        Its result for the same units.
    goal : {"total", "worst"}, default "total"
        What comes first: the sum of shortfalls, or the largest one.
    indicators : pandas.DataFrame, optional
        The catalogue; ``id`` must hold the columns of the scores. Needed for rules with a filter.
    rules : iterable of Rule, optional
        Hard rules on the weights.

    Returns
    -------
    CommonWeights

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If scores, ideal and catalogue do not belong together or the goal is unknown.

    Notes
    -----
    Goal programming towards each unit's own efficiency: Makui, Alinezhad, Kiani Mavi & Zohrehbandian 2008; Hatefi &
    Torabi 2010 (doi:10.1016/j.ecolind.2009.05.007).

    Examples
    --------
    >>> from kpi_research.weights.benefit import benefit_of_doubt
    >>> scores = pd.DataFrame({"patrol": [1.0, 0.2, 0.6], "visits": [0.2, 1.0, 0.6]}, index=["North", "East", "South"])
    >>> common_weights(scores, benefit_of_doubt(scores)).weights.round(6).tolist()
    [50.0, 50.0]
    """
    if goal not in GOALS:
        raise ValueError(f"goal is {goal!r}.{did_you_mean(str(goal), GOALS)['en']}")
    program = _program(scores, indicators, rules)
    values = score_matrix(scores[list(program.ids)])
    if list(ideal.table["unit"]) != list(scores.index):
        raise ValueError("ideal holds other units than scores; give the result of benefit_of_doubt for these scores")
    largest = float(values.max())
    target = ideal.table["score"].to_numpy(dtype=float)
    model, costs = _model(program, values / largest, target)
    order = [costs[goal], costs[GOALS[1 - GOALS.index(goal)]]]
    first = _solved(LinearModel(order[0], *model))
    bound, _ = dual_bound(LinearModel(order[0], *model), first.row_dual)
    best = _solved(_with_goal(order, model, first.objective))
    return _result(scores, program, values / largest, target, best.x, abs(first.objective - bound))


def _program(scores: pd.DataFrame, indicators: pd.DataFrame | None, rules: Iterable[Rule]) -> Program:
    columns = [str(name) for name in scores.columns]
    frame = pd.DataFrame({"id": columns}) if indicators is None else indicators
    if set(frame["id"]) != set(columns):
        odd = sorted(set(frame["id"]) ^ set(columns))[0]
        raise ValueError(f"scores and indicators do not belong together: '{odd}' is in one of them only")
    resolved = resolve(rules, frame).only_linear("common_weights")
    conflict = explain_conflict(resolved, resolved.limits, wording_of(resolved, frame.sort_values("id")))
    if conflict is not None:
        raise conflict
    return compile_program(resolved.ids, [limit for limit in resolved.limits if limit.hard])


_Parts = tuple[sparse.csr_array, Floats, Floats, Floats, Floats]


def _model(program: Program, values: Floats, target: Floats) -> tuple[_Parts, dict[str, Floats]]:
    """Write rows and bounds: columns are scaled weights, scale, shortfalls, excesses and the largest of them."""
    units, size = values.shape
    eye, each = sparse.eye_array(size), sparse.eye_array(units)
    column = sparse.csr_array(np.ones((units, 1)))
    blocks = [
        [program.matrix, -program.bound[:, None], None, None, None],
        [eye, -program.low[:, None], None, None, None],
        [eye, -program.high[:, None], None, None, None],
        [values, None, None, None, None],
        [values, None, each, -each, None],
        [None, None, -each, -each, column],
    ]
    matrix = sparse.csr_array(
        sparse.block_array([[block if block is None else sparse.csr_array(block) for block in row] for row in blocks])
    )
    open_low, open_high = np.isfinite(program.lower), np.isfinite(program.upper)
    rest, none = np.full(units, np.inf), np.zeros(units)
    lower = [np.where(open_low, 0.0, -np.inf), np.zeros(size), np.full(size, -np.inf), -rest, target, none]
    upper = [np.where(open_high, 0.0, np.inf), np.full(size, np.inf), np.zeros(size), none + 1.0, target, rest]
    count = matrix.shape[1]
    total, worst = np.zeros(count), np.zeros(count)
    total[size + 1 : -1], worst[-1] = 1.0 / units, 1.0
    parts = (matrix, np.concatenate(lower), np.concatenate(upper), np.zeros(count), np.full(count, np.inf))
    return parts, {"total": total, "worst": worst}


def _with_goal(order: list[Floats], parts: _Parts, reached: float) -> LinearModel:
    """Keep the first goal at what was reached and aim at the second."""
    matrix, lower, upper, low, high = parts
    stacked = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(order[0][None, :])]))
    return LinearModel(order[1], stacked, np.append(lower, -np.inf), np.append(upper, reached + SLACK), low, high)


def _solved(model: LinearModel) -> Solution:
    answer = solve_fresh(model)
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"common weights: the solver stopped with status '{answer.status.value}'")
    return answer


def _result(
    scores: pd.DataFrame, program: Program, values: Floats, target: Floats, columns: Floats, gap: float
) -> CommonWeights:
    size = len(program.ids)
    scaled, scale = np.maximum(columns[:size], 0.0), columns[size]
    if scale <= 0:
        raise SolverError("common weights: no admissible weights give any unit a score above 0")
    weights = pd.Series(scaled / scale, index=list(program.ids), name="weight")
    reached = values @ scaled
    table = pd.DataFrame({"unit": scores.index, "ideal": target, "score": reached, "shortfall": target - reached})
    short = np.abs(target - reached)
    facts = {
        "mean": f"{short.mean():.3f}",
        "worst": f"{short.max():.3f}",
        "unit": str(scores.index[int(short.argmax())]),
    }
    found = (finding("common-weights-shortfall", Where(), **facts),)
    return CommonWeights(table, found, weights[list(scores.columns)], float(short.sum()), float(short.max()), gap)
