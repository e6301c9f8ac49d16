"""Validity: what each indicator is worth."""

from kpi_research.validity.assess import assess_validity
from kpi_research.validity.integrity.faults import find_faults
from kpi_research.validity.integrity.impossible import impossible_values
from kpi_research.validity.integrity.jumps import jumps
from kpi_research.validity.prediction.panel_effect import PanelEffect, panel_effect
from kpi_research.validity.reliability.estimate import Reliability, reliability
from kpi_research.validity.reliability.stability import Correlation, pooled_rank_correlation, stability
from kpi_research.validity.result import Validity

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
