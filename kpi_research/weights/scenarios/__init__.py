"""Weights for many scenarios at once: the worst, the worst few, or the largest regret decides."""

from kpi_research.weights.scenarios.gains import bootstrap_gains, stratum_gains
from kpi_research.weights.scenarios.robust import ScenarioWeights, scenario_weights

__all__ = ["ScenarioWeights", "bootstrap_gains", "scenario_weights", "stratum_gains"]
