"""What is fixed before weights are optimized, and what an optimization gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.goals.pieces import Piece, distance
from kpi_research.weights.goals.recipe import Goal
from kpi_research.weights.limits import Floats, Limit
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.resample import Refit
from kpi_research.weights.rules import ResolvedRules, current_points
from kpi_research.weights.wording import Wording


@dataclass(frozen=True, eq=False)
class Task:
    """Everything that is fixed before optimizing.

    Attributes
    ----------
    frame : pandas.DataFrame
        The catalogue in canonical order.
    resolved : ResolvedRules
        The rules.
    wording : Wording
        Names.
    limits : tuple of Limit
        All limits, those for missing evidence included.
    given, experts : ndarray of shape (indicators,) or None
        Current weights and weights of experts, points.
    target : ndarray of shape (indicators,)
        Current weights, or equal ones over the usable indicators.
    equal : ndarray of shape (indicators,)
        Equal weights over the usable indicators, points.
    evidence : Evidence or None
        Scores and outcome.
    goals : tuple of Goal
        What to optimize, one after the other.
    gains : ndarray of shape (scenarios, indicators) or None
        Scenarios.
    tether, level : float
        Largest total move from the center, points; level of intervals.
    draws, seed : int
        Number of bootstrap samples; seed.
    """

    frame: pd.DataFrame
    resolved: ResolvedRules
    wording: Wording
    limits: tuple[Limit, ...]
    given: Floats | None
    experts: Floats | None
    target: Floats
    equal: Floats
    evidence: Evidence | None
    goals: tuple[Goal, ...]
    gains: Floats | None
    tether: float
    level: float
    draws: int
    seed: int

    @property
    def ids(self) -> tuple[str, ...]:
        """Indicator ids in canonical order."""
        return self.resolved.ids

    @property
    def changes(self) -> tuple[tuple[str, Piece, float], ...]:
        """Rules on total change: name, sum of moves, and the most it may be."""
        wide = [limit for limit in self.resolved.wide if limit.kind == "change"]
        current = current_points(self.frame) if wide else np.zeros(len(self.ids))
        return tuple((limit.rule, distance(current, limit.selected), limit.value) for limit in wide)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Optimal weights with everything that the result says about them.

    Attributes
    ----------
    weights, low, high, center : ndarray of shape (indicators,)
        Points: the weights, their range at the optimum, the allowed weights closest to the target.
    near : tuple of ndarray
        Range while the objective gives up a little; NaN where it is not said.
    program : Program
        The rules, soft ones relaxed.
    aim : str
        The objective.
    objective : float
        Its value, as it is reported.
    minimized : tuple of float
        The value at the weights as a minimization, and the bound that duals prove; the gap of later goals is in it.
    wrong : float
        Largest wrong sign among the reduced costs.
    model : LinearModel
        What was solved.
    price : callable
        From the table of rules to the table of prices.
    refit : callable or None
        Optimizes again when units count several times; None where the objective does not rest on units.
    goals : mapping of str to float
        Value of each goal, as it is reported.
    findings : tuple of Finding
        What the user must know.
    """

    weights: Floats
    low: Floats
    high: Floats
    center: Floats
    near: tuple[Floats, Floats]
    program: Program
    aim: str
    objective: float
    minimized: tuple[float, float]
    wrong: float
    model: LinearModel
    price: Callable[[pd.DataFrame], pd.DataFrame]
    refit: Refit | None
    goals: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
