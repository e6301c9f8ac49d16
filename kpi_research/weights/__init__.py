"""Weights: what follows from evidence under the written rules of policy, what each rule costs, and what is left open."""

from kpi_research.weights.infeasible import InfeasibleRules
from kpi_research.weights.optimize import Weights, optimize
from kpi_research.weights.rules import Rule
from kpi_research.weights.stage import optimize_weights

__all__ = ["InfeasibleRules", "Rule", "Weights", "optimize", "optimize_weights"]
