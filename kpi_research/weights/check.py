"""Independent check of an answer: rules evaluated straight from the catalogue, optimality from the duals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.weights.filters import selections
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.rules import TOTAL, Rule, current_points

ALLOWED = 1e-6
"""Largest violation, in points, that published weights may have."""

BINDING = 1e-6
COUNTED = 1e-6
"""Points above which an indicator has weight."""

Selections = Mapping[str | None, Flags]


class WeightsCheckError(RuntimeError):
    """Weights fail the independent check; they must not be used."""


@dataclass(frozen=True)
class Certificate:
    """How far an answer is from allowed and from optimal, computed without the solver.

    Attributes
    ----------
    primal_violation : float
        Largest violation of a hard rule, a catalogue limit or the total by the weights, in points.
    duality_gap : float
        Objective of the weights minus the bound that the dual solution proves, in units of the objective.
    dual_violation : float
        Largest wrong sign among the reduced costs; the bound holds up to it.
    """

    primal_violation: float
    duality_gap: float
    dual_violation: float


def evaluate_rules(rules: Iterable[Rule], indicators: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Evaluate rules on given weights, without arrays of a program or a solver.

    Parameters
    ----------
    rules : iterable of Rule
        The rules.
    indicators : pandas.DataFrame
        The catalogue in canonical order.
    weights : pandas.Series
        Points by indicator id.

    Returns
    -------
    pandas.DataFrame
        ``rule``; ``kind`` (``"sum"``, ``"share"``, ``"each"``; ``"each_change"``, ``"change"``; ``"least"``,
        ``"count"``); ``value`` (points, a share or multiple, the weight of the selection's indicator that is nearest to
        breaking the rule; the largest move or the sum of moves; the smallest weight above 0; a number of indicators); ``min``, ``max`` (its limits, NaN where
        open); ``binding`` (the value stands at a limit); ``violation`` (points beyond a limit); ``hard``.
    """
    given, points = tuple(rules), weights.reindex(indicators["id"]).to_numpy()
    selected, _ = selections(indicators, [text for rule in given for text in (rule.where, rule.of, rule.than)])
    times = {rule.column: indicators[rule.column].to_numpy(dtype=float) for rule in given if rule.column is not None}
    current = current_points(indicators) if "current_weight" in indicators else np.zeros(len(points))
    rows = [row for rule in given for row in _rule_rows(rule, selected, points, times)]
    rows += [row for rule in given for row in _change_rows(rule, selected[rule.where], points, current)]
    rows += [row for rule in given for row in _count_rows(rule, points[selected[rule.where]])]
    order = {rule.id: place for place, rule in enumerate(given)}
    rows.sort(key=lambda row: order[str(row[0])])
    columns = ["rule", "kind", "value", "min", "max", "binding", "violation", "hard"]
    return pd.DataFrame(rows, columns=columns).astype({"binding": bool, "hard": bool})


def _rule_rows(
    rule: Rule, selected: Selections, weights: Floats, times: Mapping[str, Floats]
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    if rule.min is not None or rule.max is not None:
        rows.append(_total_row(rule, selected, weights if rule.column is None else weights * times[rule.column]))
    if rule.each_min is not None or rule.each_max is not None:
        low, high = _or_nan(rule.each_min), _or_nan(rule.each_max)
        own = weights[selected[rule.where]]
        nearest = own[np.argmin(np.fmin(own - low, high - own))]
        violation = float(np.fmax(low - own, own - high).max())
        binding = bool((np.fmin(np.abs(own - low), np.abs(own - high)) <= BINDING).any())
        rows.append((rule.id, "each", float(nearest), low, high, binding, max(violation, 0.0), rule.hard))
    return rows


def _change_rows(rule: Rule, chosen: Flags, weights: Floats, current: Floats) -> list[tuple[object, ...]]:
    moves = np.abs(weights - current)[chosen]
    given = {"each_change": (rule.each_change, float(moves.max())), "change": (rule.change, float(moves.sum()))}
    return [
        (rule.id, kind, value, np.nan, float(most), abs(value - most) <= BINDING, max(value - most, 0.0), rule.hard)
        for kind, (most, value) in given.items()
        if most is not None
    ]


def _count_rows(rule: Rule, weights: Floats) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    used = weights[weights > COUNTED]
    if rule.least is not None:
        lowest = float(used.min()) if used.size else float("nan")
        short = max(rule.least - lowest, 0.0) if used.size else 0.0
        rows.append(
            (rule.id, "least", lowest, float(rule.least), np.nan, abs(lowest - rule.least) <= BINDING, short, True)
        )
    if rule.count_min is not None or rule.count_max is not None:
        low, high = _or_nan(rule.count_min), _or_nan(rule.count_max)
        beyond = float(np.nan_to_num(np.fmax(low - used.size, used.size - high)))
        rows.append((rule.id, "count", float(used.size), low, high, used.size in (low, high), max(beyond, 0.0), True))
    return rows


def _total_row(rule: Rule, selected: Selections, weights: Floats) -> tuple[object, ...]:
    low, high = _or_nan(rule.min), _or_nan(rule.max)
    whole = rule.of if rule.than is None else rule.than
    counted = selected[rule.where] if rule.of is None else selected[rule.where] & selected[rule.of]
    summed = float(weights[counted].sum())
    scale = 1.0 if whole is None else float(weights[selected[whole]].sum())
    value = summed / scale if whole is None or scale > 0 else float("nan")
    beyond = float(np.nan_to_num(np.fmax(low * scale - summed, summed - high * scale)))
    binding = bool(np.fmin(abs(value - low), abs(value - high)) * scale <= BINDING)
    return rule.id, "sum" if whole is None else "share", value, low, high, binding, max(beyond, 0.0), rule.hard


def _or_nan(limit: float | None) -> float:
    return float("nan") if limit is None else float(limit)


def primal_violation(table: pd.DataFrame, indicators: pd.DataFrame, weights: pd.Series) -> float:
    """Return the largest violation of total, hard rules, catalogue limits and bans, in points.

    Parameters
    ----------
    table : pandas.DataFrame
        From `evaluate_rules`.
    indicators : pandas.DataFrame
        The catalogue in canonical order.
    weights : pandas.Series
        Points by indicator id.

    Returns
    -------
    float
    """
    points = weights.reindex(indicators["id"]).to_numpy()
    worst = [abs(float(points.sum()) - TOTAL), float((-points).max()), *table.loc[table["hard"], "violation"]]
    if "banned" in indicators:
        worst.append(float(np.abs(points[indicators["banned"].to_numpy(dtype=bool)]).max(initial=0.0)))
    for name, sign in (("min_weight", 1.0), ("max_weight", -1.0)):
        if name in indicators:
            worst.append(float(np.nan_to_num(sign * (indicators[name].to_numpy(dtype=float) - points)).max()))
    return max(worst)


def dual_bound(model: LinearModel, row_dual: Floats) -> tuple[float, float]:
    """Return the lower bound on a model's minimum that duals prove, and their largest wrong sign.

    For ``min c'x, l <= Ax <= u, a <= x <= b`` and any y, with d = c - A'y, the bound is the sum of y_i times the limit
    that its sign points to plus d_j times the bound that its sign points to.

    Parameters
    ----------
    model : LinearModel
        The model.
    row_dual : ndarray of shape (rows,)
        Duals of its rows.

    Returns
    -------
    bound : float
    wrong : float
        Largest |y_i| or |d_j| that points to an infinite limit; with 0 the bound is exact.
    """
    reduced = model.cost - model.matrix.T @ row_dual
    sides = [_side(row_dual, model.lower, model.upper), _side(reduced, model.low, model.high)]
    return sum(bound for bound, _ in sides), max(wrong for _, wrong in sides)


def _side(price: Floats, lower: Floats, upper: Floats) -> tuple[float, float]:
    limit = np.where(price > 0, lower, upper)
    usable = np.isfinite(limit)
    return float(price[usable] @ limit[usable]), float(np.abs(price[~usable]).max(initial=0.0))


def certify(violation: float, minimized: tuple[float, float], wrong: float) -> Certificate:
    """Judge an answer; raise where it is not allowed.

    Parameters
    ----------
    violation : float
        From `primal_violation`.
    minimized : tuple of float
        Objective of the published weights, as a minimization, and the bound that duals prove.
    wrong : float
        Largest wrong sign among the reduced costs.

    Returns
    -------
    Certificate

    Raises
    ------
    WeightsCheckError
        If the weights break a hard rule by more than `ALLOWED` points or are not optimal to the same measure.
    """
    objective, bound = minimized
    if not violation <= ALLOWED:
        raise WeightsCheckError(f"the weights break a hard rule by {violation:.3g} points; they must not be used")
    if not abs(objective - bound) <= ALLOWED:
        raise WeightsCheckError(f"the weights are not optimal: objective {objective:.9g}, proven bound {bound:.9g}")
    return Certificate(violation, abs(objective - bound), wrong)
