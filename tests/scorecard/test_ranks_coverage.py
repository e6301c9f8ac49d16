"""Rank sets cover true ranks, also with ties and unequal variances; resampled ranks do not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from kpi_research.scorecard import rank_sets


@dataclass(frozen=True)
class Case:
    levels: np.ndarray
    se: np.ndarray


CASES = {
    "ties": Case(np.array([0.0, 0, 0, 0, 0, 1, 1, 1]), np.ones(8)),
    "nearly ties": Case(np.linspace(0, 0.01, 8), np.ones(8)),
    "unequal variances": Case(np.linspace(0, 3, 8), np.array([0.2, 3, 0.2, 3, 0.2, 3, 0.2, 3])),
    "well apart": Case(np.arange(8.0) * 3, np.ones(8)),
}


@cache
def coverage(name: str, replicates: int, seed: int = 1) -> dict[str, float]:
    """Share of units whose true rank the marginal and the naive interval hold, and of league tables held as a whole."""
    case, rng = CASES[name], np.random.default_rng(seed)
    truth = 1 + (case.levels[None] > case.levels[:, None]).sum(axis=1)
    held: dict[str, list[np.ndarray]] = {"marginal": [], "simultaneous": [], "naive": []}
    for number in range(replicates):
        estimate = case.levels + case.se * rng.standard_normal(len(case.levels))
        for kind in ("marginal", "simultaneous"):
            table = rank_sets(estimate, se=case.se, kind=kind, draws=400, seed=number).table
            held[kind].append((table["low"] <= truth) & (truth <= table["high"]))
        resampled = estimate + case.se * rng.standard_normal((400, len(estimate)))
        ranks = 1 + (resampled[:, None, :] > resampled[:, :, None]).sum(axis=2)
        low, high = np.quantile(ranks, [0.025, 0.975], axis=0)
        held["naive"].append((low <= truth) & (truth <= high))
    share = {name: np.array(rows) for name, rows in held.items()}
    return {
        "marginal": float(share["marginal"].mean(axis=0).min()),
        "simultaneous": float(share["simultaneous"].all(axis=1).mean()),
        "naive": float(share["naive"].mean(axis=0).min()),
        "naive table": float(share["naive"].all(axis=1).mean()),
    }


@pytest.mark.parametrize("name", CASES)
def test_sets_cover(name: str) -> None:
    found = coverage(name, 120)
    tolerance = 2 * np.sqrt(0.05 * 0.95 / 120)
    assert found["marginal"] >= 0.95 - tolerance
    assert found["simultaneous"] >= 0.95 - tolerance


@pytest.mark.parametrize("name", ["ties", "nearly ties"])
def test_resampled_ranks_fail_where_units_are_close(name: str) -> None:
    found = coverage(name, 120)
    assert found["naive"] < 0.9
    assert found["naive table"] < 0.5


@pytest.mark.validation
@pytest.mark.parametrize("name", CASES)
def test_sets_cover_in_many_replicates(name: str) -> None:
    found = coverage(name, 4000)
    tolerance = 2.5 * np.sqrt(0.05 * 0.95 / 4000)
    assert found["marginal"] >= 0.95 - tolerance
    assert found["simultaneous"] >= 0.95 - tolerance
