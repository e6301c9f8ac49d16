"""From an optimum to the result: independent check, tables, comparison of validity, findings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.weights.check import certify, evaluate_rules, primal_violation
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.exact import largest_correlation
from kpi_research.weights.general import goals_table
from kpi_research.weights.goals.recipe import WITH_SCORES
from kpi_research.weights.limits import Floats
from kpi_research.weights.model_tables import model_tables
from kpi_research.weights.program import compile_program
from kpi_research.weights.reasons import weight_reasons
from kpi_research.weights.remarks import (
    current_breaks_rules,
    experts_do_as_well,
    loosely_determined,
    soft_rules_broken,
    unstable_relation,
    validity_compared,
    weights_not_determined,
)
from kpi_research.weights.resample import Resampled, cross_correlation, resampled
from kpi_research.weights.result import Weights
from kpi_research.weights.tables import TetherUse, rules_table, weights_table
from kpi_research.weights.task import Outcome, Task
from kpi_research.weights.validity_table import empty_validity, validity_table


def assemble_result(
    task: Task, found: Outcome, findings: tuple[Finding, ...], order: list[str], has_outcome: bool
) -> Weights:
    """Check an optimum and describe it.

    Parameters
    ----------
    task : Task
        The task.
    found : Outcome
        Its optimum.
    findings : tuple of Finding
        What is known already.
    order : list of str
        Indicator ids in the order of the table.
    has_outcome : bool
        Whether scores may be compared with an outcome.

    Returns
    -------
    Weights

    Raises
    ------
    WeightsCheckError
        If the weights break a rule or are not optimal.
    """
    points = pd.Series(found.weights, index=list(task.ids))
    values = evaluate_rules(task.resolved.rules, task.frame, points)
    violation = primal_violation(values, task.frame, points)
    certificate = certify(violation, found.minimized, found.wrong)
    evidence = task.evidence if has_outcome else None
    moved = float(np.abs(found.weights - found.center).sum())
    tether = TetherUse(moved, task.tether) if np.isfinite(task.tether) and _tethered(task, found) else None
    rules = rules_table(values, task.resolved.rules, found.price, tether)
    drawn = _drawn(task, found)
    table = weights_table(
        task.frame, task.given, found.weights, found.low, found.high, drawn.weights, task.level
    ).assign(near_low=found.near[0], near_high=found.near[1], published=np.nan, reason=weight_reasons(task, found))
    validity = empty_validity() if evidence is None else _validity(task, found, evidence, drawn)
    findings = (*_reference_findings(task, found), *found.findings, *findings)
    findings += soft_rules_broken(rules, task.wording)
    findings += weights_not_determined(task.ids, found.low, found.high, task.wording)
    findings += loosely_determined(found.near, found.program, len(order))
    if found.refit is not None and evidence is not None:
        findings += validity_compared(validity, len(evidence.units)) + experts_do_as_well(validity)
        findings += unstable_relation(drawn.unrelated, task.draws)
    return Weights(
        table=table.set_index("id").loc[order].reset_index(), findings=findings, rules=rules, aim=found.aim,
        objective=found.objective, validity=validity, certificate=certificate,
        goals=goals_table(task.goals, dict(found.goals)), model=model_tables(found.model),
    )  # fmt: skip


def _tethered(task: Task, found: Outcome) -> bool:
    names = [goal.objective for goal in task.goals] if found.aim == "goals" else [found.aim]
    return any(name in WITH_SCORES for name in names)


def _drawn(task: Task, found: Outcome) -> Resampled:
    if found.refit is None or task.evidence is None:
        return Resampled.none(len(task.ids), 0)
    return resampled(found.refit, len(task.evidence.outcome), found.center, task.draws, task.seed)


def _validity(task: Task, found: Outcome, evidence: Evidence, drawn: Resampled) -> pd.DataFrame:
    fixed: dict[str, Floats] = {"equal": task.equal}
    if task.given is not None:
        fixed = {"current": task.given, **fixed}
    if task.experts is not None:
        fixed["experts"] = task.experts
    others = {}
    if found.refit is not None:
        others["optimized_cross_validated"] = cross_correlation(found.refit, evidence, found.center, task.seed)
        if not task.changes:
            reach = task.tether if _tethered(task, found) else np.inf
            others["largest_possible"] = largest_correlation(found.program, evidence, found.center, reach)[0]
    return validity_table(evidence, found.weights, fixed, drawn, task.level, others)


def _reference_findings(task: Task, found: Outcome) -> tuple[Finding, ...]:
    own = task.evidence.findings if task.evidence is not None else ()
    if task.given is None:
        return (*own, finding("reference-equal-weights"))
    program = compile_program(task.ids, [limit for limit in task.limits if limit.origin != "support"])
    return (*own, *current_breaks_rules(program, task.given, found.center, task.wording))
