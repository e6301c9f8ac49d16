"""Reasons: why a unit lies behind its peers, why a kind of incident rose, what to improve, what to publish."""

from kpi_research.scorecard.reasons.change import change_contributions
from kpi_research.scorecard.reasons.change_result import ChangeReport
from kpi_research.scorecard.reasons.digest import Digest, digest
from kpi_research.scorecard.reasons.gap import explain_gap
from kpi_research.scorecard.reasons.gap_result import GapReport
from kpi_research.scorecard.reasons.improvements import Improvements, improvements
from kpi_research.scorecard.reasons.study import Reasons, study_reasons

__all__ = [
    "ChangeReport",
    "Digest",
    "GapReport",
    "Improvements",
    "Reasons",
    "change_contributions",
    "digest",
    "explain_gap",
    "improvements",
    "study_reasons",
]
