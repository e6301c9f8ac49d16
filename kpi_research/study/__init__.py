"""The study: its file, its catalogue, its tables, its findings."""

import warnings

from kpi_research.study.findings import Finding, StudyError, Where

# Where Apache Spark is installed, pandera imports it, and it warns of pandas 3 although only Arrow is used of it.
warnings.filterwarnings("ignore", message="PySpark does not yet fully support", category=FutureWarning)

__all__ = ["Finding", "StudyError", "Where"]
