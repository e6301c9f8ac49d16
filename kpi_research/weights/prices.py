"""What each rule costs: the objective after moving its limit by one point, solved anew on either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.weights.engine import Engine
from kpi_research.weights.model import Layout, LinearModel
from kpi_research.weights.objectives import Optimum
from kpi_research.weights.program import Program, shifted
from kpi_research.weights.solve import Solution, Status

STEPS = {"price_minus_5": -5.0, "price_minus_1": -1.0, "price_plus_1": 1.0, "price_plus_5": 5.0}
"""Points by which a limit is moved for each column of prices; a share moves by as many percentage points."""


@dataclass(frozen=True, eq=False)
class Priced:
    """A problem whose limits can be moved and solved again.

    Attributes
    ----------
    program : Program
        The rules.
    model : LinearModel
        The model that was solved.
    layout : Layout
        Its layout.
    tether : float
        Largest total move in points; infinite for none.
    is_ratio : bool
        Whether the model is the ratio of validity; otherwise it is a distance.
    """

    program: Program
    model: LinearModel
    layout: Layout
    tether: float
    is_ratio: bool


def rule_prices(problem: Priced, optimum: Optimum, rules: pd.DataFrame) -> pd.DataFrame:
    """Price each row of the table of rules by solving again with its limit moved down and up by 1 and 5 points.

    The limit that is moved is the one the value stands at, or the nearer one; both where minimum and maximum are
    equal. Everything else stays, also the center that the tether is measured from. Duals are not used: at a
    degenerate optimum they are wrong on one side.

    Parameters
    ----------
    problem : Priced
        The problem.
    optimum : Optimum
        Its answer.
    rules : pandas.DataFrame
        From `kpi_research.weights.check.evaluate_rules`, with a last row ``tether`` where there is one.

    Returns
    -------
    pandas.DataFrame
        One row per row of ``rules``: ``limit`` (``"min"``, ``"max"`` or ``"both"``), ``price_minus_5``,
        ``price_minus_1``, ``price_plus_1``, ``price_plus_5`` (objective after minus before; NaN where the moved rules
        cannot all hold).
    """
    engine = Engine(problem.model)
    engine.run()
    sign = -1.0 if problem.is_ratio else 1.0
    before = optimum.objective
    rows = []
    for row in rules.to_dict("records"):
        limit = moved_limit(row)
        if row["kind"] in ("least", "count"):
            rows.append((limit, *[float("nan")] * len(STEPS)))
            continue
        moves = [_moved_program(problem, row, limit, change) for change in STEPS.values()]
        values = [sign * _value(engine, problem, row, *move) for move in moves]
        rows.append((limit, *(value - before for value in values)))
    return pd.DataFrame(rows, columns=["limit", *STEPS], index=rules.index)


def moved_limit(row: Mapping[Any, Any]) -> str:
    """Return which limit of a rule is in force or nearer to its value.

    Parameters
    ----------
    row : mapping
        ``value``, ``min``, ``max`` of the rule.

    Returns
    -------
    {"min", "max", "both"}
    """
    value, low, high = (float(str(row[name])) for name in ("value", "min", "max"))
    if low == high:
        return "both"
    if np.isnan(low) or np.isnan(high):
        return "max" if np.isnan(low) else "min"
    return "min" if value - low <= high - value else "max"


def _moved_program(problem: Priced, row: Mapping[Any, Any], limit: str, change: float) -> tuple[Program, float]:
    if row["rule"] == "tether":
        return problem.program, problem.tether + change
    return moved_rule(problem.program, row, limit, change), problem.tether


def moved_rule(program: Program, row: Mapping[Any, Any], limit: str, change: float) -> Program:
    """Return the program with the limit of one row of the table of rules moved.

    Parameters
    ----------
    program : Program
        The rules.
    row : mapping
        ``rule`` and ``kind``.
    limit : {"min", "max", "both"}
        Which limit.
    change : float
        Points, or percentage points of a share.

    Returns
    -------
    Program
    """
    for position in _positions(program, str(row["rule"]), str(row["kind"]), limit):
        item = program.limits[position]
        outward = -change if row["kind"] == "each_change" and item.is_lower else change
        program = shifted(program, position, outward / 100.0 if item.base is not None else outward)
    return program


def _positions(program: Program, rule: str, kind: str, limit: str) -> Sequence[int]:
    own = [number for number, item in enumerate(program.limits) if item.rule == rule]
    if kind == "each_change":
        return [number for number in own if program.limits[number].origin == "change"]
    prefix = "each_" if kind == "each" else ""
    wanted = [prefix + name for name in (("min", "max") if limit == "both" else (limit,))]
    return [
        number for number in own if program.limits[number].kind in wanted and program.limits[number].origin != "change"
    ]


def _value(engine: Engine, problem: Priced, row: Mapping[Any, Any], program: Program, tether: float) -> float:
    """Solve with another program of the same shape, then put the engine back."""
    if (program.low > program.high).any() or tether < 0:
        return float("nan")
    _edit(engine, problem, program, tether)
    answer = engine.run()
    _edit_back(engine, problem, program, tether)
    return _objective(answer, problem)


def _objective(answer: Solution, problem: Priced) -> float:
    if answer.status is not Status.OPTIMAL:
        return float("nan")
    if problem.is_ratio and answer.x[problem.layout.columns("scale")][0] <= 1e-9:
        return float("nan")
    return answer.objective


def _edit(engine: Engine, problem: Priced, program: Program, tether: float) -> None:
    _write(engine, problem.layout, problem.program, program)
    if tether != problem.tether:
        _write_tether(engine, problem.layout, tether)


def _edit_back(engine: Engine, problem: Priced, program: Program, tether: float) -> None:
    _write(engine, problem.layout, program, problem.program)
    if tether != problem.tether:
        _write_tether(engine, problem.layout, problem.tether)


def _write_tether(engine: Engine, layout: Layout, tether: float) -> None:
    engine.set_coefficient(layout.rows("tether").start, layout.columns("scale").start, -tether)


def _write(engine: Engine, layout: Layout, before: Program, after: Program) -> None:
    """Write into the engine the coefficients in which two programs of one shape differ."""
    scale, first = layout.columns("scale").start, layout.rows("limits").start
    for row, column in np.argwhere(before.matrix != after.matrix):
        engine.set_coefficient(first + row, column, after.matrix[row, column])
    for name, old, new in (
        ("limits", before.bound, after.bound),
        ("low", before.low, after.low),
        ("high", before.high, after.high),
    ):
        for row in np.flatnonzero(old != new):
            engine.set_coefficient(layout.rows(name).start + row, scale, -new[row])
