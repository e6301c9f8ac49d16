"""Weights for wanted importance: named targets, bounded weights, and proof of the best that can be reached."""

from kpi_research.weights.importance_target.target import ImportanceTarget, target_importance

__all__ = ["ImportanceTarget", "target_importance"]
