"""Sampled weights: uniform on the polytope, rank shares equal to another implementation's, honest effective size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.weights import Rule
from kpi_research.weights.robustness import rank_acceptability, rank_bounds, tier_stability
from kpi_research.weights.robustness.inputs import admissible
from kpi_research.weights.robustness.polytope import polytope
from kpi_research.weights.robustness.sampling import sample_weights, worth
from tests.weights.robustness.test_dominance_and_rank_bounds import BOX, frame, pillars


def test_rank_shares_of_asem_equal_smaa(reference: Callable[[str], Path]) -> None:
    # smaa::smaa.ra on 20,000 weights drawn evenly from the simplex
    expected = pd.read_csv(reference("coinr/asem_smaa_rank_acceptability.csv"), index_col=0)
    found = rank_acceptability(pillars(reference), draws=20_000)
    shares = found.shares.loc[expected.index].to_numpy()
    mean = (shares + expected.to_numpy()) / 2
    error = np.sqrt(2 * np.maximum(mean * (1 - mean), 1e-4) / 20_000)
    distance = np.abs(shares - expected.to_numpy()) / error
    assert distance.max() <= 4.5  # the largest of 2,601
    assert np.mean(distance[mean > 1e-3] ** 2) == pytest.approx(1.0, abs=0.15)


def test_hit_and_run_has_the_moments_of_the_simplex() -> None:
    _, program = admissible(frame(np.zeros((1, 6))), None, [])
    sample = sample_weights(replace(polytope(program), simplex=False), 20_000, 20, 1)
    error = 100 * np.sqrt(5 / (36 * 7)) / np.sqrt(sample.effective)
    assert np.abs(sample.flat.mean(axis=0) - 100 / 6).max() <= 4 * error
    assert sample.flat.std(axis=0) == pytest.approx(np.full(6, 100 * np.sqrt(5 / (36 * 7))), rel=0.05)
    assert sample.effective >= 1000
    assert sample.shrink <= 1.02


def test_samples_obey_the_rules_and_equations_hidden_in_them() -> None:
    scores = frame(np.random.default_rng(0).normal(size=(5, 5)))
    catalogue = pd.DataFrame(
        {"id": [f"i{j}" for j in range(5)], "module": list("aabbb"), "banned": [False] * 4 + [True]}
    )
    # The bands leave exactly 40 points to module a: an equation that no single rule states.
    rules = [Rule("a", "module = 'a'", max=40), Rule("b", "module = 'b'", max=60), Rule("c", None, each_max=35)]
    found = rank_acceptability(scores, indicators=catalogue, rules=rules, draws=2000)
    weights = found.weights
    assert np.abs(weights[["i0", "i1"]].sum(axis=1) - 40).max() <= 1e-8
    assert np.abs(weights.sum(axis=1) - 100).max() <= 1e-8
    assert weights["i4"].abs().max() <= 1e-8
    assert weights.min().min() >= -1e-8
    assert weights.max().max() <= 35 + 1e-8
    assert np.ptp(weights["i0"]) >= 25


def test_a_chain_that_hardly_moves_is_worth_little() -> None:
    rng = np.random.default_rng(2)
    independent = rng.normal(size=(8, 8000, 2))
    slow = independent.copy()
    for step in range(1, 8000):
        slow[:, step] = 0.95 * slow[:, step - 1] + np.sqrt(1 - 0.95**2) * independent[:, step]
    assert worth(independent)[0] == pytest.approx(64_000, rel=0.15)
    # An autoregression with coefficient r is worth (1 - r) / (1 + r) of its length.
    assert worth(slow)[0] == pytest.approx(64_000 * 0.05 / 1.95, rel=0.25)


def test_fixed_weights_and_a_small_sample_are_said() -> None:
    scores = frame(np.array([[3.0, 1.0], [2.0, 1.0]]))
    fixed = rank_acceptability(scores, rules=[Rule("all", None, each_min=50, each_max=50)], draws=64)
    assert fixed.shares.to_numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert "acceptability-weights-fixed" in {item.code for item in fixed.findings}
    wide = frame(np.random.default_rng(0).normal(size=(4, 12)))
    small = rank_acceptability(wide, rules=[Rule("cap", None, each_max=30)], draws=320, thin=1)
    assert "acceptability-sample-small" in {item.code for item in small.findings}


def test_the_same_seed_gives_the_same_sample() -> None:
    scores = frame(np.random.default_rng(0).normal(size=(4, 4)))
    first, second = (
        rank_acceptability(scores, rules=[Rule("c", None, each_max=60)], draws=256, seed=5) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.weights, second.weights)
    assert first.ahead.to_numpy() + first.ahead.to_numpy().T == pytest.approx(np.ones((4, 4)))


def tier_of(ranks: pd.Series) -> pd.Series:
    return (ranks > 4).astype(int) + (ranks > 12)


def test_tiers_follow_from_ranks(reference: Callable[[str], Path]) -> None:
    scores = pillars(reference).iloc[:20]
    sampled = rank_acceptability(scores, rules=BOX, draws=2000)
    bounds = rank_bounds(scores, rules=BOX)
    found = tier_stability(sampled, bounds=bounds)
    assert found.shares.sum(axis=1).to_numpy() == pytest.approx(np.ones(20))
    assert found.shares["优秀"].sum() == pytest.approx(4)  # 20 % of 20 units
    assert found.table.loc[found.table["certain"], "stable"].all()
    assert (found.table["certain"] == (tier_of(bounds.table["best"]) == tier_of(bounds.table["worst"]))).all()
    assert (found.table["tier"] == found.shares.idxmax(axis=1).to_numpy()).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tiers": {"a": 0.6, "b": 0.5}}, "shares must rise"),
        ({"tiers": {"a": 0.6}}, "shares must rise"),
        ({"level": 0.4}, "level is 0.4"),
    ],
)
def test_unusable_tiers_are_refused(options: dict[str, object], words: str) -> None:
    sampled = rank_acceptability(frame(np.eye(2)), draws=64)
    with pytest.raises(ValueError, match=words):
        tier_stability(sampled, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"draws": 0}, {"thin": 0}, {"level": 1.0}, {"seed": -1}])
def test_unusable_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        rank_acceptability(frame(np.eye(2)), **options)  # type: ignore[arg-type]
