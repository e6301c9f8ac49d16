"""The cheapest set of changes that lets all rules hold together: less important rules give way first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kpi_research.weights.conflicts import MOVABLE, Repair, change_center, feasible
from kpi_research.weights.limits import Floats, Limit
from kpi_research.weights.objectives import closest_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.soft import relax_soft_limits

VISIBLE = 1e-6


def cheapest_package(ids: tuple[str, ...], limits: Sequence[Limit]) -> tuple[tuple[Repair, ...], Floats] | None:
    """Find the smallest changes of limits, taken together, that let all hard rules hold.

    Every hard limit that may be moved is asked to hold as far as it can: rules of priority 1 first, so that rules of
    later priorities give way before them; within one priority the smallest total change in points. Bans and missing
    evidence cannot give way.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    limits : sequence of Limit
        All limits; soft ones are left out.

    Returns
    -------
    repairs : tuple of Repair
        The limits to move, with their new values; empty where all can hold.
    weights : ndarray of shape (indicators,)
        Weights that obey the repaired rules, points.

        None instead of both where what cannot be moved contradicts itself.
    """
    hard = [limit for limit in limits if limit.hard]
    fixed = [limit for limit in hard if limit.origin not in (*MOVABLE, "change")]
    if not feasible(ids, fixed):
        return None
    movable = [replace(limit, hard=False) for limit in hard if limit.origin in (*MOVABLE, "change")]
    target = np.full(len(ids), 100.0 / len(ids))
    found = closest_weights(relax_soft_limits(compile_program(ids, [*fixed, *movable]), target), target)
    if found is None:
        return None
    single = [limit for limit in movable if limit.origin != "change"]
    repairs = [repair for limit in single for repair in _repair(limit, found.weights)]
    changes = sorted({limit.rule for limit in movable if limit.origin == "change"})
    repairs += [repair for rule in changes for repair in _repair_change(movable, rule, found.weights)]
    return tuple(repairs), found.weights


def _repair_change(movable: Sequence[Limit], rule: str, weights: Floats) -> tuple[Repair, ...]:
    selected, current, points = change_center(movable, rule)
    reached = float(np.abs(weights - current)[selected].max())
    return (Repair(rule, "each_change", "points", points, reached),) if reached > points + VISIBLE else ()


def _repair(limit: Limit, weights: Floats) -> tuple[Repair, ...]:
    """Return the change that lets a limit hold at given weights; nothing where it holds."""
    sign = -1.0 if limit.is_lower else 1.0
    if limit.is_each:
        reached = sign * float((sign * weights[limit.selected]).max())
        beyond = sign * (reached - limit.value)
    else:
        form, bound = limit.row()
        beyond = sign * (float(form @ weights) - bound)
        reached = float(form @ weights)
        if limit.base is not None:
            total = float(weights @ limit.base)
            reached = float(weights @ limit.selected) / total if total > 0 else float("nan")
    if beyond <= VISIBLE:
        return ()
    unit = "points" if limit.base is None else "share"
    return (Repair(limit.rule, limit.kind, unit, limit.value, None if np.isnan(reached) else reached),)
