"""Intervals of surveys cover true levels: small samples near 1, clusters, silence by class, pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.scorecard.evaluators import SurveyDesign, survey_estimate

NAMES: dict[str, Any] = {"target": "unit", "item": "item"}
UNITS = 20


def simple(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, dict[str, Any]]:
    """Return 50 answers per unit, shares of .75 to .97, as in a telephone round of a county."""
    levels = rng.uniform(0.75, 0.97, UNITS)
    unit = np.repeat(np.arange(UNITS), 50)
    good = rng.random(len(unit)) < levels[unit]
    return pd.DataFrame({"unit": unit, "answer": np.where(good, 8.0, 2.0)}), levels, {}


def clustered(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, dict[str, Any]]:
    """Return 12 streets of 8 answers per unit; shares differ between streets, and so does the weight of answers."""
    levels = rng.uniform(0.6, 0.8, UNITS)
    unit = np.repeat(np.arange(UNITS), 96)
    street = np.arange(len(unit)) // 8
    share = np.clip(levels[unit] + np.repeat(rng.uniform(-0.2, 0.2, UNITS * 12), 8), 0, 1)
    good = rng.random(len(unit)) < share
    frame = pd.DataFrame(
        {"unit": unit, "street": street, "answer": np.where(good, 8.0, 2.0), "w": rng.uniform(1, 4, len(unit))}
    )
    return frame, levels, {"design": SurveyDesign(cluster="street"), "weight": "w"}


def silent(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, dict[str, Any]]:
    """Return 120 persons per unit; the young are less satisfied and answer less often."""
    levels = rng.uniform(0.7, 0.9, UNITS)
    unit = np.repeat(np.arange(UNITS), 120)
    young = rng.random(len(unit)) < 0.5
    good = rng.random(len(unit)) < levels[unit] + np.where(young, -0.1, 0.1)
    reached = rng.random(len(unit)) < np.where(young, 0.3, 0.7)
    answer = np.where(reached, np.where(good, 8.0, 2.0), np.nan)
    return pd.DataFrame({"unit": unit, "young": young, "answer": answer}), levels, {"classes": ["young"]}


CASES: dict[str, Callable[[np.random.Generator], tuple[pd.DataFrame, np.ndarray, dict[str, Any]]]] = {
    "50 simple answers": simple, "clusters and weights": clustered, "silence by class": silent,
}  # fmt: skip


def coverage(name: str, runs: int) -> dict[str, float]:
    """Share of units whose true level the own interval, the pooled one and the plain Wald interval hold."""
    held: dict[str, list[float]] = {"own": [], "pooled": [], "plain": []}
    for run in range(runs):
        frame, levels, options = CASES[name](np.random.default_rng([11, run]))
        table = survey_estimate(frame.assign(item="x"), **NAMES, **options).table.sort_values("target")
        held["own"].append(((table["low"] <= levels) & (levels <= table["high"])).mean())
        held["pooled"].append(((table["pooled_low"] <= levels) & (levels <= table["pooled_high"])).mean())
        known = frame.dropna()
        share = known.assign(good=known["answer"] >= 8).groupby("unit")["good"].agg(["mean", "size"])
        half = 1.96 * np.sqrt(share["mean"] * (1 - share["mean"]) / share["size"])
        held["plain"].append((np.abs(share["mean"].to_numpy() - levels) <= half.to_numpy()).mean())
    return {key: float(np.mean(values)) for key, values in held.items()}


@pytest.mark.parametrize("name", CASES)
def test_intervals_cover(name: str) -> None:
    found = coverage(name, 25)
    tolerance = 3 * np.sqrt(0.05 * 0.95 / (25 * UNITS))
    assert found["own"] >= 0.95 - tolerance
    assert found["pooled"] >= 0.95 - tolerance


@pytest.mark.validation
@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_in_many_samples(name: str, dossier: Callable[..., None]) -> None:
    runs = 1000
    found = coverage(name, runs)
    dossier("scorecard", "Survey estimates of 20 units: coverage (nominal 95 %)", setting=name, runs=runs,
            own=found["own"], pooled=found["pooled"], plain_interval=found["plain"])  # fmt: skip
    tolerance = 2.5 * np.sqrt(0.05 * 0.95 / (runs * UNITS))
    assert found["own"] >= 0.95 - tolerance
    assert found["pooled"] >= 0.95 - tolerance
    assert found["plain"] < found["own"]


@pytest.mark.validation
def test_pooled_estimates_err_less_than_own_ones(dossier: Callable[..., None]) -> None:
    runs, errors = 300, []
    for run in range(runs):
        frame, levels, options = simple(np.random.default_rng([12, run]))
        table = survey_estimate(frame.assign(item="x"), **NAMES, **options).table.sort_values("target")
        errors.append([((table[name] - levels) ** 2).mean() for name in ("estimate", "pooled")])
    own, pooled = np.sqrt(np.mean(errors, axis=0))
    dossier("scorecard", "Survey estimates of 20 units: root mean squared error", setting="50 simple answers", runs=runs,
            own=float(own), pooled=float(pooled))  # fmt: skip
    assert pooled < 0.9 * own
