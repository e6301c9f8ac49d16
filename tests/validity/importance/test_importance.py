"""Importance of weights: closed forms, relations, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kpi_research.validity.importance.correlation_ratio import correlation_ratio
from kpi_research.validity.importance.importance import Importance, importance
from kpi_research.validity.importance.reachable import reach

Array = NDArray[np.float64]


def uncorrelated(n: int = 40, k: int = 3, seed: int = 1) -> pd.DataFrame:
    """Columns with mean 0 and variance 1 that are exactly uncorrelated."""
    raw = np.random.default_rng(seed).normal(size=(n, k))
    columns = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(n)
    return pd.DataFrame(columns, columns=[f"x{place}" for place in range(k)])


def test_uncorrelated_indicators_weigh_with_the_square_of_their_weight() -> None:
    found = importance(uncorrelated(), {"x0": 3, "x1": 2, "x2": 1}).table
    assert found["nominal"].tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6], abs=1e-12)
    assert found["effective"].tolist() == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=1e-12)
    assert (found["correlation"] ** 2).tolist() == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=1e-12)


def test_the_weights_that_give_uncorrelated_indicators_their_importance_are_square_roots() -> None:
    found = importance(uncorrelated(), {"x0": 3, "x1": 2, "x2": 1})
    roots = np.sqrt([3.0, 2.0, 1.0])
    assert found.reach.weights == pytest.approx(roots / roots.sum(), abs=1e-7)
    assert found.reachable
    assert found.table["closest"].tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6], abs=1e-7)


def test_the_error_of_an_effective_weight_is_that_of_a_regression_with_hc3() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(4)
    scores = pd.DataFrame(rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3)), columns=["a", "b", "c"])
    found = importance(scores, {"a": 1, "b": 2, "c": 3}, level=0.9)
    fit = sm.OLS(2 / 6 * scores["b"], sm.add_constant(found.score)).fit(cov_type="HC3")
    row = found.table.set_index("indicator").loc["b"].to_dict()
    assert row["effective"] == pytest.approx(fit.params["score"], rel=1e-9)
    assert (row["effective_low"] + row["effective_high"]) / 2 == pytest.approx(fit.params["score"], rel=1e-9)
    quantile = (row["effective_high"] - row["effective_low"]) / 2 / fit.bse["score"]
    assert stats.t.isf(0.05, 58) - 1e-9 <= quantile <= stats.t.isf(0.05, 5) + 1e-9


def test_a_curve_without_a_line_is_seen() -> None:
    x = np.linspace(-1.0, 1.0, 200)
    y = x**2 + np.random.default_rng(2).normal(scale=0.1, size=200)
    assert np.corrcoef(x, y)[0, 1] ** 2 < 0.01
    estimate, low, high = correlation_ratio(x, y)
    spread = np.var(x**2)
    truth = spread / (spread + 0.01)
    assert low < truth < high
    assert estimate == pytest.approx(truth, abs=0.04)


def test_three_levels_give_the_analysis_of_variance() -> None:
    x = np.repeat([1.0, 2.0, 5.0], 20)
    y = np.repeat([0.0, 4.0, 1.0], 20) + np.random.default_rng(0).normal(size=60)
    within = sum(((y[x == level] - y[x == level].mean()) ** 2).sum() for level in (1.0, 2.0, 5.0))
    adjusted = 1 - (within / 57) / (((y - y.mean()) ** 2).sum() / 59)
    assert correlation_ratio(x, y)[0] == pytest.approx(adjusted, abs=1e-3)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_scale_and_place_of_points_do_not_matter(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame(rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4)), columns=list("abcd"))
    weights = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 0.0}
    first = importance(scores, weights).table
    second = importance(factor * scores + shift, {name: 7.0 * weight for name, weight in weights.items()}).table
    assert first["effective"].sum() == pytest.approx(1.0, abs=1e-9)
    numbers = [
        "nominal",
        "effective",
        "effective_low",
        "effective_high",
        "correlation",
        "correlation_ratio",
        "low",
        "high",
    ]
    np.testing.assert_allclose(first[numbers], second[numbers], rtol=1e-5, atol=1e-6)
    order = rng.permutation(30)
    mixed = importance(scores.iloc[order][list("dcba")], weights).table.set_index("indicator").loc[list("abcd")]
    np.testing.assert_allclose(first[numbers], mixed[numbers], rtol=1e-5, atol=1e-6)


def test_an_indicator_without_weight_can_be_important() -> None:
    rng = np.random.default_rng(3)
    scores = pd.DataFrame(rng.normal(size=(100, 2)), columns=["a", "b"])
    scores["shadow"] = scores["a"] + rng.normal(scale=0.1, size=100)
    table = importance(scores, {"a": 1, "b": 1}).table.set_index("indicator")
    assert table.loc["shadow", ["nominal", "effective"]].tolist() == [0.0, 0.0]
    assert float(table.loc["shadow", "low"]) > 0.2  # type: ignore[arg-type]
    assert pd.isna(table.loc["shadow", "reachable"])


def test_a_sum_cannot_be_as_important_as_its_parts() -> None:
    scores = uncorrelated(k=2)
    scores["both"] = scores["x0"] + scores["x1"]
    found = importance(scores, {"x0": 1, "x1": 1, "both": 1})
    assert not found.reachable
    parts = 1.0 / (2.0 + np.sqrt(2.0))
    assert found.reach.misfit == pytest.approx(np.sqrt(2.0) * parts - 1.0 / 3.0, abs=1e-7)
    assert "importance-out-of-reach" in {item.code for item in found.findings}


def test_an_indicator_against_all_others_has_a_negative_effective_weight() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(size=200)
    scores = pd.DataFrame({name: common + 0.3 * rng.normal(size=200) for name in "abc"})
    scores["against"] = -common + 0.3 * rng.normal(size=200)
    found = importance(scores, {"a": 1, "b": 1, "c": 1, "against": 1})
    assert float(found.table.set_index("indicator").loc["against", "effective_high"]) < 0  # type: ignore[arg-type]


def test_constant_and_missing_values_are_told() -> None:
    scores = uncorrelated()
    scores["flat"] = 5.0
    scores.loc[:2, "x0"] = np.nan
    found = importance(scores, {"x0": 1, "x1": 1, "flat": 2})
    assert {item.code for item in found.findings} >= {"importance-units-left-out", "weight-without-effect"}
    row = found.table.set_index("indicator").loc["flat"]
    assert (row["effective"], row["closest"], bool(row["reachable"])) == (0.0, 0.0, False)
    assert np.isnan(row["correlation_ratio"])
    assert len(found.score) == 37


def test_an_own_composite_may_be_any_function_of_the_units() -> None:
    scores = uncorrelated() + 10.0
    geometric = pd.Series(np.exp(np.log(scores).mean(axis=1)), index=scores.index)
    found = importance(scores, {"x0": 1, "x1": 1, "x2": 1}, composite=geometric)
    assert found.table["effective"].sum() == pytest.approx(1.0, abs=0.05)
    assert found.score.to_numpy() == pytest.approx(geometric.to_numpy())


def test_the_nearest_importance_obeys_further_equations() -> None:
    found = reach(np.eye(3), np.array([2.0, 1.0, 1.0]), np.array([[1.0, -1.0, -1.0]]))
    assert found.weights == pytest.approx([0.5, 0.25, 0.25], abs=1e-9)


def test_figures_are_drawn_in_both_languages() -> None:
    found = importance(uncorrelated(), {"x0": 3, "x1": 2, "x2": 1})
    assert isinstance(found, Importance)
    for lang in ("en", "zh"):
        assert len(found.plot(lang).axes[0].get_yticklabels()) == 3  # type: ignore[arg-type]


REFUSED = [
    ({"x9": 1.0}, "no column 'x9'. Known: x0"),
    ({"x0": -1.0, "x1": 2.0}, "must be a number from 0"),
    ({"x0": float("nan"), "x1": 2.0}, "must be a number from 0"),
    ({"x0": 1.0}, "at least two are needed"),
    ({}, "0 indicators have a weight"),
]


@pytest.mark.parametrize(("weights", "message"), REFUSED)
def test_wrong_weights_are_named(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        importance(uncorrelated(), weights)


def test_wrong_scores_are_named() -> None:
    both = {"x0": 1, "x1": 1}
    with pytest.raises(ValueError, match="7 units have all values"):
        importance(uncorrelated().head(7), both)
    with pytest.raises(ValueError, match="must hold numbers"):
        importance(uncorrelated().astype({"x0": str}), both)
    with pytest.raises(TypeError, match="DataFrame"):
        importance(np.ones((9, 2)), both)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="same for all units"):
        importance(uncorrelated() * 0.0, both)
    with pytest.raises(ValueError, match="level is 95"):
        importance(uncorrelated(), both, level=95)
    with pytest.raises(ValueError, match="stands twice"):
        importance(pd.concat([uncorrelated(), uncorrelated()]), both)
    with pytest.raises(ValueError, match="composite has no value"):
        importance(uncorrelated(), both, composite=pd.Series(np.nan, index=range(40)))
    with pytest.raises(ValueError, match="index of scores"):
        importance(uncorrelated(), both, composite=pd.Series([1.0, 2.0]))


def test_chinese_names_and_infinite_values() -> None:
    scores = uncorrelated().rename(columns={"x0": "走访", "x1": "办案"})
    scores.loc[0, "走访"] = np.inf
    found = importance(scores, {"走访": 1, "办案": 1})
    assert found.table["indicator"].tolist()[0] == "走访"
    assert len(found.score) == 39
