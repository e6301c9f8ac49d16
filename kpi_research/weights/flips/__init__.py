"""Flips: the smallest change of weights that turns the order of two units around, or moves a unit across a tier."""

from kpi_research.weights.flips.least_change import RankFlips, rank_flips

__all__ = ["RankFlips", "rank_flips"]
