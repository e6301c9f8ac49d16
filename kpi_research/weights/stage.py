"""The weights stage of a study: its catalogue, values, outcome and rules brought to `optimize`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.evidence import EvidenceError
from kpi_research.weights.from_validity import banned_findings, evidence_rules, expert_weights, with_evidence
from kpi_research.weights.goals.recipe import SCENARIO, WITH_SCORES
from kpi_research.weights.indicators import canonical_indicators
from kpi_research.weights.optimize import optimize
from kpi_research.weights.remarks import VISIBLE
from kpi_research.weights.result import Weights
from kpi_research.weights.rules import Rule, resolve
from kpi_research.weights.wording import wording_of

if TYPE_CHECKING:
    from kpi_research.study.model import Study
    from kpi_research.study.spec import RuleSection
    from kpi_research.validity import Validity


def optimize_weights(
    study: Study,
    validity: Validity | None = None,
    *,
    scores: pd.DataFrame | None = None,
    outcome: pd.Series | None = None,
) -> Weights:
    """Find the weights of a study's indicators.

    Scores are each unit's mean over its periods, turned so that higher is better; the outcome likewise. Rules,
    objective, tether, scenarios and grid come from the study file, current weights from the catalogue, weights of experts
    from their comparisons, reliability and redundancy from the evidence on validity. Without an outcome that can be
    used, the weights are the closest allowed ones to the current, and a finding says so.

    Parameters
    ----------
    study : Study
        A loaded study.
    validity : Validity, optional
        Result of the validity stage; weights on indicators that go against the outcome are then pointed out, and weights
        of experts compared.
    scores, outcome : pandas.DataFrame and pandas.Series, optional
        As of `unit_scores` and `unit_outcome`, to optimize on other units than the study's, such as a bootstrap sample.

    Returns
    -------
    Weights

    Raises
    ------
    InfeasibleRules
        If the rules and the catalogue cannot all hold.
    ValueError
        If the study file names evidence or a column that is not there.

    Examples
    --------
    >>> from kpi_research.study.load import load_study  # doctest: +SKIP
    >>> optimize_weights(load_study("study.toml")).table  # doctest: +SKIP
    """
    spec, outcome = study.spec.weights, unit_outcome(study) if outcome is None else outcome
    current = pd.Series(study.indicators["current_weight"].to_numpy(), index=list(study.indicators["id"]))
    catalogue = with_evidence(study.indicators, validity)
    rules = [*(_rule(item) for item in study.spec.rules if item.enabled), *evidence_rules(spec, validity)]
    experts = expert_weights(study.indicators, current, validity)
    plain: dict[str, Any] = {
        "current": current, "experts": experts, "tether": spec.tether, "seed": study.spec.study.seed,
        "draws": spec.draws, "grid": spec.grid,
    }  # fmt: skip
    aim, reasons = _aim(study, outcome is not None, experts is not None, current)
    reasons += banned_findings(study.indicators, validity)
    if outcome is not None:
        evidence: dict[str, Any] = {"scores": unit_scores(study) if scores is None else scores, "outcome": outcome}
        evidence["scenarios"] = _scenarios(study) if aim in SCENARIO else None
        try:
            found = optimize(catalogue, rules, objective=aim, **evidence, **plain)
            return replace(found, findings=(*reasons, *found.findings, *_wrong_signs(found, study, validity)))
        except EvidenceError as lacking:
            reasons, aim = (*reasons, lacking.reason), "closest"
    found = optimize(catalogue, rules, objective=aim, **plain)
    return replace(found, findings=(*reasons, *found.findings))


def _aim(study: Study, outcome: bool, experts: bool, current: pd.Series) -> tuple[str, tuple[Finding, ...]]:
    """Return the objective that the study's data allow, and why it is not the one asked for."""
    asked = study.spec.weights.objective
    if asked in WITH_SCORES and not outcome:
        return "closest", (_without_outcome(current),)
    if asked.startswith("experts") and not experts:
        return asked.replace("experts", "closest"), (finding("weights-without-experts", Where(file="study.toml")),)
    return asked, ()


def _scenarios(study: Study) -> pd.Series | int:
    """Return strata of units, or the number of bootstrap samples."""
    wanted = study.spec.weights.scenarios
    if isinstance(wanted, int):
        return wanted
    strata = study.unit_column(wanted)
    if strata is None:
        units = study.role_table("units")
        known = [] if units is None else [str(name) for name in units.columns]
        raise ValueError(
            f"weights.scenarios is '{wanted}', which is no column of the table of units.{did_you_mean(wanted, known)['en']}"
        )
    return strata.astype("str")


def unit_scores(study: Study) -> pd.DataFrame:
    """Return each unit's mean indicator values over its periods, turned so that higher is better.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    pandas.DataFrame
        Index: unit; a column per indicator id, in the indicator's own unit of measure (negated where lower is
        better); NaN where a unit has no value in any period.
    """
    ids = list(study.indicators["id"])
    lower = study.indicators["direction"].to_numpy() == "lower"
    return study.values.groupby("unit")[ids].mean() * np.where(lower, -1.0, 1.0)


def unit_outcome(study: Study, rows: pd.DataFrame | None = None) -> pd.Series | None:
    """Return each unit's mean outcome over its periods, turned so that higher is better.

    Parameters
    ----------
    study : Study
        A loaded study.
    rows : pandas.DataFrame, optional
        Rows of `Study.outcome` to take instead of all, such as those of a bootstrap sample.

    Returns
    -------
    pandas.Series or None
        Index: unit; None where the study names no outcome.
    """
    frame = study.outcome() if rows is None else rows
    if frame is None:
        return None
    sign = -1.0 if study.spec.validity.outcome_direction == "lower" else 1.0
    means: pd.Series = sign * frame.assign(unit=frame["unit"].astype("str")).groupby("unit")["outcome"].mean()
    return means


def _rule(item: RuleSection) -> Rule:
    return Rule(
        item.id, item.where, item.min, item.max, item.of, item.each_min, item.each_max,
        item.hard, item.priority, item.label, item.source, item.than, item.column,
        item.each_change, item.change, item.least, item.count_min, item.count_max,
    )  # fmt: skip


def _without_outcome(current: pd.Series) -> Finding:
    known = current.notna().any()
    reference = {"en": "current", "zh": "现行"} if known else {"en": "equal", "zh": "等"}
    return finding("weights-without-outcome", Where(file="study.toml", column="validity.outcome"), reference=reference)


def _wrong_signs(found: Weights, study: Study, validity: Validity | None) -> tuple[Finding, ...]:
    if validity is None or validity.skipped:
        return ()
    signs = validity.table.set_index("indicator")["wrong_sign"].fillna(False).astype(bool)
    used = found.table.loc[found.table["weight"] > VISIBLE, "id"]
    wrong = [name for name in used if signs.get(name, False)]
    frame = canonical_indicators(study.indicators)
    names = wording_of(resolve((), frame), frame).listed(wrong)
    return (finding("weights-on-wrong-sign", Where(), names=names),) if wrong else ()
