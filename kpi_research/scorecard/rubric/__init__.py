"""Rubrics: scores from levels that raters give, with how far the raters agree."""

from kpi_research.scorecard.rubric.scores import RubricScores, rubric_scores

__all__ = ["RubricScores", "rubric_scores"]
