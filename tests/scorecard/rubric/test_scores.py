"""Scores by rubric: means, intervals that count raters, agreement, refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import kpi_research as kr
from kpi_research.scorecard.rubric import rubric_scores
from kpi_research.study.agreement.agreement import agreement
from kpi_research.study.rubric import Rubric, read_rubric

RUBRIC = "none=0; partly=50; mostly=80; fully=100"
LEVELS = ("none", "partly", "mostly", "fully")
DEMO = Path(__file__).resolve().parents[3] / "data" / "demo_bureau"


def judged(levels: dict[str, list[str]]) -> pd.DataFrame:
    rows = [(unit, f"r{place}", level) for unit, given in levels.items() for place, level in enumerate(given)]
    return pd.DataFrame(rows, columns=["unit", "rater", "level"])


def scored(frame: pd.DataFrame, rubric: object = RUBRIC, **more: object) -> kr.study.results.Result:
    return rubric_scores(frame, rubric, target="unit", rater="rater", level="level", **more)


def test_mean_and_interval_are_those_of_the_t_distribution() -> None:
    row = scored(judged({"A": ["partly", "mostly", "mostly", "partly"]})).table.iloc[0]
    points = np.array([50.0, 80.0, 80.0, 50.0])
    low, high = stats.t.interval(0.95, 3, points.mean(), stats.sem(points))
    assert (row["raters"], row["points"], row["level"]) == (4, 65.0, "partly")
    assert (row["low"], row["high"]) == pytest.approx((low, high))


def test_equal_levels_of_few_raters_are_no_certainty() -> None:
    row = scored(judged({"A": ["mostly"] * 3})).table.iloc[0]
    share = stats.beta.isf(0.025, 1, 3)  # upper Clopper-Pearson limit for none of three
    assert row["low"] == pytest.approx(80 - share * 80)
    assert row["high"] == pytest.approx(80 + share * 20)
    assert scored(judged({"A": ["fully"] * 3})).table["high"].tolist() == [100.0]


def test_one_rater_has_no_interval_and_a_caution() -> None:
    found = scored(judged({"A": ["fully"], "B": ["none", "partly"]}))
    assert found.table.set_index("target")["low"].isna().to_dict() == {"A": True, "B": False}
    assert next((item.code, item.severity) for item in found.findings) == ("rubric-one-rater", "caution")
    alone = scored(judged({"A": ["fully"], "B": ["none"]}))
    assert alone.agreement is None
    assert np.isnan(alone.alpha)


def test_alpha_is_that_of_ordered_levels_whatever_the_alphabet_says() -> None:
    rng = np.random.default_rng(3)
    levels = {
        f"u{unit}": [LEVELS[max(0, min(3, unit % 4 + shift))] for shift in rng.integers(-1, 2, 3)] for unit in range(20)
    }
    frame = judged(levels)
    rank = frame.assign(level=frame["level"].map({name: place for place, name in enumerate(LEVELS)}))
    expected = agreement(rank, case="unit", rater="rater", rating="level", level="ordinal")
    assert scored(frame).alpha == pytest.approx(expected.alpha)


def test_low_agreement_is_a_caution_and_perfect_agreement_is_none() -> None:
    split = judged({f"u{unit}": ["none", "fully", LEVELS[unit % 4]] for unit in range(12)})
    assert "rubric-agreement-low" in {item.code for item in scored(split).findings}
    same = judged({f"u{unit}": [LEVELS[unit % 4]] * 3 for unit in range(12)})
    found = scored(same)
    assert found.alpha == 1.0
    assert found.findings == ()


def test_one_level_for_all_tells_nothing_of_agreement() -> None:
    found = scored(judged({"A": ["fully"] * 2, "B": ["fully"] * 2}))
    assert [item.code for item in found.findings] == ["rubric-agreement-unknown"]


def test_items_have_rows_of_their_own() -> None:
    frame = judged({"A": ["none", "fully"], "B": ["mostly", "fully"]})
    frame["item"] = ["press", "school"] * 2
    found = scored(frame, item="item")
    assert found.table["item"].tolist() == ["press", "school"] * 2
    assert "item" not in scored(judged({"A": ["none", "fully"]})).table


def test_missing_levels_are_left_out_and_said() -> None:
    frame = judged({"A": ["none", "fully"], "B": ["mostly", "fully"]})
    frame.loc[0, "level"] = None
    found = scored(frame)
    assert found.table["raters"].tolist() == [1, 2]
    assert found.findings[0].facts == {"count": 1}


@pytest.mark.parametrize(
    "rubric", [read_rubric(RUBRIC), {"none": 0, "partly": 50, "mostly": 80, "fully": 100}, Rubric(LEVELS, (0.0, 50.0, 80.0, 100.0))]
)  # fmt: skip
def test_a_rubric_may_be_given_in_three_forms(rubric: object) -> None:
    frame = judged({"A": ["none", "fully"], "B": ["mostly", "fully"]})
    pd.testing.assert_frame_equal(scored(frame, rubric).table, scored(frame).table)


@given(st.lists(st.sampled_from(LEVELS), min_size=2, max_size=8))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_intervals_hold_the_mean_inside_the_rubric_and_a_better_level_raises_it(levels: list[str]) -> None:
    row = scored(judged({"A": levels})).table.iloc[0]
    assert 0 <= row["low"] <= row["points"] + 1e-9
    assert row["points"] - 1e-9 <= row["high"] <= 100
    better = [*levels[:-1], "fully"]
    assert scored(judged({"A": better})).table["points"].iloc[0] >= row["points"] - 1e-9


@pytest.mark.parametrize(
    ("levels", "error"),
    [
        ({"A": ["nearly"]}, "'nearly'"),
        ({"A": ["Fully", "none"]}, "Did you mean 'fully'"),
        ({"A": [None]}, "no values"),
    ],
)
def test_levels_that_the_rubric_does_not_have_are_named(levels: dict[str, list[str]], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        scored(judged(levels))


def test_wrong_arguments_are_refused() -> None:
    frame = judged({"A": ["none", "fully"]})
    with pytest.raises(ValueError, match="Did you mean 'level'"):
        rubric_scores(frame, RUBRIC, target="unit", rater="rater", level="levle")
    with pytest.raises(ValueError, match="repeat a target and rater"):
        scored(pd.concat([frame, frame]))
    with pytest.raises(ValueError, match="confidence"):
        scored(frame, confidence=95.0)
    with pytest.raises(ValueError, match="neither rise nor fall"):
        scored(frame, "none=0; partly=50; fully=20")
    with pytest.raises(TypeError, match="rubric must be"):
        scored(frame, 3)
    with pytest.raises(TypeError, match="DataFrame"):
        scored([1])
    with pytest.raises(ValueError, match="no rows"):
        scored(frame[:0])
    with pytest.raises(ValueError, match="different columns"):
        rubric_scores(frame, RUBRIC, target="unit", rater="unit", level="level")


@pytest.mark.parametrize(("n", "said"), [(2, 0.95), (3, 0.95), (5, 0.93), (12, 0.93)])
def test_intervals_hold_the_mean_of_all_raters_as_often_as_said(n: int, said: float) -> None:
    rng = np.random.default_rng(n)
    chances = rng.dirichlet(np.ones(4), 300)
    levels = {f"u{place:03d}": list(rng.choice(LEVELS, n, p=chance)) for place, chance in enumerate(chances)}
    table = scored(judged(levels)).table
    true = chances @ np.array([0, 50, 80, 100])
    held = ((table["low"] <= true) & (true <= table["high"])).mean()
    assert held > stats.binom.isf(0.999, 300, said) / 300


def test_the_demo_bureau_has_a_judged_indicator() -> None:
    study = kr.load_study(DEMO / "study.toml")
    rows = study.tables["assessments"]
    last = rows[rows["period"] == rows["period"].max()]
    found = rubric_scores(
        last, study.indicators.set_index("id").loc["awareness", "rubric"], target="target", rater="rater", level="level"
    )
    values = study.values.query("period == @last['period'].iloc[0]").set_index("unit")["awareness"].dropna()
    assert found.table.set_index("target")["points"].to_dict() == pytest.approx(values.to_dict())
    assert "rubric-agreement-low" in {item.code for item in found.findings}  # their severities differ
