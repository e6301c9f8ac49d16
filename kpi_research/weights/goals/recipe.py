"""From names of objectives and data to goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kpi_research.weights.engine import Engine
from kpi_research.weights.evidence import Evidence
from kpi_research.weights.goals import pieces
from kpi_research.weights.goals.pieces import Piece
from kpi_research.weights.goals.space import Space
from kpi_research.weights.limits import Floats
from kpi_research.weights.scenarios.gains import bootstrap_of, strata_of
from kpi_research.weights.solve import SolverError, Status

LARGER = ("validity", "discrimination", "worst", "tail", "mean")
"""Objectives of which more is better; of the others less is."""

SCENARIO = ("worst", "tail", "regret", "mean")
WITH_OUTCOME = ("validity", "deviation", *SCENARIO)
WITH_SCORES = (*WITH_OUTCOME, "discrimination")
OBJECTIVES = (
    "validity",
    "deviation",
    "discrimination",
    *SCENARIO,
    "closest",
    "closest_evenly",
    "experts",
    "experts_evenly",
)
DRAWS = 1000
PART = 0.1
"""Worst part of the scenarios that the objective ``tail`` looks at."""


@dataclass(frozen=True)
class Goal:
    """One goal of a sequence.

    Parameters
    ----------
    objective : str
        Name of the objective, one of those of `kpi_research.weights.optimize`.
    slack : float, default 0
        What later goals may give up of it, in its own unit: points for moves, hundredths for validity.

    Raises
    ------
    ValueError
        If the slack is negative or no number.

    Examples
    --------
    >>> Goal("validity", slack=0.01).slack
    0.01
    """

    objective: str
    slack: float = 0.0

    def __post_init__(self) -> None:
        number = isinstance(self.slack, int | float) and not isinstance(self.slack, bool)
        if not number or not 0 <= self.slack < np.inf:
            raise ValueError(f"slack of goal '{self.objective}' is {self.slack!r}; it must be a number of 0 or more")


@dataclass(frozen=True, eq=False)
class Recipe:
    """The data that goals are made from.

    Attributes
    ----------
    evidence : Evidence or None
        Scores and outcome.
    target : ndarray of shape (indicators,)
        Current weights, or equal ones.
    experts : ndarray of shape (indicators,) or None
        Weights of experts.
    center : ndarray of shape (indicators,)
        The allowed weights closest to the target.
    gains : ndarray of shape (scenarios, indicators) or None
        Gain of one point of each indicator in each scenario.
    shares : ndarray of shape (units,) or None
        How much each unit counts, adding up to 1; None for the same.
    """

    evidence: Evidence | None
    target: Floats
    experts: Floats | None
    center: Floats
    gains: Floats | None
    shares: Floats | None = None

    def recounted(self, counts: Floats) -> Recipe:
        """Return the recipe with units that count several times or not at all.

        Parameters
        ----------
        counts : ndarray of shape (units,)
            Times that each unit counts.

        Returns
        -------
        Recipe
        """
        return replace(self, shares=counts / counts.sum())

    def goals(self, wanted: Sequence[Goal], space: Space) -> list[tuple[Piece, float]]:
        """Return goals with their slack.

        Parameters
        ----------
        wanted : sequence of Goal
            The goals in their order.
        space : Space
            The allowed weights; regret is measured against the best in it.

        Returns
        -------
        list of (Piece, float)
        """
        return [(self._piece(goal.objective, space), goal.slack) for goal in wanted]

    def _piece(self, name: str, space: Space) -> Piece:
        if name in ("closest", "closest_evenly"):
            return pieces.distance(self.target) if name == "closest" else pieces.largest_move(self.target)
        if name in ("experts", "experts_evenly"):
            reference = self.target if self.experts is None else self.experts
            return pieces.distance(reference) if name == "experts" else pieces.largest_move(reference)
        if name in SCENARIO:
            return self._over_scenarios(name, space)
        forms, outcome, gain, shares = self._counted()
        if name == "validity":
            return pieces.validity(forms, gain, shares)
        if name == "deviation":
            return pieces.deviation(forms, outcome, shares)
        return pieces.linear(spread_gain(forms, shares, self.center))

    def _counted(self) -> tuple[Floats, Floats, Floats, Floats]:
        if self.evidence is None:
            raise SolverError("goals: no scores and outcome")
        units = len(self.evidence.outcome)
        shares = np.full(units, 1.0 / units) if self.shares is None else self.shares
        forms = self.evidence.scores - shares @ self.evidence.scores
        outcome = self.evidence.outcome - shares @ self.evidence.outcome
        return forms, outcome, (shares * outcome) @ forms, shares

    def _over_scenarios(self, name: str, space: Space) -> Piece:
        if self.gains is None:
            raise SolverError("goals: no scenarios")
        forms = None if self.evidence is None else self.evidence.scores
        if name == "regret":
            return replace(pieces.scenario_floor(self.gains, best_gains(space, self.gains)), sign=1.0)
        if name == "worst":
            return pieces.scenario_floor(self.gains, np.zeros(len(self.gains)), forms)
        return pieces.scenario_tail(self.gains, PART if name == "tail" else 1.0, forms)


def spread_gain(forms: Floats, shares: Floats, center: Floats) -> Floats:
    """Return by how much one point of each indicator spreads the score, linear around given weights.

    The standard deviation of the score is convex in the weights and of degree 1: the sum of these gains over any
    weights is at most it, and equals it at the center. More of the sum is a proven floor of the spread.

    Parameters
    ----------
    forms : ndarray of shape (units, indicators)
        Centered scores.
    shares : ndarray of shape (units,)
        How much each unit counts, adding up to 1.
    center : ndarray of shape (indicators,)
        Weights, points.

    Returns
    -------
    ndarray of shape (indicators,)
    """
    score = forms @ center
    spread = float(np.sqrt(shares @ score**2))
    if spread <= 0:
        return np.sqrt(shares @ forms**2)
    gain: Floats = (shares * score) @ forms / spread
    return gain


def best_gains(space: Space, gains: Floats) -> Floats:
    """Return the largest gain that weights of a space reach in each scenario by itself.

    Parameters
    ----------
    space : Space
        The allowed weights.
    gains : ndarray of shape (scenarios, indicators)
        Gain of one point of each indicator.

    Returns
    -------
    ndarray of shape (scenarios,)
    """
    engine, places = Engine(space.model()), np.arange(gains.shape[1])
    best = np.zeros(len(gains))
    for number, gain in enumerate(gains):
        engine.set_cost(places, -gain)
        answer = engine.run()
        if answer.status is not Status.OPTIMAL:
            raise SolverError(f"regret: the solver stopped with status '{answer.status.value}'")
        best[number] = -answer.objective
    return best


def scenario_gains(
    scenarios: pd.DataFrame | pd.Series | int | None, evidence: Evidence | None, ids: tuple[str, ...], seed: int
) -> Floats:
    """Return the gains of scenarios from a table, from strata of units, or from bootstrap samples.

    Parameters
    ----------
    scenarios : pandas.DataFrame, pandas.Series, int or None
        Gains, a column per indicator; stratum of each unit; number of bootstrap samples, None for 1000.
    evidence : Evidence or None
        Scores and outcome, for strata and bootstrap samples.
    ids : tuple of str
        Indicator ids in canonical order.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    ndarray of shape (scenarios, indicators)

    Raises
    ------
    ValueError
        If the table lacks an indicator or holds gaps.
    """
    if isinstance(scenarios, pd.DataFrame):
        missing = [name for name in ids if name not in scenarios.columns]
        if missing:
            raise ValueError(f"scenarios has no column for indicator '{missing[0]}'")
        values = scenarios[list(ids)].to_numpy(dtype=float)
        if not len(values) or not np.isfinite(values).all():
            raise ValueError("scenarios must have at least one row and hold finite numbers only")
        return values
    if evidence is None:
        raise ValueError("scenarios from bootstrap samples or strata need scores and outcome")
    if isinstance(scenarios, pd.Series):
        return strata_of(evidence, scenarios)[1]
    return bootstrap_of(evidence, DRAWS if scenarios is None else scenarios, seed)
