"""The whole way from records to ranks, again and again on resampled data."""

from kpi_research.bootstrap.result import ScorecardBootstrap
from kpi_research.bootstrap.run import bootstrap_scorecard

__all__ = ["ScorecardBootstrap", "bootstrap_scorecard"]
