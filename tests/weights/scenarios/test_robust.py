"""Weights over scenarios: corners, definitions, another solver, and relations between the goals."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights import InfeasibleRules, Rule
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.scenarios import bootstrap_gains, scenario_weights, stratum_gains
from kpi_research.weights.scenarios.program import Region, best_of_each, least_bad, tail_mean, worst_mean
from tests.weights.cases import band, each

SEEDS = st.integers(0, 10**6)


def small(seed: int) -> tuple[Program, np.ndarray]:
    rng = np.random.default_rng(seed)
    limits = band("a", [0, 1], 3, 20, 80) + each("cap", [0, 1, 2], 3, high=70)
    return compile_program(("a", "b", "c"), limits), rng.normal(size=(int(rng.integers(2, 7)), 3))


def corners(program: Program, extra: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """All admissible points where the total and two more hyperplanes meet."""
    lines = [(row, bound) for row, bound in zip(program.matrix[1:], program.bound[1:], strict=True)] + extra
    lines += [(np.eye(3)[j], value) for j in range(3) for value in (program.low[j], program.high[j])]
    forms, values = np.array([form for form, _ in lines]), np.array([value for _, value in lines])
    first, second = np.triu_indices(len(lines), 1)
    total = np.ones_like(forms[first])
    matrices = np.stack([total, forms[first], forms[second]], axis=1)
    right = np.column_stack([np.full(len(first), 100.0), values[first], values[second]])
    meet = np.abs(np.linalg.det(matrices)) > 1e-9
    points = np.linalg.solve(matrices[meet], right[meet][..., None])[..., 0]
    rows = points @ program.matrix.T
    inside = ((rows >= program.lower - 1e-7) & (rows <= program.upper + 1e-7)).all(axis=1)
    inside &= ((points >= program.low - 1e-7) & (points <= program.high + 1e-7)).all(axis=1)
    return np.asarray(points[inside])


@given(seed=SEEDS)
@settings(deadline=None, derandomize=True, max_examples=500)
def test_worst_case_and_regret_equal_the_corners(seed: int) -> None:
    program, gains = small(seed)
    region = Region(program, np.full(3, 100 / 3), np.inf)
    best = best_of_each(region, gains)
    assert best == pytest.approx((corners(program, []) @ gains.T).max(axis=0), abs=1e-6)
    for offset in (np.zeros(len(gains)), best):
        pairs = [(a - b, u - v) for (a, u), (b, v) in itertools.combinations(zip(gains, offset, strict=True), 2)]
        values = (corners(program, pairs) @ gains.T - offset).min(axis=1)
        assert -least_bad(region, gains, offset)[1].objective == pytest.approx(values.max(), abs=1e-6)


@given(seed=SEEDS, part=st.floats(0.05, 1.0))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_the_tail_goal_equals_the_mean_of_the_worst_and_is_never_beaten(seed: int, part: float) -> None:
    program, gains = small(seed)
    region = Region(program, np.full(3, 100 / 3), np.inf)
    answer = worst_mean(region, gains, part)[1]
    assert -answer.objective == pytest.approx(tail_mean(gains @ answer.x[:3], part), abs=1e-7)
    points = corners(program, [(a - b, 0.0) for a, b in itertools.combinations(gains, 2)])
    assert max(tail_mean(row, part) for row in points @ gains.T) == pytest.approx(-answer.objective, abs=1e-6)


@given(seed=SEEDS)
@settings(deadline=None, derandomize=True, max_examples=120)
def test_goals_are_ordered_and_a_tether_never_helps(seed: int) -> None:
    program, gains = small(seed)
    center = corners(program, []).mean(axis=0)
    free, tied = Region(program, center, np.inf), Region(program, center, 10.0)
    worst, tenth, mean = (
        -least_bad(free, gains, np.zeros(len(gains)))[1].objective,
        *(-worst_mean(free, gains, part)[1].objective for part in (0.5, 1.0)),
    )
    assert worst <= tenth + 1e-7 <= mean + 2e-7
    assert -worst_mean(tied, gains, 0.5)[1].objective <= tenth + 1e-7
    assert np.abs(worst_mean(tied, gains, 0.5)[1].x[:3] - center).sum() <= 10 + 1e-6
    regret = least_bad(free, gains, best_of_each(free, gains))[1].objective
    assert regret >= -1e-7


def test_a_thousand_scenarios_equal_scipy() -> None:
    rng = np.random.default_rng(3)
    gains = rng.normal(0.2, 0.3, size=(1000, 8))
    rows = np.hstack([-gains, np.ones((1000, 1)), -np.eye(1000)])
    cost = np.concatenate([np.zeros(8), [-1.0], np.full(1000, 1 / 100)])
    bounds = [(0, 30)] * 8 + [(None, None)] + [(0, None)] * 1000
    total = np.concatenate([np.ones(8), np.zeros(1001)])[None]
    expected = linprog(cost, rows, np.zeros(1000), total, [100.0], bounds=bounds, method="highs")
    found = scenario_weights(pd.DataFrame(gains, columns=list("abcdefgh")), rules=[Rule("cap", None, each_max=30)])
    assert found.value == pytest.approx(-expected.fun, abs=1e-8)
    assert found.gap <= 1e-9
    assert found.value >= found.reference_value


def test_worst_stratum_decides() -> None:
    rng = np.random.default_rng(0)
    units = [f"u{k:03d}" for k in range(200)]
    strata = pd.Series(["rural", "urban"] * 100, index=units)
    scores = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"], index=units)
    outcome = scores["a"].where(strata == "rural", scores["b"]) + 0.1 * rng.normal(size=200)
    found = scenario_weights(stratum_gains(scores, outcome, strata), goal="worst")
    gains = found.scenarios.set_index("scenario")["gain"]
    assert gains["rural"] == pytest.approx(gains["urban"], abs=1e-6)
    assert 35 <= found.table["weight"].iloc[0] <= 65


def test_bootstrap_gains_center_on_the_covariances() -> None:
    rng = np.random.default_rng(1)
    scores = pd.DataFrame(rng.normal(size=(80, 3)), columns=["b", "a", "c"], index=[f"u{k:02d}" for k in range(80)])
    outcome = scores.sum(axis=1) + rng.normal(size=80)
    gains = bootstrap_gains(scores, outcome, draws=4000)
    assert list(gains.columns) == ["b", "a", "c"]
    assert gains.mean().to_numpy() == pytest.approx(scores.corrwith(outcome).to_numpy(), abs=0.03)


def test_unusable_input_is_refused() -> None:
    gains = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0]})
    for options, words in (
        ({"goal": "cvar"}, "goal is 'cvar'"), ({"part": 0}, "part is 0"), ({"tether": -1}, "tether is -1"),
        ({"current": {"x": 3}}, "no indicator 'x'"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            scenario_weights(gains, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="has nan"):
        scenario_weights(gains.assign(a=np.nan))
    with pytest.raises(InfeasibleRules):
        scenario_weights(gains, rules=[Rule("low", None, each_max=20)])
    units = list("abcdef")
    scores = pd.DataFrame({"x": np.arange(6.0), "y": [1.0, 3, 2, 5, 4, 6]}, index=units)
    strata = pd.Series(["r"] * 2 + ["u"] * 4, index=units)
    with pytest.raises(ValueError, match="at least 5"):
        stratum_gains(scores, pd.Series(np.arange(6.0), index=units), strata)
