"""Weights that follow from evidence under written rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding
from kpi_research.weights.arguments import check_choices
from kpi_research.weights.assembly import assemble_result
from kpi_research.weights.change_conflicts import explain_change
from kpi_research.weights.direct import run_direct
from kpi_research.weights.evidence import Evidence, prepare_evidence
from kpi_research.weights.general import allowed_space, run_general
from kpi_research.weights.goals.recipe import SCENARIO, WITH_SCORES, Goal, scenario_gains
from kpi_research.weights.indicators import canonical_indicators, weights_of
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Flags, Limit, single_limit
from kpi_research.weights.program import compile_program
from kpi_research.weights.published.attach import with_grid
from kpi_research.weights.remarks import support_chosen
from kpi_research.weights.result import Weights
from kpi_research.weights.rules import Rule, resolve
from kpi_research.weights.support import choose_support, keeps_support
from kpi_research.weights.task import Outcome, Task
from kpi_research.weights.wording import Wording, wording_of

DRAWS = 200


def optimize(
    indicators: pd.DataFrame,
    rules: Iterable[Rule],
    *,
    objective: str | Sequence[Goal] = "validity",
    scores: pd.DataFrame | None = None,
    outcome: pd.Series | None = None,
    current: Mapping[str, float] | pd.Series | None = None,
    experts: Mapping[str, float] | pd.Series | None = None,
    tether: float | None = 10.0,
    scenarios: pd.DataFrame | pd.Series | int | None = None,
    grid: float | None = None,
    level: float = 0.95,
    seed: int = 0,
    draws: int = DRAWS,
) -> Weights:
    """Find the weights of indicators that rules allow and evidence supports, unique and certified.

    The default objective is ``max cov(score, outcome) / mean |score - mean score|`` with ``score = sum w_j x_j``, made
    linear by homogenization, under the rules and the tether ``sum_j |w_j - center_j| <= tether``. Among all optimal
    weights the ones closest in squares to the reference (current weights, or equal ones) are returned, so neither the
    order nor the names of indicators matter.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue, a row per indicator: ``id`` and the columns that the filters of the rules use; where present
        ``label_en``, ``label_zh``, ``module``, ``direction``, ``min_weight``, ``max_weight`` (points) and ``banned``.
    rules : iterable of Rule
        Written rules; soft ones hold as far as the hard ones let them.
    objective : str or sequence of Goal, default "validity"
        ``validity``: go with the outcome. ``deviation``: least mean absolute deviation of the outcome from the scaled
        score. ``discrimination``: tell units apart (largest floor of the score's standard deviation, linear around the
        center). ``tail``, ``worst``, ``mean``: largest mean gain over the worst tenth of the scenarios, smallest gain, mean
        gain, over the score's mean absolute deviation where scores are given; ``regret``: smallest largest regret.
        ``closest``, ``closest_evenly``: smallest sum, or smallest largest, of moves from the current weights;
        ``experts``, ``experts_evenly``: from those of experts. A sequence of `Goal` optimizes one after the other.
    scores : pandas.DataFrame of shape (units, indicators), optional
        Index: unit; a column per indicator id; higher is better; any scale. Units that lack a score which may count
        are left out as a whole. Needed for all objectives but those of closeness.
    outcome : pandas.Series of shape (units,), optional
        Index: unit; higher is better. Needed with scores, but not for ``discrimination``.
    current : mapping or pandas.Series of id to points, optional
        Current or expert weights; None takes equal weights over all indicators that may have weight as the reference.
    experts : mapping or pandas.Series of id to points, optional
        Weights of experts, such as from `kpi_research.validity.ahp`; they are compared with the weights found.
    tether : float or None, default 10
        Largest sum of absolute moves from the center in points, at least 0: 10 moves 5 points from some indicators to
        others. The center is the reference or, where it breaks the rules, the closest allowed weights. None removes
        the tether. Not for objectives of closeness alone.
    scenarios : pandas.DataFrame, pandas.Series or int, optional
        For ``tail``, ``worst``, ``mean``, ``regret``: gain of one point, a row per scenario and a column per indicator;
        or the stratum of each unit; or the number of bootstrap samples of units (None: 1000).
    grid : float, optional
        Step of the published weights in points, such as 1, 2 or 5; see `kpi_research.weights.publish_weights`.
    level : float, default 0.95
        Level of the bootstrap quantiles, between 0 and 1.
    seed : int, default 0
        Seed of bootstrap and cross-validation; the weights themselves do not depend on it.
    draws : int, default 200
        Number of bootstrap samples of units; 0 for none.

    Returns
    -------
    Weights

    Raises
    ------
    InfeasibleRules
        If the hard rules and the catalogue cannot all hold.
    TypeError
        If an argument is of the wrong type.
    ValueError
        If an argument is out of range, a name is unknown, scores and outcome say nothing, or no choice of indicators
        keeps the rules on their number.
    WeightsCheckError
        If the answer fails the independent check.

    Notes
    -----
    Limits on the number of indicators, and weights of 0 or at least so much, are kept by choosing which indicators have
    weight (those of the allowed weights closest to the optimum without these rules) and optimizing again.

    The fractional program is linear by Charnes & Cooper (1962), doi:10.1002/nav.3800090303; a mean absolute deviation
    in place of a standard deviation keeps it linear (Konno & Yamazaki 1991, doi:10.1287/mnsc.37.5.519).

    Examples
    --------
    >>> import pandas as pd
    >>> catalogue = pd.DataFrame({"id": ["a", "b", "c"], "module": ["x", "x", "y"]})
    >>> band = Rule("band", "module = 'x'", max=60)
    >>> found = optimize(catalogue, [band], objective="closest", current={"a": 50, "b": 30, "c": 20})
    >>> found.table["weight"].round(6).tolist()
    [40.0, 20.0, 40.0]
    """
    rules = tuple(rules)
    goals = check_choices(objective, scores, outcome, experts, tether, scenarios, grid, level, seed, draws)
    frame, ids = _catalogue(indicators, current)
    resolved = resolve(rules, frame)
    wording = wording_of(resolved, frame)
    given, known = weights_of(current, ids), weights_of(experts, ids, "experts")
    free = compile_program(ids, resolved.limits).high > 0
    evidence = _evidence(scores, outcome, wording, free)
    absent = np.zeros(len(free), dtype=bool)
    if evidence is not None and any(goal.objective in WITH_SCORES for goal in goals):
        absent = evidence.absent
    usable = free & ~absent
    equal = usable.astype(float) * (100.0 / max(int(usable.sum()), 1))
    wanted = any(goal.objective in SCENARIO for goal in goals)
    task = Task(
        frame=frame, resolved=resolved, wording=wording, limits=(*resolved.limits, *_unsupported(ids, absent)),
        given=given, experts=known, target=equal if given is None else given, equal=equal, evidence=evidence,
        goals=goals if evidence is not None or isinstance(scenarios, pd.DataFrame) or free.any() else (Goal("closest"),),
        gains=scenario_gains(scenarios, evidence, ids, seed) if wanted and free.any() else None,
        tether=np.inf if tether is None else float(tether), level=level, draws=draws, seed=seed,
    )  # fmt: skip
    found, findings, final = _solved(task)
    result = assemble_result(final, found, findings, list(indicators["id"]), outcome is not None)
    return result if grid is None else with_grid(result, final, found, rules, grid)


def _catalogue(
    indicators: pd.DataFrame, current: Mapping[str, float] | pd.Series | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    frame = canonical_indicators(indicators)
    ids = tuple(frame["id"])
    given = weights_of(current, ids)
    return (frame if given is None else frame.assign(current_weight=given)), ids


def _unsupported(ids: tuple[str, ...], absent: Flags) -> list[Limit]:
    return [single_limit(list(ids), int(place), "no_evidence", 0.0) for place in np.flatnonzero(absent)]


def _evidence(scores: pd.DataFrame | None, outcome: pd.Series | None, wording: Wording, free: Flags) -> Evidence | None:
    """Return scores and outcome; where there is no outcome, the mean score stands in, which only its spread needs."""
    if scores is None or not free.any():
        return None
    if outcome is None:
        outcome = (scores - scores.mean()).div(scores.std(ddof=0).replace(0.0, 1.0)).mean(axis=1)
    return prepare_evidence(scores, outcome, wording, free)


def _solved(task: Task) -> tuple[Outcome, tuple[Finding, ...], Task]:
    conflict = explain_conflict(task.resolved, task.limits, task.wording) or explain_change(task)
    if conflict is not None:
        raise conflict
    found = _run(task)
    if keeps_support(task.resolved.wide, found.weights):
        return found, (), task
    chosen = choose_support(allowed_space(task), task.resolved.wide, found.weights, task.ids)
    task = replace(task, limits=(*task.limits, *chosen))
    again = _run(task)
    return again, support_chosen(found.objective, again.objective), task


def _run(task: Task) -> Outcome:
    plain = len(task.goals) == 1 and task.goals[0].objective in ("validity", "closest") and not task.changes
    return run_direct(task) if plain else run_general(task)
