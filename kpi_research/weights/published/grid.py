"""From optimal weights to weights that can be printed: whole points, every rule kept, the loss shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.check import WeightsCheckError, evaluate_rules, primal_violation
from kpi_research.weights.indicators import canonical_indicators, weights_of
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.program import TOTAL, compile_program
from kpi_research.weights.published.milp import GridAnswer, GridProblem, closest_on_grid
from kpi_research.weights.rules import ResolvedRules, Rule, current_points, resolve
from kpi_research.weights.support import counts_of, least_points
from kpi_research.weights.wording import wording_of

ALLOWED = 1e-7
"""Largest violation, in points, that weights on the grid may have."""


class GridError(ValueError):
    """No weights on the grid keep all rules, or none were found within the time limit."""


@dataclass(frozen=True)
class PublishedWeights(Result):
    """Weights on a grid.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per indicator in catalogue order: ``id``; ``weight`` (as optimized, points); ``published`` (a multiple of
        the step); ``moved`` (published minus weight).
    findings : tuple of Finding
        What the grid costs, what rounding by itself would have broken, an optimum that is not proven.
    rules : pandas.DataFrame
        Every rule at the published weights: ``rule``, ``kind``, ``value``, ``min``, ``max``, ``binding``, ``violation``,
        ``hard``.
    distance : float
        Sum of all moves, points.
    proven : float
        No weights on the grid that keep the rules are closer than this, points.
    """

    rules: pd.DataFrame
    distance: float
    proven: float

    @property
    def is_proven(self) -> bool:
        """Whether no closer weights on the grid exist."""
        return self.distance - self.proven <= 1e-6


def publish_weights(
    weights: Mapping[str, float] | pd.Series,
    *,
    indicators: pd.DataFrame,
    rules: Iterable[Rule] = (),
    step: float = 1.0,
    least: float = 0.0,
    count: tuple[int, int] | None = None,
    time_limit: float = 10.0,
) -> PublishedWeights:
    """Find the weights on a grid that keep every rule and are closest to the optimized ones.

    ``min sum |step n_j - w_j|`` over whole numbers n under all hard rules, bans and catalogue limits; among equally close
    ones the smallest sum of squares. Rounding by itself breaks rules nearly always.

    Parameters
    ----------
    weights : mapping or pandas.Series of id to points
        Optimized weights, such as ``found.table.set_index("id")["weight"]``.
    indicators : pandas.DataFrame
        The catalogue.
    rules : iterable of Rule, optional
        The rules; hard ones hold, soft ones are only reported. Rules on changes are measured from ``current_weight`` of
        the catalogue.
    step : float, default 1
        Published weights are multiples of it, points; 100 must be one.
    least : float, default 0
        A weight is 0 or at least this many points.
    count : tuple of int, optional
        Fewest and most indicators with weight; None for any number.
    time_limit : float, default 10
        Seconds, above 0; a result that is not proven by then is reported as such.

    Returns
    -------
    PublishedWeights

    Raises
    ------
    GridError
        If no weights on the grid keep all rules, or none are found in time.
    InfeasibleRules
        If the rules cannot hold even without a grid.
    ValueError
        If an argument is out of range or a name is unknown.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"id": ["a", "b", "c"], "module": ["x", "x", "y"]})
    >>> wanted = {"a": 33.4, "b": 26.4, "c": 40.2}
    >>> found = publish_weights(wanted, indicators=catalogue, rules=[Rule("cap", "module = 'x'", max=60)], step=5)
    >>> found.table["published"].tolist()
    [35.0, 25.0, 40.0]
    """
    frame = canonical_indicators(indicators)
    resolved = resolve(rules, frame)
    _check(step, least, count, time_limit, len(resolved.ids))
    target = weights_of(weights, resolved.ids)
    if target is None:
        raise ValueError("weights are all missing; give the optimized weights")
    wording = wording_of(resolved, frame)
    conflict = explain_conflict(resolved, resolved.limits, wording)
    if conflict is not None:
        raise conflict
    program = compile_program(resolved.ids, [limit for limit in resolved.limits if limit.hard])
    size = len(resolved.ids)
    counts = [*counts_of(resolved.wide), *([] if count is None else [(np.ones(size, dtype=bool), *count)])]
    smallest = np.maximum(least_points(resolved.wide, size), float(least))
    problem = GridProblem(program, float(step), smallest, counts, _changes(resolved, frame))
    answer = closest_on_grid(problem, target, float(time_limit))
    if answer.weights is None:
        known = "no weights keep all rules" if answer.infeasible else f"none were found within {time_limit:g} seconds"
        raise GridError(f"step {step:g}, least {least:g}, count {count}: {known}; take a finer step or loosen a rule")
    points = pd.Series(answer.weights, index=list(resolved.ids))
    values = evaluate_rules(resolved.rules, frame, points)
    violation = primal_violation(values, frame, points)
    if violation > ALLOWED:
        raise WeightsCheckError(f"the weights on the grid break a hard rule by {violation:.3g} points")
    naive = _largest_remainder(target, float(step))
    rounded = primal_violation(
        evaluate_rules(resolved.rules, frame, pd.Series(naive, index=points.index)),
        frame,
        pd.Series(naive, index=points.index),
    )
    table = pd.DataFrame({"id": list(resolved.ids), "weight": target, "published": answer.weights + 0.0})
    table["moved"] = table["published"] - table["weight"]
    order = list(indicators["id"])
    found = _findings(answer, float(step), rounded, time_limit)
    return PublishedWeights(
        table.set_index("id").loc[order].reset_index(), found, values, answer.distance, answer.proven
    )


def _changes(resolved: ResolvedRules, frame: pd.DataFrame) -> list[tuple[Floats, Flags, float]]:
    wide = [limit for limit in resolved.wide if limit.kind == "change"]
    return [(current_points(frame), limit.selected, limit.value) for limit in wide]


def _largest_remainder(weights: Floats, step: float) -> Floats:
    """Round down and give what is left to the largest remainders, as is usually done."""
    whole = np.floor(weights / step + 1e-9)
    rest = round(TOTAL / step - whole.sum())
    order = np.argsort(-(weights / step - whole), kind="stable")
    whole[order[: max(rest, 0)]] += 1
    return whole * step


def _check(step: object, least: object, count: object, time_limit: object, size: int) -> None:
    for name, value in (("step", step), ("least", least), ("time_limit", time_limit)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < 0:
            raise ValueError(f"{name} is {value!r}; it must be a number of 0 or more")
    number = float(str(step))
    if number <= 0 or abs(TOTAL / number - round(TOTAL / number)) > 1e-9:
        raise ValueError(f"step is {step}; 100 must be a multiple of it, such as 1, 2 or 5")
    if time_limit == 0:
        raise ValueError("time_limit is 0; it must be above 0 seconds")
    if count is None:
        return
    pair = isinstance(count, tuple) and len(count) == 2 and all(type(item) is int for item in count)
    if not pair or not 0 <= count[0] <= count[1] <= size:  # type: ignore[index]
        raise ValueError(f"count is {count!r}; it must be the fewest and most indicators with weight, 0 to {size}")


def _findings(answer: GridAnswer, step: float, rounded: float, seconds: float) -> tuple[Finding, ...]:
    facts = {"step": f"{step:g}", "distance": f"{answer.distance:.3g}"}
    found = [finding("grid-cost", Where(), **facts)]
    if rounded > ALLOWED:
        found.append(finding("grid-rounding-breaks-rules", Where(), points=f"{rounded:.3g}"))
    if answer.distance - answer.proven > 1e-6:
        proven = {"proven": f"{answer.proven:.3g}", "seconds": f"{seconds:g}", "distance": facts["distance"]}
        found.append(finding("grid-not-proven", Where(), **proven))
    return tuple(found)
