"""Officers needed, forecasts and areas: known answers, relations, coverage, refusals."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.workload.demand.areas import equal_areas
from kpi_research.workload.demand.forecast import forecast
from kpi_research.workload.demand.staffing import mean_variance, staffing

NAMES = {"unit": "unit", "period": "month", "task": "task", "count": "n"}


def volumes(rng: np.random.Generator, units: int = 4, months: int = 12, rate: float = 80.0) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [range(units), range(months), ["calls", "cases"]], names=["unit", "month", "task"]
    )
    return pd.DataFrame({"n": rng.poisson(rate, len(index))}, index=index).reset_index()


STANDARD = pd.DataFrame({"task": ["calls", "cases"], "minutes": [45.0, 400.0], "se": [2.0, 20.0]})


def test_officers_needed_by_hand() -> None:
    # 120 calls of 50 minutes = 100 hours; 150 hours on duty, 60 % of it for calls, relief 1.8.
    frame = pd.DataFrame({"unit": "A", "month": [1, 2, 3], "task": "calls", "n": 120})
    standard = pd.DataFrame({"task": ["calls"], "minutes": [50.0]})
    found = staffing(frame, standard, **NAMES, available_hours=150, relief=1.8, present={"A": 1.0})
    row = found.table.iloc[0]
    assert row["needed"] == pytest.approx(1.8 * 100 / 90)
    assert row["low"] == row["high"] == row["needed"]
    assert row["verdict"] == "overloaded"


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 10**6), st.floats(1.1, 3.0))
def test_more_minutes_need_more_officers_in_proportion(seed: int, factor: float) -> None:
    frame = volumes(np.random.default_rng(seed))
    first = staffing(frame, STANDARD, **NAMES, available_hours=150).table
    longer = STANDARD.assign(minutes=STANDARD["minutes"] * factor, se=STANDARD["se"] * factor)
    second = staffing(frame, longer, **NAMES, available_hours=150).table
    np.testing.assert_allclose(second[["needed", "low", "high"]], factor * first[["needed", "low", "high"]], rtol=1e-9)


def test_shares_of_time_sum_to_one_per_unit() -> None:
    found = staffing(volumes(np.random.default_rng(1)), STANDARD, **NAMES, available_hours=150)
    assert found.share_by_task.groupby("unit")["share"].sum().to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("frame", "standard", "options", "message"),
    [
        ({"n": -1}, {}, {}, "0 or more"),
        ({"task": "谈话"}, {}, {}, "no minutes for these tasks: 谈话"),
        ({}, {"minutes": 0.0}, {}, "above 0"),
        ({}, {}, {"available_hours": 0}, "available_hours is 0"),
        ({}, {}, {"committed": 1.2}, "committed is 1.2"),
        ({}, {}, {"present": {"0": 3}}, "no officers for these units: 1"),
        ({"n": "x"}, {}, {}, "numbers are needed"),
    ],
)
def test_staffing_refusals(frame: dict, standard: dict, options: dict, message: str) -> None:
    given_frame = volumes(np.random.default_rng(2)).assign(**frame)
    with pytest.raises(ValueError, match=message):
        staffing(given_frame, STANDARD.assign(**standard), **NAMES, **({"available_hours": 150} | options))


def test_two_periods_give_no_interval_and_say_so() -> None:
    found = staffing(volumes(np.random.default_rng(3), months=2), STANDARD, **NAMES, available_hours=150)
    assert found.table["low"].isna().all()
    assert found.findings[0].code == "staffing-few-periods"


def test_variance_of_a_mean_is_the_textbook_one_where_neighbors_are_not_alike() -> None:
    series = np.array([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    assert mean_variance(series) == pytest.approx(series.var(ddof=1) / 6)
    trend = np.arange(8.0)
    assert mean_variance(trend) > trend.var(ddof=1) / 8


def history(
    rng: np.random.Generator, units: int = 20, months: int = 30, drift: float = 0.05, swing: float = 0.2
) -> pd.DataFrame:
    """Return counts with a season of 12 months and levels that drift."""
    season = swing * np.sin(2 * np.pi * np.arange(months) / 12)
    level = (
        np.log(150)
        + 0.4 * rng.standard_normal(units)[:, None]
        + np.cumsum(drift * rng.standard_normal((units, months)), axis=1)
    )
    counts = rng.poisson(np.exp(level + season))
    index = pd.MultiIndex.from_product([range(units), range(months)], names=["unit", "month"])
    return pd.DataFrame({"n": counts.ravel()}, index=index).reset_index()


def test_a_season_is_found() -> None:
    found = forecast(
        history(np.random.default_rng(4), months=36, drift=0.0), unit="unit", period="month", value="n", steps=6
    )
    truth = 0.2 * np.sin(2 * np.pi * np.arange(12) / 12)
    np.testing.assert_allclose(np.log(found.seasonal["factor"]), truth, atol=0.06)
    assert found.smoothing <= 0.1


def test_intervals_grow_with_the_horizon_where_levels_drift() -> None:
    found = forecast(history(np.random.default_rng(5), drift=0.15), unit="unit", period="month", value="n", steps=4)
    width = (np.log(found.table["high"] + 0.5) - np.log(found.table["low"] + 0.5)).groupby(found.table["step"]).mean()
    assert width.is_monotonic_increasing
    assert found.smoothing > 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.head(10), "10 periods"),
        (lambda frame: frame.drop(index=5), "no value in period '5'"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "twice"),
        (lambda frame: frame.assign(n=-1), "0 or more"),
    ],
)
def test_forecast_refusals(change, message: str) -> None:
    frame = history(np.random.default_rng(6), units=2)
    with pytest.raises(ValueError, match=message):
        forecast(change(frame), unit="unit", period="month", value="n")


@pytest.mark.validation
@pytest.mark.parametrize(
    ("units", "months", "drift", "swing", "least"),
    [
        (20, 30, 0.0, 0.2, 0.93),
        (20, 30, 0.08, 0.2, 0.93),
        (4, 24, 0.03, 0.2, 0.93),
        (30, 18, 0.05, 0.0, 0.93),
        (30, 18, 0.05, 0.2, 0.85),
    ],
)
def test_forecast_intervals_cover(units: int, months: int, drift: float, swing: float, least: float, dossier) -> None:
    """With 18 months the season cannot be known: the last row shows what that costs, and a caution says so."""
    runs, hits = 250, []
    for run in range(runs):
        rng = np.random.default_rng([run, units, months])
        frame = history(rng, units, months + 3, drift, swing)
        seen, later = frame[frame["month"] < months], frame[frame["month"] >= months]
        found = forecast(seen, unit="unit", period="month", value="n", steps=3).table
        truth = later.sort_values(["unit", "month"])["n"].to_numpy()
        found = found.assign(order=found["unit"].astype(int)).sort_values(["order", "step"])
        hits.append(np.mean((truth >= found["low"]) & (truth <= found["high"])))
    coverage = float(np.mean(hits))
    dossier("workload", "Demand: coverage of forecasts one to three months ahead (nominal 95 %)",
            units=units, months=months, drift=drift, season=swing, runs=runs, coverage=coverage)  # fmt: skip
    assert least <= coverage <= 0.975


@pytest.mark.validation
def test_officers_needed_cover(dossier) -> None:
    runs, hits = 1000, []
    truth = 80 * (45 + 400) / (60 * 150 * 0.6)
    for run in range(runs):
        rng = np.random.default_rng([run, 7])
        standard = STANDARD.assign(minutes=STANDARD["minutes"] + STANDARD["se"] * rng.standard_normal(2))
        row = staffing(volumes(rng, units=1, months=18), standard, **NAMES, available_hours=150).table.iloc[0]
        hits.append(row["low"] <= truth <= row["high"])
    coverage = float(np.mean(hits))
    dossier("workload", "Demand: coverage of officers needed (nominal 95 %)", runs=runs, months=18, coverage=coverage)
    low, high = stats.binom.ppf([0.0005, 0.9995], runs, 0.95) / runs
    assert low <= coverage <= max(high, 0.985)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.lists(st.integers(1, 20), min_size=4, max_size=7))
def test_areas_are_as_even_as_enumeration_finds(loads: list) -> None:
    frame = pd.DataFrame({"b": [f"b{n}" for n in range(len(loads))], "m": [float(load) for load in loads]})
    best = min(
        max(sum(load for load, side in zip(loads, sides, strict=True) if side == k) for k in (0, 1))
        for sides in itertools.product((0, 1), repeat=len(loads))
        if 0 < sum(sides) < len(loads)
    )
    found = equal_areas(frame, block="b", load="m", areas=2)
    assert found.heaviest == pytest.approx(best)
    assert found.bound == pytest.approx(best)


def test_areas_are_connected_where_blocks_touch_in_a_line() -> None:
    frame = pd.DataFrame({"b": list("abcdef"), "m": [5.0, 1, 1, 1, 1, 5]})
    line = list(itertools.pairwise("abcdef"))
    found = equal_areas(frame, block="b", load="m", areas=3, neighbors=line)
    for _, part in found.table.groupby("area"):
        places = sorted("abcdef".index(name) for name in part["block"])
        assert places == list(range(places[0], places[-1] + 1))
    assert found.heaviest == 5.0


def test_area_refusals() -> None:
    frame = pd.DataFrame({"b": ["a", "b"], "m": [1.0, 2.0]})
    for options, message in (({"areas": 5}, "areas is 5"), ({"areas": 2, "neighbors": [("a", "x")]}, "block 'x'")):
        with pytest.raises(ValueError, match=message):
            equal_areas(frame, block="b", load="m", **options)
    with pytest.raises(ValueError, match="no division"):
        equal_areas(pd.DataFrame({"b": list("abcd"), "m": 1.0}), block="b", load="m", areas=2, neighbors=[("a", "b")])
