"""Consequences: how often rules from ranks to rewards and sanctions hit those they mean, and what would."""

from kpi_research.scorecard.consequences.consequences import consequences
from kpi_research.scorecard.consequences.result import Consequences
from kpi_research.scorecard.consequences.standing import Standing
from kpi_research.scorecard.consequences.study import StudyConsequences, study_consequences

__all__ = ["Consequences", "Standing", "StudyConsequences", "consequences", "study_consequences"]
