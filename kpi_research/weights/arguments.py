"""Checks of the plain arguments of `optimize`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.goals.recipe import OBJECTIVES, SCENARIO, WITH_OUTCOME, WITH_SCORES, Goal


def check_choices(
    objective: str | Sequence[Goal],
    scores: object,
    outcome: object,
    experts: object,
    tether: float | None,
    scenarios: object,
    grid: float | None,
    level: float,
    seed: int,
    draws: int,
) -> tuple[Goal, ...]:
    """Return the goals; raise unless the plain arguments of `kpi_research.weights.optimize` are sound.

    Parameters
    ----------
    objective : str or sequence of Goal
        One of the objectives, or several.
    scores, outcome, experts : object
        Needed or not, as the objective asks.
    tether : float or None
        At least 0.
    scenarios : object
        Needed or not, as the objective asks.
    grid : float or None
        A step above 0 of which 100 is a multiple.
    level : float
        Between 0 and 1.
    seed, draws : int
        At least 0.

    Returns
    -------
    tuple of Goal

    Raises
    ------
    TypeError
        If a number is of another type.
    ValueError
        If a value is not allowed.
    """
    goals = _goals(objective)
    for goal in goals:
        _check_data(goal.objective, scores, outcome, experts, scenarios)
    if scenarios is not None and not any(goal.objective in SCENARIO for goal in goals):
        raise ValueError(f"scenarios are given, but only the objectives {', '.join(SCENARIO)} look at them; choose one")
    _check_scenarios(scenarios)
    if tether is not None:
        _check_number("tether", tether, 0.0, math.inf)
    if grid is not None:
        _check_number("grid", grid, 0.0, 100.0)
        if grid == 0 or abs(100 / grid - round(100 / grid)) > 1e-9:
            raise ValueError(f"grid is {grid:g}; 100 must be a multiple of it, such as 1, 2 or 5")
    _check_number("level", level, 0.0, 1.0)
    if level in (0, 1):
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    for name, count in (("seed", seed), ("draws", draws)):
        _check_count(name, count)
    return goals


def _goals(objective: str | Sequence[Goal]) -> tuple[Goal, ...]:
    goals = (Goal(objective),) if isinstance(objective, str) else tuple(objective)
    if not goals:
        raise ValueError("objective is empty; give a name or at least one Goal")
    for goal in goals:
        if not isinstance(goal, Goal):
            raise TypeError(f"objective must hold Goal objects, found {type(goal).__name__}")
        if goal.objective not in OBJECTIVES:
            raise ValueError(f"objective is {goal.objective!r}.{did_you_mean(str(goal.objective), OBJECTIVES)['en']}")
    names = [goal.objective for goal in goals]
    if len(set(names)) < len(names):
        raise ValueError(f"objective: the goal '{next(name for name in names if names.count(name) > 1)}' stands twice")
    return goals


def _check_data(name: str, scores: object, outcome: object, experts: object, scenarios: object) -> None:
    tabled = name in SCENARIO and isinstance(scenarios, pd.DataFrame)
    if name in WITH_SCORES and scores is None and not tabled:
        raise ValueError(f"scores is missing; the objective '{name}' needs scores (or choose 'closest')")
    if name in WITH_OUTCOME and outcome is None and not tabled:
        raise ValueError(f"outcome is missing; the objective '{name}' needs scores and outcome (or choose 'closest')")
    if name.startswith("experts") and experts is None:
        raise ValueError(f"experts is missing; the objective '{name}' needs the weights of experts")


def _check_scenarios(scenarios: object) -> None:
    if scenarios is None or isinstance(scenarios, pd.DataFrame | pd.Series):
        return
    if isinstance(scenarios, bool) or not isinstance(scenarios, int):
        raise TypeError(
            f"scenarios is {type(scenarios).__name__}; it must be a frame of gains, a series of strata, or a whole number"
        )
    if scenarios < 1:
        raise ValueError(f"scenarios is {scenarios}; it must be 1 or more")


def _check_count(name: str, count: object) -> None:
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"{name} is {count!r}; it must be a whole number")
    if count < 0:
        raise ValueError(f"{name} is {count}; it must be 0 or more")


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}; it must be a number")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; allowed is {low:g} to {high:g}")
