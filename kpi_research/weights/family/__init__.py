"""Weights of several posts at once, comparable with each other."""

from kpi_research.weights.family.solve import FamilyWeights, Post, family_weights

__all__ = ["FamilyWeights", "Post", "family_weights"]
