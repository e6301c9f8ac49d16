"""Periods: every writing met in offices comes out the same, and mixtures are named."""

from __future__ import annotations

import pandas as pd
import pytest

from kpi_research.study.period import to_period
from kpi_research.study.sources.phrases import locator

PLACE = locator("p.csv", "period", 2)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-01", "2026/1", "2026年1月", "2026.01", "2026年1月"], ["2026-01"] * 5),
        (["2026Q1", "2026年第1季度", "2026年第一季度", "2026-q1"], ["2026Q1"] * 4),
        (["2026-01-05", "2026年1月5日", "2026/1/5"], ["2026-01-05"] * 3),
        (["1981", "1982年"], [1981, 1982]),
        ([1981.0, 1982.0], [1981, 1982]),
        (["wave 1", "wave 2"], ["wave 1", "wave 2"]),
    ],
)
def test_one_writing(cells: list, expected: list) -> None:
    series, findings = to_period(pd.Series(cells), PLACE)
    assert series.tolist() == expected
    assert findings == ()


def test_timestamps_become_days() -> None:
    series, _ = to_period(pd.Series(pd.to_datetime(["2026-01-31"])), PLACE)
    assert series.tolist() == ["2026-01-31"]


def test_years_among_months_are_named_with_their_rows() -> None:
    _, findings = to_period(pd.Series(["2026-01", "2026"]), PLACE)
    assert findings[0].code == "mixed-periods"
    assert "'2026-01' (2), '2026' (3)" in findings[0].message


def test_the_thirteenth_month_is_not_a_month() -> None:
    _, findings = to_period(pd.Series(["2026-01", "2026-13"]), PLACE)
    assert [item.code for item in findings] == ["mixed-periods"]
