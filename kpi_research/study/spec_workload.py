"""The sections of the study file on workload."""

from __future__ import annotations

from kpi_research.study.section import Section


class WorkloadSection(Section):
    """``[workload]``: what tasks, posts and ranks are worth."""
