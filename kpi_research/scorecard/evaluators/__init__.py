"""Evaluators: what the public, superiors, peers, third parties and oneself say, with the errors that this has."""

from kpi_research.scorecard.evaluators.answers import SCALE, SurveyDesign
from kpi_research.scorecard.evaluators.mode import ModeEffect, mode_effect
from kpi_research.scorecard.evaluators.respondents import RespondentsNeeded, respondents_needed
from kpi_research.scorecard.evaluators.severity import RaterSeverity, rater_severity
from kpi_research.scorecard.evaluators.study import StudyEvaluators, study_evaluators
from kpi_research.scorecard.evaluators.survey import survey_estimate
from kpi_research.scorecard.evaluators.survey_result import SurveyEstimate

__all__ = [
    "SCALE",
    "ModeEffect",
    "RaterSeverity",
    "RespondentsNeeded",
    "StudyEvaluators",
    "SurveyDesign",
    "SurveyEstimate",
    "mode_effect",
    "rater_severity",
    "respondents_needed",
    "study_evaluators",
    "survey_estimate",
]
