"""Any objective, or several one after the other, also under rules on the total change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.weights.direct import NEAR, NEAR_INDICATORS, reference_name
from kpi_research.weights.goals.general_prices import GeneralPriced, general_prices
from kpi_research.weights.goals.lexicographic import Reached, closest_in, ranges, reach
from kpi_research.weights.goals.pieces import Piece, distance
from kpi_research.weights.goals.recipe import WITH_SCORES, Goal, Recipe
from kpi_research.weights.goals.space import Space
from kpi_research.weights.limits import Floats
from kpi_research.weights.program import compile_program
from kpi_research.weights.soft import relax_soft_limits
from kpi_research.weights.solve import SolverError
from kpi_research.weights.task import Outcome, Task

RESAMPLED = ("validity", "deviation", "discrimination")


def run_general(task: Task) -> Outcome:
    """Optimize the goals of a task one after the other.

    Parameters
    ----------
    task : Task
        Rules, changes included, can hold.

    Returns
    -------
    Outcome
    """
    allowed = allowed_space(task)
    center = _center(allowed, task.target)
    recipe = Recipe(task.evidence, task.target, task.experts, center, task.gains)
    rests = any(goal.objective in WITH_SCORES for goal in task.goals)
    space = allowed.within(distance(center), task.tether) if rests and np.isfinite(task.tether) else allowed
    found = recipe.goals(task.goals, space)
    reached = reach(space, found, by_pulp=True)
    if reached is not None:
        return _outcome(task, space, center, recipe, found, reached)
    goals = (Goal("closest"),)
    found = recipe.goals(goals, allowed)
    back = reach(allowed, found, by_pulp=True)
    if back is None:
        raise SolverError("goals: no weights closest to the reference")
    lost = (finding("no-positive-validity", Where(), reference=reference_name(task)),)
    return _outcome(task, allowed, center, recipe, found, back, goals, lost)


def allowed_space(task: Task) -> Space:
    """Return all weights that the rules allow, soft ones relaxed, changes included.

    Parameters
    ----------
    task : Task
        The task.

    Returns
    -------
    Space
    """
    program = relax_soft_limits(compile_program(task.ids, task.limits), task.target)
    return Space(program, tuple((piece, most) for _, piece, most in task.changes))


def _center(space: Space, target: Floats) -> Floats:
    reached = reach(space, [(distance(target), 0.0)])
    if reached is None:
        raise SolverError("goals: no weights closest to the reference")
    return _unique(reached, target)[0]


def _unique(reached: Reached, target: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = ranges(reached.space)
    start = reached.stages[-1].weights
    weights = closest_in(reached.space, start, target, low, high)
    program = reached.space.program
    weights = np.clip(weights, program.low, program.high)
    return weights, np.minimum(low, weights), np.maximum(high, weights)


def _outcome(
    task: Task, space: Space, center: Floats, recipe: Recipe, found: Sequence[tuple[Piece, float]], reached: Reached,
    goals: Sequence[Goal] | None = None, findings: tuple[Finding, ...] = (),
) -> Outcome:  # fmt: skip
    goals = task.goals if goals is None else goals
    weights, low, high = _unique(reached, task.target)
    piece, first = found[0][0], reached.stages[0]
    values = [item.sign * item.value(weights) for item, _ in found]
    names = [goal.objective for goal in goals]
    stages = zip(found, reached.stages, strict=True)
    beyond = max(item.value(weights) - stage.value - slack for (item, slack), stage in stages)
    priced = GeneralPriced(space, piece, first.value, piece.sign, task.changes, task.tether)
    resampled = all(name in RESAMPLED or name not in WITH_SCORES for name in names) and names[0] in RESAMPLED
    return Outcome(
        weights=weights, low=low, high=high, center=center, near=_near(space, piece, first.value, names[0]),
        program=space.program, aim=names[0] if len(names) == 1 else "goals", objective=values[0],
        minimized=(first.value + max(beyond, 0.0), first.value - reached.gap),
        wrong=reached.dual_violation, model=first.model, price=lambda rules: general_prices(priced, rules, weights),
        refit=(lambda counts: _again(space, goals, recipe, counts)) if resampled else None,
        goals=dict(zip(names, values, strict=True)), findings=findings,
    )  # fmt: skip


def _again(space: Space, goals: Sequence[Goal], recipe: Recipe, counts: Floats) -> Floats | None:
    reached = reach(space, recipe.recounted(counts).goals(goals, space))
    return None if reached is None else reached.stages[-1].weights


def _near(space: Space, piece: Piece, value: float, name: str) -> tuple[Floats, Floats]:
    size = len(space.program.ids)
    if name not in WITH_SCORES or size > NEAR_INDICATORS:
        missing = np.full(size, np.nan)
        return missing, missing
    return ranges(space.within(piece, value + NEAR * abs(value)))


def objective_at(task: Task, found: Outcome, weights: Floats) -> float:
    """Return the first objective at other weights, as it is reported.

    Parameters
    ----------
    task : Task
        The task.
    found : Outcome
        Its optimum.
    weights : ndarray of shape (indicators,)
        Points.

    Returns
    -------
    float
    """
    recipe = Recipe(task.evidence, task.target, task.experts, found.center, task.gains)
    first = next(iter(found.goals))
    piece = recipe.goals((Goal(first),), allowed_space(task))[0][0]
    return piece.sign * piece.value(weights)


def goals_table(goals: Sequence[Goal], values: dict[str, float]) -> pd.DataFrame:
    """Return the table of goals.

    Parameters
    ----------
    goals : sequence of Goal
        The goals.
    values : dict of str to float
        Value of each, as it is reported.

    Returns
    -------
    pandas.DataFrame
        ``objective``, ``value``, ``slack``.
    """
    slack = {goal.objective: goal.slack for goal in goals}
    rows = [(name, value, slack.get(name, 0.0)) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["objective", "value", "slack"]).astype({"objective": "str"})
