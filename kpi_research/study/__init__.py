"""The study: its file, its catalogue, its tables, its findings."""

from kpi_research.study.findings import Finding, StudyError, Where

__all__ = ["Finding", "StudyError", "Where"]
