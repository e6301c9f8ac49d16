"""The beta-binomial model against scipy's probabilities, QualityMeasure's estimates and its own limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from kpi_research.numerics.beta_binomial import fit_beta_binomial


def units(seed: int, a: float, b: float, k: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(15, 60, size=k)
    return rng.binomial(n, rng.beta(a, b, size=k)).astype(float), n.astype(float)


def test_it_finds_the_maximum_that_a_general_optimizer_finds() -> None:
    x, n = units(1, 3.0, 5.0)
    found = fit_beta_binomial(x, n)

    def loss(point: np.ndarray) -> float:
        return -float(stats.betabinom.logpmf(x, n, *np.exp(point)).sum())

    other = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11})
    assert (found.a, found.b) == pytest.approx(tuple(np.exp(other.x)), rel=1e-5)
    assert loss(np.log([found.a, found.b])) <= other.fun + 1e-10


def test_the_interval_ends_where_the_likelihood_has_fallen() -> None:
    x, n = units(2, 2.0, 8.0)
    found = fit_beta_binomial(x, n, level=0.9)
    fall = stats.t.isf(0.05, len(n) - 1) ** 2 / 2
    binomial = stats.betabinom.logpmf(x, n, found.a, found.b).sum() - found.log_likelihood
    for size in (found.size_low, found.size_high):
        best = optimize.minimize_scalar(
            lambda mean, size=size: -stats.betabinom.logpmf(x, n, size * mean, size * (1 - mean)).sum(),
            bounds=(0.01, 0.6),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert -best.fun - binomial == pytest.approx(found.log_likelihood - fall, abs=1e-6)


def test_hospitals_have_the_reliability_that_quality_measure_reports(reference: Callable[[str], Path]) -> None:
    hospitals = pd.read_csv(reference("entity_reliability/cms_colonoscopy_subset200.csv"))
    summary = pd.read_csv(reference("entity_reliability/snr_summary.csv")).set_index("set").loc["subset200"]
    found = fit_beta_binomial(hospitals["x"].to_numpy(float), hospitals["n"].to_numpy(float))
    share = hospitals["n"] / (found.size + hospitals["n"])
    assert share.median() == pytest.approx(summary["median_BB"], rel=1e-6)
    assert share.mean() == pytest.approx(summary["mean_BB"], rel=1e-6)
    # R's optimizer stopped 3e-6 short of the maximum
    assert (found.a, found.b) == pytest.approx((summary["alpha"], summary["beta"]), rel=1e-5)


def test_units_that_differ_less_than_chance_have_infinite_size() -> None:
    found = fit_beta_binomial(np.full(30, 5.0), np.full(30, 10.0))
    assert found.size == np.inf
    assert found.size_high == np.inf
    assert found.size_low > 10


def test_units_that_are_all_or_nothing_have_size_zero() -> None:
    found = fit_beta_binomial(np.tile([0.0, 40.0], 20), np.full(40, 40.0))
    assert found.size < 1e-3
    assert found.size_low == 0.0


def test_failures_mirror_successes() -> None:
    x, n = units(3, 2.0, 6.0)
    one, other = fit_beta_binomial(x, n), fit_beta_binomial(n - x, n)
    assert (one.a, one.b, one.size_low) == pytest.approx((other.b, other.a, other.size_low), rel=1e-7)
