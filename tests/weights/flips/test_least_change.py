"""The smallest change that turns two units around: a closed form, another solver, relations, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights import Rule
from kpi_research.weights.flips import rank_flips
from kpi_research.weights.robustness import pairwise_dominance


def frame(values: np.ndarray) -> pd.DataFrame:
    units, size = values.shape
    return pd.DataFrame(values, index=[f"u{k}" for k in range(units)], columns=[f"i{j}" for j in range(size)])


def by_scipy(lead: np.ndarray, current: np.ndarray, cap: float) -> float:
    size = len(current)
    eye = np.eye(size)
    equal = np.vstack([np.hstack([np.ones(size), np.zeros(2 * size)])[None], np.hstack([eye, -eye, eye])])
    bounds = [(0, cap)] * size + [(0, None)] * (2 * size)
    cost = np.concatenate([np.zeros(size), np.ones(2 * size)])
    answer = linprog(
        cost, np.hstack([-lead, np.zeros(2 * size)])[None], [0.0], equal, np.append(100.0, current), bounds=bounds
    )
    return float(answer.fun) if answer.status == 0 else float("nan")


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_moves_equal_scipy_and_rules_never_make_a_flip_easier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, current = frame(rng.normal(size=(3, 4))), 10 + 60 * rng.dirichlet(np.ones(4))
    given_weights = dict(zip(scores.columns, current, strict=True))
    table = rank_flips(scores, given_weights, rules=[Rule("cap", None, each_max=70)]).table
    for row in table.to_dict("records"):
        lead = (scores.loc[row["behind"]] - scores.loc[row["ahead"]]).to_numpy()
        assert row["moved"] == pytest.approx(by_scipy(lead, current, 70), abs=1e-6, nan_ok=True)
        assert row["lead"] == pytest.approx(-lead @ current / 100)
        wide = by_scipy(lead, current, 100)
        assert np.isnan(row["moved"]) or row["moved"] >= wide - 1e-6


def test_the_weights_found_draw_level_and_dominated_units_never_do() -> None:
    rng = np.random.default_rng(7)
    scores = frame(rng.normal(size=(10, 5)))
    scores.loc["u9"] = scores.loc["u0"] - 1.0
    current = dict.fromkeys(scores.columns, 20.0)
    found = rank_flips(scores, current, pairs=[(a, b) for a in scores.index for b in scores.index if a < b])
    above = pairwise_dominance(scores).above
    for number, row in found.table.iterrows():
        never = bool(above.loc[row["ahead"], row["behind"]])
        assert np.isnan(row["moved"]) == never
        if not never:
            weights = found.weights.loc[number]
            totals = scores @ weights
            assert totals[row["behind"]] >= totals[row["ahead"]] - 1e-6
            assert np.abs(weights - 20).sum() == pytest.approx(row["moved"], abs=1e-7)
    assert found.table["moved"].dropna().is_monotonic_increasing


def test_unusable_input_is_refused() -> None:
    scores = frame(np.array([[1.0, 2.0], [2.0, 1.0]]))
    current = {"i0": 50.0, "i1": 50.0}
    assert rank_flips(scores.iloc[:1], current).table.empty
    assert rank_flips(scores, current).table["moved"].tolist() == [0.0]
    for pairs, words in (([("u0", "u9")], "no unit 'u9'"), ([("u0", "u0")], "two different units")):
        with pytest.raises(ValueError, match=words):
            rank_flips(scores, current, pairs=pairs)
    with pytest.raises(ValueError, match="current is empty"):
        rank_flips(scores, {})
