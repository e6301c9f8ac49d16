"""Exact statements about all admissible weights: equal to enumeration of corners, to a closed form, and among themselves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights import InfeasibleRules, Rule
from kpi_research.weights.program import compile_program
from kpi_research.weights.robustness import pairwise_dominance, rank_acceptability, rank_bounds
from kpi_research.weights.robustness.dominance import prove_dominance
from kpi_research.weights.robustness.rank_bounds import extreme_ranks
from tests.weights.cases import each

SIMPLEX = compile_program(("a", "b"), [])
WIDE = compile_program(tuple("abcd"), each("cap", [0, 1, 2, 3], 4, high=60))
CLOSE = compile_program(tuple("abcd"), each("cap", [0, 1, 2, 3], 4, 10, 40))
BOX = [Rule("box", None, each_min=5, each_max=25)]
PILLARS = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]


def frame(values: np.ndarray) -> pd.DataFrame:
    units, size = values.shape
    return pd.DataFrame(values, index=[f"u{k}" for k in range(units)], columns=[f"i{j}" for j in range(size)])


def pillars(reference: Callable[[str], Path]) -> pd.DataFrame:
    found = pd.read_csv(reference("coinr/asem_results_scores_original.csv"), index_col="uCode")[PILLARS]
    return (found - found.min()) / (found.max() - found.min())


def least_in_box(difference: np.ndarray, low: float, high: float) -> float:
    """Smallest value of a linear form over weights from low to high that add up to 100: fill the cheapest first."""
    rest = 100 - low * len(difference)
    value = low * difference.sum()
    for cheap in np.sort(difference):
        step = min(high - low, rest)
        value, rest = value + step * cheap, rest - step
    return float(value)


def regions_ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst ranks over two weights, from every crossing of two units and points between the crossings."""
    gaps = values[:, None, :] - values[None, :, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = (-gaps[..., 1] / (gaps[..., 0] - gaps[..., 1])).ravel()
    inner = np.unique(np.concatenate([[0.0, 1.0], crossing[(crossing > 0) & (crossing < 1)]]))
    points = np.concatenate([inner, (inner[1:] + inner[:-1]) / 2])
    scores = values @ np.array([points, 1 - points])
    lead = scores[None, :, :] - scores[:, None, :]
    above = (values[:, None] >= values[None]).all(axis=2)
    always, open_pairs = (above & ~above.T).T, ~above & ~above.T
    best = 1 + always.sum(axis=1) + ((lead > 1e-9) & open_pairs[..., None]).sum(axis=1).min(axis=1)
    worst = above.sum(axis=0) + ((lead >= -1e-9) & open_pairs[..., None]).sum(axis=1).max(axis=1)
    return best, worst


def test_asem_decided_pairs_equal_the_closed_form(reference: Callable[[str], Path]) -> None:
    scores = pillars(reference)
    found = pairwise_dominance(scores, rules=BOX)
    values = scores.to_numpy()
    expected = [[least_in_box(a - b, 5, 25) >= -1e-9 for b in values] for a in values]
    assert (found.above.to_numpy() == np.array(expected)).all()
    assert found.decided == pytest.approx(0.48, abs=0.005)


def test_asem_rank_bounds_hold_for_every_sampled_weight(reference: Callable[[str], Path]) -> None:
    scores = pillars(reference).iloc[:25]
    bounds = rank_bounds(scores, rules=BOX).table
    assert bounds["exact"].all()
    sampled = rank_acceptability(scores, rules=BOX, draws=2000)
    taken = sampled.shares.to_numpy() > 0
    first, last = taken.argmax(axis=1) + 1, taken.shape[1] - taken[:, ::-1].argmax(axis=1)
    assert (bounds["best"] <= first).all()
    assert (bounds["worst"] >= last).all()
    outer = pairwise_dominance(scores, rules=BOX).table
    assert (outer["best"] <= bounds["best"]).all()
    assert (outer["worst"] >= bounds["worst"]).all()


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_two_indicators_equal_all_crossings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 6, size=(int(rng.integers(2, 7)), 2)).astype(float)
    best, worst = regions_ranks(values)  # lead[i, k] is how far k is ahead of i
    assert extreme_ranks(values, SIMPLEX, 10.0).T.tolist() == [best.tolist()] * 2 + [worst.tolist()] * 2
    corners = (values[:, None] >= values[None]).all(axis=2)
    assert (prove_dominance(values, SIMPLEX).above == corners).all()


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_tighter_rules_decide_more_and_order_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(5, 4))
    wide, close = prove_dominance(values, WIDE).above, prove_dominance(values, CLOSE).above
    assert (close | ~wide).all()
    units = rng.permutation(5)
    again = prove_dominance(values[np.ix_(units, rng.permutation(4))] * 7.0, CLOSE).above
    assert (again == close[np.ix_(units, units)]).all()


def test_three_indicators_under_a_band_equal_the_corners() -> None:
    rng = np.random.default_rng(3)
    scores = frame(rng.normal(size=(12, 3)))
    catalogue = pd.DataFrame({"id": ["i0", "i1", "i2"], "module": ["a", "a", "b"]})
    rules = [Rule("band", "module = 'a'", min=30, max=70), Rule("cap", None, each_max=60)]
    corners = []
    lines = [(np.eye(3)[j], v) for j in range(3) for v in (0.0, 60.0)] + [
        (np.array([1, 1, 0.0]), v) for v in (30.0, 70.0)
    ]
    for (f, v), (g, w) in itertools.combinations(lines, 2):
        matrix = np.array([np.ones(3), f, g])
        if abs(np.linalg.det(matrix)) > 1e-9:
            point = np.linalg.solve(matrix, [100.0, v, w])
            if (point >= -1e-9).all() and (point <= 60 + 1e-9).all() and 30 - 1e-9 <= point[:2].sum() <= 70 + 1e-9:
                corners.append(point)
    at_corners = scores.to_numpy() @ np.array(corners).T
    expected = (at_corners[:, None] >= at_corners[None] - 1e-7).all(axis=2)
    assert (pairwise_dominance(scores, indicators=catalogue, rules=rules).above.to_numpy() == expected).all()


def test_fixed_weights_give_one_rank_and_twins_share_a_range() -> None:
    scores = frame(np.array([[3.0, 1.0], [2.0, 2.0], [2.0, 2.0], [0.0, 1.0]]))
    fixed = [Rule("all", None, each_min=50, each_max=50)]
    table = rank_bounds(scores, rules=fixed).table
    assert table[["best", "worst"]].to_numpy().tolist() == [[1, 3], [1, 3], [1, 3], [4, 4]]
    assert pairwise_dominance(scores, rules=fixed).decided == 1.0
    assert rank_bounds(scores.iloc[:1]).table[["best", "worst"]].to_numpy().tolist() == [[1, 1]]


def test_unusable_input_is_refused() -> None:
    scores = frame(np.array([[1.0, 2.0], [2.0, np.nan]]))
    with pytest.raises(ValueError, match="unit 'u1' has nan in 'i1'"):
        pairwise_dominance(scores)
    with pytest.raises(ValueError, match="no column for indicator 'i7'"):
        pairwise_dominance(scores, indicators=pd.DataFrame({"id": ["i0", "i7"]}))
    with pytest.raises(InfeasibleRules):
        rank_bounds(scores.iloc[:1], rules=[Rule("low", None, each_max=20)])
    with pytest.raises(ValueError, match="time_limit is 0"):
        rank_bounds(scores.iloc[:1], time_limit=0)
    with pytest.raises(ValueError, match="must hold numbers"):
        pairwise_dominance(pd.DataFrame({"发案率": ["一", "二"]}))
