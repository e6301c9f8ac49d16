"""The two objectives that are one linear program each: validity and closeness to the reference."""

from __future__ import annotations

import numpy as np

from kpi_research.study.findings import Where, finding
from kpi_research.weights.check import dual_bound
from kpi_research.weights.goals import pieces
from kpi_research.weights.goals.lexicographic import ranges
from kpi_research.weights.goals.space import Space
from kpi_research.weights.limits import Floats
from kpi_research.weights.objectives import Optimum, closest_weights, most_valid_weights
from kpi_research.weights.prices import Priced, rule_prices
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.ranges import weight_ranges
from kpi_research.weights.resample import Question, Reweighted
from kpi_research.weights.soft import relax_soft_limits
from kpi_research.weights.solve import SolverError
from kpi_research.weights.task import Outcome, Task

NEAR = 0.02
"""Part of the objective that weights of the near-optimal range may give up."""

NEAR_INDICATORS = 100
"""Beyond this number of indicators the near-optimal range is not computed."""


def run_direct(task: Task) -> Outcome:
    """Optimize validity or closeness.

    Parameters
    ----------
    task : Task
        The rules can hold; its one goal is ``validity`` or ``closest``.

    Returns
    -------
    Outcome
    """
    program = relax_soft_limits(compile_program(task.ids, task.limits), task.target)
    nearest = closest_weights(program, task.target, by_pulp=True)
    if nearest is None:
        raise SolverError("the rules can hold, but the solver found no weights closest to the reference")
    if task.goals[0].objective != "validity" or task.evidence is None:
        return _outcome(task, program, nearest, nearest.weights, None)
    question = Question(program, task.evidence, nearest.weights, task.target, task.tether)
    found = most_valid_weights(program, task.evidence, nearest.weights, task.target, task.tether, by_pulp=True)
    if found is None:
        lost = finding("no-positive-validity", Where(), reference=reference_name(task))
        return _outcome(task, program, nearest, nearest.weights, None, (lost,))
    return _outcome(task, program, found, nearest.weights, question)


def reference_name(task: Task) -> dict[str, str]:
    """Return what the reference weights are called.

    Parameters
    ----------
    task : Task
        The task.

    Returns
    -------
    dict
        ``{"en": ..., "zh": ...}``.
    """
    return {"en": "equal", "zh": "等"} if task.given is None else {"en": "current", "zh": "现行"}


def _outcome(
    task: Task, program: Program, best: Optimum, center: Floats, question: Question | None, findings: tuple = ()
) -> Outcome:
    low, high = weight_ranges(best.face, best.weights)
    bound, wrong = dual_bound(best.model, best.answer.row_dual)
    tether = np.inf if question is None else question.tether
    priced = Priced(best.program, best.model, best.layout, tether, question is not None)
    aim = "closest" if question is None else "validity"
    sign = 1.0 if question is None else -1.0
    return Outcome(
        weights=best.weights, low=low, high=high, center=center, near=_near(question, best), program=program, aim=aim,
        objective=best.objective, minimized=(sign * best.objective, bound), wrong=wrong, model=best.model,
        price=lambda rules: rule_prices(priced, best, rules),
        refit=None if question is None else Reweighted(question).weights,
        goals={aim: best.objective}, findings=findings,
    )  # fmt: skip


def _near(question: Question | None, best: Optimum) -> tuple[Floats, Floats]:
    missing = np.full(len(best.weights), np.nan)
    if question is None or len(best.weights) > NEAR_INDICATORS:
        return missing, missing
    evidence = question.evidence
    space = Space(question.program).within(
        pieces.validity(evidence.scores, evidence.gain), -(1 - NEAR) * best.objective
    )
    if np.isfinite(question.tether):
        space = space.within(pieces.distance(question.center), question.tether)
    return ranges(space)
