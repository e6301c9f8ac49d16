"""Weights on a grid: equal to enumeration, never better than without a grid, honest where nothing is proven."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights import InfeasibleRules, Rule
from kpi_research.weights.objectives import closest_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.published import publish_weights
from kpi_research.weights.published.grid import GridError
from kpi_research.weights.published.milp import GridProblem, closest_on_grid
from tests.weights.cases import band, each

SEEDS = st.integers(0, 10**6)


def multiples(size: int) -> np.ndarray:
    """Return all weights that are multiples of 10 and add up to 100."""
    points = np.array([p for p in itertools.product(range(11), repeat=size - 1) if sum(p) <= 10])
    return 10.0 * np.column_stack([points, 10 - points.sum(axis=1)])


GRIDS = {size: multiples(size) for size in (3, 4)}


def problem(seed: int) -> tuple[GridProblem, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = int(rng.choice([3, 4], p=[0.75, 0.25]))
    low, high = float(rng.integers(10, 45)), float(rng.integers(50, 90))
    limits = band("a", [0, 1], size, low, high) + each("cap", list(range(size)), size, high=float(rng.integers(40, 90)))
    least = float(rng.choice([0.0, 18.0]))
    count = (0, size) if seed % 2 else (2, size - 1)
    return GridProblem(
        compile_program(tuple("abcd")[:size], limits), 10.0, np.full(size, least), [(np.ones(size, dtype=bool), *count)]
    ), 100 * rng.dirichlet(np.ones(size))


def enumerated(asked: GridProblem) -> np.ndarray:
    program = asked.program
    grid = GRIDS[len(program.ids)]
    rows = grid @ program.matrix.T
    allowed = ((rows >= program.lower - 1e-9) & (rows <= program.upper + 1e-9)).all(axis=1)
    allowed &= ((program.low - 1e-9 <= grid) & (program.high + 1e-9 >= grid)).all(axis=1)
    allowed &= ((grid == 0) | (asked.least <= grid)).all(axis=1)
    used = (grid > 0).sum(axis=1)
    return grid[allowed & (used >= asked.counts[0][1]) & (used <= asked.counts[0][2])]


@given(seed=SEEDS)
@settings(deadline=None, derandomize=True, max_examples=500)
def test_the_closest_weights_equal_enumeration_and_never_beat_the_relaxation(seed: int) -> None:
    asked, target = problem(seed)
    allowed = enumerated(asked)
    answer = closest_on_grid(asked, target, 10.0)
    if not len(allowed):
        assert answer.infeasible
        return
    total = np.abs(allowed - target).sum(axis=1)
    assert answer.weights is not None
    assert answer.distance == pytest.approx(total.min(), abs=1e-6)
    closest = allowed[total <= total.min() + 1e-6]
    squares = ((closest - target) ** 2).sum(axis=1)
    assert ((answer.weights - target) ** 2).sum() == pytest.approx(squares.min(), abs=1e-4)
    assert (np.abs(allowed - answer.weights).sum(axis=1) < 1e-9).any()
    relaxed = closest_weights(asked.program, target)
    assert relaxed is not None
    assert answer.distance >= relaxed.objective - 1e-6


def catalogue() -> pd.DataFrame:
    return pd.DataFrame({"id": list("dcba"), "module": ["y", "y", "x", "x"], "banned": [False, False, False, True]})


def test_rules_hold_and_the_table_keeps_the_order_of_the_catalogue() -> None:
    rules = [Rule("band", "module = 'x'", min=22, max=28), Rule("share", "id = 'c'", of="module = 'y'", min=0.4)]
    found = publish_weights({"b": 25.2, "c": 31.1, "d": 43.7}, indicators=catalogue(), rules=rules, step=2)
    table = found.table.set_index("id")
    assert list(table.index) == list("dcba")
    assert table["published"].sum() == 100
    assert (table["published"] % 2 == 0).all()
    assert table.loc["a", "published"] == 0
    assert found.rules["violation"].max() <= 1e-9
    assert found.is_proven


def test_rounding_alone_is_compared() -> None:
    rules = [Rule("cap", "module = 'x'", max=26.4), Rule("least", None, each_max=48)]
    found = publish_weights(
        {"b": 26.4, "c": 47.3, "d": 26.3}, indicators=catalogue().assign(banned=False), rules=rules, step=5
    )
    assert "grid-rounding-breaks-rules" in {item.code for item in found.findings}
    assert found.table.set_index("id").loc[["a", "b"], "published"].sum() <= 26.4


def test_forty_indicators_are_proven_quickly() -> None:
    rng = np.random.default_rng(0)
    ids = [f"i{j:02d}" for j in range(40)]
    frame = pd.DataFrame({"id": ids, "module": rng.choice(list("abcde"), 40)})
    weights = pd.Series(100 * rng.dirichlet(np.ones(40)), index=ids)
    rules = [Rule(name, f"module = '{name}'", min=5, max=40) for name in "abcde"] + [Rule("cap", None, each_max=10)]
    found = publish_weights(weights, indicators=frame, rules=rules, least=2, count=(10, 30))
    assert found.is_proven
    used = found.table.loc[found.table["published"] > 0, "published"]
    assert used.between(2, 10).all()
    assert 10 <= len(used) <= 30


def test_a_time_limit_is_honest() -> None:
    rng = np.random.default_rng(1)
    program = compile_program(tuple(f"i{j:03d}" for j in range(300)), [])
    answer = closest_on_grid(
        GridProblem(program, 1.0, np.full(300, 1.5), [(np.ones(300, dtype=bool), 40, 60)]),
        100 * rng.dirichlet(np.ones(300)),
        0.05,
    )
    assert not answer.infeasible
    assert answer.proven <= answer.distance + 1e-6
    assert answer.weights is None or answer.weights.sum() == pytest.approx(100)


def test_unusable_input_is_refused() -> None:
    frame, weights = pd.DataFrame({"id": ["a", "b"]}), {"a": 40.0, "b": 60.0}
    for options, words in (
        ({"step": 3}, "100 must be a multiple"), ({"step": 0}, "100 must be a multiple"), ({"least": -1}, "least is -1"),
        ({"count": (2, 1)}, "count is"), ({"count": 2}, "count is"), ({"time_limit": 0}, "time_limit is 0"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            publish_weights(weights, indicators=frame, **options)  # type: ignore[arg-type]
    with pytest.raises(GridError, match="no weights keep all rules"):
        publish_weights(weights, indicators=frame, rules=[Rule("same", None, each_min=41, each_max=59)], step=20)
    with pytest.raises(InfeasibleRules):
        publish_weights(weights, indicators=frame, rules=[Rule("low", None, each_max=20)])
    with pytest.raises(ValueError, match="no indicator 'x'"):
        publish_weights({"x": 100.0}, indicators=frame)
