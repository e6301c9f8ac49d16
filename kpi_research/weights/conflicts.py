"""Rules that cannot all hold: the smallest conflicting sets, and the single changes that would repair them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.limits import Flags, Floats, Limit
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import compile_program
from kpi_research.weights.solve import Solution, Status

Groups = dict[str, tuple[Limit, ...]]

_ROUNDS = 60
MOVABLE = ("rule", "min_weight", "max_weight")
"""Origins of limits that a repair may move; bans and missing evidence may not be."""


@dataclass(frozen=True)
class Repair:
    """One change of one limit.

    Attributes
    ----------
    rule : str
        Rule it belongs to; for the catalogue ``"<indicator>.min_weight"`` or ``"<indicator>.max_weight"``.
    limit : {"min", "max", "each_min", "each_max", "each_change", "change"}
        The limit.
    unit : {"points", "share"}
        Unit of the two values.
    old : float
        Its value now.
    new : float or None
        The nearest value that resolves the conflict (where there are several conflicts, with the rules of the others
        set aside); None where this limit alone cannot.
    """

    rule: str
    limit: str
    unit: str
    old: float
    new: float | None


def group_limits(limits: Sequence[Limit]) -> Groups:
    """Group the hard limits by the rule they belong to.

    Parameters
    ----------
    limits : sequence of Limit
        All limits.

    Returns
    -------
    dict of str to tuple of Limit
    """
    groups: dict[str, list[Limit]] = {}
    for limit in limits:
        if limit.hard:
            groups.setdefault(limit.rule, []).append(limit)
    return {name: tuple(items) for name, items in groups.items()}


def feasible(ids: tuple[str, ...], limits: Sequence[Limit]) -> bool:
    """Whether any weights satisfy the limits, add up to 100 and are not negative.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    limits : sequence of Limit
        Hard limits.

    Returns
    -------
    bool
    """
    model = _region(ids, limits)
    return bool((model.low <= model.high).all()) and solve_fresh(model).status is Status.OPTIMAL


def _region(ids: tuple[str, ...], limits: Sequence[Limit], cost: Floats | None = None) -> LinearModel:
    program = compile_program(ids, limits)
    zero = np.zeros(len(ids)) if cost is None else cost
    return LinearModel(zero, sparse.csr_array(program.matrix), program.lower, program.upper, program.low, program.high)


def conflict_sets(ids: tuple[str, ...], limits: Sequence[Limit]) -> tuple[tuple[str, ...], ...]:
    """Find disjoint minimal sets of rules that cannot all hold.

    Each set is found by a deletion filter over rules, not over single rows: rules are taken out one after the other
    and stay out if the rest still contradicts itself (Chinneck 2008, Feasibility and Infeasibility in Optimization,
    doi:10.1007/978-0-387-74932-7). Every proper subset of a set can hold. Then the set is put aside and the search goes on.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    limits : sequence of Limit
        All limits; soft ones are left out.

    Returns
    -------
    tuple of tuple of str
        Names of rules and of catalogue limits (``"<indicator>.banned"``); empty where all can hold. That weights add
        up to 100 and are not negative belongs to every set.
    """
    groups = group_limits(limits)
    found = []
    while groups and not feasible(ids, _flat(groups, groups)):
        found.append(_deletion_filter(ids, groups))
        groups = {name: items for name, items in groups.items() if name not in found[-1]}
    return tuple(found)


def _deletion_filter(ids: tuple[str, ...], groups: Groups) -> tuple[str, ...]:
    kept = sorted(groups, key=lambda name: _rank(name, groups))
    for name in list(kept):
        without = [other for other in kept if other != name]
        if not feasible(ids, _flat(groups, without)):
            kept = without
    return tuple(sorted(kept, key=lambda name: (groups[name][0].origin not in ("rule", "change"), name)))


def _rank(name: str, groups: Groups) -> tuple[int, bool, str]:
    """Order of deletion: the least important rules first, the catalogue before rules of the same rank."""
    first = groups[name][0]
    return -first.priority, first.origin in ("rule", "change"), name


def _flat(groups: Groups, names: Sequence[str] | Groups) -> list[Limit]:
    return [limit for name in names for limit in groups[name]]


def single_repairs(
    ids: tuple[str, ...], limits: Sequence[Limit], conflicts: Sequence[Sequence[str]]
) -> tuple[Repair, ...]:
    """Find, for each limit in a conflict, the nearest value that resolves it.

    A ban cannot be repaired, nor can missing evidence. The nearest value is the largest (for a minimum) or smallest
    (for a maximum) one that weights can reach under all other limits.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    limits : sequence of Limit
        All limits; soft ones are left out.
    conflicts : sequence of sequences of str
        From `conflict_sets`.

    Returns
    -------
    tuple of Repair
        In the order of the conflicts.
    """
    found: list[Repair] = []
    for conflict in conflicts:
        aside = {name for other in conflicts for name in other if other is not conflict}
        hard = [limit for limit in limits if limit.hard and limit.rule not in aside]
        movable = [limit for limit in hard if limit.rule in conflict and limit.origin in MOVABLE]
        found.extend(_repair(ids, hard, limit) for limit in movable)
        changes = {limit.rule for limit in hard if limit.rule in conflict and limit.origin == "change"}
        found.extend(_repair_change(ids, hard, name) for name in sorted(changes))
    return tuple(found)


def change_center(limits: Sequence[Limit], rule: str) -> tuple[Flags, Floats, float]:
    """Return what a rule on single changes speaks of: indicators, current weights and largest move.

    Parameters
    ----------
    limits : sequence of Limit
        All limits.
    rule : str
        The rule.

    Returns
    -------
    selected : ndarray of bool, shape (indicators,)
    current : ndarray of shape (indicators,)
        Points; 0 where nothing is said.
    points : float
    """
    own = [limit for limit in limits if limit.rule == rule and limit.origin == "change"]
    low = np.sum([limit.selected * limit.value for limit in own if limit.is_lower], axis=0)
    high = np.sum([limit.selected * limit.value for limit in own if not limit.is_lower], axis=0)
    selected = np.any([limit.selected for limit in own], axis=0)
    return selected, (low + high) / 2, float((high - low)[selected][0] / 2)


def _repair_change(ids: tuple[str, ...], hard: Sequence[Limit], rule: str) -> Repair:
    """Find the smallest largest move that the other limits need."""
    selected, current, points = change_center(hard, rule)
    others = [limit for limit in hard if not (limit.rule == rule and limit.origin == "change")]
    if not feasible(ids, others):
        return Repair(rule, "each_change", "points", points, None)
    region, own = _region(ids, others), np.eye(len(ids))[selected]
    count, at = int(selected.sum()), current[selected]
    ones = sparse.csr_array(np.ones((count, 1)))
    rows = sparse.block_array([[region.matrix, None], [sparse.csr_array(own), ones], [sparse.csr_array(-own), ones]])
    model = LinearModel(
        np.append(region.cost, 1.0), sparse.csr_array(rows),
        np.concatenate([region.lower, at, -at]), np.append(region.upper, np.full(2 * count, np.inf)),
        np.append(region.low, 0.0), np.append(region.high, 100.0),
    )  # fmt: skip
    return Repair(rule, "each_change", "points", points, solve_fresh(model).objective)


def _repair(ids: tuple[str, ...], hard: Sequence[Limit], limit: Limit) -> Repair:
    others = [other for other in hard if other is not limit]
    unit = "points" if limit.base is None else "share"
    return Repair(limit.rule, limit.kind, unit, limit.value, _reachable(ids, others, limit))


def _reachable(ids: tuple[str, ...], others: Sequence[Limit], limit: Limit) -> float | None:
    """Return the value of a limit's sum, share or single weight nearest to the limit that the others allow."""
    if not feasible(ids, others):
        return None
    sign = -1.0 if limit.is_lower else 1.0
    if limit.is_each:
        return _extreme_each(ids, others, limit, sign)
    if limit.base is None:
        answer = solve_fresh(_region(ids, others, sign * limit.row()[0]))
        return sign * answer.objective
    return _extreme_share(ids, others, limit, sign)


def _extreme_each(ids: tuple[str, ...], others: Sequence[Limit], limit: Limit, sign: float) -> float:
    """Largest smallest, or smallest largest, weight of the selection: one more variable beside the weights."""
    region = _region(ids, others)
    count = int(limit.selected.sum())
    singles = np.eye(len(ids))[limit.selected]
    rows = sparse.block_array(
        [[region.matrix, None], [sparse.csr_array(-sign * singles), sparse.csr_array(np.full((count, 1), sign))]]
    )
    model = LinearModel(
        np.append(region.cost, sign), sparse.csr_array(rows),
        np.append(region.lower, np.zeros(count)), np.append(region.upper, np.full(count, np.inf)),
        np.append(region.low, 0.0), np.append(region.high, 100.0),
    )  # fmt: skip
    return sign * solve_fresh(model).objective


def _extreme_share(ids: tuple[str, ...], others: Sequence[Limit], limit: Limit, sign: float) -> float:
    """Largest or smallest share by Dinkelbach's iteration (1967, doi:10.1287/mnsc.13.7.492)."""
    share, base = limit.value, np.asarray(limit.base, dtype=float)
    selected = limit.selected.astype(float)
    for _ in range(_ROUNDS):
        answer: Solution = solve_fresh(_region(ids, others, sign * (selected - share * base)))
        weights = answer.x
        total = float(weights @ base)
        if total <= 0 or abs(answer.objective) <= 1e-9:
            break
        share = float(weights @ selected) / total
    return share
