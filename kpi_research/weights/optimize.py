"""Weights that follow from evidence under written rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pulp
from matplotlib.figure import Figure

from kpi_research.study.findings import Finding, Language, Where, finding
from kpi_research.study.results import Result
from kpi_research.weights.arguments import check_choices
from kpi_research.weights.check import Certificate, certify, evaluate_rules, primal_violation
from kpi_research.weights.draw import draw_weights
from kpi_research.weights.evidence import Evidence, prepare_evidence
from kpi_research.weights.indicators import canonical_indicators, weights_of
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Floats, Limit, single_limit
from kpi_research.weights.model_tables import model_from_tables, model_tables
from kpi_research.weights.objectives import Optimum, closest_weights, most_valid_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.ranges import weight_ranges
from kpi_research.weights.remarks import (
    current_breaks_rules,
    soft_rules_broken,
    unstable_relation,
    validity_compared,
    weights_not_determined,
)
from kpi_research.weights.resample import Question, Resampled, bootstrap_weights, cross_validated
from kpi_research.weights.rules import ResolvedRules, Rule, resolve
from kpi_research.weights.soft import relax_soft_limits
from kpi_research.weights.solve import SolverError, to_pulp
from kpi_research.weights.tables import rules_table, weights_table
from kpi_research.weights.wording import Wording, wording_of

DRAWS = 200


@dataclass(frozen=True)
class Weights(Result):
    """Weights of indicators, what they rest on and what each rule costs.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per indicator in catalogue order: ``id``; ``label_en``, ``label_zh``, ``module``, ``direction``;
        ``current`` (points of 100, NaN where none are given); ``weight`` (points); ``low``, ``high`` (the exact range
        that the weight can take while the objective stays at its optimum, points); ``boot_sd`` (standard deviation
        over bootstrap samples of units, points), ``boot_low``, ``boot_high`` (its quantiles at the level asked for),
        ``boot_share`` (share of samples, 0 to 1, in which the weight is above 0); NaN where nothing was resampled.
    findings : tuple of Finding
        What the user must know.
    rules : pandas.DataFrame
        One row per rule and kind of limit: ``rule``, ``kind`` (``"sum"``, ``"share"``, ``"each"``, ``"move"`` for the
        tether), ``label_en``, ``label_zh``; ``value`` (points, or a share from 0 to 1), ``min``, ``max``; ``binding``
        (the value stands at a limit); ``violation`` (points, above 0 only for soft rules); ``hard``; ``source``;
        ``limit`` (which limit is priced), ``price_minus_5``, ``price_minus_1``, ``price_plus_1``, ``price_plus_5``
        (change of ``objective`` when that limit is 5 or 1 points, or percentage points of a share, lower or higher; NaN
        where the rules then cannot all hold or nothing goes with the outcome).
    aim : {"validity", "closest"}
        The objective that was optimized in the end.
    objective : float
        For ``"validity"`` the covariance of score and outcome over the score's mean absolute deviation (larger is
        better; with both standardized between -1.25 and 1.25 for normal scores); for ``"closest"`` the sum of moves
        from the reference weights in points (smaller is better).
    validity : float
        Pearson's correlation of score and outcome over the complete units, in sample; NaN without an outcome.
    validity_current : float
        The same for the current weights, or for equal ones where there are none.
    validity_cross_validated : float
        The same for scores from weights that were optimized without the scored units; NaN unless ``aim`` is validity.
    certificate : Certificate
        Largest violation and duality gap, computed without the solver.
    model : mapping of str to pandas.DataFrame
        The linear program whose optimum the weights are: ``columns``, ``rows`` and ``entries``; see `to_pulp`.
    """

    rules: pd.DataFrame
    aim: str
    objective: float
    validity: float
    validity_current: float
    validity_cross_validated: float
    certificate: Certificate
    model: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def to_pulp(self) -> pulp.LpProblem:
        """Return the linear program as a PuLP problem, always a minimization.

        Its first variables ``w00001``, ``w00002``, ... are the weights in the order of the sorted ids; for the aim
        ``"validity"`` they are multiplied by the variable that follows them (see the notes of `optimize`).
        ``to_pulp().writeLP("weights.lp")`` and ``.writeMPS("weights.mps")`` export it for other solvers.

        Returns
        -------
        pulp.LpProblem

        Raises
        ------
        ValueError
            If these weights were not made by `optimize` and carry no model.
        """
        if not self.model:
            raise ValueError("these weights carry no linear program; call optimize to get weights that do")
        return to_pulp(model_from_tables(self.model))[0]

    def plot(self, lang: Language = "en") -> Figure:
        """Draw current and new weights of each indicator with the range that does equally well.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_weights(self.table, lang)


@dataclass(frozen=True, eq=False)
class _Task:
    """Everything that is fixed before optimizing."""

    frame: pd.DataFrame
    resolved: ResolvedRules
    wording: Wording
    limits: tuple[Limit, ...]
    given: Floats | None
    target: Floats
    evidence: Evidence | None
    tether: float
    level: float
    draws: int
    seed: int


def optimize(
    indicators: pd.DataFrame,
    rules: Iterable[Rule],
    *,
    objective: str = "validity",
    scores: pd.DataFrame | None = None,
    outcome: pd.Series | None = None,
    current: Mapping[str, float] | pd.Series | None = None,
    tether: float | None = 10.0,
    scenarios: object = None,
    grid: object = None,
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
    objective : {"validity", "closest"}, default "validity"
        Go with the outcome, or stay close to the current weights (smallest sum of moves).
    scores : pandas.DataFrame of shape (units, indicators), optional
        Index: unit; a column per indicator id; higher is better; any scale. Units that lack a score which may count
        are left out as a whole. Needed for ``"validity"``.
    outcome : pandas.Series of shape (units,), optional
        Index: unit; higher is better. Needed for ``"validity"``.
    current : mapping or pandas.Series of id to points, optional
        Current or expert weights; None takes equal weights over all indicators that may have weight as the reference.
    tether : float or None, default 10
        Largest sum of absolute moves from the center in points, at least 0: 10 moves 5 points from some indicators to
        others. The center is the reference or, where it breaks the rules, the closest allowed weights. None removes
        the tether. Only for ``"validity"``.
    scenarios, grid : None
        Not available yet.
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
        If an argument is out of range, a name is unknown, or scores and outcome say nothing.
    WeightsCheckError
        If the answer fails the independent check.

    Notes
    -----
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
    check_choices(objective, scores, outcome, tether, scenarios, grid, level, seed, draws)
    frame = canonical_indicators(indicators)
    resolved = resolve(rules, frame)
    wording = wording_of(resolved, frame)
    given = weights_of(current, resolved.ids)
    free = compile_program(resolved.ids, resolved.limits).high > 0
    evidence = None
    if scores is not None and outcome is not None and free.any():
        evidence = prepare_evidence(scores, outcome, wording, free)
    absent = evidence.absent if evidence is not None and objective == "validity" else np.zeros(len(free), dtype=bool)
    ids = list(resolved.ids)
    limits = (*resolved.limits, *(single_limit(ids, int(j), "no_evidence", 0.0) for j in np.flatnonzero(absent)))
    usable = free & ~absent
    target = given if given is not None else usable.astype(float) * (100.0 / max(int(usable.sum()), 1))
    reach = np.inf if tether is None else float(tether)
    task = _Task(frame, resolved, wording, limits, given, target, evidence, reach, level, draws, seed)
    return _optimize(task, objective, list(indicators["id"]))


def _optimize(task: _Task, objective: str, order: list[str]) -> Weights:
    conflict = explain_conflict(task.resolved, task.limits, task.wording)
    if conflict is not None:
        raise conflict
    program = relax_soft_limits(compile_program(task.resolved.ids, task.limits), task.target)
    nearest = closest_weights(program, task.target)
    if nearest is None:
        raise SolverError("the rules can hold, but the solver found no weights closest to the reference")
    question, findings = None, _reference_findings(task, nearest)
    best = nearest
    if objective == "validity" and task.evidence is not None:
        question = Question(program, task.evidence, nearest.weights, task.target, task.tether)
        found = most_valid_weights(program, task.evidence, nearest.weights, task.target, task.tether)
        findings += () if found else (finding("no-positive-validity", Where(), reference=_reference_name(task)),)
        best, question = (found, question) if found else (nearest, None)
    return _result(task, best, question, findings, order)


def _reference_name(task: _Task) -> dict[str, str]:
    return {"en": "equal", "zh": "等"} if task.given is None else {"en": "current", "zh": "现行"}


def _reference_findings(task: _Task, nearest: Optimum) -> tuple[Finding, ...]:
    own = task.evidence.findings if task.evidence is not None else ()
    if task.given is None:
        return (*own, finding("reference-equal-weights"))
    program = compile_program(task.resolved.ids, task.limits)
    return (*own, *current_breaks_rules(program, task.given, nearest.weights, task.wording))


def _result(
    task: _Task, best: Optimum, question: Question | None, findings: tuple[Finding, ...], order: list[str]
) -> Weights:
    ids, evidence = task.resolved.ids, task.evidence
    points = pd.Series(best.weights, index=list(ids))
    values = evaluate_rules(task.resolved.rules, task.frame, points)
    violation = primal_violation(values, task.frame, points)
    certificate = certify(violation, -best.objective if question else best.objective, best.model, best.answer.row_dual)
    low, high = weight_ranges(best.face, best.weights)
    rules = rules_table(values, task.resolved.rules, best, question)
    drawn = bootstrap_weights(question, task.draws, task.seed) if question else Resampled(np.zeros((0, len(ids))), 0)
    validated = cross_validated(question, task.seed) if question else float("nan")
    validity, reference = (evidence.correlation(w) if evidence else float("nan") for w in (best.weights, task.target))
    findings += soft_rules_broken(rules, task.wording) + weights_not_determined(ids, low, high, task.wording)
    if question and evidence:
        findings += validity_compared(len(evidence.units), validity, validated, reference)
        findings += unstable_relation(drawn.unrelated, task.draws)
    table = weights_table(task.frame, task.given, best.weights, low, high, drawn.weights, task.level)
    return Weights(
        table=table.set_index("id").loc[order].reset_index(),
        findings=findings,
        rules=rules,
        aim="validity" if question else "closest",
        objective=best.objective,
        validity=validity,
        validity_current=reference,
        validity_cross_validated=validated,
        certificate=certificate,
        model=model_tables(best.model),
    )
