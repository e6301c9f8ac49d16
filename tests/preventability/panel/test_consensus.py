"""Consensus of raters with unequal errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.preventability import consensus
from kpi_research.preventability.panel.dawid_skene import fit_dawid_skene, patterns_of
from kpi_research.study.agreement.ratings import read_ratings
from tests.preventability.panel.panels import NAMES, draw_panel


def test_a_reliable_rater_outvotes_four_poor_ones() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.5
    right = np.array([0.98, 0.65, 0.65, 0.65, 0.65])
    said = np.where(rng.random((400, 5)) < right, truth[:, None], ~truth[:, None]).astype(int)
    wide = pd.DataFrame(said, columns=list("abcde")).reset_index(names="case")
    result = consensus(wide.melt("case", var_name="rater", value_name="said"), **NAMES, draws=0)
    assert (result.table["value"] == truth).mean() > 0.95
    assert (result.table["majority"] == truth).mean() < 0.90
    errors = result.raters[result.raters["truth"] != result.raters["given"]].groupby("rater")["probability"].mean()
    assert errors["a"] < 0.1
    assert (errors.drop("a") > 0.25).all()


def test_dawid_skene_recovers_planted_errors_within_its_intervals() -> None:
    panel = draw_panel(np.random.default_rng(1), cases=1500)
    result = consensus(panel.ratings, **NAMES)
    table = result.raters.set_index(["rater", "truth", "given"])
    for number, (false, missed) in enumerate(zip(panel.e01, panel.e10, strict=True)):
        assert table.loc[(f"r{number}", 0, 1), "probability"] == pytest.approx(false, abs=0.05)
        assert table.loc[(f"r{number}", 1, 0), "probability"] == pytest.approx(missed, abs=0.07)
    share = result.shares.set_index("value").loc[1]
    assert share["low"] <= panel.truth.mean() <= share["high"]


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.integers(0, 1000))
def test_names_and_order_do_not_matter_and_classes_never_change_places(seed: int) -> None:
    panel = draw_panel(np.random.default_rng(seed), cases=80, e01=0.2, e10=0.2)
    first = consensus(panel.ratings, **NAMES, draws=0)
    turned = panel.ratings.sample(frac=1, random_state=seed).assign(said=lambda frame: 1 - frame["said"])
    second = consensus(turned, **NAMES, draws=0)
    np.testing.assert_allclose(first.posterior["1"], second.posterior["0"], atol=1e-6)
    assert (first.table["value"] == panel.truth).mean() > 0.6


def test_taking_equal_cases_together_changes_nothing() -> None:
    ratings = draw_panel(np.random.default_rng(9), cases=300, double=0.6).ratings
    data = read_ratings(ratings, **NAMES)
    patterns, plain = patterns_of(data, None), fit_dawid_skene(data)
    assert len(patterns.cases) < 150
    assert patterns.cases.sum() == 300
    np.testing.assert_allclose(patterns.fit().posterior[patterns.of_case], plain.posterior, atol=1e-6)
    np.testing.assert_allclose(patterns.fit().confusion, plain.confusion, atol=1e-6)


def test_decisions_of_the_panel_are_known() -> None:
    panel = draw_panel(np.random.default_rng(2), cases=300, panel=True, e01=0.3, e10=0.3)
    result = consensus(panel.ratings, **NAMES, adjudicated="final", draws=0)
    assert (result.table["value"] == panel.truth).all()
    assert (result.table["probability"] == 1.0).all()


def test_a_case_with_one_rating_keeps_doubt() -> None:
    panel = draw_panel(np.random.default_rng(3), cases=500, double=0.5)
    table = consensus(panel.ratings, **NAMES, draws=0).table
    assert table.loc[table["n"] == 1, "probability"].mean() < table.loc[table["n"] == 3, "probability"].mean()


def test_two_raters_alone_are_pointed_out() -> None:
    frame = pd.DataFrame({"case": [1, 1, 2, 2], "rater": ["a", "b"] * 2, "said": ["是", "是", "否", "是"]})
    result = consensus(frame, **NAMES)
    assert [item.code for item in result.findings] == ["consensus-not-identified"]
    assert result.table["majority"].isna().tolist() == [False, True]


def test_refusals() -> None:
    frame = pd.DataFrame({"case": [1, 2], "rater": ["a", "a"], "said": [1, 1]})
    with pytest.raises(ValueError, match="only the value '1' occurs"):
        consensus(frame, **NAMES)
    with pytest.raises(ValueError, match="no column 'panel'"):
        consensus(frame.assign(said=[0, 1]), **NAMES, adjudicated="panel")


@pytest.mark.validation
def test_dawid_skene_beats_the_majority_vote(dossier) -> None:  # type: ignore[no-untyped-def]
    for e01, e10, spread in ((0.08, 0.12, 0.5), (0.2, 0.2, 0.9), (0.3, 0.1, 0.9)):
        rng = np.random.default_rng([8, int(100 * e01)])
        rows = []
        for _ in range(100):
            panel = draw_panel(rng, cases=600, e01=e01, e10=e10, spread=spread)
            result = consensus(panel.ratings, **NAMES, draws=0)
            voted = (result.table["majority"] == panel.truth).mean()
            errors = result.raters[result.raters["truth"] != result.raters["given"]]["probability"].to_numpy()
            true = np.column_stack([panel.e01, panel.e10]).ravel()
            share = result.shares.set_index("value").loc[1, "share"]
            rows.append(
                (
                    (result.table["value"] == panel.truth).mean(), voted, np.abs(errors - true).mean(),
                    share - panel.truth.mean(), result.posterior["1"].gt(0.5).mean() - panel.truth.mean(),
                )
            )  # fmt: skip
        right, majority, distance, bias, _ = np.mean(rows, axis=0)
        error = np.std([row[0] - row[1] for row in rows]) / 10
        dossier(
            "preventability", "Consensus of three of six raters, 600 cases (Dawid–Skene)", e01=e01, e10=e10, spread=spread,
            runs=100, right=right, right_by_majority=majority, mean_error_of_confusion=distance, bias_of_share=bias,
        )  # fmt: skip
        assert right >= majority - 2 * error
        assert abs(bias) < 0.02
