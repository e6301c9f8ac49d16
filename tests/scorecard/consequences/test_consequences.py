"""How often rules hit those they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.scorecard.consequences.consequences import consequences
from kpi_research.scorecard.consequences.standing import Standing, variance_of_mean
from kpi_research.study.spec_consequences import ConsequenceSection as Rule
from tests.scorecard.consequences.rules import BUDGET, COURSE, GRADES, MERIT, RULES, TALK, TWICE


def scores(seed: int = 0, units: int = 24, spread: float = 8.0, noise: float = 5.0) -> pd.Series:
    rng = np.random.default_rng(seed)
    values = 50 + spread * rng.standard_normal(units) + noise * rng.standard_normal(units)
    return pd.Series(values, index=[f"S{k:02d}" for k in range(units)])


def by_period(seed: int = 0, units: int = 24, periods: int = 12, noise: float = 12.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = 50 + 8 * rng.standard_normal((units, 1)) + noise * rng.standard_normal((units, periods))
    return pd.DataFrame(values, index=[f"S{k:02d}" for k in range(units)])


def judged(*rules: Rule, **options: Any) -> Any:
    given_scores = options.pop("estimates", scores())
    return consequences(given_scores, rules=rules, **{"se": np.full(len(given_scores), 5.0), "samples": 800, **options})


def test_two_units_far_from_a_cut_have_the_normal_probability() -> None:
    estimates = pd.Series([50.0, 41.0], index=["a", "b"])
    members = judged(COURSE, estimates=estimates, se=[4.0, 3.0], samples=20_000).members.set_index("unit")["belongs"]
    assert members["a"] == pytest.approx(stats.norm.cdf((45 - 50) / 4), abs=0.01)
    assert members["b"] == pytest.approx(stats.norm.cdf((45 - 41) / 3), abs=0.01)


def test_without_chance_every_rule_is_right() -> None:
    table = judged(MERIT, TALK, GRADES, COURSE, BUDGET, se=np.zeros(24)).table
    np.testing.assert_allclose(table["right"], 1.0)
    np.testing.assert_allclose(table[["wrong", "missed"]], 0.0, atol=1e-12)


def test_where_all_is_chance_a_rule_is_right_as_often_as_a_lottery() -> None:
    estimates = scores(3, units=40, spread=0.0)
    row = judged(MERIT, estimates=estimates, samples=4000).table.iloc[0]
    assert row["right"] < 0.45  # a lottery: 7 of 40
    assert np.isnan(row["needed_factor"]) or row["needed_factor"] > 10


def test_wrong_and_missed_agree_where_a_rule_names_a_number() -> None:
    table = judged(MERIT, TALK).table
    np.testing.assert_allclose(table["wrong"], table["missed"], atol=1e-12)
    np.testing.assert_allclose(table["right"], 1 - table["wrong"] / table["hits"], atol=1e-12)


@given(seed=st.integers(0, 500))
@settings(deadline=None, derandomize=True, max_examples=6)
def test_the_order_of_units_changes_nothing(seed: int) -> None:
    given_scores, periods = by_period(seed).mean(axis=1), by_period(seed)
    order = np.random.default_rng(seed).permutation(24)
    first = consequences(given_scores, rules=RULES, periods=periods, samples=300)
    second = consequences(given_scores.iloc[order], rules=RULES, periods=periods.iloc[order], samples=300)
    pd.testing.assert_frame_equal(first.table, second.table, rtol=1e-9)
    pd.testing.assert_frame_equal(first.members, second.members, rtol=1e-9)


@given(seed=st.integers(0, 500), shift=st.floats(-100, 100), scale=st.sampled_from([0.1, 10.0]))
@settings(deadline=None, derandomize=True, max_examples=6)
def test_the_unit_of_the_scores_does_not_matter_to_rules_on_ranks(seed: int, shift: float, scale: float) -> None:
    first = judged(MERIT, TALK, estimates=scores(seed)).table
    second = judged(MERIT, TALK, estimates=shift + scale * scores(seed), se=np.full(24, 5.0 * scale)).table
    np.testing.assert_allclose(first["right"], second["right"], atol=0.02)


def test_the_length_that_is_named_is_the_shortest_that_suffices() -> None:
    periods = by_period(1)
    row = consequences(periods.mean(axis=1), rules=[MERIT], periods=periods).table.iloc[0]
    assert row["needed_periods"] == pytest.approx(12 * row["needed_factor"])
    longer = np.full(24, 12.0 / np.sqrt(row["needed_periods"]))
    again = judged(MERIT, estimates=periods.mean(axis=1), se=longer, samples=4000).table.iloc[0]
    assert again["right_by_design"] == pytest.approx(0.9, abs=0.04)


def test_twice_running_hits_fewer_than_once_and_is_right_more_often() -> None:
    periods = by_period(2)
    once = Rule(id="once", link="sanction", kind="bottom", count=3, window=3)
    table = consequences(periods.mean(axis=1), rules=[once, TWICE], periods=periods).table.set_index("rule")
    assert table.loc["twice", "hits"] <= table.loc["once", "hits"]
    assert table.loc["twice", "right_by_design"] > table.loc["once", "right_by_design"]


def test_alternatives_are_right_as_often_as_asked() -> None:
    found = judged(MERIT, TALK, COURSE, GRADES, BUDGET, estimates=scores(5, spread=12.0), samples=4000)
    sure = found.alternatives[found.alternatives["alternative"].isin(["sets", "threshold"])]
    acted = sure[sure["hits"] > 0]
    assert len(acted) >= 3
    assert (acted["right"] >= 0.9).all()
    shrunk = found.alternatives.set_index("alternative").loc["shrunk", "wrong"]
    assert shrunk <= found.table.set_index("rule").loc["budget", "wrong"]


def test_schemes_stand_side_by_side() -> None:
    other = Standing(scores(9), se=np.full(24, 2.0))
    found = judged(MERIT, TALK, schemes={"equal": other})
    assert found.table["scheme"].tolist() == ["current", "current", "equal", "equal"]
    merit = found.overlap.set_index("rule").loc["merit"]
    assert merit["same"] + merit["only_first"] == merit["same"] + merit["only_here"] == 7


def test_covariance_and_draws_say_the_same_as_standard_errors() -> None:
    draws = scores().to_numpy() + 5 * np.random.default_rng(1).standard_normal((20_000, 24))
    rights = [
        judged(MERIT, samples=4000, **{"se": None, **errors}).table.loc[0, "right"]
        for errors in ({"se": np.full(24, 5.0)}, {"cov": 25 * np.eye(24)}, {"draws": draws})
    ]
    np.testing.assert_allclose(rights, rights[0], atol=0.03)


def test_a_mean_of_correlated_periods_varies_more() -> None:
    lags = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    assert variance_of_mean(5, 0.6) == pytest.approx((0.6**lags).mean())
    with_noise = 0.3 * np.eye(5) + 0.7 * 0.6**lags
    assert variance_of_mean(5, 0.6, 0.3) == pytest.approx(with_noise.mean())


def test_findings_tell_what_fails_and_what_holds() -> None:
    found = judged(MERIT, COURSE, estimates=scores(spread=30.0), se=np.full(24, 0.1))
    assert {item.code for item in found.findings} == {"consequence-holds"}
    assert "consequence-budget-holds" in {item.code for item in judged(BUDGET).findings}
    noisy = judged(MERIT, TALK)
    assert {"consequence-often-wrong", "consequence-needs-cases"} <= {item.code for item in noisy.findings}
    alike = judged(TALK, estimates=scores(spread=0.0), se=np.full(24, 50.0))
    assert "consequence-never-right" in {item.code for item in alike.findings}
    never = Rule(id="never", link="sanction", kind="below", cut=-1e6)
    assert "consequence-hits-nobody" in {item.code for item in judged(never).findings}
    periods = by_period()
    told = consequences(periods.mean(axis=1), rules=[MERIT], periods=periods).findings
    assert "consequence-needs-periods" in {item.code for item in told}
    unlike = judged(BUDGET, estimates=scores(spread=8.0), se=np.full(24, 40.0), right=0.999)
    assert "consequence-budget-misplaced" in {item.code for item in unlike.findings}


def test_the_picture_draws_in_both_languages() -> None:
    for lang in ("en", "zh"):
        judged(*(MERIT, TALK), schemes={"equal": Standing(scores(1), se=np.full(24, 5.0))}).plot(lang)


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        ((), {}, "rules is empty"),
        ((MERIT, MERIT), {}, "'merit' twice"),
        ((MERIT,), {"se": None}, "give se, cov, draws or periods"),
        ((MERIT,), {"cov": np.eye(24)}, "only one of se"),
        ((MERIT,), {"estimates": scores(units=7), "se": np.ones(7)}, "takes 7 of 7"),
        ((MERIT,), {"estimates": scores(units=1), "se": np.ones(1)}, "takes 7 of 1"),
        ((TWICE,), {}, "give the scores of the periods"),
        ((TWICE,), {"periods": by_period(periods=4)}, "needs 6 periods"),
        ((BUDGET,), {"estimates": scores() - 100}, "must be above 0"),
        ((MERIT,), {"level": 95}, "level is 95"),
        ((MERIT,), {"certainty": 0.4}, "above 0.5"),
        ((MERIT,), {"samples": 5}, "200 or more"),
        ((MERIT,), {"seed": -1}, "0 or above"),
        ((MERIT,), {"estimates": scores().where(lambda s: s > s.min())}, "nan"),
        ((MERIT,), {"estimates": scores() * np.inf}, "inf"),
        ((MERIT,), {"schemes": {"current": Standing(scores(), se=np.ones(24))}}, "its own name"),
        ((MERIT,), {"se": None, "draws": np.ones((5, 24))}, "20 rows or more"),
        ((MERIT,), {"se": None, "periods": by_period(units=3)}, "lacks unit"),
    ],
)
def test_bad_arguments_are_refused(rules: tuple[Rule, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        judged(*rules, **options)


def test_rules_can_be_written_as_in_the_study_file() -> None:
    rule = {"id": "talk", "label": {"en": "talk", "zh": "诫勉谈话"}, "link": "sanction", "kind": "bottom", "count": 3}
    table = judged(rule).table  # type: ignore[arg-type]
    assert table.loc[0, "label_zh"] == "诫勉谈话"
    assert table.loc[0, "right"] == judged(TALK).table.loc[0, "right"]
    with pytest.raises(ValueError, match="needs count"):
        judged({"id": "talk", "link": "sanction", "kind": "bottom"})  # type: ignore[arg-type]


def test_what_is_no_rule_and_no_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="ConsequenceSection"):
        judged("top seven")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="DataFrame"):
        judged(MERIT, periods=[1, 2])


def test_missing_periods_are_left_out_of_a_window_unless_all_are_missing() -> None:
    periods = by_period()
    periods.iloc[0, -1] = np.nan
    consequences(periods.mean(axis=1), rules=[TWICE], periods=periods, samples=300)
    periods.iloc[0, -3:] = np.nan
    with pytest.raises(ValueError, match="no score in one of the last 2 windows"):
        consequences(periods.mean(axis=1), rules=[TWICE], periods=periods, samples=300)
