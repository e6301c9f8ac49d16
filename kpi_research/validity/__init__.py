"""Validity: what each indicator is worth."""

from kpi_research.validity.assess import assess_validity
from kpi_research.validity.faults import find_faults
from kpi_research.validity.impossible import impossible_values
from kpi_research.validity.jumps import jumps
from kpi_research.validity.panel_effect import PanelEffect, panel_effect
from kpi_research.validity.reliability import Reliability, reliability
from kpi_research.validity.result import Validity
from kpi_research.validity.stability import Correlation, pooled_rank_correlation, stability

__all__ = [
    "Correlation",
    "PanelEffect",
    "Reliability",
    "Validity",
    "assess_validity",
    "find_faults",
    "impossible_values",
    "jumps",
    "panel_effect",
    "pooled_rank_correlation",
    "reliability",
    "stability",
]
