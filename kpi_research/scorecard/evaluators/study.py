"""The evaluators of a study: what its survey and its ratings say, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kpi_research.scorecard.evaluators.compared import compared_ratings, compared_survey
from kpi_research.scorecard.evaluators.mode import ModeEffect
from kpi_research.scorecard.evaluators.severity import RaterSeverity
from kpi_research.scorecard.evaluators.study_ratings import study_ratings
from kpi_research.scorecard.evaluators.study_survey import study_survey
from kpi_research.scorecard.evaluators.survey_result import SurveyEstimate
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.study.spec_evaluators import EvaluatorsSection

COLUMNS = ("evaluator", "target_kind", "target", "item", "answers", "estimate", "se", "low", "high", "pooled")
COMPARED = ("evaluator", "target_kind", "item", "targets", "answers", "reliability", "unresolved", "needed")


@dataclass(frozen=True)
class StudyEvaluators(Result):
    """What all evaluators of a study say.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per target and item: ``evaluator`` (``survey`` or ``ratings``), ``target_kind`` (unit, officer),
        ``target``, ``item`` (``all`` for ratings), ``answers`` (number of answers or ratings), ``estimate`` (share or
        points; ratings with severity taken out), ``se``, ``low``, ``high``, ``pooled`` (survey: drawn toward the mean).
    findings : tuple of Finding
        What the user must know, and what is missing.
    compared : pandas.DataFrame
        One row per evaluator, kind of target and item: ``targets``, ``answers`` (median per target), ``reliability`` (of
        the estimates, 0 to 1), ``unresolved`` (share of pairs of targets that cannot be told apart), ``needed`` (answers
        per target for a reliability of .8; NaN where that is not known).
    survey : SurveyEstimate or None
        The survey; None where there is none.
    modes : ModeEffect or None
        Effect of the way of asking; None where there is one way only, or no reference is named.
    ratings : mapping of str to RaterSeverity
        Ratings by kind of target.
    """

    compared: pd.DataFrame
    survey: SurveyEstimate | None = None
    modes: ModeEffect | None = None
    ratings: Mapping[str, RaterSeverity] = field(default_factory=dict)


def study_evaluators(study: Study, section: EvaluatorsSection | None = None) -> StudyEvaluators:
    """Return what the survey and the ratings of a study say.

    Parameters
    ----------
    study : Study
        The study.
    section : EvaluatorsSection, optional
        What the study file says on evaluators; the defaults without it.

    Returns
    -------
    StudyEvaluators
        Parts whose tables are missing are empty, with a finding.
    """
    section, level = section or EvaluatorsSection(), study.spec.scorecard.level
    asked = study_survey(study, section, level)
    rated, remarks = study_ratings(study, section, level)
    rows, compared = [], []
    if asked.estimate is not None:
        rows.append(_survey_rows(asked.estimate, asked.target_kind))
        compared.append(compared_survey(asked.estimate, asked.target_kind, study.spec.study.seed))
    for kind, found in rated.items():
        rows.append(_rating_rows(found, kind))
        compared.append(compared_ratings(found, kind, study.spec.study.seed))
    findings = (*asked.findings, *remarks, *(item for found in rated.values() for item in found.findings))
    return StudyEvaluators(
        _joined(rows, COLUMNS), findings, _joined(compared, COMPARED), asked.estimate, asked.modes, rated
    )


def _survey_rows(found: SurveyEstimate, kind: str) -> pd.DataFrame:
    return found.table.assign(evaluator="survey", target_kind=kind)


def _rating_rows(found: RaterSeverity, kind: str) -> pd.DataFrame:
    table = found.table.rename(columns={"score": "estimate", "ratings": "answers"})
    return table.assign(evaluator="ratings", target_kind=kind, item="all", pooled=np.nan)


def _joined(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    kept = [part[list(columns)] for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(columns))
