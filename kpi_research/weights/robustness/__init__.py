"""Robustness: what holds for every admissible set of weights, what for most, and which choices move the ranks."""

from kpi_research.weights.robustness.acceptability import RankAcceptability, rank_acceptability
from kpi_research.weights.robustness.composite import composite_scores
from kpi_research.weights.robustness.dominance import Dominance, pairwise_dominance
from kpi_research.weights.robustness.rank_bounds import RankBounds, rank_bounds
from kpi_research.weights.robustness.rescoring import Rescoring, choices_that_move_ranks, rescore
from kpi_research.weights.robustness.scales import Scale
from kpi_research.weights.robustness.sobol import SobolIndices, sobol_indices
from kpi_research.weights.robustness.tiers import TierStability, tier_stability

__all__ = [
    "Dominance",
    "RankAcceptability",
    "RankBounds",
    "Rescoring",
    "Scale",
    "SobolIndices",
    "TierStability",
    "choices_that_move_ranks",
    "composite_scores",
    "pairwise_dominance",
    "rank_acceptability",
    "rank_bounds",
    "rescore",
    "sobol_indices",
    "tier_stability",
]
