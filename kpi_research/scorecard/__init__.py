"""Scorecards: scores that can be taken apart, ranks as confidence sets, and what they can carry."""

from kpi_research.scorecard.build import build_scorecard
from kpi_research.scorecard.events import EventRule, event_points
from kpi_research.scorecard.officers import OfficerScorecard, officer_scorecard
from kpi_research.scorecard.ranks import RankSets, rank_sets
from kpi_research.scorecard.result import Scorecard
from kpi_research.scorecard.shared_credit import shared_credit

__all__ = [
    "EventRule",
    "OfficerScorecard",
    "RankSets",
    "Scorecard",
    "build_scorecard",
    "event_points",
    "officer_scorecard",
    "rank_sets",
    "shared_credit",
]
