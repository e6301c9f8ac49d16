"""The sections of the study file on preventability."""

from __future__ import annotations

from kpi_research.study.section import Section


class PreventabilitySection(Section):
    """``[preventability]``: which cases prevention could have stopped."""
