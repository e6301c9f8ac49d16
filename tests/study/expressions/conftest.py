"""Four cases, and functions that parse expressions over their columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.expressions import Expression, column_kinds, parse_expression
from kpi_research.study.findings import Where

WHERE = Where("indicators.csv", 3)
CASES = pd.DataFrame(
    {
        "type": ["burglary", "robbery", "theft", None],
        "outcome": ["cleared", "open", "cleared", "open"],
        "minutes": [4.0, 10.0, 12.5, np.nan],
        "n": [7, -7, 0, 2],
        "banned": pd.Series([True, False, None, False], dtype="boolean"),
        "reported_at": pd.to_datetime(
            ["2026-01-04 10:00:59", "2026-01-31 23:50:00", "2025-12-31 12:00:00", "2026-03-01 00:00:00"]
        ),
        "arrived_at": pd.to_datetime(["2026-01-04 10:01:01", "2026-02-01 00:05:00", "2026-01-01 11:59:59", None]),
        "群众满意度": [0.95, 0.9, 0.85, np.nan],
    }
)


@pytest.fixture(scope="session")
def cases() -> pd.DataFrame:
    """Return four cases with every kind of column."""
    return CASES


@pytest.fixture(scope="session")
def parsed() -> Callable[..., Expression]:
    """Return a function that parses an expression that must be sound."""

    def parse(text: str, columns=None, **options) -> Expression:
        kinds = column_kinds(CASES) if columns is None else columns
        expression, faults = parse_expression(text, columns=kinds, where=WHERE, **options)
        assert expression is not None, [item.line() for item in faults]
        assert faults == ()
        return expression

    return parse


@pytest.fixture(scope="session")
def faults_of() -> Callable[..., list[str]]:
    """Return a function that gives the codes of the faults of an expression, without their common prefix."""

    def faults_of(text: str, columns=None, **options) -> list[str]:
        kinds = column_kinds(CASES) if columns is None else columns
        expression, faults = parse_expression(text, columns=kinds, where=WHERE, **options)
        assert expression is None
        assert all(item.severity == "error" and item.where == WHERE for item in faults)
        assert all(item.text("zh")[0] and item.text("zh")[1] for item in faults)
        return [item.code.removeprefix("expression-") for item in faults]

    return faults_of
