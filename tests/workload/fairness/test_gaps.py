"""Gaps between groups: relations, refusals, and their error rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.workload.fairness.gaps import explained_share, fairness


def officers(rng: np.random.Generator, gap: float = 0.0, persons: int = 40, months: int = 6) -> pd.DataFrame:
    """Return scores of persons in two posts whose means differ by a relative gap."""
    person = np.repeat(np.arange(persons), months)
    post = np.where(person % 2 == 0, "desk", "patrol")
    score = 100.0 * np.where(person % 2 == 0, 1 - gap / 2, 1 + gap / 2) + 8 * rng.standard_normal(persons)[person]
    return pd.DataFrame({"officer": person, "post": post, "score": score + 5 * rng.standard_normal(len(person))})


def test_independent_rows_give_the_two_sample_comparison() -> None:
    frame = officers(np.random.default_rng(1), 0.1, persons=60, months=1)
    found = fairness(frame, score="score", groups="post").table.set_index("group")
    desk, patrol = (frame.loc[frame["post"] == name, "score"] for name in ("desk", "patrol"))
    assert found.loc["desk", "gap_after"] == pytest.approx(desk.mean() / frame["score"].mean() - 1, abs=1e-12)
    welch = stats.ttest_ind(desk, patrol, equal_var=False)
    assert found.loc["desk", "p"] == pytest.approx(welch.pvalue, rel=0.3)
    assert found["gap_after"].sum() == pytest.approx(0.0, abs=1e-12)  # two groups of equal size


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.integers(0, 10**6), st.floats(0.01, 1000.0))
def test_the_unit_of_measure_and_the_order_of_rows_do_not_matter(seed: int, factor: float) -> None:
    frame = officers(np.random.default_rng(seed), 0.05, persons=12, months=3)
    other = frame.assign(score=frame["score"] * factor).sample(frac=1, random_state=seed)
    first, second = (fairness(part, score="score", groups="post", cluster="officer").table for part in (frame, other))
    pd.testing.assert_frame_equal(first, second, rtol=1e-8)


def test_explained_share_is_omega_squared() -> None:
    # Analysis of variance table by hand: SS between 54, within 4, four residual degrees of freedom.
    assert explained_share(np.array([1.0, 2, 3, 7, 8, 9]), np.array([0, 0, 0, 1, 1, 1])) == pytest.approx(53 / 59)
    assert explained_share(np.array([1.0, 2, 1, 2]), np.array([0, 0, 1, 1])) == 0.0
    assert np.isnan(explained_share(np.ones(4), np.array([0, 0, 1, 1])))


def test_an_adjustment_that_removes_the_gap_is_called_equal() -> None:
    rng = np.random.default_rng(3)
    frame = officers(rng, 0.4, persons=200)
    factor = np.where(frame["post"] == "desk", 0.8, 1.2)
    found = fairness(
        frame.assign(fair=frame["score"] / factor), score="score", adjusted="fair", groups="post", cluster="officer"
    )
    assert (found.table["low_before"] * found.table["high_before"] > 0).all()
    assert set(found.table["verdict"]) == {"equal"}
    assert found.explained_before["post"] > 0.5
    assert found.explained_after["post"] < 0.02


def test_noise_is_not_called_fair() -> None:
    frame = officers(np.random.default_rng(4), 0.0, persons=8, months=2)
    assert set(fairness(frame, score="score", groups="post", cluster="officer").table["verdict"]) == {"cannot_tell"}


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"groups": "pst"}, "no column 'pst'.*post"),
        ({"score": "high"}, {"groups": "post"}, "holds"),
        ({"post": "desk"}, {"groups": "post"}, "1 group"),
        ({"score": 0.0}, {"groups": "post"}, "positive mean"),
        ({"score": np.inf}, {"groups": "post"}, "infinite in row 0"),
        ({}, {"groups": []}, "empty"),
        ({}, {"groups": "post", "margin": 1.5}, "margin is 1.5"),
        ({}, {"groups": "post", "level": 0.0}, "level is 0.0"),
    ],
)
def test_bad_input_is_refused(change: dict, options: dict, message: str) -> None:
    frame = officers(np.random.default_rng(5)).assign(**change)
    with pytest.raises(ValueError, match=message):
        fairness(frame, score="score", **options)


def test_groups_of_one_person_are_shown_without_an_interval() -> None:
    frame = officers(np.random.default_rng(6), persons=11, months=3)
    frame.loc[frame["officer"] == 10, "post"] = "所长"
    found = fairness(frame, score="score", groups="post", cluster="officer")
    alone = found.table.set_index("group").loc["所长"]
    assert np.isnan(alone["low"])
    assert alone["verdict"] == "cannot_tell"
    assert "所长" in next(item for item in found.findings if item.code == "fairness-few-clusters").message


def test_missing_scores_are_left_out_and_counted() -> None:
    frame = officers(np.random.default_rng(7))
    frame.loc[:2, "score"] = np.nan
    found = fairness(frame, score="score", groups="post", cluster="officer")
    assert found.table["n"].sum() == len(frame) - 3
    assert found.findings[0].facts["rows"] == 3


def test_the_figure_speaks_both_languages() -> None:
    found = fairness(officers(np.random.default_rng(8), 0.2), score="score", groups="post", cluster="officer")
    for lang, text in (("en", "after adjustment"), ("zh", "调整后")):
        figure = found.plot(lang)
        assert text in [label.get_text() for label in figure.legends[0].get_texts()]


RUNS = 1000


@pytest.mark.validation
@pytest.mark.parametrize(("persons", "months"), [(24, 6), (80, 6), (200, 1)])
def test_intervals_cover_and_equivalence_errs_as_promised(persons: int, months: int, dossier) -> None:
    margin, level = 0.05, 0.95
    covered, wrongly_equal = [], []
    for run in range(RUNS):
        rng = np.random.default_rng([run, persons])
        table = fairness(
            officers(rng, 0.1, persons, months), score="score", groups="post", cluster="officer", margin=margin
        ).table
        row = table[table["group"] == "patrol"].iloc[0]
        covered.append(row["low"] <= 0.05 <= row["high"])
        wrongly_equal.append(row["verdict"] == "equal")
    coverage, wrong = float(np.mean(covered)), float(np.mean(wrongly_equal))
    setting = f"{persons} persons, {months} periods"
    dossier("workload", "Fairness: coverage of group gaps (nominal 95 %) and wrong claims of equality at the margin (at most 5 %)",
            setting=setting, runs=RUNS, coverage=coverage, wrongly_equal=wrong)  # fmt: skip
    low, high = stats.binom.ppf([0.0005, 0.9995], RUNS, level) / RUNS
    assert low <= coverage <= high
    assert wrong <= stats.binom.ppf(0.9995, RUNS, 1 - level) / RUNS
