"""Rank sets cover true ranks, also with ties and unequal variances; resampled ranks do not."""

from __future__ import annotations

from collections.abc import Callable
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
def test_sets_cover_in_many_replicates(name: str, dossier: Callable[..., None]) -> None:
    found = coverage(name, 4000)
    tolerance = 2.5 * np.sqrt(0.05 * 0.95 / 4000)
    dossier(
        "scorecard", "Coverage of rank sets (nominal 95 %): 8 units, smallest over units, and whole tables",
        case=name, runs=4000, marginal=found["marginal"], simultaneous=found["simultaneous"],
        resampled_ranks=found["naive"], resampled_ranks_whole_table=found["naive table"],
    )  # fmt: skip
    assert found["marginal"] >= 0.95 - tolerance
    assert found["simultaneous"] >= 0.95 - tolerance
    if name in {"ties", "nearly ties"}:
        assert found["naive"] < 0.9
        assert found["naive table"] < 0.5


@pytest.mark.validation
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("number", [1, 3])
def test_sets_of_the_best_hold_all_of_them(name: str, number: int, dossier: Callable[..., None]) -> None:
    case, rng, runs = CASES[name], np.random.default_rng(7), 2000
    truth = 1 + (case.levels[None] > case.levels[:, None]).sum(axis=1)
    held, resampled, size = [], [], []
    for run in range(runs):
        estimate = case.levels + case.se * rng.standard_normal(len(case.levels))
        table = rank_sets(estimate, se=case.se, kind="simultaneous", best=number, draws=400, seed=run).table
        held.append(table.loc[truth <= number, "best"].all())
        size.append(table["best"].sum())
        resampled.append((np.argsort(-estimate)[:number][:, None] == np.flatnonzero(truth <= number)).any(axis=0).all())
    share = float(np.mean(held))
    dossier("scorecard", "Sets of the best hold all units that truly are (nominal 95 %)", case=name, best=number, runs=runs,
            coverage=share, mean_size=float(np.mean(size)), ranks_as_found=float(np.mean(resampled)))  # fmt: skip
    assert share >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.validation
@pytest.mark.parametrize("replicates", [200, 1000])
def test_sets_from_bootstrap_replicates_cover(replicates: int, dossier: Callable[..., None]) -> None:
    # 8 units in which every score is the mean of 60 cases, and all share an uncertain adjustment.
    rng, runs, units, cases = np.random.default_rng(5), 400, 8, 60
    levels = np.array([0.0, 0, 0, 0, 0.4, 0.4, 0.8, 0.8])
    truth = 1 + (levels[None] > levels[:, None]).sum(axis=1)
    held = []
    for run in range(runs):
        data = levels + rng.exponential(size=(cases, units)) - 1 + rng.standard_normal() * 0.5
        drawn = rng.integers(0, cases, (replicates, cases, units))
        again = np.take_along_axis(data[None], drawn, axis=1).mean(axis=1) + rng.normal(0, 0.5, (replicates, 1))
        sets = rank_sets(data.mean(axis=0), replicates=again, kind="simultaneous", seed=run)
        held.append(((sets.table["low"] <= truth) & (truth <= sets.table["high"])).all())
    share = float(np.mean(held))
    dossier("scorecard", "Coverage of simultaneous rank sets from bootstrap replicates (nominal 95 %)",
            replicates=replicates, runs=runs, coverage=share)  # fmt: skip
    assert share >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / runs)
