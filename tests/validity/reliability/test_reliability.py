"""Reliability against psych, QualityMeasure and simulation, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity import Reliability, reliability
from tests.validity.panels import long

ICC = {"crmrte": 0.851, "prbarr": 0.563, "polpc": 0.554, "prbconv": 0.183}


@pytest.fixture
def hospitals(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("entity_reliability/cms_colonoscopy_subset200.csv"), dtype={"entity": str})


@pytest.fixture
def methods(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("entity_reliability/snr_subset200_QualityMeasure_all_methods.csv")).set_index("method")


def counts(seed: int, units: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cases = rng.integers(10, 80, size=units)
    return pd.DataFrame({"unit": np.arange(units), "n": cases, "x": rng.binomial(cases, rng.beta(6, 4, size=units))})


def answer(found: Reliability) -> tuple[float, float, float]:
    return found.estimate, found.low, found.high


@pytest.mark.parametrize(("column", "value"), ICC.items())
def test_icc_of_crime_in_north_carolina(crime4: pd.DataFrame, column: str, value: float) -> None:
    found = reliability(crime4, unit="county", period="year", value=column)
    assert found.estimate == pytest.approx(value, abs=5e-4)
    assert found.low < found.estimate < found.high
    assert (found.method, len(found.units)) == ("icc", 90)


def test_the_six_raters_of_shrout_and_fleiss(reference: Callable[[str], Path]) -> None:
    ratings = pd.read_csv(reference("psychometrics/shrout_fleiss.csv"), index_col=0)
    rows = ratings.rename_axis("subject").reset_index().melt("subject")
    psych = pd.read_csv(reference("psychometrics/psych_ICC_shrout_fleiss_aov.csv")).set_index("type")
    methods: dict[str, Any] = {"ICC1": "icc", "ICC1k": "anova"}
    for kind, method in methods.items():
        found = reliability(rows, unit="subject", value="value", method=method)
        expected = psych.loc[kind, ["ICC", "lower bound", "upper bound"]].to_numpy(float)
        assert answer(found) == pytest.approx(tuple(expected), rel=1e-9)
        assert [item.code for item in found.findings] == ["few-units"]


def test_hospitals_as_quality_measure_reports_them(hospitals: pd.DataFrame, methods: pd.DataFrame) -> None:
    anova = reliability(hospitals, unit="entity", numerator="x", denominator="n", method="anova")
    share = anova.units["reliability"]
    columns = ["reliability_mean", "reliability_min", "reliability_25p", "reliability_75p", "reliability_max"]
    expected = methods.loc["ANOVA", columns].to_numpy(float)
    found = [share.mean(), share.min(), share.quantile(0.25), share.quantile(0.75), share.max()]
    assert found == pytest.approx(list(expected), rel=1e-9)
    halves = reliability(hospitals, unit="entity", numerator="x", denominator="n", method="split_half")
    assert halves.estimate == pytest.approx(methods.loc["SSR:Permutation", "reliability"], abs=0.003)


def test_one_value_grows_into_the_mean_by_spearman_and_brown() -> None:
    frame = long(np.random.default_rng(1).normal(size=(40, 6)) + np.random.default_rng(2).normal(size=(40, 1)))
    one = reliability(frame, unit="unit", value="x")
    mean = reliability(frame, unit="unit", value="x", method="anova")
    grown = [6 * value / (1 + 5 * value) for value in answer(one)]
    assert answer(mean) == pytest.approx(tuple(grown), rel=1e-12)
    needed = mean.needed(0.9)
    assert needed is not None
    ratio = one.signal_to_noise
    assert ratio * needed / (1 + ratio * needed) >= 0.9 > ratio * (needed - 1) / (1 + ratio * (needed - 1))


@pytest.mark.parametrize("method", ["beta_binomial", "anova", "split_half"])
def test_every_method_finds_the_truth_in_a_large_sample(method: Any) -> None:
    rng = np.random.default_rng(3)
    cases = np.full(3000, 40)
    frame = pd.DataFrame({"unit": np.arange(3000), "n": cases, "x": rng.binomial(cases, rng.beta(6, 4, size=3000))})
    found = reliability(frame, unit="unit", numerator="x", denominator="n", method=method, splits=40)
    assert found.estimate == pytest.approx(40 / 50, abs=0.015)
    assert found.low < 0.8 < found.high
    assert found.units["reliability"].iloc[0] == pytest.approx(found.estimate, abs=1e-9)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100.0), shift=st.floats(-100, 100))
def test_icc_ignores_units_of_measure_names_and_order(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    frame = long(rng.normal(size=(25, 4)) + rng.normal(size=(25, 1)))
    other = frame.assign(x=shift + scale * frame["x"], unit="u" + (99 - frame["unit"]).astype(str)).sample(
        frac=1.0, random_state=seed
    )
    plain, moved = (reliability(part, unit="unit", value="x") for part in (frame, other))
    assert answer(moved) == pytest.approx(answer(plain), abs=1e-8)


def test_splits_depend_on_the_seed_only() -> None:
    ask: dict[str, Any] = {"unit": "unit", "numerator": "x", "denominator": "n", "method": "split_half", "splits": 20}
    first, same = (reliability(counts(4).sample(frac=1.0, random_state=turn), **ask) for turn in (1, 2))
    assert answer(first) == answer(same)
    assert answer(first) != answer(reliability(counts(4), **ask, seed=1))


def test_rows_of_a_unit_are_added_up() -> None:
    frame = counts(5)
    part = frame.assign(n=frame["n"] // 2, x=(frame["x"] // 3).clip(upper=frame["n"] // 2))
    rest = frame.assign(n=frame["n"] - part["n"], x=frame["x"] - part["x"])
    rest["x"] = np.minimum(rest["x"], rest["n"])
    both = pd.concat([part.assign(period=1), rest.assign(period=2)])
    summed = both.groupby("unit", as_index=False)[["n", "x"]].sum()
    ask: dict[str, Any] = {"unit": "unit", "numerator": "x", "denominator": "n"}
    assert answer(reliability(both, **ask, period="period")) == answer(reliability(summed, **ask))


def test_auto_takes_the_method_of_the_input() -> None:
    frame = long(np.random.default_rng(6).normal(size=(30, 3)))
    assert reliability(frame, unit="unit", value="x").method == "icc"
    assert reliability(counts(6), unit="unit", numerator="x", denominator="n").method == "beta_binomial"


def test_units_that_do_not_differ_need_no_number_of_values() -> None:
    noise = np.random.default_rng(7).normal(size=(30, 4))
    found = reliability(long(noise - noise.mean(axis=1, keepdims=True)), unit="unit", value="x")
    assert found.estimate < 0
    assert found.needed(0.7) is None
    assert (found.units["reliability"] == 0).all()


def test_missing_values_are_left_out_and_counted() -> None:
    frame = long(np.random.default_rng(8).normal(size=(30, 4)) + np.arange(30)[:, None])
    holes = frame.assign(x=frame["x"].where(frame.index % 11 != 0))
    found = reliability(holes, unit="unit", value="x")
    assert answer(found) == answer(reliability(holes.dropna(), unit="unit", value="x"))
    assert [(item.code, item.facts["rows"]) for item in found.findings] == [("reliability-rows-dropped", 11)]


FRAME = long(np.random.default_rng(9).normal(size=(5, 3))).assign(
    n=10,
    x2=4,
    text="a",
    constant=1.0,
    zero=0,
    above=11,
    half=0.5,
    negative=-1,
    single=lambda part: part["x"].where(part["period"] == 0),
)
COUNTS = {"numerator": "x2", "denominator": "n"}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({}, "give either value, or numerator and denominator"),
        ({"value": "x", **COUNTS}, "give either value, or numerator and denominator"),
        ({"numerator": "x2"}, "give either value, or numerator and denominator"),
        ({"value": "x", "method": "beta-binomial"}, "Did you mean 'beta_binomial'"),
        ({"value": "x", "method": "beta_binomial"}, "does not work on value; allowed: icc, anova, split_half"),
        ({**COUNTS, "method": "icc"}, "does not work on numerator and denominator"),
        ({**COUNTS, "interval": "exact"}, "interval 'exact' does not exist for method 'beta_binomial'"),
        ({"value": "x", "interval": "exakt"}, "Did you mean 'exact'"),
        ({"value": "xx"}, "there is no column 'xx'"),
        ({"value": "text"}, "must hold numbers"),
        ({"value": "constant"}, "has the same value, 1, in every row"),
        ({"value": "single"}, "no unit has two values of 'single'"),
        ({"value": "x", "level": 1.0}, "level is 1.0"),
        ({"value": "x", "splits": 0}, "splits is 0"),
        ({"numerator": "above", "denominator": "n"}, "'above' exceeds 'n' in 15 rows, first 11 of 10"),
        ({"numerator": "half", "denominator": "n"}, "'half' has 15 values that are no counts, first 0.5"),
        ({"numerator": "negative", "denominator": "n"}, "'negative' has 15 values that are no counts"),
        ({"numerator": "zero", "denominator": "n"}, "'zero' counts no case of 'n'"),
        ({"numerator": "n", "denominator": "n"}, "'n' counts every case of 'n'"),
    ],
)
def test_questions_without_an_answer(ask: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        reliability(FRAME, unit="unit", **ask)


def test_repeated_periods_and_single_units_are_refused() -> None:
    with pytest.raises(ValueError, match="share their unit and period"):
        reliability(pd.concat([FRAME, FRAME.iloc[:1]]), unit="unit", period="period", value="x")
    with pytest.raises(ValueError, match="found 1 unit with data"):
        reliability(FRAME[FRAME["unit"] == 0], unit="unit", value="x")
