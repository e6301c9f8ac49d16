"""Publish: the report of a study, its tables, figures, weights and manifest."""

from kpi_research.publish.render import render_report
from kpi_research.publish.scorecard_lines import scorecard_lines
from kpi_research.publish.summary import summary_rows

__all__ = ["render_report", "scorecard_lines", "summary_rows"]
