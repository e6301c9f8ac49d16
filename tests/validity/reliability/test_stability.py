"""Stability over periods and the relation with an outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity import pooled_rank_correlation, stability
from kpi_research.validity.assess_signs import expected_sign
from tests.validity.panels import long


def test_police_per_head_goes_with_crime(crime4: pd.DataFrame) -> None:
    found = pooled_rank_correlation(crime4, unit="county", first="polpc", second="crmrte")
    assert found.estimate == pytest.approx(0.460, abs=5e-4)
    assert found.estimate == pytest.approx(crime4["polpc"].corr(crime4["crmrte"], method="spearman"), abs=1e-12)
    assert 0 < found.low < found.estimate < found.high < 1


def test_it_is_the_mean_of_the_correlations_of_successive_years(crime4: pd.DataFrame) -> None:
    wide = crime4.pivot(index="county", columns="year", values="prbarr")
    pairs = [wide[year].corr(wide[year + 1], method="spearman") for year in range(81, 87)]
    found = stability(crime4, unit="county", period="year", value="prbarr")
    assert found.estimate == pytest.approx(np.mean(pairs), abs=1e-12)
    assert found.units == 90


def test_rows_of_a_unit_do_not_count_as_independent(crime4: pd.DataFrame) -> None:
    by_unit = pooled_rank_correlation(crime4, unit="county", first="prbarr", second="crmrte")
    rows = crime4.assign(row=np.arange(len(crime4)))
    by_row = pooled_rank_correlation(rows, unit="row", first="prbarr", second="crmrte")
    assert by_unit.estimate == by_row.estimate
    assert by_unit.high - by_unit.low > 1.5 * (by_row.high - by_row.low)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=st.integers(0, 1000))
def test_only_the_order_within_periods_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(20, 5)) + rng.normal(size=(20, 1))
    plain = stability(long(table), unit="unit", period="period", value="x")
    moved = stability(
        long(np.exp(table) * np.array([1.0, 5.0, 0.1, 2.0, 9.0])), unit="unit", period="period", value="x"
    )
    assert (moved.estimate, moved.low, moved.high) == pytest.approx((plain.estimate, plain.low, plain.high), abs=1e-10)


def test_missing_cells_use_the_units_seen_in_both_periods() -> None:
    table = np.random.default_rng(1).normal(size=(30, 3)) + np.arange(30)[:, None] / 5
    table[:4, 1] = np.nan
    found = stability(long(table).dropna(), unit="unit", period="period", value="x")
    kept = pd.DataFrame(table[4:])
    assert found.estimate == pytest.approx(
        np.mean([kept[0].corr(kept[1], "spearman"), kept[1].corr(kept[2], "spearman")])
    )


@pytest.mark.parametrize("table", [np.ones((10, 3)), np.arange(10.0).reshape(10, 1)])
def test_nothing_to_compare_gives_no_number(table: np.ndarray) -> None:
    found = stability(long(table), unit="unit", period="period", value="x")
    assert np.isnan([found.estimate, found.low, found.high]).all()


@pytest.mark.parametrize(
    ("direction", "outcome", "sign"), [("higher", "higher", 1), ("higher", "lower", -1), ("lower", "lower", 1)]
)
def test_better_should_go_with_better(direction: str, outcome: str, sign: int) -> None:
    assert expected_sign(direction, outcome) == sign
