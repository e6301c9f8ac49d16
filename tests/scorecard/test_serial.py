"""Serial correlation of short series: dense formulas, closed forms, recovered truths, relations, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from kpi_research.scorecard.serial import fit_serial_correlation, known_correlation, series_moments
from kpi_research.scorecard.serial_likelihood import log_likelihood
from tests.scorecard.first_order import first_order_errors
from tests.scorecard.panels import noisy_autoregression

FEW = settings(deadline=None, derandomize=True, max_examples=40)
PRESENCE = st.lists(st.booleans(), min_size=3, max_size=9).filter(lambda seen: sum(seen) > 1)


def correlation_matrix(observed: np.ndarray, share: float, persistence: float) -> np.ndarray:
    periods = np.flatnonzero(observed)
    matrix = share * persistence ** np.abs(np.subtract.outer(periods, periods)).astype(float)
    np.fill_diagonal(matrix, 1.0)
    return matrix


@FEW
@given(st.floats(0, 1), st.floats(0, 0.95), st.lists(PRESENCE, min_size=1, max_size=1), st.integers(0, 99))
def test_likelihood_is_that_of_contrasts(
    share: float, persistence: float, presence: list[list[bool]], seed: int
) -> None:
    # Restricted likelihood by its definition: that of any orthonormal contrasts (Patterson & Thompson 1971).
    series = np.random.default_rng(seed).standard_normal((3, len(presence[0])))
    series[0, ~np.array(presence[0])] = np.nan

    def dense(c: float, r: float) -> float:
        total = 0.0
        for row in series:
            seen = ~np.isnan(row)
            contrasts = null_space(np.ones((1, seen.sum())))
            covariance = contrasts.T @ correlation_matrix(seen, c, r) @ contrasts
            left = contrasts.T @ row[seen]
            total -= 0.5 * np.linalg.slogdet(covariance)[1]
            total -= 0.5 * len(left) * np.log(left @ np.linalg.solve(covariance, left))
        return total

    found = log_likelihood(series, np.array([share, 0.5]), np.array([persistence, 0.0]))
    assert found[0] - found[1] == pytest.approx(dense(share, persistence) - dense(0.5, 0.0), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("periods", [2, 5, 12])
def test_moments_without_serial_correlation(periods: int) -> None:
    for nothing in (known_correlation(1.0, 0.0), known_correlation(0.0, 0.9)):
        found = series_moments(nothing, (True,) * periods)
        assert (found.squares, found.mean_variance, found.dof) == pytest.approx((periods - 1, 1 / periods, periods - 1))
        assert np.isinf(found.ratio_dof)


@FEW
@given(st.floats(0, 1), st.floats(0, 0.89), PRESENCE)
def test_moments_are_those_of_simulated_series(share: float, persistence: float, seen: list[bool]) -> None:
    series = noisy_autoregression(np.random.default_rng(1), 20_000, len(seen), persistence, share)
    series[:, ~np.array(seen)] = np.nan
    centered = series - np.nanmean(series, axis=1, keepdims=True)
    found = series_moments(known_correlation(share, persistence), tuple(seen))
    squares = np.nansum(centered**2, axis=1)
    assert squares.mean() == pytest.approx(found.squares, rel=0.03, abs=0.02)
    assert 2 * squares.mean() ** 2 / squares.var() == pytest.approx(found.dof, rel=0.08)
    assert np.nanmean(series, axis=1).var() == pytest.approx(found.mean_variance, rel=0.05)


@pytest.mark.parametrize(
    ("units", "periods", "share", "persistence"),
    [(3000, 12, 0.5, 0.8), (3000, 12, 0.25, 0.8), (1000, 36, 0.6, 0.6), (4000, 7, 0.5, 0.7), (300, 60, 0.3, 0.9)],
)
def test_noise_and_memory_are_told_apart(units: int, periods: int, share: float, persistence: float) -> None:
    rng = np.random.default_rng(2)
    series = noisy_autoregression(rng, units, periods, persistence, share) + rng.standard_normal(periods)
    series[rng.random((units, periods)) < 0.1] = np.nan
    found = fit_serial_correlation(series - np.nanmean(series, axis=0))
    assert found.neighbors == pytest.approx(share * persistence, abs=0.03)
    assert 1 - found.noise_share == pytest.approx(share, rel=0.15)
    assert found.neighbors / (1 - found.noise_share) == pytest.approx(persistence, abs=0.06)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.8])
def test_short_series_do_not_bias_a_plain_autoregression(correlation: float) -> None:
    series = noisy_autoregression(np.random.default_rng(3), 3000, 7, correlation)
    centered = series - series.mean(axis=1, keepdims=True)
    found = fit_serial_correlation(centered)
    assert found.neighbors == pytest.approx(correlation, abs=0.03)
    assert found.neighbors == pytest.approx(first_order_errors(series).correlation, abs=0.03)
    uncorrected = (centered[:, 1:] * centered[:, :-1]).sum() / (centered[:, :-1] ** 2).sum()
    assert uncorrected < correlation - 0.1


def test_alternating_series_do_not_count_as_more_than_independent() -> None:
    found = fit_serial_correlation(np.tile([1.0, -1.0, 1.0, -1.0], (20, 1)))
    assert 0 <= found.neighbors < 0.1  # what 20 series of 4 periods cannot exclude


def test_without_evidence_the_prior_is_left() -> None:
    nothing = fit_serial_correlation(np.zeros((4, 6)))
    one = fit_serial_correlation(np.where(np.eye(3), 1.0, np.nan))
    two_periods = fit_serial_correlation(np.array([[1.0, -1.0], [-2.0, 2.0], [1.0, -1.0]]))
    for found in (nothing, one, two_periods):
        assert found.probability[found.share * found.persistence == 0].sum() == pytest.approx(0.3)
        assert found.probability.sum() == pytest.approx(1)
        assert found.neighbors == pytest.approx(0.7 * 0.5 * 0.95 * 2 / 3, abs=0.04)  # means of c and of r, r² uniform
    assert series_moments(nothing, (True,) * 6).ratio_dof < 10


@FEW
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6))
def test_neither_scale_nor_order_of_units_nor_direction_of_time_matters(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    series = rng.standard_normal((6, 8)) * np.exp(rng.standard_normal((6, 1)))
    series[rng.random((6, 8)) < 0.2] = np.nan
    plain = fit_serial_correlation(series)
    each = np.exp(rng.uniform(-5, 5, (6, 1)))
    for other in (factor * series, each * series, series[::-1], series[:, ::-1], series + each):
        assert fit_serial_correlation(other).neighbors == pytest.approx(plain.neighbors, rel=1e-6, abs=1e-9)


@FEW
@given(st.floats(0, 1), st.floats(0.05, 0.9), st.floats(0.01, 0.5))
def test_more_memory_means_a_wider_mean(share: float, persistence: float, more: float) -> None:
    def variance(c: float, r: float) -> float:
        return series_moments(known_correlation(c, r), (True,) * 10).mean_variance

    assert variance(min(share + more, 1), persistence) >= variance(share, persistence)
    assert variance(share, min(persistence + more, 0.95)) >= variance(share, persistence) - 1e-12


@pytest.mark.parametrize(
    ("share", "persistence", "named"), [(1.1, 0.5, "share"), (-0.1, 0.5, "share"), (0.5, 1.0, "persistence")]
)
def test_impossible_correlations_are_refused(share: float, persistence: float, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        known_correlation(share, persistence)
