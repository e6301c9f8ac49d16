"""Facts about funnels that no data set is needed for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.preventability import funnel
from kpi_research.preventability.expected.dispersion import dispersion, winsorized_variance
from kpi_research.preventability.expected.funnel import count_mid_p, estimate_p


def counts(seed: int = 0, units: int = 40, tau: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    expected = rng.uniform(5, 200, units)
    return rng.poisson(expected * np.exp(rng.normal(0, tau, units))).astype(float), expected


def test_units_without_any_case_are_judged_like_others() -> None:
    # FunnelPlotR 0.6.0 then reports phi = tau2 = Inf and flags nobody (its issue 17).
    observed, expected = counts()
    observed[:2], expected[:2] = 0, (0.5, 150.0)
    found = funnel(observed, expected)
    assert np.isfinite([found.phi, found.tau2]).all()
    assert np.isfinite(found.table.drop(columns="verdict").to_numpy(dtype=float)).all()
    assert found.table["verdict"].tolist()[:2] == ["as_expected", "lower"]
    assert (found.table[["low_95", "low_998"]] >= 0).all(axis=None)


def test_limits_widen_with_the_level_and_narrow_with_cases() -> None:
    observed, expected = counts()
    table = funnel(observed, expected).table.sort_values("expected")
    assert (table["low_998"] <= table["low_95"]).all()
    assert (table["high_998"] > table["high_95"]).all()
    assert (np.diff(table["high_95"]) <= 1e-12).all()


def test_without_dispersion_and_errors_the_limits_are_those_of_the_root_scale() -> None:
    found = funnel([100.0, 130.0, 70.0], [100.0, 100.0, 100.0], overdispersion="none").table
    assert found["high_95"].tolist() == pytest.approx([(1 + 1.959963984540054 / 20) ** 2] * 3)
    assert found["p"].tolist()[0] == pytest.approx(1.0)


def test_small_whole_counts_have_mid_p_values_of_the_poisson_distribution() -> None:
    p = funnel([9.0, 2.0, 3.0], [3.0, 3.0, 3.0], overdispersion="none").table["p"]
    law = stats.poisson(3)
    assert p.tolist() == pytest.approx(
        [2 * (law.sf(9) + law.pmf(9) / 2), 2 * (law.cdf(1) + law.pmf(2) / 2), 2 * (law.sf(3) + law.pmf(3) / 2)]
    )


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.floats(0.5, 25), st.floats(0, 0.5))
def test_mid_p_values_average_one_half_and_seldom_lie_below_their_level(expected: float, spread: float) -> None:
    law = stats.nbinom(1 / spread, 1 / (1 + spread * expected)) if spread > 1e-6 else stats.poisson(expected)
    count = np.arange(0, 2000.0)
    weight = law.pmf(count)
    p = count_mid_p(count, np.full(len(count), expected), spread if spread > 1e-6 else 0.0)
    assert weight @ p == pytest.approx(0.5, abs=0.08)
    assert weight @ (p <= 0.05) <= 0.085


def test_estimates_with_large_errors_are_normal_and_with_none_are_counts() -> None:
    o = np.array([20.0, 90.0])
    e, v = np.full(2, 50.0), np.full(2, 1e6)
    assert estimate_p(o, e, v) == pytest.approx(2 * stats.norm.sf(np.abs(o - e) / np.sqrt(e + v)), abs=1e-4)
    small = estimate_p(np.array([70.0]), np.array([50.0]), np.array([1e-9]))
    exact = 2 * (stats.poisson(50).sf(70) + stats.poisson(50).pmf(70) / 2)
    assert small[0] == pytest.approx(exact, rel=0.03)


def test_errors_of_the_estimate_take_flags_away() -> None:
    rng = np.random.default_rng(5)
    expected = rng.uniform(40, 120, 60)
    error = 0.3 * expected
    observed = np.maximum(expected + rng.normal(size=60) * np.sqrt(expected + error**2), 0)
    ignored = funnel(observed, expected, overdispersion="none").table
    carried = funnel(observed, expected, observed_variance=error**2, overdispersion="none").table
    assert (ignored["verdict"] != "as_expected").sum() > 20
    assert (carried["verdict"] == "as_expected").all()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10_000))
def test_order_of_units_does_not_matter(seed: int) -> None:
    observed, expected = counts(seed)
    turn = np.random.default_rng(seed).permutation(len(observed))
    first = funnel(observed, expected).table
    second = funnel(observed[turn], expected[turn], unit=turn.tolist()).table
    pd.testing.assert_frame_equal(first, second.sort_values("unit", ignore_index=True), check_dtype=False)


def test_a_planted_outlier_is_found_and_does_not_hide_itself() -> None:
    observed, expected = counts(3)
    observed[7] = 3 * expected[7]
    found = funnel(observed, expected)
    assert found.table["verdict"].iloc[7] == "higher"
    assert found.tau2 < 1.3 * funnel(np.delete(observed, 7), np.delete(expected, 7)).tau2 + 1e-3


def test_the_trimmed_normal_has_the_stated_variance_and_chance_has_no_dispersion() -> None:
    draws = np.clip(np.random.default_rng(0).normal(size=400_000), -stats.norm.isf(0.1), stats.norm.isf(0.1))
    assert winsorized_variance() == pytest.approx(draws.var(), abs=0.005)
    z = stats.norm.ppf((np.arange(1, 1001) - 0.5) / 1000)
    assert dispersion(z, np.full(1000, 0.01), "winsorized").phi == pytest.approx(1.0, abs=0.01)


def test_findings_in_both_languages() -> None:
    observed, expected = counts()
    found = funnel(observed[:6], expected[:6])
    assert {item.code for item in found.findings} >= {"funnel-few-units"}
    assert "6" in found.findings[0].line("zh")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"expected": [5.0, 0.0]}, "expected: found 0; every number must be finite and above 0"),
        ({"observed": [1.0, -1.0]}, "observed: found -1; every number must be finite and of at least 0"),
        ({"observed": [1.0, np.nan]}, "observed: found nan"),
        ({"observed": ["一", "二"]}, "observed must hold numbers"),
        ({"observed": [1.0, 2.0, 3.0]}, "lengths differ: observed 3, expected 2"),
        ({"unit": ["甲", "甲"]}, "unit: '甲' stands twice"),
        ({"overdispersion": "winsorised"}, "overdispersion is 'winsorised'.*Did you mean 'winsorized'"),
        ({"level": (95.0,)}, "level is 95.0"),
        ({"overdispersion": "truncated_log", "observed": [0.0, 3.0]}, "takes no zero counts; choose 'winsorized'"),
    ],
)
def test_refusals(options: dict[str, object], message: str) -> None:
    given_options = {"observed": [3.0, 8.0], "expected": [5.0, 6.0], **options}
    with pytest.raises(ValueError, match=message):
        funnel(**given_options)  # type: ignore[arg-type]
