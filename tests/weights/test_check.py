"""The check: it sees what a solver might have got wrong, from the catalogue and the weights alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kpi_research.weights import Rule
from kpi_research.weights.check import WeightsCheckError, certify, dual_bound, evaluate_rules, primal_violation
from kpi_research.weights.model import LinearModel

CATALOGUE = pd.DataFrame({
    "id": ["a", "b", "c"], "module": ["x", "x", "y"], "min_weight": [np.nan, 10.0, np.nan],
    "max_weight": [60.0, np.nan, np.nan], "banned": [False, False, True],
})  # fmt: skip
RULES = [
    Rule("sum", "module = 'x'", min=40, max=90),
    Rule("share", "id = 'b'", of="module = 'x'", max=0.4),
    Rule("each", "module = 'x'", each_min=20, each_max=70, hard=False),
]


def weights(a: float, b: float, c: float) -> pd.Series:
    return pd.Series({"c": c, "a": a, "b": b})


def test_rules_are_evaluated_by_hand() -> None:
    table = evaluate_rules(RULES, CATALOGUE, weights(50, 40, 10)).set_index("rule")
    assert list(table["kind"]) == ["sum", "share", "each"]
    assert list(table["value"]) == pytest.approx([90, 40 / 90, 50])
    assert list(table["violation"]) == pytest.approx([0, 40 - 0.4 * 90, 0])
    assert list(table["binding"]) == [True, False, False]
    assert list(table["hard"]) == [True, True, False]


def test_the_weight_nearest_to_breaking_a_rule_is_shown() -> None:
    row = evaluate_rules(RULES[2:], CATALOGUE, weights(85, 15, 0)).iloc[0]
    assert (row["value"], row["violation"]) == (85, 15)


@pytest.mark.parametrize(
    ("points", "violation"),
    [
        ((60, 40, 0), 10),  # a sum of 100 above its maximum of 90
        ((60, 20, 20), 20),  # a banned indicator
        ((80, 10, 10), 20),  # above the catalogue's largest weight
        ((60, 5, 0), 35),  # a total of 65
        ((110, -10, 0), 50),
    ],
)
def test_every_kind_of_violation_is_seen(points: tuple[float, float, float], violation: float) -> None:
    table = evaluate_rules(RULES, CATALOGUE, weights(*points))
    assert primal_violation(table, CATALOGUE, weights(*points)) == pytest.approx(violation)


MODEL = LinearModel(
    np.array([1.0, 2.0]),
    sparse.csr_array(np.ones((1, 2))),
    np.array([3.0]),
    np.array([np.inf]),
    np.zeros(2),
    np.full(2, np.inf),
)


def test_a_bound_from_duals_is_what_the_textbook_says() -> None:
    # min x + 2y, x + y >= 3: the dual max 3p, p <= 1, p <= 2 has the optimum 3 at p = 1.
    assert dual_bound(MODEL, np.array([1.0])) == (3.0, 0.0)
    assert dual_bound(MODEL, np.array([0.5])) == (1.5, 0.0)
    assert dual_bound(MODEL, np.array([1.5]))[1] == pytest.approx(0.5)


def test_weights_that_break_a_rule_or_are_not_optimal_are_refused() -> None:
    bound, wrong = dual_bound(MODEL, np.array([1.0]))
    assert certify(0.0, (3.0, bound), wrong).duality_gap == 0
    with pytest.raises(WeightsCheckError, match=r"break a hard rule by 0\.002 points"):
        certify(0.002, (3.0, bound), wrong)
    with pytest.raises(WeightsCheckError, match="not optimal"):
        certify(0.0, (3.1, bound), wrong)
    with pytest.raises(WeightsCheckError):
        certify(float("nan"), (3.0, bound), wrong)
