"""Weighted scores: they can be taken apart, and no order of rows or columns changes a bit."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.normalize import Method, fit_normalization
from kpi_research.scorecard.score import competition_rank, round_digits, weighted_scores
from tests.scorecard.studies import make_catalogue

FEW = settings(deadline=None, derandomize=True, max_examples=60)
SEEDS = st.integers(0, 2**32 - 1)


def banded(seed: int, units: int = 20, indicators: int = 6) -> pd.DataFrame:
    """Return points in six bands, as graded tables have them; many units tie."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 6, (units, indicators)) / 5 * 100
    return pd.DataFrame(levels, index=[f"u{i}" for i in range(units)], columns=[f"i{i}" for i in range(indicators)])


def equal_weights(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(100 / frame.shape[1], index=frame.columns)


@FEW
@given(SEEDS)
def test_the_order_of_rows_and_columns_changes_no_bit(seed: int) -> None:
    frame = banded(seed)
    mixed = frame.sample(frac=1, random_state=seed).sample(frac=1, axis=1, random_state=seed)
    first, second = (weighted_scores(part, equal_weights(frame)).score for part in (frame, mixed))
    assert first.to_dict() == second.to_dict()
    ranks = [competition_rank(part.to_numpy()).tolist() for part in (first, second.loc[first.index])]
    assert ranks[0] == ranks[1]


@FEW
@given(SEEDS, st.floats(0, 0.5))
def test_points_sum_to_the_score(seed: int, gaps: float) -> None:
    rng = np.random.default_rng(seed)
    frame = banded(seed).mask(rng.random((20, 6)) < gaps)
    weights = pd.Series(rng.random(6) + 0.01, index=frame.columns)
    scores = weighted_scores(frame, weights)
    scored = scores.score.notna()
    assert scored.equals(frame.notna().any(axis=1))
    summed = scores.points[scored].apply(math.fsum, axis=1)
    assert (summed - scores.score[scored]).abs().max() <= 1e-12
    assert scores.weight[scored].sum(axis=1).to_numpy() == pytest.approx(100)
    assert (scores.score[scored] >= frame[scored].min(axis=1) - 1e-9).all()
    assert (scores.score[scored] <= frame[scored].max(axis=1) + 1e-9).all()


@FEW
@given(SEEDS, st.floats(1e-6, 1e6))
def test_only_the_ratios_of_weights_matter(seed: int, factor: float) -> None:
    frame = banded(seed)
    weights = pd.Series(np.random.default_rng(seed).random(6), index=frame.columns)
    one, other = (weighted_scores(frame, part).score for part in (weights, weights * factor))
    assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=1e-9)


@FEW
@given(SEEDS)
def test_a_copy_of_a_unit_gets_the_same_score_and_rank(seed: int) -> None:
    frame = banded(seed)
    copied = pd.concat([frame, frame.iloc[[3]].set_axis(["copy"])])
    score = weighted_scores(copied, equal_weights(frame)).score
    rank = dict(zip(copied.index, competition_rank(score.to_numpy()), strict=True))
    assert score["copy"] == score["u3"]
    assert rank["copy"] == rank["u3"]


@FEW
@given(SEEDS, st.integers(0, 19), st.integers(0, 5), st.sampled_from(["rank", "goalposts"]), st.floats(0.1, 200))
def test_an_improvement_never_lowers_the_rank(
    seed: int, unit: int, indicator: int, method: Method, gain: float
) -> None:
    levels = banded(seed) + np.random.default_rng(seed).random((20, 6))
    better = levels + gain * np.outer(np.arange(20) == unit, np.arange(6) == indicator)
    ranks = []
    for frame in (levels, better):
        normalized = fit_normalization(frame, make_catalogue(frame.columns), method).apply(frame)
        ranks.append(competition_rank(weighted_scores(normalized, equal_weights(frame)).score.to_numpy())[unit])
    assert ranks[1] <= ranks[0]


def test_standard_scores_can_lower_the_rank_of_a_unit_that_improves() -> None:
    # Unit a improves on x from -10 to -6; that narrows the spread of x, so that b's lead on x weighs more.
    leads = []
    for level in (-10.0, -6.0):
        frame = pd.DataFrame({"x": [level, 2.0, *[0.0] * 28], "y": [6.6, -6.6, *[-1.0, 1.0] * 14]})
        normalized = fit_normalization(frame, make_catalogue(frame.columns), "z").apply(frame)
        score = weighted_scores(normalized, equal_weights(frame)).score
        leads.append(score[0] - score[1])
    assert leads[0] > 0 > leads[1]


def test_a_missing_value_is_not_a_zero() -> None:
    frame = pd.DataFrame({"x": [60.0, 40.0], "y": [50.0, np.nan]}, index=["a", "b"])
    weights = pd.Series({"x": 30.0, "y": 70.0})
    reweighted = weighted_scores(frame, weights)
    assert reweighted.score.to_dict() == {"a": 53.0, "b": 40.0}
    assert reweighted.weight.loc["b"].to_dict() == {"x": 100.0, "y": 0.0}
    excluded = weighted_scores(frame, weights, missing="exclude").score
    assert excluded["a"] == 53.0
    assert np.isnan(excluded["b"])


def test_an_indicator_without_weight_excludes_no_one() -> None:
    frame = pd.DataFrame({"x": [60.0, 40.0], "y": [50.0, np.nan]})
    assert weighted_scores(frame, pd.Series({"x": 1.0, "y": 0.0}), missing="exclude").score.tolist() == [60.0, 40.0]


def test_ties_share_the_best_rank_and_leave_a_gap() -> None:
    assert competition_rank(np.array([7.0, 9.0, 9.0, 1.0])).tolist() == [3, 1, 1, 4]


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_rounding_errors_break_no_tie_on_any_scale(size: float) -> None:
    assert competition_rank(np.array([0.1 + 0.2, 0.3, 0.30001]) * size).tolist() == [2, 2, 1]
    assert round_digits(np.array([0.0, 0.0])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"x": 1.0}, "weights lacks indicator 'y'"),
        ({"x": 1.0, "y": -1.0}, "weight of indicator 'y' is -1.0; allowed: 0 or above"),
        ({"x": 1.0, "y": np.nan}, "weight of indicator 'y' is nan"),
        ({"x": 0.0, "y": 0.0}, "no weight is above 0"),
    ],
)
def test_wrong_weights_are_refused(weights: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        weighted_scores(pd.DataFrame({"x": [1.0], "y": [2.0]}), pd.Series(weights))
    assert words in str(caught.value)
    with pytest.raises(ValueError, match="Did you mean 'exclude'"):
        weighted_scores(pd.DataFrame({"x": [1.0]}), pd.Series({"x": 1.0}), missing="exclud")  # type: ignore[arg-type]
