"""Common weights closest to each unit's ideal: another solver's optimum, rules, relations and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights import InfeasibleRules, Rule
from kpi_research.weights.benefit import benefit_of_doubt, common_weights


def random_scores(seed: int, units: int = 10, size: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = np.exp(0.3 * rng.normal(size=(units, 1)) + 0.5 * rng.normal(size=(units, size)))
    return pd.DataFrame(values, index=[f"u{k}" for k in range(units)], columns=[f"i{j}" for j in range(size)])


@pytest.mark.parametrize("seed", range(10))
def test_the_total_equals_the_largest_sum_of_scores(seed: int) -> None:
    # Without limits no common weights lift a unit above its ideal, so the least total shortfall is max sum_k y_k'v.
    scores = random_scores(seed)
    ideal = benefit_of_doubt(scores)
    values = scores.to_numpy()
    answer = linprog(-values.sum(axis=0), values, np.ones(len(values)), method="highs")
    found = common_weights(scores, ideal)
    assert found.total == pytest.approx(ideal.table["score"].sum() + answer.fun, abs=1e-8)
    assert found.gap <= 1e-9
    assert (found.table["shortfall"] >= -1e-9).all()
    assert found.weights.sum() == pytest.approx(100)


@pytest.mark.parametrize("seed", range(10))
def test_the_worst_equals_a_program_written_out(seed: int) -> None:
    scores = random_scores(seed)
    values = scores.to_numpy()
    ideal = benefit_of_doubt(scores)
    rows = np.vstack([np.hstack([values, np.zeros((10, 1))]), np.hstack([-values, -np.ones((10, 1))])])
    right = np.concatenate([np.ones(10), -ideal.table["score"]])
    answer = linprog(np.append(np.zeros(4), 1.0), rows, right, method="highs")
    assert common_weights(scores, ideal, goal="worst").worst == pytest.approx(answer.fun, abs=1e-8)


def test_rules_hold_and_cost() -> None:
    scores = random_scores(4)
    catalogue = pd.DataFrame({"id": list(scores.columns), "module": ["a", "a", "b", "b"]})
    rules = [Rule("band", "module = 'a'", min=20, max=30), Rule("cap", None, each_max=40)]
    ideal = benefit_of_doubt(scores)
    found = common_weights(scores, ideal, indicators=catalogue, rules=rules)
    assert 20 - 1e-7 <= found.weights[["i0", "i1"]].sum() <= 30 + 1e-7
    assert found.weights.max() <= 40 + 1e-7
    assert found.total >= common_weights(scores, ideal).total - 1e-9
    with pytest.raises(InfeasibleRules):
        common_weights(scores, ideal, rules=[Rule("low", None, each_max=10)])


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_each_goal_is_best_at_its_own(seed: int) -> None:
    scores = random_scores(seed, 6, 3)
    ideal = benefit_of_doubt(scores)
    total, worst = (common_weights(scores, ideal, goal=goal) for goal in ("total", "worst"))  # type: ignore[arg-type]
    assert total.total <= worst.total + 1e-7
    assert worst.worst <= total.worst + 1e-7
    assert (total.table["score"] <= 1 + 1e-8).all()


def test_what_does_not_belong_together_is_refused() -> None:
    scores = random_scores(1)
    ideal = benefit_of_doubt(scores)
    with pytest.raises(ValueError, match="other units"):
        common_weights(scores.iloc[:5], ideal)
    with pytest.raises(ValueError, match="goal is 'sum'"):
        common_weights(scores, ideal, goal="sum")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'i9' is in one of them only"):
        common_weights(scores, ideal, indicators=pd.DataFrame({"id": ["i0", "i1", "i2", "i3", "i9"]}))
