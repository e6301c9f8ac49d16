"""Trends of shares: values of another implementation, relations, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity.use.crime_mix import crime_mix
from kpi_research.validity.use.periods import phases
from kpi_research.validity.use.share_trend import share_trend

sm = pytest.importorskip("statsmodels.api")
COUNT = np.array([34.0, 52.0, 31.0, 44.0, 39.0, 27.0, 36.0, 25.0, 30.0, 18.0, 26.0, 21.0])
TOTAL = np.array([410.0, 395.0, 402.0, 420.0, 388.0, 371.0, 405.0, 399.0, 412.0, 380.0, 391.0, 407.0])


def test_change_and_dispersion_are_those_of_a_quasi_poisson_model() -> None:
    time = np.arange(12.0)
    design = sm.add_constant((time - time.mean()) / 11.0)
    model = sm.GLM(COUNT, design, family=sm.families.Poisson(), offset=np.log(TOTAL)).fit(scale="X2")
    found = share_trend(COUNT, TOTAL)
    assert found.change == pytest.approx(np.expm1(model.params[1]), rel=1e-9)
    assert found.dispersion == pytest.approx(model.scale, rel=1e-9)
    assert found.first == pytest.approx(np.exp(model.params @ design[0]), rel=1e-9)
    low, high = model.params[1] + np.array([-1.0, 1.0]) * 2.228138851964939 * model.bse[1]
    width = np.sqrt((1 + found.memory) / (1 - found.memory))
    assert np.log1p(found.high) - np.log1p(found.low) == pytest.approx((high - low) * width, rel=1e-6)


def test_a_yearly_wave_is_no_trend() -> None:
    months = [f"{2024 + month // 12}-{month % 12 + 1:02d}" for month in range(18)]
    time, total = np.arange(18.0), np.full(18, 1000.0)
    count = 100.0 * np.exp(0.01 * time + 0.4 * np.sin(2.0 * np.pi * time / 12.0))
    assert share_trend(count, total).p > 0.5
    found = share_trend(count, total, phases(months))
    assert found.change == pytest.approx(np.expm1(0.17), abs=1e-9)
    assert found.p == 0.0


def test_phases_need_a_year_and_a_half_of_months_or_quarters() -> None:
    assert phases([2024, 2025, 2026]) is None
    assert phases([f"2025-{month:02d}" for month in range(1, 13)]) is None
    assert phases(["wave 1", "wave 2"]) is None


def cases(counts: dict[str, list[float]]) -> pd.DataFrame:
    rows = [(kind, 2000 + year, n) for kind, values in counts.items() for year, n in enumerate(values)]
    return pd.DataFrame(rows, columns=["kind", "year", "n"])


def test_groups_are_trends_of_joint_shares() -> None:
    frame = cases({"a": [30, 28, 27, 25, 22, 20], "b": [20, 19, 18, 15, 14, 12], "c": [50, 53, 55, 60, 64, 68]})
    found = crime_mix(frame, type="kind", period="year", count="n", groups={"ab": ["a", "b"]})
    alone = share_trend(np.array([50.0, 47, 45, 40, 36, 32]), np.full(6, 100.0))
    assert found.table.loc[0, "change"] == pytest.approx(alone.change, rel=1e-12)
    assert found.table.loc[0, "type"] == "ab"
    assert found.shares.sum(axis=1).to_numpy() == pytest.approx(1.0)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.lists(st.integers(2, 400), min_size=7, max_size=12), st.floats(1.5, 40.0))
def test_share_trends_do_not_depend_on_the_order_of_rows(counts: list[int], factor: float) -> None:
    rows = cases({"a": [float(n) for n in counts], "b": [200.0] * len(counts)})
    mixed = rows.sample(frac=1.0, random_state=len(counts))
    first = crime_mix(rows, type="kind", period="year", count="n").table
    second = crime_mix(mixed, type="kind", period="year", count="n").table
    pd.testing.assert_frame_equal(first, second)
    scaled = share_trend(factor * np.array(counts, dtype=float), factor * (np.array(counts, dtype=float) + 200.0))
    plain = share_trend(np.array(counts, dtype=float), np.array(counts, dtype=float) + 200.0)
    assert scaled.change == pytest.approx(plain.change, rel=1e-6, abs=1e-9)


def test_rows_and_counts_say_the_same() -> None:
    frame = cases({"盗窃": [9, 8, 7, 7, 6, 5], "诈骗": [3, 4, 4, 6, 7, 9]})
    rows = frame.loc[frame.index.repeat(frame["n"].astype(int)), ["kind", "year"]]
    counted = crime_mix(frame, type="kind", period="year", count="n").table
    pd.testing.assert_frame_equal(counted, crime_mix(rows, type="kind", period="year").table)


def test_rare_types_and_short_series_are_unknown_and_said_so() -> None:
    found = crime_mix(cases({"a": [50.0] * 8, "b": [1.0] * 8}), type="kind", period="year", count="n")
    assert dict(zip(found.table["type"], found.table["trend"], strict=True)) == {"a": "steady", "b": "unknown"}
    assert [item.code for item in found.findings] == ["mix-too-few-cases"]
    short = crime_mix(cases({"a": [50, 40, 30.0], "b": [50, 60, 70.0]}), type="kind", period="year", count="n")
    assert set(short.table["trend"]) == {"unknown"}


def test_one_type_is_always_all_cases() -> None:
    table = crime_mix(cases({"a": [50.0, 10.0, 30.0, 20.0, 40.0, 9.0]}), type="kind", period="year", count="n").table
    assert table.loc[0, ["first", "last", "change", "low", "high"]].tolist() == pytest.approx([1.0, 1.0, 0.0, 0.0, 0.0])


def test_a_type_that_is_not_seen_in_most_periods_does_not_stop_the_fit() -> None:
    found = share_trend(np.array([0.0, 0, 0, 0, 0, 0, 0, 12]), np.full(8, 100.0))
    assert np.isfinite(found.change)
    assert found.change > 1


def test_figures_are_drawn_in_both_languages() -> None:
    found = crime_mix(cases({"a": [5.0] * 8, "b": [9.0] * 8}), type="kind", period="year", count="n")
    for lang in ("en", "zh"):
        assert found.plot(lang).axes[0].get_ylabel()  # type: ignore[arg-type]


REFUSED = [
    ({"type": "kin"}, "Did you mean 'kind'"),
    ({"count": "kind"}, "must hold numbers"),
    ({"level": 1.0}, "level is 1.0"),
    ({"false_discovery": 0.0}, "false_discovery is 0.0"),
    ({"groups": {"x": ["A"]}}, "no case has"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_wrong_arguments_are_named(change: dict[str, object], message: str) -> None:
    arguments = {"type": "kind", "period": "year", "count": "n"} | change
    with pytest.raises(ValueError, match=message):
        crime_mix(cases({"a": [5.0] * 8, "b": [9.0] * 8}), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [-1.0, np.nan, np.inf])
def test_impossible_counts_are_refused(n: float) -> None:
    with pytest.raises(ValueError, match="numbers of cases from 0"):
        crime_mix(cases({"a": [5.0, 5.0, n]}), type="kind", period="year", count="n")


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no row"):
        crime_mix(cases({"a": []}), type="kind", period="year", count="n")
    with pytest.raises(ValueError, match="all counts are 0"):
        crime_mix(cases({"a": [0.0, 0.0]}), type="kind", period="year", count="n")
    with pytest.raises(TypeError, match="DataFrame"):
        crime_mix([1], type="kind", period="year")  # type: ignore[arg-type]
