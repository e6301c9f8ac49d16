"""Control charts of counts and shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.numerics.control_limits import chart, ewma_factor

# Lucas & Saccucci 1990, Technometrics 32:1-12, table 3: limits of EWMA charts with a run length of 500.
PUBLISHED = {0.05: 2.615, 0.10: 2.814, 0.20: 2.962, 0.25: 2.998, 0.40: 3.054, 0.75: 3.087, 1.0: 3.090}


@pytest.mark.parametrize(("smoothing", "limit"), PUBLISHED.items())
def test_limits_of_moving_averages_are_the_published_ones(smoothing: float, limit: float) -> None:
    assert ewma_factor(smoothing, 500.0) == pytest.approx(limit, abs=0.003)


def test_a_u_chart_of_poisson_counts_has_limits_of_three_standard_errors() -> None:
    count = np.array([9.0, 10, 11, 10, 9, 11, 10, 10])
    exposure = np.full(8, 2.0)
    found = chart(count, exposure, 8, share=False, run_length=1 / (2 * stats.norm.sf(3)))
    assert found.center == 5.0
    assert found.dispersion == 1.0
    np.testing.assert_allclose(found.high, 5 + 3 * np.sqrt(5 / 2))
    np.testing.assert_allclose(found.low, max(0.0, 5 - 3 * np.sqrt(5 / 2)))


def test_a_p_chart_stays_between_zero_and_one() -> None:
    found = chart(np.array([9.0, 10, 10, 9, 3]), np.full(5, 10.0), 4, share=True, run_length=370)
    assert found.center == pytest.approx(0.95)
    assert found.high.max() <= 1.0
    assert found.low.min() >= 0.0
    assert found.low[-1] > 0.3  # three of ten lie outside


@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 10))
@settings(deadline=None, derandomize=True, max_examples=20)
def test_the_unit_of_exposure_does_not_matter(seed: int, factor: float) -> None:
    count = np.random.default_rng(seed).poisson(20, 15).astype(float)
    first, second = (chart(count, np.full(15, days), 12, share=False, run_length=100) for days in (30.0, 30.0 * factor))
    np.testing.assert_allclose(first.score, second.score, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(first.high, factor * second.high, rtol=1e-9)


def test_lumpy_counts_widen_the_limits() -> None:
    rng = np.random.default_rng(3)
    lumpy = rng.negative_binomial(5, 1 / 5, 200).astype(float)
    found = chart(lumpy, np.ones(200), 200, share=False, run_length=370)
    assert found.dispersion == pytest.approx(np.sqrt(5), abs=0.35)


@pytest.mark.validation
def test_false_alarms_of_charts_are_as_rare_as_asked(dossier: object) -> None:
    rng, runs, alarms = np.random.default_rng(1), 2000, np.zeros(2)
    for _ in range(runs):
        count = rng.poisson(60, 80).astype(float)
        found = chart(count, np.ones(80), 68, share=False, run_length=100)
        alarms += (
            ((count > found.high) | (count < found.low))[68:].sum(),
            (np.abs(found.smooth) > found.smooth_limit)[68:].any(),
        )
    rate = alarms[0] / (runs * 12)
    dossier(  # type: ignore[operator]
        "scorecard", "False alarms of control charts (one in 100 periods asked)", chart="u chart", mean=60, baseline=68,
        runs=runs, share=rate,
    )  # fmt: skip
    # A center from 68 periods adds about 1/68 to the variance: 1.1 % at the limits for 1 %; binomial error 0.07 %.
    assert 0.007 <= rate <= 0.014
