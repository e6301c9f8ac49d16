"""Rules on order, ratio and weighted sums: they hold, they conflict like others, and the independent check knows them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights import InfeasibleRules, Rule, optimize
from kpi_research.weights.check import evaluate_rules
from kpi_research.weights.indicators import canonical_indicators
from kpi_research.weights.objectives import closest_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.rules import resolve

CATALOGUE = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "module": ["x", "x", "y", "y"],
        "topped": [0.9, 0.1, 0.0, 0.5],
        "text": ["1", "u", "2", ""],
    }
)
CURRENT = {"a": 40, "b": 20, "c": 30, "d": 10}


RESOLVED = resolve(
    [Rule("order", "id = 'b'", min=1, than="id = 'a'"), Rule("topped", None, max=50, column="topped")],
    canonical_indicators(CATALOGUE),
)


def closest(rules: list[Rule]) -> pd.DataFrame:
    found = optimize(CATALOGUE, rules, objective="closest", current=CURRENT)
    assert found.certificate.primal_violation <= 1e-9
    return found.table.set_index("id")


def test_order_ratio_and_cap_hold_with_the_smallest_move() -> None:
    order = closest([Rule("order", "id = 'b'", min=1, than="id = 'a'")])["weight"]
    assert order["b"] == pytest.approx(order["a"])
    assert sum(abs(order[name] - value) for name, value in CURRENT.items()) == pytest.approx(20)
    ratio = closest([Rule("ratio", "module = 'x'", max=0.5, than="module = 'y'")])["weight"]
    assert ratio["a"] + ratio["b"] == pytest.approx(100 / 3)
    cap = closest([Rule("topped", None, max=20, column="topped")])["weight"]
    assert cap[["a", "b", "c", "d"]].to_numpy() @ CATALOGUE["topped"].to_numpy() == pytest.approx(20)


def test_a_ratio_to_nothing_leaves_nothing() -> None:
    rules = [Rule("none", "module = 'y'", max=0), Rule("twice", "id = 'a'", max=2, than="module = 'y'")]
    weights = closest(rules)["weight"]
    assert weights["a"] == pytest.approx(0, abs=1e-7)
    frame = canonical_indicators(CATALOGUE)
    broken = evaluate_rules(rules, frame, pd.Series({"a": 30.0, "b": 70.0, "c": 0.0, "d": 0.0})).set_index("rule")
    assert broken.loc["twice", "violation"] == pytest.approx(30)


def test_such_rules_conflict_and_are_repaired_like_others() -> None:
    rules = [Rule("order", "id = 'b'", min=1, than="id = 'a'"), Rule("much", "id = 'a'", min=60)]
    with pytest.raises(InfeasibleRules) as caught:
        optimize(CATALOGUE, rules, objective="closest", current=CURRENT)
    assert caught.value.conflicts == (("much", "order"),)
    mends = {item.rule: item.new for item in caught.value.repairs}
    assert mends["much"] == pytest.approx(50)
    assert mends["order"] == pytest.approx(40 / 60)
    with pytest.raises(InfeasibleRules) as caught:
        optimize(CATALOGUE, [Rule("top", None, min=95, column="topped")], objective="closest", current=CURRENT)
    assert [item.new for item in caught.value.repairs] == [pytest.approx(90)]


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_the_smallest_move_equals_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times, cap = float(rng.uniform(0.3, 3)), float(rng.uniform(20, 60))
    limits = [item.moved(times if item.rule == "order" else cap) for item in RESOLVED.limits]
    target = 100 * rng.dirichlet(np.ones(4))
    found = closest_weights(compile_program(RESOLVED.ids, limits), target)
    rows = np.array([[times, -1, 0, 0], [0.9, 0.1, 0, 0.5]])
    eye, none = np.eye(4), np.zeros((2, 8))
    equal = np.vstack([np.hstack([np.ones(4), np.zeros(8)])[None], np.hstack([eye, -eye, eye])])
    answer = linprog(
        np.concatenate([np.zeros(4), np.ones(8)]), np.hstack([rows, none]), [0.0, cap], equal, np.append(100.0, target)
    )
    assert found is not None
    assert found.objective == pytest.approx(answer.fun, abs=1e-7)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"than": "id = 'zz'"}, "zz"),
        ({"column": "toped"}, "no column 'toped'.*topped"),
        ({"column": "text"}, "'text' of 'b' is 'u'"),
    ],
)
def test_unknown_names_are_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        optimize(CATALOGUE, [Rule("r", None, max=1, **options)], objective="closest")  # type: ignore[arg-type]


def test_one_way_to_count_at_a_time() -> None:
    with pytest.raises(ValueError, match="more than one of"):
        Rule("r", None, max=1, of="id = 'a'", than="id = 'b'")
    with pytest.raises(ValueError, match="a multiple of 0 or more"):
        Rule("r", None, max=-1, than="id = 'b'")
