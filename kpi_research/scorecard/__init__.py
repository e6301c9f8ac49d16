"""Scorecards: scores that can be taken apart, ranks as confidence sets, and what they can carry."""

from kpi_research.scorecard.build import build_scorecard
from kpi_research.scorecard.ranks import RankSets, rank_sets
from kpi_research.scorecard.result import Scorecard

__all__ = ["RankSets", "Scorecard", "build_scorecard", "rank_sets"]
