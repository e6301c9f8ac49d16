"""From text cells to typed columns, for the table schemas: each function returns the column and what was wrong with it."""

from __future__ import annotations

from kpi_research.study.sources.booleans import FALSE, TRUE, to_boolean
from kpi_research.study.sources.cells import AMBIGUOUS, MISSING, to_text
from kpi_research.study.sources.dates import to_date
from kpi_research.study.sources.infer import infer
from kpi_research.study.sources.numbers import UNITS, to_number
from kpi_research.study.sources.phrases import Locate, locator

__all__ = [
    "AMBIGUOUS",
    "FALSE",
    "MISSING",
    "TRUE",
    "UNITS",
    "Locate",
    "infer",
    "locator",
    "to_boolean",
    "to_date",
    "to_number",
    "to_text",
]
