"""Scorecards: scores that can be taken apart, ranks as confidence sets, what they can carry, and reasons."""

from kpi_research.scorecard.adjustment import EqualLoad, against_expected, at_equal_load
from kpi_research.scorecard.build import build_scorecard
from kpi_research.scorecard.consequences import (
    Consequences,
    Standing,
    StudyConsequences,
    consequences,
    study_consequences,
)
from kpi_research.scorecard.evaluators import (
    ModeEffect,
    RaterSeverity,
    RespondentsNeeded,
    StudyEvaluators,
    SurveyDesign,
    SurveyEstimate,
    mode_effect,
    rater_severity,
    respondents_needed,
    study_evaluators,
    survey_estimate,
)
from kpi_research.scorecard.events import EventRule, event_points
from kpi_research.scorecard.multinomial import multinomial_rank_sets
from kpi_research.scorecard.officers import OfficerScorecard, officer_scorecard
from kpi_research.scorecard.ranks import RankSets, rank_sets
from kpi_research.scorecard.reasons import (
    ChangeReport,
    Digest,
    GapReport,
    Improvements,
    Reasons,
    change_contributions,
    digest,
    explain_gap,
    improvements,
    study_reasons,
)
from kpi_research.scorecard.result import Scorecard
from kpi_research.scorecard.rubric import RubricScores, rubric_scores
from kpi_research.scorecard.shared_credit import shared_credit

__all__ = [
    "ChangeReport",
    "Consequences",
    "Digest",
    "EqualLoad",
    "EventRule",
    "GapReport",
    "Improvements",
    "ModeEffect",
    "OfficerScorecard",
    "RankSets",
    "RaterSeverity",
    "Reasons",
    "RespondentsNeeded",
    "RubricScores",
    "Scorecard",
    "Standing",
    "StudyConsequences",
    "StudyEvaluators",
    "SurveyDesign",
    "SurveyEstimate",
    "against_expected",
    "at_equal_load",
    "build_scorecard",
    "change_contributions",
    "consequences",
    "digest",
    "event_points",
    "explain_gap",
    "improvements",
    "mode_effect",
    "multinomial_rank_sets",
    "officer_scorecard",
    "rank_sets",
    "rater_severity",
    "respondents_needed",
    "rubric_scores",
    "shared_credit",
    "study_consequences",
    "study_evaluators",
    "study_reasons",
    "survey_estimate",
]
