"""SQL expressions of users: parsed, checked against an allow-list, and evaluated without reach to anything else."""

from __future__ import annotations

from kpi_research.study.expressions.arrow import column_kinds
from kpi_research.study.expressions.evaluate import (
    connect,
    evaluate,
    filter_frame,
    register_frame,
    select,
    time_zone_of,
)
from kpi_research.study.expressions.model import Dialect, Expression, Kind
from kpi_research.study.expressions.parse import Expect, parse_expression

__all__ = [
    "Dialect",
    "Expect",
    "Expression",
    "Kind",
    "column_kinds",
    "connect",
    "evaluate",
    "filter_frame",
    "parse_expression",
    "register_frame",
    "select",
    "time_zone_of",
]
