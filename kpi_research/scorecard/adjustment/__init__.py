"""Indicators compared at equal workload, or against what a unit's surroundings let expect."""

from kpi_research.scorecard.adjustment.equal_load import EqualLoad, at_equal_load
from kpi_research.scorecard.adjustment.expected import against_expected
from kpi_research.scorecard.adjustment.study import Adjusted, adjusted_study

__all__ = ["Adjusted", "EqualLoad", "adjusted_study", "against_expected", "at_equal_load"]
