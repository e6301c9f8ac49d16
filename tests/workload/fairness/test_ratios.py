"""Ratio studies, calibration, differential coefficients, gains and consistency."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.workload.fairness.calibration import calibration
from kpi_research.workload.fairness.consistency import consistency
from kpi_research.workload.fairness.differential import differential_coefficients
from kpi_research.workload.fairness.gains import gains
from kpi_research.workload.fairness.ratios import median_interval, ratio_study


def measures(frame: pd.DataFrame) -> pd.Series:
    found = ratio_study(frame, observed="o", assigned="a", draws=200)
    return found.table.set_index("measure")["estimate"]


def test_the_four_measures_by_hand() -> None:
    # Ratios .8, .9, 1, 1.1, 1.2 twice over, all with observed 100: M = 1, COD = 12, PRD = 1.
    ratios = np.tile([0.8, 0.9, 1.0, 1.1, 1.2], 2)
    found = measures(pd.DataFrame({"o": 100.0, "a": 100 * ratios}))
    assert found["median_ratio"] == pytest.approx(1.0)
    assert found["cod"] == pytest.approx(12.0)
    assert found["prd"] == pytest.approx(1.0)


def test_credit_that_lags_behind_heavy_loads_is_regressive() -> None:
    load = np.geomspace(50, 400, 60)
    table = ratio_study(pd.DataFrame({"o": load, "a": load**0.8}), observed="o", assigned="a").table.set_index(
        "measure"
    )
    assert table.loc["prd", "verdict"] == "outside"
    assert table.loc["prd", "estimate"] > 1.03
    assert table.loc["prb", "high"] < -0.05


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.1, 100.0))
def test_the_scale_of_the_credit_does_not_matter(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"o": rng.gamma(4, 10, 20) + 1})
    frame["a"] = frame["o"] * rng.lognormal(0, 0.2, 20)
    pd.testing.assert_series_equal(measures(frame), measures(frame.assign(a=frame["a"] * factor)), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("n", "low", "high"), [(10, 2, 9), (20, 6, 15), (50, 18, 33), (100, 40, 61)])
def test_the_interval_of_a_median_takes_the_tabled_order_statistics(n: int, low: int, high: int) -> None:
    # Conover (1999), Practical Nonparametric Statistics, table A3: order statistics for 95 %.
    assert median_interval(np.arange(1.0, n + 1), 0.95) == (low, high)


def test_ratio_refusals() -> None:
    good = pd.DataFrame({"o": np.arange(1.0, 21), "a": np.arange(1.0, 21)})
    for frame, message in (
        (good.head(5), "5 rows"),
        (good.assign(o=0.0), "above 0"),
        (good.rename(columns={"o": "x"}), "no column 'o'"),
    ):
        with pytest.raises(ValueError, match=message):
            ratio_study(frame, observed="o", assigned="a")
    with pytest.raises(ValueError, match="draws is 10"):
        ratio_study(good, observed="o", assigned="a", draws=10)


def test_predictions_that_spread_too_far_have_a_slope_below_one() -> None:
    rng = np.random.default_rng(2)
    truth = rng.lognormal(4, 0.5, 800)
    frame = pd.DataFrame({"o": rng.poisson(truth), "right": truth, "wide": truth**1.5 / 10, "who": np.arange(800) % 50})
    right = calibration(frame, observed="o", predicted="right", cluster="who").table.iloc[0]
    assert right["low"] < 1 < right["high"]
    wide = calibration(frame, observed="o", predicted="wide", cluster="who").table.iloc[0]
    assert wide["slope"] == pytest.approx(1 / 1.5, abs=0.02)
    assert wide["high"] < 1


def test_calibration_refusals() -> None:
    frame = pd.DataFrame({"o": [1.0, 2, 3, 4], "p": [1.0, 2, 3, 4]})
    for change, message in (({"p": 1.0}, "does not vary"), ({"p": -1.0}, "above 0"), ({"o": "x"}, "holds")):
        with pytest.raises(ValueError, match=message):
            calibration(frame.assign(**change), observed="o", predicted="p")


def worklog(rng: np.random.Generator, extra: float = 1.0, persons: int = 60) -> pd.DataFrame:
    """Return minutes of persons on five tasks; women need ``extra`` times as long for task C, and 20 % longer for all."""
    person, task = np.repeat(np.arange(persons), 5), np.tile(list("ABCDE"), persons)
    woman = person % 2 == 0
    mean = np.tile([20.0, 40, 80, 30, 60], persons) * np.where(woman, 1.2, 1.0)
    mean = mean * np.where(woman & (task == "C"), extra, 1.0) * rng.lognormal(0, 0.1, persons)[person]
    count = rng.poisson(10, len(person)) + 1
    who = np.where(woman, "女", "男")
    return pd.DataFrame(
        {"who": who, "officer": person, "task": task, "n": count, "min": rng.gamma(4 * count, mean / 4)}
    )


def test_a_task_that_takes_one_group_longer_is_found_and_general_pace_is_not() -> None:
    names = {"minutes": "min", "task": "task", "group": "who", "cluster": "officer", "count": "n"}
    found = differential_coefficients(worklog(np.random.default_rng(3), 1.5), **names).table
    flagged = found[found["flagged"]]
    assert set(flagged["task"]) >= {"C"}
    strongest = found.loc[found["ratio"].idxmax()]
    assert (strongest["task"], strongest["group"]) == ("C", "女")
    assert not differential_coefficients(worklog(np.random.default_rng(4)), **names).table["flagged"].any()


def test_differential_bad_input_and_thin_cells() -> None:
    log = worklog(np.random.default_rng(5))
    names = {"minutes": "min", "task": "task", "group": "who", "cluster": "officer", "count": "n"}
    with pytest.raises(ValueError, match="1 value"):
        differential_coefficients(log.assign(task="A"), **names)
    with pytest.raises(ValueError, match="0 or more"):
        differential_coefficients(log.assign(min=-1.0), **names)
    thin = log.assign(task=log["task"].mask(log.index == 0, "F"))
    found = differential_coefficients(thin, **names)
    assert found.findings[0].code == "differential-thin"
    assert found.table.loc[found.table["task"] == "F", "p"].isna().all()


@pytest.mark.validation
def test_false_flags_of_differential_coefficients(dossier) -> None:
    names = {"minutes": "min", "task": "task", "group": "who", "cluster": "officer", "count": "n"}
    runs = [differential_coefficients(worklog(np.random.default_rng([9, run])), **names).table for run in range(500)]
    p = np.concatenate([run.loc[run["group"] == "女", "p"].to_numpy() for run in runs])
    any_flag = float(np.mean([run["flagged"].any() for run in runs]))
    single = float((p < 0.05).mean())
    dossier(
        "workload",
        "Fairness: false flags of differential coefficients",
        runs=500,
        single_test_at_5=single,
        any_flag=any_flag,
    )
    assert 0.035 <= single <= 0.065
    assert any_flag <= 0.08


def test_shares_of_credit_sum_to_one_before_and_after() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "g": rng.choice(list("abc"), 90),
            "u": rng.choice(list("xy"), 90),
            "old": rng.random(90),
            "new": rng.random(90),
        }
    )
    found = gains(frame, before="old", after="new", group="g", within="u")
    assert found["share_before"].sum() == pytest.approx(1.0)
    assert found["share_after"].sum() == pytest.approx(1.0)
    same = gains(frame, before="old", after="old", group="g", within="u")
    assert (same["change"].abs() < 1e-12).all()
    assert (same[["gain", "lose"]] == 0).all(axis=None)
    with pytest.raises(ValueError, match="0 or more"):
        gains(frame.assign(new=-1.0), before="old", after="new", group="g")


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30),
    st.floats(0.1, 5),
    st.floats(0.1, 5),
)
def test_credit_that_is_a_weighted_sum_is_consistent(work: list, first: float, second: float) -> None:
    frame = pd.DataFrame(work, columns=["a", "b"])
    assert consistency(frame.assign(c=first * frame["a"] + second * frame["b"]), work=["a", "b"], credit="c").empty


def test_contradictions_are_named() -> None:
    frame = pd.DataFrame({"a": [1, 1, 2], "c": [5.0, 6.0, 4.0]}, index=["李", "王", "张"])
    found = consistency(frame, work=["a"], credit="c")
    assert found[["kind", "first", "second"]].values.tolist() == [
        ["identical_work", "王", "李"],
        ["more_work", "张", "李"],
        ["more_work", "张", "王"],
    ]
