"""Effect sizes, areas, sums of F statistics and correlations by level against published values and other programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from kpi_research.numerics.effect_size import hedges_g, hedges_interval, logit_interval, roc_area
from kpi_research.numerics.f_sum import f_sum_tail, wald_moments
from kpi_research.numerics.grouped_error import two_group_error
from kpi_research.numerics.level_correlations import between_correlation, total_correlation, within_correlation

FEW = settings(deadline=None, derandomize=True, max_examples=20)


def test_hedges_interval_inverts_the_noncentral_t() -> None:
    low, high = hedges_interval(0.5, 20, 25, 0.95)
    root = np.sqrt(20 * 25 / 45)
    _, influence = hedges_g(np.arange(45.0), np.arange(45) < 20)
    assert influence.sum() == pytest.approx(0.0, abs=1e-12)
    factor = 1 - 3 / (4 * 43 - 1)  # Hedges' (1981) approximation of the correction
    t = 0.5 / factor * root
    assert stats.nct.sf(t, 43, low * root) == pytest.approx(0.025, abs=1e-4)
    assert stats.nct.cdf(t, 43, high * root) == pytest.approx(0.025, abs=1e-4)


@FEW
@given(seed=st.integers(0, 10_000))
def test_the_area_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, upper = rng.integers(0, 6, size=40).astype(float), np.arange(40) < 15
    area, influence = roc_area(values, upper)
    assert area == pytest.approx(roc_auc_score(upper, values), abs=1e-12)
    assert influence[upper].sum() == pytest.approx(0.0, abs=1e-12)


def test_the_variance_of_the_area_is_that_of_delong() -> None:
    # DeLong, DeLong & Clarke-Pearson (1988), equation 5, by brute force over all pairs.
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=12) + 1, rng.normal(size=9)
    kernel = (first[:, None] > second).astype(float)
    expected = kernel.mean(axis=1).var(ddof=1) / 12 + kernel.mean(axis=0).var(ddof=1) / 9
    values, upper = np.concatenate([first, second]), np.arange(21) < 12
    error, _ = two_group_error(roc_area(values, upper)[1], upper, np.arange(21))
    assert error**2 == pytest.approx(expected, rel=1e-12)


def test_complete_separation_keeps_an_interval() -> None:
    low, high = logit_interval(1.0, 0.0, 8.0, 0.95, 5)
    assert high == 1.0
    assert low == pytest.approx(0.025 ** (1 / 5))


@pytest.mark.parametrize(("count", "freedom"), [(1, 10.0), (2, 14.0), (3, 20.0)])
def test_one_wald_statistic_has_the_tail_of_f(count: int, freedom: float) -> None:
    for total in (0.5, 3.0, 9.0):
        exact = stats.f.sf(total / count, count, freedom)
        assert f_sum_tail(total, count, np.array([freedom])) == pytest.approx(exact, abs=2e-3)


def test_a_sum_of_wald_statistics_has_the_simulated_tail() -> None:
    rng = np.random.default_rng(1)
    freedom = np.array([14.0] * 8 + [9.0] * 4)
    sums = sum(rng.f(1, value, size=200_000) for value in freedom)
    for total in np.quantile(sums, [0.5, 0.95, 0.99]):
        assert f_sum_tail(float(total), 1, freedom) == pytest.approx(float((sums >= total).mean()), abs=2e-3)
    mean, variance = wald_moments(1, freedom)
    assert mean.sum() == pytest.approx(sums.mean(), rel=0.01)
    assert variance.sum() == pytest.approx(sums.var(), rel=0.05)


def test_correlations_by_level_are_those_of_numpy() -> None:
    rng = np.random.default_rng(4)
    unit = np.repeat(np.arange(9), 5)
    x, y = rng.normal(size=9)[unit] + rng.normal(size=(2, 45))
    means = [np.bincount(unit, part) / 5 for part in (x, y)]
    deviations = [part - mean[unit] for part, mean in zip((x, y), means, strict=True)]
    expected = [np.corrcoef(*pair)[0, 1] for pair in (means, deviations, (x, y))]
    found = [
        correlate(x, y, unit, 0.95)[0] for correlate in (between_correlation, within_correlation, total_correlation)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)
