"""Weights that hold up over scenarios: worst case, worst part, smallest largest regret, or the plain mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.check import dual_bound
from kpi_research.weights.indicators import weights_of
from kpi_research.weights.limits import Floats
from kpi_research.weights.objectives import closest_weights, tidy
from kpi_research.weights.program import Program
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.rules import Rule
from kpi_research.weights.scenarios.program import Region, best_of_each, least_bad, tail_mean, worst_mean

GOALS = ("worst", "tail", "regret", "mean")


@dataclass(frozen=True)
class ScenarioWeights(Result):
    """Weights that are best over scenarios.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per indicator: ``id``, ``reference`` (current or equal weights, made admissible), ``weight``; points.
    findings : tuple of Finding
        What the goal reaches, against the reference.
    scenarios : pandas.DataFrame
        One row per scenario: ``scenario``; ``gain`` (with the weights found), ``reference_gain``, and for regret
        ``best_gain`` (what weights for this scenario alone would reach), ``regret``.
    value : float
        The goal: smallest gain, mean of the worst part, largest regret (smaller is better), or mean gain.
    reference_value : float
        The same for the reference weights.
    gap : float
        Distance of ``value`` from the bound that the duals prove, computed without the solver.
    """

    scenarios: pd.DataFrame
    value: float
    reference_value: float
    gap: float


def scenario_weights(
    scenarios: pd.DataFrame,
    *,
    goal: Literal["worst", "tail", "regret", "mean"] = "tail",
    part: float = 0.1,
    indicators: pd.DataFrame | None = None,
    rules: Iterable[Rule] = (),
    current: Mapping[str, float] | pd.Series | None = None,
    tether: float | None = None,
) -> ScenarioWeights:
    """Find the admissible weights that are best when scenarios, not one data set, decide.

    Parameters
    ----------
    scenarios : pandas.DataFrame of shape (scenarios, indicators)
        Gain of one point of each indicator in each scenario, such as from `bootstrap_gains` or `stratum_gains`.
    goal : {"worst", "tail", "regret", "mean"}, default "tail"
        ``worst``: largest smallest gain. ``tail``: largest mean over the worst part (conditional value at risk).
        ``regret``: smallest largest distance from the best that weights for the scenario alone would reach. ``mean``:
        largest mean.
    part : float, default 0.1
        Worst part of the scenarios for ``tail``, above 0 to 1.
    indicators : pandas.DataFrame, optional
        The catalogue; None takes the columns of the scenarios.
    rules : iterable of Rule, optional
        The rules; hard ones restrict the weights.
    current : mapping or pandas.Series of id to points, optional
        Reference weights; None takes equal ones.
    tether : float, optional
        Largest sum of moves from the reference (or the closest admissible weights), points; None for no tether.

    Returns
    -------
    ScenarioWeights

    Raises
    ------
    InfeasibleRules
        If the rules cannot all hold.
    ValueError
        If an argument is out of range, or scenarios and catalogue do not belong together.

    Notes
    -----
    Conditional value at risk: Rockafellar & Uryasev 2000, doi:10.21314/JOR.2000.038. Minimax regret: Savage 1951,
    doi:10.1080/01621459.1951.10500768.

    Examples
    --------
    >>> gains = pd.DataFrame({"a": [0.6, 0.0], "b": [0.2, 0.4]}, index=["rural", "urban"])
    >>> scenario_weights(gains, goal="worst").table["weight"].round(6).tolist()
    [25.0, 75.0]
    """
    _check(goal, part, tether)
    gains, program = admissible(scenarios, indicators, rules)
    given = weights_of(current, program.ids)
    target = np.full(len(program.ids), 100.0 / len(program.ids)) if given is None else given
    nearest = closest_weights(program, target)
    center = target if nearest is None else nearest.weights
    region = Region(program, center, np.inf if tether is None else float(tether))
    weights, gap = _solved(region, gains, goal, part)
    return _result(scenarios, program, gains, tidy(weights, program), region, goal, part, gap)


def _solved(region: Region, gains: Floats, goal: str, part: float) -> tuple[Floats, float]:
    if goal in ("worst", "regret"):
        offset = best_of_each(region, gains) if goal == "regret" else np.zeros(len(gains))
        model, answer = least_bad(region, gains, offset)
    else:
        model, answer = worst_mean(region, gains, part if goal == "tail" else 1.0)
    bound, _ = dual_bound(model, answer.row_dual)
    return answer.x[: gains.shape[1]], abs(answer.objective - bound)


def _value(gains: Floats, best: Floats, goal: str, part: float) -> float:
    if goal == "regret":
        return float((best - gains).max())
    return float(gains.min()) if goal == "worst" else tail_mean(gains, part if goal == "tail" else 1.0)


def _result(
    scenarios: pd.DataFrame,
    program: Program,
    gains: Floats,
    weights: Floats,
    region: Region,
    goal: str,
    part: float,
    gap: float,
) -> ScenarioWeights:
    own, reference = gains @ weights, gains @ region.center
    table = pd.DataFrame({"id": list(program.ids), "reference": region.center, "weight": weights})
    frame = pd.DataFrame({"scenario": scenarios.index, "gain": own, "reference_gain": reference})
    best = best_of_each(region, gains) if goal == "regret" else np.zeros(len(gains))
    if goal == "regret":
        frame["best_gain"], frame["regret"] = best, best - own
    value, before = _value(own, best, goal, part), _value(reference, best, goal, part)
    facts = {"count": len(gains), "value": f"{value:.4g}", "before": f"{before:.4g}", "goal": _WORDS[goal]}
    return ScenarioWeights(table, (finding("scenario-goal", Where(), **facts),), frame, value, before, gap)


_WORDS = {
    "worst": {"en": "smallest gain", "zh": "最小得益"},
    "tail": {"en": "mean gain over the worst part", "zh": "最差部分的平均得益"},
    "regret": {"en": "largest regret", "zh": "最大遗憾值"},
    "mean": {"en": "mean gain", "zh": "平均得益"},
}


def _check(goal: object, part: object, tether: object) -> None:
    if goal not in GOALS:
        raise ValueError(f"goal is {goal!r}.{did_you_mean(str(goal), GOALS)['en']}")
    if isinstance(part, bool) or not isinstance(part, int | float) or not 0 < part <= 1:
        raise ValueError(f"part is {part!r}; allowed is above 0 to 1")
    if tether is not None and (isinstance(tether, bool) or not isinstance(tether, int | float) or not tether >= 0):
        raise ValueError(f"tether is {tether!r}; it must be 0 or more points, or None")
