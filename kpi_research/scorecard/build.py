"""The scorecard stage: from weights to scores, ranks and what they can carry."""

from __future__ import annotations

import pandas as pd

from kpi_research.preventability import Preventability
from kpi_research.scorecard.adjustment import adjusted_study
from kpi_research.scorecard.consequences.study import StudyConsequences, study_consequences
from kpi_research.scorecard.evaluators import StudyEvaluators, study_evaluators
from kpi_research.scorecard.events import EventRule, event_points
from kpi_research.scorecard.group_scores import GroupScores, Options, score_group
from kpi_research.scorecard.groups import comparison_groups
from kpi_research.scorecard.reasons.study import study_reasons
from kpi_research.scorecard.result import Scorecard
from kpi_research.scorecard.score import Missing
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.weights import Weights
from kpi_research.workload import Workload

COLUMNS = {"unit": "str", "score": "float64", "se": "float64", "rank": "Int64", "low": "Int64", "high": "Int64"}
PARTS = {"unit": "str", "indicator": "str", "value": "float64", "normalized": "float64", "weight": "float64", "points": "float64"}  # fmt: skip
STAGE = {"en": "scorecard", "zh": "计分与排名"}


def build_scorecard(
    study: Study,
    weights: Weights,
    preventability: Preventability | None = None,
    workload: Workload | None = None,
    *,
    missing: Missing | None = None,
) -> Scorecard:
    """Score and rank the units of a study, each within its own comparison group.

    Parameters
    ----------
    study : Study
        The study; `[scorecard]` of its file sets normalization, confidence level and draws, `[study]` the seed.
    weights : Weights
        Result of the weights stage; its table gives ``id`` and ``weight``.
    preventability : Preventability, optional
        Result of the preventability stage: its expected numbers of cases serve ``[[scorecard.adjust]]``.
    workload : Workload, optional
        Result of the workload stage: its work in standard minutes serves ``[[scorecard.adjust]]``.
    missing : {"reweight", "exclude"}, optional
        What becomes of a unit that lacks an indicator in all periods: its other weights are scaled up to 100 points, or
        it gets no score; by default what ``[scorecard]`` says. Either way a finding names unit and indicator; a missing
        value never counts as zero.

    Returns
    -------
    Scorecard
        Without rows where the study has no values or the weights stage gave no weights.

    Raises
    ------
    ValueError
        If a weight belongs to no indicator of the study, or ``missing`` is unknown.

    Notes
    -----
    Units are compared within the ``sequence`` and ``peer_group`` of the units table, where the study has them. An
    indicator with a ``sequence`` of its own counts only for units of that sequence; the weights of the indicators that
    apply to a group are scaled to 100 points.

    The value of an indicator is the unit's mean over its periods. It is normalized against the values of the group's
    units (`fit_normalization`), so that levels of different periods stay on one scale. Indicators of role ``threshold``
    earn all points or none; those of role ``veto`` stay out of the sum and raise a flag where their target is missed.
    Indicators of ``[[scorecard.adjust]]`` are compared at equal workload or against expected levels (`adjusted_study`).
    Bonus and deduction events enter as ``[[scorecard.events]]`` says (`event_points`).

    Rules of ``[[scorecard.consequences]]`` are held against the scores under the current, equal and given weights; what
    ``[scorecard.reasons]`` names is laid out beside them. Gaps are explained from values that are not adjusted.

    Standard errors come from the ups and downs of the periods (`score_errors`), rank sets from `rank_sets`. They hold
    for given weights and normalization.
    """
    adjusted = adjusted_study(study, preventability, workload)
    remarks = list(adjusted.findings)
    given = usable_weights(study, weights)
    if study.values.empty:
        return _empty(study, (*remarks, finding("stage-skipped", stage=STAGE, missing="panel")))
    if given.empty:
        return _empty(study, (*remarks, finding("scorecard-without-weights")))
    catalogue = study.indicators
    vetoes = catalogue.loc[(catalogue["role"] == "veto") & catalogue["id"].isin(given.index), "id"]
    remarks += [finding("veto-carries-weight", Where("indicators"), indicator=name) for name in vetoes]
    events = event_table(study)
    if study.role_table("events") is not None and events is None:
        remarks.append(finding("events-not-counted", Where("study.toml", column="scorecard.events")))
    used = given.drop(list(vetoes))
    parts = _score_groups(adjusted.study, used, missing or study.spec.scorecard.missing, events)
    table = pd.concat([part.table for part in parts.values()], ignore_index=True)
    if set(parts) != {""}:
        table.insert(1, "group", [name for name, part in parts.items() for _ in range(len(part.table))])
    contributions = pd.concat([part.contributions for part in parts.values()], ignore_index=True)
    section, added = study.spec.scorecard, table.set_index("unit")["events"] if "events" in table else None
    links = _consequences(adjusted.study, used, added)
    wanted = section.reasons if "reasons" in section.model_fields_set else None
    reasons = study_reasons(study, wanted, contributions, adjusted.study)
    evaluators = _evaluators(study)
    found = [*remarks, *(item for part in parts.values() for item in part.findings)]
    found += [item for more in (links, reasons, evaluators) if more is not None for item in more.findings]
    return Scorecard(
        table,
        tuple(dict.fromkeys(found)),
        contributions,
        section.level,
        adjustments=adjusted.table,
        pairs=_pairs(parts),
        consequences=links,
        reasons=reasons,
        evaluators=evaluators,
    )


def _pairs(parts: dict[str, GroupScores]) -> pd.DataFrame:
    """Return how many pairs of units of each group cannot be told apart."""
    ranked = [int(part.table["rank"].notna().sum()) for part in parts.values()]
    pairs = [units * (units - 1) // 2 for units in ranked]
    shares = [part.unresolved for part in parts.values()]
    return pd.DataFrame({"group": list(parts), "units": ranked, "pairs": pairs, "unresolved": shares})


def _consequences(study: Study, weights: pd.Series, added: pd.Series | None) -> StudyConsequences | None:
    """Return what the rules of the study do under its current weights, equal ones and the given ones."""
    if not study.spec.scorecard.consequences:
        return None
    return study_consequences(study, weight_schemes(study, weights), added=added)


def _evaluators(study: Study) -> StudyEvaluators | None:
    """Return what survey and ratings say; None where the study has neither."""
    if study.role_table("survey") is None and study.role_table("ratings") is None:
        return None
    return study_evaluators(study, study.spec.scorecard.evaluators)


def weight_schemes(study: Study, weights: pd.Series) -> dict[str, pd.Series]:
    """Return the schemes of weights that a study can be scored by.

    Parameters
    ----------
    study : Study
        The study.
    weights : pandas.Series
        Optimized weights by indicator.

    Returns
    -------
    dict of str to pandas.Series
        ``current`` (where the catalogue has any), ``equal`` (over the indicators that current or optimized weights use),
        ``optimized``.
    """
    rows = study.indicators[study.indicators["role"] != "veto"].set_index("id")
    known = rows["current_weight"] if "current_weight" in rows else pd.Series(0.0, index=rows.index)
    current = known.fillna(0.0).astype("float64")
    current = current[current > 0]
    used = pd.Index(current.index.union(weights.index))
    schemes = {"current": current} if len(current) else {}
    return {**schemes, "equal": pd.Series(1.0, index=used), "optimized": weights}


def event_table(study: Study, who: str = "unit") -> pd.DataFrame | None:
    """Return the points of events of units or officers.

    Parameters
    ----------
    study : Study
        The study.
    who : {"unit", "officer"}
        Whose events: those of a unit include those of its officers.

    Returns
    -------
    pandas.DataFrame or None
        Table of `event_points`; None where the study does not count events.
    """
    table, sections = study.role_table("events"), study.spec.scorecard.events
    if table is None or not sections:
        return None
    rules = [EventRule(one.id, one.kinds, one.cap, one.floor, one.half_life, one.share) for one in sections]
    if who == "officer":
        table = table[table["target_kind"] == "officer"] if "target_kind" in table else table.iloc[:0]
    target = "unit" if who == "unit" and "unit" in table else "target"
    roles = [("kind", "kind"), ("at", "occurred_at"), *([("helper", "helper")] if who == "unit" else [])]
    named = {name: column for name, column in roles if column in table}
    return event_points(table, rules, target=target, points="points", **named)


def _score_groups(
    study: Study, weights: pd.Series, missing: Missing, events: pd.DataFrame | None
) -> dict[str, GroupScores]:
    section = study.spec.scorecard
    options = Options(section.normalization, missing, section.level, section.draws, study.spec.study.seed)
    groups = comparison_groups(pd.Index(study.values["unit"].unique()), study.role_table("units"))
    parts = {}
    for name, members in groups.groupby("group", sort=True):
        applies = study.indicators["sequence"].isin(["", members["sequence"].iloc[0]]) | (
            members["sequence"].iloc[0] == ""
        )
        indicators = study.indicators[applies]
        values = study.values[study.values["unit"].isin(members.index)]
        own = weights[weights.index.isin(indicators["id"])]
        parts[str(name)] = score_group(values, indicators, own, options, str(name), events)
    return parts


def usable_weights(study: Study, weights: Weights) -> pd.Series:
    """Return the weights above 0 by indicator.

    Parameters
    ----------
    study : Study
        The study.
    weights : Weights
        Result of the weights stage.

    Returns
    -------
    pandas.Series
        Weight by indicator.

    Raises
    ------
    ValueError
        If a weight belongs to no indicator of the study.
    """
    given = pd.Series(weights.table["weight"].to_numpy(dtype=float), index=weights.table["id"].astype("str"))
    unknown = given.index.difference(pd.Index(study.indicators["id"]))
    if len(unknown):
        raise ValueError(
            f"weights name indicator {unknown[0]!r}, which the study does not have; were they made for another?"
        )
    return given[given > 0]


def _empty(study: Study, findings: tuple[Finding, ...]) -> Scorecard:
    table, parts = (pd.DataFrame(columns=list(kinds)).astype(kinds) for kinds in (COLUMNS, PARTS))
    return Scorecard(table, findings, parts, study.spec.scorecard.level)
