"""The survey of a study."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpi_research.scorecard.evaluators.answers import SurveyDesign
from kpi_research.scorecard.evaluators.mode import ModeEffect, mode_effect
from kpi_research.scorecard.evaluators.survey import survey_estimate
from kpi_research.scorecard.evaluators.survey_result import SurveyEstimate
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_evaluators import EvaluatorsSection


@dataclass(frozen=True)
class StudySurvey:
    """The survey of a study.

    Attributes
    ----------
    estimate : SurveyEstimate or None
        The estimates.
    modes : ModeEffect or None
        Effect of the way of asking.
    target_kind : str
        ``unit`` or ``officer``.
    findings : tuple of Finding
        What the user must know.
    """

    estimate: SurveyEstimate | None
    modes: ModeEffect | None
    target_kind: str
    findings: tuple[Finding, ...]


def study_survey(study: Study, section: EvaluatorsSection, level: float) -> StudySurvey:
    """Return what the survey of a study says.

    Parameters
    ----------
    study : Study
        The study.
    section : EvaluatorsSection
        How answers are read.
    level : float
        Confidence level.

    Returns
    -------
    StudySurvey
        Without estimates where there is no survey, or it cannot be read; a finding says why.
    """
    table = study.role_table("survey")
    if table is None or table.empty:
        return StudySurvey(None, None, "unit", (finding("evaluators-table-missing", table="survey"),))
    kind = next((name for name in ("unit", "officer") if name in table and table[name].notna().any()), None)
    if kind is None:
        return StudySurvey(None, None, "unit", (finding("evaluators-survey-without-target", Where("survey")),))
    rows = last_periods(table[table[kind].notna()], section.periods)
    section, remarks = _present(section, rows)
    try:
        found = _estimate(rows, kind, section, level)
        effect = _effect(rows, kind, section, level)
    except ValueError as error:
        remarks.append(finding("evaluators-not-read", Where("survey"), table="survey", reason=str(error)))
        return StudySurvey(None, None, kind, tuple(remarks))
    return StudySurvey(found, effect, kind, (*remarks, *found.findings, *(effect.findings if effect else ())))


def _present(section: EvaluatorsSection, rows: pd.DataFrame) -> tuple[EvaluatorsSection, list[Finding]]:
    """Return the section without columns that are not there, and what is to be said of them."""
    mode = section.mode or ("mode" if section.reference_mode is not None else None)
    columns = {"strata": section.strata, "cluster": section.cluster, "mode": mode}
    absent = [name for name in (*columns.values(), *section.classes) if name is not None and name not in rows]
    remarks = [finding("evaluators-column-missing", Where("survey", column=name), column=name) for name in absent]
    if section.reference_mode is None and "mode" in rows and rows["mode"].dropna().drop_duplicates().size > 1:
        remarks.append(finding("evaluators-mode-mixed", Where("survey", column="mode")))
    kept: dict[str, object] = {name: None if column in absent else column for name, column in columns.items()}
    key = [name for name in ("unit", "officer", "item", "respondent") if name in rows]
    if kept["cluster"] is None and "respondent" in key and rows.duplicated(key).any():
        kept["cluster"] = "respondent"
    kept["classes"] = tuple(name for name in section.classes if name not in absent)
    kept["reference_mode"] = section.reference_mode if kept["mode"] is not None else None
    kept["mode"] = kept["mode"] if section.reference_mode is not None else None
    return section.model_copy(update=kept), remarks


def _estimate(rows: pd.DataFrame, kind: str, section: EvaluatorsSection, level: float) -> SurveyEstimate:
    return survey_estimate(
        rows,
        target=kind,
        item="item",
        weight="weight" if "weight" in rows else None,
        design=SurveyDesign(section.strata, section.cluster),
        level=level,
        status="status" if "status" in rows else None,
        statistic=section.statistic,
        satisfied=section.satisfied,
        scale=section.scale,
        dont_know=section.dont_know,
        classes=section.classes,
        mode=section.mode,
        reference_mode=section.reference_mode,
        tilt=section.tilt,
    )


def _effect(rows: pd.DataFrame, kind: str, section: EvaluatorsSection, level: float) -> ModeEffect | None:
    if section.mode is None or section.reference_mode is None:
        return None
    return mode_effect(
        rows,
        target=kind,
        item="item",
        mode=section.mode,
        reference=section.reference_mode,
        status="status" if "status" in rows else None,
        scale=section.scale,
        dont_know=section.dont_know,
        level=level,
    )


def last_periods(table: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the rows of the last periods.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows, with or without a column ``period``.
    number : int
        How many periods; 0 for all.

    Returns
    -------
    pandas.DataFrame
    """
    if not number or "period" not in table:
        return table
    known = table["period"].dropna().sort_values().unique()[-number:]
    return table[table["period"].isin(known)]
