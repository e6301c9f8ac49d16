"""Coverage of the intervals of correlation ratios and effective weights, simulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.penalized_spline import smooth_fit
from kpi_research.validity.importance.correlation_ratio import correlation_ratio
from kpi_research.validity.importance.effective import effective_weights

Array = NDArray[np.float64]
Note = Callable[..., None]
Draw = Callable[[np.random.Generator, int], tuple[Array, Array]]
RUNS = 1000
COVERAGE = "Coverage of intervals (nominal 95 %)"


def line(correlation: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = rng.normal(size=n)
        return x, correlation * x + np.sqrt(1.0 - correlation**2) * rng.normal(size=n)

    return draw


def curve(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """A second indicator bends with the first: E(y | x) = x + (x² - 1) / 2."""
    x = rng.normal(size=n)
    return x, x + (x**2 - 1.0) / 2.0 + rng.normal(size=n)


def wave(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    x = rng.uniform(-1.0, 1.0, size=n)
    return x, np.sin(3.0 * x) + 0.5 * rng.normal(size=n)


def skewed(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    x = rng.exponential(size=n)
    return x, x + rng.exponential(size=n)


WAVE = 0.5 - np.sin(6.0) / 12.0
CASES: dict[str, tuple[Draw, float]] = {
    "line, S = .09": (line(0.3), 0.09),
    "line, S = .36": (line(0.6), 0.36),
    "line, S = .81": (line(0.9), 0.81),
    "parabola, S = .60": (curve, 0.6),
    "sine, S = .68": (wave, WAVE / (WAVE + 0.25)),
    "skewed, S = .50": (skewed, 0.5),
}


@pytest.mark.validation
@pytest.mark.parametrize("units", [24, 60, 200, 500])
@pytest.mark.parametrize("name", CASES)
def test_coverage_of_correlation_ratios(dossier: Note, name: str, units: int) -> None:
    draw, truth = CASES[name]
    rng = np.random.default_rng(units)
    covered = 0
    for _ in range(RUNS):
        _, low, high = correlation_ratio(*draw(rng, units))
        covered += int(low <= truth <= high)
    dossier(
        "validity",
        COVERAGE,
        estimator="correlation ratio",
        setting=f"{name}, {units} units",
        runs=RUNS,
        coverage=covered / RUNS,
    )
    assert stats.binom.cdf(covered, RUNS, 0.93) > 0.001
    assert stats.binom.sf(covered - 1, RUNS, 0.97) > 0.001


def bootstrap(x: Array, y: Array, rng: np.random.Generator, draws: int = 100) -> tuple[float, float]:
    found = np.empty(draws)
    for place in range(draws):
        taken = rng.integers(0, len(x), size=len(x))
        fit = smooth_fit(x[taken], y[taken] - y[taken].mean())
        spread = ((y[taken] - y[taken].mean()) ** 2).sum()
        found[place] = 1.0 - (fit.residual / fit.residual_freedom) / (spread / (len(x) - 1.0))
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


@pytest.mark.validation
@pytest.mark.parametrize("name", ["line, S = .09", "sine, S = .68"])
def test_a_plain_bootstrap_for_comparison(dossier: Note, name: str) -> None:
    draw, truth = CASES[name]
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        low, high = bootstrap(*draw(rng, 60), rng)
        covered += int(low <= truth <= high)
    setting = f"{name}, 60 units, percentile bootstrap (not used)"
    dossier("validity", COVERAGE, estimator="correlation ratio", setting=setting, runs=300, coverage=covered / 300)


@pytest.mark.validation
@pytest.mark.parametrize("units", [24, 60, 200])
@pytest.mark.parametrize("kind", ["normal", "skewed"])
def test_coverage_of_effective_weights(dossier: Note, kind: str, units: int) -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    mixing = np.array([[1.0, 0.0, 0.0, 0.0], [0.5, 1.0, 0.0, 0.0], [-0.6, 0.2, 1.0, 0.0], [0.3, 0.0, 0.4, 1.0]])
    covariance = mixing @ mixing.T
    truth = weights * (covariance @ weights) / (weights @ covariance @ weights)
    rng = np.random.default_rng(units)
    covered = np.zeros(4)
    for _ in range(RUNS):
        raw = rng.normal(size=(units, 4)) if kind == "normal" else rng.exponential(size=(units, 4)) - 1.0
        points = raw @ mixing.T
        _, low, high = effective_weights(points * weights, points @ weights)
        covered += (low <= truth) & (truth <= high)
    for weight, count in zip(weights, covered, strict=True):
        setting = f"{kind}, {units} units, weight {weight:g}"
        dossier("validity", COVERAGE, estimator="effective weight", setting=setting, runs=RUNS, coverage=count / RUNS)
    assert (stats.binom.cdf(covered, RUNS, 0.93) > 0.001).all()
