"""Jumps: the known faults of the crime data, planted ones, and how rarely clean data are flagged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity import find_faults, jumps
from tests.validity.panels import autoregressive, long

ASK: dict[str, Any] = {"unit": "unit", "period": "period", "columns": ["x"]}
WAGES = ["wcon", "wtuc", "wtrd", "wfir", "wser", "wmfg", "wfed", "wsta", "wloc"]


@pytest.fixture(scope="module")
def found(crime4: pd.DataFrame) -> pd.DataFrame:
    columns = ["crmrte", "prbarr", "prbconv", "prbpris", "avgsen", "polpc", "density", "pctymle", *WAGES]
    return jumps(crime4, unit="county", period="year", columns=columns)


def test_police_of_county_141_rise_27_fold_for_exactly_three_years(found: pd.DataFrame) -> None:
    rows = found[(found["column"] == "polpc") & (found["unit"] == 141)]
    assert list(zip(rows["period_from"], rows["period_to"], rows["rows"], strict=True)) == [(83, 83, 1), (84, 86, 3)]
    assert rows["ratio"].iloc[1] == pytest.approx(27.16, abs=0.01)


def test_the_weekly_wage_of_2177_is_found(found: pd.DataFrame) -> None:
    row = found[(found["column"] == "wser") & (found["unit"] == 185)].iloc[0]
    assert (row["period_from"], row["period_to"]) == (87, 87)
    assert (row["value"], row["reference"]) == (pytest.approx(2177.068, abs=1e-3), pytest.approx(186.97, abs=0.01))


def test_the_list_stays_short(found: pd.DataFrame) -> None:
    per_column = found.groupby("column").size()
    assert per_column.drop("wtuc").max() <= 12
    assert not set(found["column"]) & {"prbpris", "avgsen", "density", "pctymle", "wmfg", "wfed", "wsta", "wloc"}
    wtuc = found[(found["column"] == "wtuc") & (found["period_from"] == 83) & (found["ratio"] > 1)]
    assert len(wtuc) == 15  # one sixth of all counties in the same year: a fault of the source


def panel(rng: np.random.Generator, periods: int, rho: float, spread: float) -> np.ndarray:
    return np.exp(rng.normal(size=(90, 1)) + spread * autoregressive(rng, 90, periods, rho))


@pytest.mark.parametrize("periods", [5, 7, 12])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_fewer_than_one_in_a_hundred_clean_series_is_flagged(periods: int, rho: float) -> None:
    rng = np.random.default_rng([periods, int(10 * rho)])
    spreads = np.repeat([0.1, 0.3, 0.6], 2)
    flagged = [jumps(long(panel(rng, periods, rho, spread)), **ASK)["unit"].nunique() for spread in spreads]
    assert np.mean(flagged) / 90 < 0.01


@pytest.mark.parametrize("periods", [6, 7, 12])
@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_planted_tenfold_jumps_are_found_in_their_place(periods: int, factor: float) -> None:
    rng = np.random.default_rng([periods, int(factor)])
    hit = 0
    for _ in range(6):
        table = panel(rng, periods, 0.3, 0.25)
        chosen = rng.choice(90, size=10, replace=False)
        places = {}
        for unit in chosen:
            length = int(rng.integers(1, (periods - 1) // 2 + 1))
            first = int(rng.integers(0, periods - length + 1))
            table[unit, first : first + length] *= factor
            places[unit] = (first, first + length - 1)
        rows = jumps(long(table), **ASK)
        listed = set(zip(rows["unit"], rows["period_from"], rows["period_to"], strict=True))
        hit += sum((unit, *place) in listed for unit, place in places.items())
    assert hit / 60 > 0.95


def test_a_shock_to_all_units_is_no_jump_of_a_unit() -> None:
    table = panel(np.random.default_rng(5), 8, 0.3, 0.2)
    table[:, 5] *= 8.0
    assert jumps(long(table), **ASK).empty


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=st.integers(0, 1000), scale=st.floats(0.001, 1000.0))
def test_scale_names_and_order_do_not_matter(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    table = panel(rng, 7, 0.3, 0.3)[:30]
    table[4, 2:4] *= 20.0
    rows = jumps(long(table), **ASK)
    other = jumps(long(table * scale).sample(frac=1.0, random_state=seed), **ASK)
    pd.testing.assert_frame_equal(rows[["unit", "period_from", "ratio"]], other[["unit", "period_from", "ratio"]])
    assert not rows.empty


def test_missing_zero_and_negative_values_take_no_part() -> None:
    table = panel(np.random.default_rng(6), 9, 0.0, 0.2)[:12]
    table[3, 4] *= 15.0
    holes = table.copy()
    holes[3, 5], holes[7, 1], holes[9, 2] = np.nan, 0.0, -4.0
    rows = jumps(long(holes), **ASK)
    assert list(rows["unit"]) == [3]
    assert jumps(long(np.full((5, 6), np.nan)), **ASK).empty
    assert jumps(long(np.ones((5, 6))), **ASK).empty


def test_short_series_are_left_alone() -> None:
    table = np.array([[1.0, 1.1, 50.0]] * 3 + [[1.0, 1.1, 0.9]] * 9)
    assert jumps(long(table), **ASK).empty


def test_questions_without_an_answer() -> None:
    frame = long(np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"factor is 1\.0; it must be above 1"):
        jumps(frame, **ASK, factor=1.0)
    with pytest.raises(ValueError, match="columns: there is no column 'y'"):
        jumps(frame, unit="unit", period="period", columns=["y"])
    with pytest.raises(ValueError, match="share their unit and period"):
        jumps(pd.concat([frame, frame.iloc[:1]]), **ASK)


def test_faults_of_both_kinds_share_one_table() -> None:
    table = panel(np.random.default_rng(7), 8, 0.0, 0.1)[:20] * 0.1
    table[2, 3] = 7.0
    rows = find_faults(long(table), **ASK, measures={"x": "share"})
    assert list(rows["kind"]).count("jump") == 1
    impossible = rows[rows["kind"] == "impossible-value"]
    assert (impossible["value"] > 1).all()
    assert (impossible["reference"] == 1).all()
    assert (impossible["ratio"] == impossible["value"]).all()
