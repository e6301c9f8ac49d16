"""Coverage of every interval, simulated: quickly with a wide band, thoroughly under `make validation`.

Each cell names a design, the truth and how an interval is found. With 200 trials a correct 95 % interval lies
outside 90-99.5 % with a probability below 0.003; with 2,000 it lies outside 93-97 % with one below 0.0001.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.numerics.anova import one_way
from kpi_research.numerics.variance_ratio import variance_ratio_interval
from kpi_research.validity import panel_effect, pooled_rank_correlation, reliability, stability
from tests.validity.panels import effect_panel, long

Interval = tuple[float, float]
Cell = tuple[Callable[[np.random.Generator], Interval], float]
ASK: dict[str, Any] = {"outcome": "y", "indicators": ["x", "w"], "unit": "unit", "period": "period"}


def rank_of_normal(correlation: float) -> float:
    """Return Spearman's correlation of a bivariate normal with the given Pearson correlation."""
    return 6 / np.pi * np.arcsin(correlation / 2)


def effects(rng: np.random.Generator, kind: str, size: int) -> np.ndarray:
    """Return unit effects with variance 1: normal, or as skewed as an exponential distribution."""
    return rng.normal(size=size) if kind == "normal" else rng.exponential(size=size) - 1.0


def icc(units: int, periods: int, ratio: float, kind: str, interval: Any) -> Cell:
    def draw(rng: np.random.Generator) -> Interval:
        unit = np.sqrt(ratio) * effects(rng, kind, units)[:, None]
        found = reliability(long(unit + rng.normal(size=(units, periods))), unit="unit", value="x", interval=interval)
        return found.low, found.high

    return draw, ratio / (1 + ratio)


def unequal(units: int, ratio: float) -> Cell:
    def draw(rng: np.random.Generator) -> Interval:
        groups = np.repeat(np.arange(units), rng.integers(1, 9, size=units))
        values = np.sqrt(ratio) * rng.normal(size=units)[groups] + rng.normal(size=len(groups))
        return variance_ratio_interval(one_way(values, groups), 0.95)

    return draw, ratio


def counts(method: Any, units: int, a: float, b: float) -> Cell:
    """Return a cell with 40 cases per unit, so that all methods aim at the same number."""

    def draw(rng: np.random.Generator) -> Interval:
        frame = pd.DataFrame({"unit": np.arange(units), "n": 40})
        frame["x"] = rng.binomial(40, rng.beta(a, b, size=units))
        found = reliability(frame, unit="unit", numerator="x", denominator="n", method=method, splits=30)
        return found.low, found.high

    return draw, 40 / (40 + a + b)


def order(units: int, periods: int, share: float) -> Cell:
    def draw(rng: np.random.Generator) -> Interval:
        table = np.sqrt(share) * rng.normal(size=(units, 1)) + np.sqrt(1 - share) * rng.normal(size=(units, periods))
        found = stability(long(table), unit="unit", period="period", value="x")
        return found.low, found.high

    return draw, rank_of_normal(share)


def relation(units: int, periods: int, correlation: float) -> Cell:
    def draw(rng: np.random.Generator) -> Interval:
        x, other = (rng.normal(size=(units, 1)) * 0.8 + rng.normal(size=(units, periods)) * 0.6 for _ in range(2))
        y = correlation * x + np.sqrt(1 - correlation**2) * other
        found = pooled_rank_correlation(long(x).assign(y=y.ravel()), unit="unit", first="x", second="y")
        return found.low, found.high

    return draw, rank_of_normal(correlation)


def slope(model: Any, units: int, cluster: str | None = None, rho: float = 0.0) -> Cell:
    def draw(rng: np.random.Generator) -> Interval:
        frame = effect_panel(rng, units=units, rho=rho)
        if model == "iv_two_way":
            ask: dict[str, Any] = {
                **ASK,
                "outcome": "y_iv",
                "indicators": ["endogenous", "w"],
                "instruments": {"endogenous": "z"},
            }
            found = panel_effect(frame, **ask, model=model, cluster=cluster).table.iloc[0]
        else:
            found = panel_effect(frame, **ASK, model=model, cluster=cluster).table.iloc[1]
        return float(found["low"]), float(found["high"])

    return draw, 1.5 if model == "iv_two_way" else -0.5


CELLS: Mapping[str, Cell] = {
    "icc, exact, 10 units": icc(10, 4, 0.5, "normal", "exact"),
    "icc, exact, 60 units": icc(60, 7, 1.0, "normal", "exact"),
    "icc, jackknife, 30 units": icc(30, 5, 0.5, "normal", "jackknife"),
    "icc, jackknife, 90 units": icc(90, 7, 1.0, "normal", "jackknife"),
    "ratio of variances, unequal sizes": unequal(15, 0.5),
    "beta-binomial, 20 units": counts("beta_binomial", 20, 8, 8),
    "beta-binomial, 60 skewed units": counts("beta_binomial", 60, 4, 1),
    "anova of counts, 60 units": counts("anova", 60, 8, 8),
    "anova of counts, 60 skewed units": counts("anova", 60, 4, 1),
    "split half, 60 units": counts("split_half", 60, 8, 8),
    "stability, 20 units, 2 periods": order(20, 2, 0.5),
    "stability, 90 units, 7 periods": order(90, 7, 0.8),
    "relation with the outcome, 20 units": relation(20, 6, 0.5),
    "relation with the outcome, 90 units": relation(90, 7, -0.3),
    "two-way effects": slope("two_way", 12),
    "first differences, clustered": slope("first_difference", 40, "unit"),
    "two-way, clustered, autocorrelated": slope("two_way", 50, "unit", 0.7),
    "between units": slope("between", 30),
    "two-way, instruments": slope("iv_two_way", 30),
}
SKEWED: Mapping[str, tuple[Cell, float, float]] = {
    "icc, jackknife, 90 exponential units": (icc(90, 7, 1.0, "skewed", "jackknife"), 0.90, 0.97),
    "icc, jackknife, 200 exponential units": (icc(200, 7, 1.0, "skewed", "jackknife"), 0.93, 0.97),
    "icc, exact, 90 exponential units": (icc(90, 7, 1.0, "skewed", "exact"), 0.65, 0.85),
    "anova of counts, 200 units near 1": (counts("anova", 200, 3.2, 0.4), 0.92, 0.97),
    "split half, 200 units near 1": (counts("split_half", 200, 3.2, 0.4), 0.92, 0.97),
    "beta-binomial, 200 units near 1": (counts("beta_binomial", 200, 3.2, 0.4), 0.93, 0.97),
}


def coverage(cell: Cell, trials: int, name: str) -> float:
    """Return the share of trials whose interval holds the truth; trials are seeded by the name of the cell."""
    draw, truth = cell
    rng = np.random.default_rng(list(name.encode()))
    return float(np.mean([low <= truth <= high for low, high in (draw(rng) for _ in range(trials))]))


FAST = (
    "icc, exact, 10 units",
    "icc, jackknife, 30 units",
    "ratio of variances, unequal sizes",
    "beta-binomial, 20 units",
    "anova of counts, 60 units",
    "stability, 20 units, 2 periods",
    "relation with the outcome, 20 units",
    "two-way effects",
)


@pytest.mark.parametrize("name", FAST)
def test_intervals_hold_the_truth_about_as_often_as_they_say(name: str) -> None:
    assert 0.90 <= coverage(CELLS[name], 200, name) <= 0.995


@pytest.mark.validation
@pytest.mark.parametrize("name", CELLS)
def test_intervals_keep_their_level(name: str) -> None:
    assert 0.93 <= coverage(CELLS[name], 2000, name) <= 0.97


@pytest.mark.validation
@pytest.mark.parametrize("name", SKEWED)
def test_what_skewed_units_do_to_intervals(name: str) -> None:
    cell, low, high = SKEWED[name]
    assert low <= coverage(cell, 2000, name) <= high
