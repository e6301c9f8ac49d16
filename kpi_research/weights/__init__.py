"""Weights: what follows from evidence under the written rules of policy, what each rule costs, and what is left open."""

from kpi_research.weights.benefit import BenefitOfDoubt, CommonWeights, benefit_of_doubt, common_weights
from kpi_research.weights.change import limit_changes
from kpi_research.weights.family import FamilyWeights, Post, family_weights
from kpi_research.weights.flips import RankFlips, rank_flips
from kpi_research.weights.goals.recipe import Goal
from kpi_research.weights.importance_target import ImportanceTarget, target_importance
from kpi_research.weights.infeasible import InfeasibleRules
from kpi_research.weights.optimize import optimize
from kpi_research.weights.published import PublishedWeights, publish_weights
from kpi_research.weights.result import Weights
from kpi_research.weights.robustness import (
    Dominance,
    RankAcceptability,
    RankBounds,
    Rescoring,
    Scale,
    SobolIndices,
    TierStability,
    choices_that_move_ranks,
    composite_scores,
    pairwise_dominance,
    rank_acceptability,
    rank_bounds,
    rescore,
    sobol_indices,
    tier_stability,
)
from kpi_research.weights.rules import Rule
from kpi_research.weights.scenarios import ScenarioWeights, bootstrap_gains, scenario_weights, stratum_gains
from kpi_research.weights.stage import optimize_weights, unit_outcome, unit_scores
from kpi_research.weights.what_if import what_if

__all__ = [
    "BenefitOfDoubt",
    "CommonWeights",
    "Dominance",
    "FamilyWeights",
    "Goal",
    "ImportanceTarget",
    "InfeasibleRules",
    "Post",
    "PublishedWeights",
    "RankAcceptability",
    "RankBounds",
    "RankFlips",
    "Rescoring",
    "Rule",
    "Scale",
    "ScenarioWeights",
    "SobolIndices",
    "TierStability",
    "Weights",
    "benefit_of_doubt",
    "bootstrap_gains",
    "choices_that_move_ranks",
    "common_weights",
    "composite_scores",
    "family_weights",
    "limit_changes",
    "optimize",
    "optimize_weights",
    "pairwise_dominance",
    "publish_weights",
    "rank_acceptability",
    "rank_bounds",
    "rank_flips",
    "rescore",
    "scenario_weights",
    "sobol_indices",
    "stratum_gains",
    "target_importance",
    "tier_stability",
    "unit_outcome",
    "unit_scores",
    "what_if",
]
