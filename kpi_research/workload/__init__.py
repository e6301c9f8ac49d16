"""Workload: what each task, post and rank is worth."""

from kpi_research.workload.fit import Workload, fit_workload

__all__ = ["Workload", "fit_workload"]
