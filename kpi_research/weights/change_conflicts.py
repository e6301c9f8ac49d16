"""Rules on the total change that the other rules do not allow."""

from __future__ import annotations

import numpy as np

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.weights.conflicts import Repair, feasible, group_limits
from kpi_research.weights.goals.pieces import Piece
from kpi_research.weights.goals.space import InfeasibleSpace, Space, best_in
from kpi_research.weights.infeasible import InfeasibleRules
from kpi_research.weights.limits import Limit
from kpi_research.weights.program import compile_program
from kpi_research.weights.task import Task

_ROOM = 1e-7
Changes = tuple[tuple[str, Piece, float], ...]


def explain_change(task: Task) -> InfeasibleRules | None:
    """Look for rules on the total change that cannot hold beside the others, which can.

    Parameters
    ----------
    task : Task
        The task.

    Returns
    -------
    InfeasibleRules or None
        With one minimal conflict; its repairs are the smallest total change that the other rules need.
    """
    limits = [limit for limit in task.limits if limit.hard]
    if _can_hold(task, limits, task.changes):
        return None
    kept, changes = _minimal(task, limits)
    names = tuple(dict.fromkeys([*(limit.rule for limit in kept), *(name for name, _, _ in changes)]))
    repairs = [_repair(task, limits, task.changes, item) for item in changes]
    return InfeasibleRules([names], repairs, [_finding(task, kept, changes, repairs)])


def _can_hold(task: Task, limits: list[Limit], changes: Changes) -> bool:
    if not feasible(task.ids, limits):
        return False
    return all(_least(task, limits, changes, item) <= item[2] + _ROOM for item in changes)


def _least(task: Task, limits: list[Limit], changes: Changes, item: tuple[str, Piece, float]) -> float:
    """Return the smallest total change of one rule under the limits and the other rules on changes."""
    others = tuple((piece, most) for name, piece, most in changes if name != item[0])
    try:
        best = best_in(Space(compile_program(task.ids, limits), others), item[1])
    except InfeasibleSpace:
        return np.inf
    return np.inf if best is None else best.value


def _minimal(task: Task, limits: list[Limit]) -> tuple[list[Limit], Changes]:
    """Take rules out one after the other; they stay out if the rest still cannot hold."""
    changes = task.changes
    for name in group_limits(limits):
        without = [limit for limit in limits if limit.rule != name]
        if not _can_hold(task, without, changes):
            limits = without
    for item in changes:
        rest = tuple(other for other in changes if other[0] != item[0])
        if rest and not _can_hold(task, limits, rest):
            changes = rest
    return limits, changes


def _repair(task: Task, limits: list[Limit], changes: Changes, item: tuple[str, Piece, float]) -> Repair:
    least = _least(task, limits, changes, item)
    return Repair(item[0], "change", "points", item[2], float(least) if np.isfinite(least) else None)


def _finding(task: Task, limits: list[Limit], changes: Changes, repairs: list[Repair]) -> Finding:
    said = [task.wording.statement(limit) for limit in limits]
    texts = {name: task.wording.rules[name] for name, _, _ in changes}
    for name, _, most in changes:
        text = texts[name]
        said.append(
            {
                "en": f"'{text['en']}' changes at most {most:g} points in all",
                "zh": f"“{text['zh']}”变动合计不超过{most:g}分",
            }
        )
    rules = {"en": "; ".join(item["en"] for item in said), "zh": "；".join(item["zh"] for item in said)}
    ways = [
        (texts[item.rule], f"{item.old:g}", f"{np.ceil(100 * item.new - 1e-6) / 100:g}")
        for item in repairs
        if item.new is not None
    ]
    if not ways:
        return finding("rules-conflict-without-repair", Where(column="rules"), count=len(said), rules=rules)
    mends = {
        "en": "; ".join(f"maximum of '{text['en']}' {old} → {new}" for text, old, new in ways),
        "zh": "；".join(f"“{text['zh']}”上限由{old}调整为{new}" for text, old, new in ways),
    }
    return finding("rules-conflict", Where(column="rules"), count=len(said), rules=rules, repairs=mends)
