"""Standard errors of scores: closed forms, recovered truths, and simulated error rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import rank_sets
from kpi_research.scorecard.moderated import moderated_variance
from kpi_research.scorecard.uncertainty import score_errors
from tests.scorecard.first_order import first_order_errors
from tests.scorecard.panels import noisy_autoregression, panel

FEW = settings(deadline=None, derandomize=True, max_examples=50)
Rng = np.random.Generator


def test_moderated_variances_recover_their_prior() -> None:
    # 1 / variance ~ chi-squared with 6 degrees of freedom around 1 / 2 (Smyth 2004).
    rng = np.random.default_rng(3)
    truth = 2.0 * 6 / rng.chisquare(6, 20_000)
    own = truth * rng.chisquare(5, 20_000) / 5
    found = moderated_variance(own, np.full(20_000, 5.0), 1e5)
    assert found.lent == pytest.approx(3.0, rel=0.06)  # half of the 6 that the others could lend
    assert found.typical == pytest.approx(2.0, rel=0.03)
    errors = [np.mean(np.log(guess / truth) ** 2) for guess in (own, found.variance, np.full(20_000, 2.0))]
    assert errors[1] < min(errors[0], errors[2])


def test_equal_variances_are_pooled() -> None:
    own = np.random.default_rng(4).permutation(np.linspace(0.8, 1.2, 30))
    found = moderated_variance(own, np.full(30, 6.0), 174.0)
    assert np.isinf(found.lent)
    assert found.variance == pytest.approx(np.full(30, own.mean()))
    assert (found.dof == 174).all()


def test_a_unit_without_own_evidence_gets_the_typical_variance() -> None:
    rng = np.random.default_rng(5)
    own = np.append(np.exp(rng.standard_normal(40)), 0.0)
    found = moderated_variance(own, np.append(np.full(40, 6.0), 0.0), 234.0)
    assert found.variance[-1] == pytest.approx(found.typical)
    assert found.dof[-1] == pytest.approx(found.lent / 2 if np.isinf(found.lent) else found.lent)


@FEW
@given(st.integers(0, 2**32 - 1), st.floats(-50, 50), st.floats(0.01, 100))
def test_what_moves_all_units_moves_no_standard_error(seed: int, shift: float, factor: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((8, 6))
    plain = score_errors(panel(scores)).table
    moved = score_errors(panel(factor * (scores + shift * rng.standard_normal(6)))).table
    assert moved["se"].to_numpy() == pytest.approx(factor * plain["se"].to_numpy(), rel=1e-6)
    assert moved["dof"].to_numpy() == pytest.approx(plain["dof"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.8])
def test_large_panels_of_plain_autoregressions_keep_their_standard_errors(correlation: float) -> None:
    scores = noisy_autoregression(np.random.default_rng(9), 1500, 24, correlation)
    found, before = score_errors(panel(scores)), first_order_errors(scores)
    assert found.serial_correlation == pytest.approx(before.correlation, abs=0.01)
    assert found.table["se"].to_numpy() == pytest.approx(before.se, rel=0.02)


def test_slow_drift_under_noise_widens_standard_errors() -> None:
    scores = noisy_autoregression(np.random.default_rng(10), 300, 36, 0.8, share=0.5)
    found, before = score_errors(panel(scores)), first_order_errors(scores)
    truth = scores.mean(axis=1).std()
    assert np.sqrt((found.table["se"] ** 2).mean()) == pytest.approx(truth, rel=0.1)
    assert np.sqrt((before.se**2).mean()) < 0.75 * truth
    assert (found.noise_share, found.persistence) == (pytest.approx(0.5, abs=0.05), pytest.approx(0.8, abs=0.05))


@pytest.mark.parametrize("gaps", [0.0, 0.2])
@pytest.mark.parametrize(("periods", "low", "high"), [(7, 1.0, 1.2), (24, 0.96, 1.06)])
def test_standard_errors_are_the_spread_of_means_over_repeated_studies(
    periods: int, low: float, high: float, gaps: float
) -> None:
    # Seven periods cannot exclude slow drift under noise: that possibility widens the errors of a plain autoregression.
    rng = np.random.default_rng(6)
    seen = rng.random((60, periods)) >= gaps
    means, errors = [], []
    for _ in range(60):
        scores = np.where(seen, noisy_autoregression(rng, 60, periods, 0.3), np.nan)
        means.append(np.nanmean(scores, axis=1))
        errors.append(score_errors(panel(scores)).table["se"].to_numpy())
    assert low <= np.sqrt(np.mean(np.square(errors))) / np.std(means) <= high


@pytest.mark.parametrize("shape", [(5, 1), (1, 6)])
def test_one_period_or_one_unit_gives_no_standard_error(shape: tuple[int, int]) -> None:
    assert score_errors(panel(np.arange(float(np.prod(shape))).reshape(shape))).table.isna().all(axis=None)


def test_scores_that_never_vary_have_no_error() -> None:
    found = score_errors(panel(np.tile(np.arange(4.0)[:, None], 5)))
    assert (found.table["se"] <= 1e-12).all()


VARIANCES: dict[str, Callable[[Rng, int], np.ndarray]] = {
    "equal": lambda _, units: np.ones(units),
    "log-normal": lambda rng, units: np.exp(0.5 * rng.standard_normal(units)),
    "two-valued": lambda _, units: np.where(np.arange(units) % 5 == 0, 3.0, 0.7),
}


def error_rates(variances: str, replicates: int, units: int = 90, periods: int = 7) -> dict[str, float]:
    """Share of units, all truly level, of which some order is wrongly called shown: by our method and by resampling."""
    rng = np.random.default_rng(8)
    wrong: dict[str, list[float]] = {"ours": [], "resampled periods": []}
    for number in range(replicates):
        spread = VARIANCES[variances](rng, units)[:, None]
        scores = panel(spread * noisy_autoregression(rng, units, periods, 0.3) + rng.standard_normal(periods))
        estimate = scores.mean(axis=1)
        errors = score_errors(scores).table
        blocks = rng.integers(0, periods, (500, periods // 2 + 1))
        picked = ((blocks[:, :, None] + np.arange(2)) % periods).reshape(500, -1)[:, :periods]
        resampled = scores.to_numpy()[:, picked].mean(axis=2)
        cov = np.cov(resampled - resampled.mean(axis=0))
        results = {
            "ours": rank_sets(estimate, se=errors["se"], dof=errors["dof"], draws=500, seed=number),
            "resampled periods": rank_sets(estimate, cov=cov, draws=500, seed=number),
        }
        for name, sets in results.items():
            whole = (sets.table["low"] == 1) & (sets.table["high"] == units)
            wrong[name].append(1 - float(whole.mean()))
    return {name: float(np.mean(shares)) for name, shares in wrong.items()}


@pytest.mark.parametrize("variances", ["equal", "log-normal"])
def test_few_periods_do_not_show_differences_that_are_not_there(variances: str) -> None:
    found = error_rates(variances, 12, units=40)
    assert found["ours"] <= 0.25
    assert found["resampled periods"] >= 0.6


@pytest.mark.validation
@pytest.mark.parametrize("variances", VARIANCES)
def test_error_rate_stays_near_its_nominal_value(variances: str) -> None:
    found = error_rates(variances, 200)
    assert found["ours"] <= 0.12
    assert found["resampled periods"] >= 0.7
