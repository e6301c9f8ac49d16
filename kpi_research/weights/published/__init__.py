"""Published weights: round numbers that keep every rule, with what the grid costs and how near they are proven to be."""

from kpi_research.weights.published.grid import PublishedWeights, publish_weights

__all__ = ["PublishedWeights", "publish_weights"]
