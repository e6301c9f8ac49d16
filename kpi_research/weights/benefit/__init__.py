"""Benefit of the doubt: each unit under the weights that flatter it most, as a challenge to common weights."""

from kpi_research.weights.benefit.bod import BenefitOfDoubt, benefit_of_doubt
from kpi_research.weights.benefit.common import CommonWeights, common_weights

__all__ = ["BenefitOfDoubt", "CommonWeights", "benefit_of_doubt", "common_weights"]
