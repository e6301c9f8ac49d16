"""Survey estimates: published intervals, other implementations, margins, and what must not change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from kpi_research.scorecard.evaluators import SurveyDesign, survey_estimate

FEW = settings(deadline=None, derandomize=True, max_examples=25)
NAMES: dict[str, Any] = {"target": "unit", "item": "item"}


def people(answers: list[float], unit: str = "North") -> pd.DataFrame:
    return pd.DataFrame({"unit": unit, "item": "satisfaction", "answer": answers})


def drawn(seed: int, targets: int = 6, size: int = 40) -> pd.DataFrame:
    """Return answers with weights, clusters, strata, a class and a way of asking."""
    rng = np.random.default_rng(seed)
    rows = targets * size
    return pd.DataFrame(
        {
            "unit": np.repeat([f"u{number}" for number in range(targets)], size),
            "item": "satisfaction",
            "answer": rng.choice([10.0, 8.0, 5.0, 2.0, 0.0], rows, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
            "weight": rng.uniform(1, 4, rows),
            "street": rng.integers(0, 8, rows),
            "half": np.arange(rows) % 2,
            "age": rng.choice(["young", "old"], rows),
            "sex": rng.choice(["f", "m"], rows),
        }
    )


@pytest.mark.parametrize(("satisfied", "low", "high"), [(48, 0.865, 0.989), (50, 0.929, 1.0)])
def test_intervals_of_the_phone_sample_of_fifty(satisfied: int, low: float, high: float) -> None:
    table = survey_estimate(people([10.0] * satisfied + [2.0] * (50 - satisfied)), **NAMES).table
    assert table[["low", "high"]].round(3).iloc[0].tolist() == [low, high]
    assert table["se"].iloc[0] > 0


@FEW
@given(st.integers(0, 80), st.integers(0, 80), st.sampled_from([0.8, 0.95, 0.99]))
def test_simple_samples_have_the_interval_of_statsmodels(good: int, bad: int, level: float) -> None:
    if good + bad == 0:
        return
    row = survey_estimate(people([8.0] * good + [0.0] * bad), **NAMES, level=level).table.iloc[0]
    expected = proportion_confint(good, good + bad, alpha=1 - level, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx(expected, abs=1e-12)


def test_means_of_one_target_have_students_interval() -> None:
    points = np.array([10.0, 8, 8, 5, 10, 2, 8, 10, 5, 8])
    row = survey_estimate(people(points.tolist()), **NAMES, statistic="mean").table.iloc[0]
    expected = stats.t.interval(0.95, len(points) - 1, points.mean(), stats.sem(points))
    assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("cluster", [None, "street"])
def test_weighted_and_clustered_errors_equal_statsmodels(cluster: str | None) -> None:
    frame = drawn(1, targets=1, size=80)
    design = SurveyDesign(cluster=cluster)
    row = survey_estimate(frame, **NAMES, weight="weight", design=design, statistic="mean").table.iloc[0]
    fit = sm.WLS(frame["answer"].to_numpy(), np.ones(80), weights=frame["weight"].to_numpy())
    groups = np.arange(80) if cluster is None else frame["street"].to_numpy()
    found = fit.fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert row["estimate"] == pytest.approx(found.params[0], rel=1e-12)
    assert row["se"] == pytest.approx(found.bse[0], rel=1e-9)


def test_strata_leave_only_the_variance_within_them() -> None:
    frame = drawn(2, targets=1, size=60)
    frame["answer"] = np.where(frame["half"] == 1, 10.0, np.where(np.arange(60) % 4 == 0, 5.0, 2.0))
    frame.loc[1, "answer"] = 8.0
    row = survey_estimate(frame, **NAMES, design=SurveyDesign(strata="half"), statistic="mean").table.iloc[0]
    plain = survey_estimate(frame, **NAMES, statistic="mean").table.iloc[0]
    within = frame.groupby("half")["answer"].var() / 30
    textbook = float(np.sqrt((0.25 * within).sum()))
    # A gain by strata is believed up to half the variance.
    assert row["se"] == pytest.approx(max(textbook, plain["se"] * np.sqrt(0.5)), rel=1e-9)


@FEW
@given(st.integers(0, 2**32 - 1))
def test_raked_weights_hold_the_margins_and_are_products_of_their_levels(seed: int) -> None:
    frame = drawn(seed, targets=1, size=60)
    margins = {"age": pd.Series({"young": 0.7, "old": 0.3}), "sex": pd.Series({"f": 520.0, "m": 480.0})}
    share = survey_estimate(frame, **NAMES, margins=margins).table["estimate"].iloc[0]
    good = frame["answer"] >= 8
    cells = frame.assign(good=good).groupby(["age", "sex"])["good"].agg(["mean", "size"])
    # Independent route: solve for the log-linear weights of the four cells.
    table = cells["size"].unstack().loc[["young", "old"], ["f", "m"]].to_numpy(dtype=float, copy=True)
    for _ in range(500):
        table *= (np.array([0.7, 0.3]) / table.sum(axis=1))[:, None]
        table *= np.array([0.52, 0.48]) / table.sum(axis=0)
    means = cells["mean"].unstack().loc[["young", "old"], ["f", "m"]].to_numpy()
    assert share == pytest.approx(float((table * means).sum()), abs=1e-8)


def test_respondents_of_a_class_stand_for_all_approached_in_it() -> None:
    young = pd.DataFrame(
        {"age": "young", "status": ["answered"] * 2 + ["refused"] * 8, "answer": [10.0] * 2 + [np.nan] * 8}
    )
    old = pd.DataFrame(
        {"age": "old", "status": ["answered"] * 8 + ["no_contact"] * 2, "answer": [0.0] * 8 + [np.nan] * 2}
    )
    frame = pd.concat([young, old]).assign(unit="North", item="safety")
    plain = survey_estimate(frame, **NAMES, status="status").table.iloc[0]
    by_class = survey_estimate(frame, **NAMES, status="status", classes=["age"]).table.iloc[0]
    assert plain["estimate"] == pytest.approx(0.2)
    assert by_class["estimate"] == pytest.approx(0.5)
    assert by_class["response"] == pytest.approx(0.5)
    assert (by_class["bound_low"], by_class["bound_high"]) == pytest.approx((0.25, 0.75))
    assert by_class["effective"] < plain["answers"]


def test_those_who_do_not_know_are_reached_but_have_no_opinion() -> None:
    frame = pd.DataFrame({"unit": "North", "item": "x", "answer": [10.0, 2.0, 9.0, 9.0, np.nan]})
    row = survey_estimate(frame, **NAMES, dont_know=[9]).table.iloc[0]
    assert row[["approached", "answers"]].tolist() == [5, 2]
    assert row[["estimate", "response", "dont_know"]].tolist() == pytest.approx([0.5, 0.8, 0.5])


def test_where_silence_goes_with_discontent_the_tilt_lowers_the_estimate() -> None:
    frame = drawn(3)
    frame.loc[frame.index % 3 == 0, "answer"] = np.nan
    at = [survey_estimate(frame, **NAMES, tilt=tilt).table["estimate"] for tilt in (0.0, 0.5, 1.0)]
    bounds = survey_estimate(frame, **NAMES).table
    assert (at[0] > at[1]).all()
    assert (at[1] > at[2]).all()
    assert (at[2] >= bounds["bound_low"]).all()


@FEW
@given(st.integers(0, 2**32 - 1), st.sampled_from(["share", "mean"]))
def test_order_and_scale_of_weights_change_nothing(seed: int, statistic: Any) -> None:
    frame = drawn(seed)
    first = survey_estimate(frame, **NAMES, weight="weight", statistic=statistic).table
    mixed = frame.sample(frac=1, random_state=seed % 1000).assign(weight=lambda data: 1000 * data["weight"])
    second = survey_estimate(mixed, **NAMES, weight="weight", statistic=statistic).table
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)


@FEW
@given(st.integers(0, 2**32 - 1))
def test_pooled_estimates_lie_between_own_and_mean_and_err_less(seed: int) -> None:
    found = survey_estimate(drawn(seed), **NAMES)
    table, mean = found.table, found.table["pooled"].mean()
    assert (table["own"].between(0, 1)).all()
    between = (table["pooled"] - table["estimate"]) * (mean - table["estimate"]) >= -1e-12
    assert between.all()
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()


def test_few_targets_are_not_pooled_and_empty_ones_have_no_estimate() -> None:
    frame = pd.concat([people([8.0] * 12), people([np.nan] * 3, "South"), people([5.0], "East")])
    found = survey_estimate(frame, **NAMES)
    table = found.table.set_index("target")
    assert table["pooled"].isna().all()
    assert np.isnan(table.loc["South", "estimate"])
    assert table.loc["South", ["bound_low", "bound_high"]].tolist() == [0.0, 1.0]
    codes = [item.code for item in found.findings]
    assert codes == ["survey-without-answers", "survey-few-answers", "survey-silence", "survey-not-pooled"]


def test_a_survey_of_noise_says_so() -> None:
    found = survey_estimate(drawn(4, targets=12, size=30), **NAMES)
    assert "survey-mostly-noise" in [item.code for item in found.findings]
    assert found.items["reliability"].iloc[0] < 0.7
    assert "信度" in found.findings[-1].line("zh")


def test_a_level_without_answers_is_named() -> None:
    frame = drawn(5).query("not (unit == 'u1' and age == 'old')")
    found = survey_estimate(frame, **NAMES, margins={"age": pd.Series({"young": 1.0, "old": 1.0})})
    assert [item.facts["target"] for item in found.findings if item.code == "survey-margin-empty"] == ["u1"]


def test_a_picture_is_drawn() -> None:
    assert survey_estimate(drawn(6), **NAMES).plot("zh").axes


def test_answers_that_are_all_alike_have_an_error() -> None:
    frame = drawn(7).assign(answer=10.0)
    for statistic in ("share", "mean"):
        table = survey_estimate(frame, **NAMES, statistic=statistic).table  # type: ignore[arg-type]
        assert (table["estimate"] == table["estimate"].iloc[0]).all()
    assert (survey_estimate(frame, **NAMES).table["se"] > 0).all()
