"""Where the tables of a study come from: files of offices, packages, databases; every fault is a finding."""

from __future__ import annotations

from kpi_research.study.sources import values
from kpi_research.study.sources.loaded import InputHash, Loaded
from kpi_research.study.sources.read import read_source

__all__ = ["InputHash", "Loaded", "read_source", "values"]
