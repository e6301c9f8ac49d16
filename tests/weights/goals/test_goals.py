"""Goals: equal to the direct path, to other solvers and to their definitions; one after the other without harm."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights.goals import pieces
from kpi_research.weights.goals.lexicographic import Reached, closest_in, ranges, reach
from kpi_research.weights.goals.recipe import Goal, Recipe, best_gains, spread_gain
from kpi_research.weights.goals.space import InfeasibleSpace, Space, best_in
from kpi_research.weights.limits import Limit
from kpi_research.weights.objectives import closest_weights, most_valid_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.ranges import weight_ranges
from tests.weights.cases import Case, Floats, random_case

SEEDS = st.integers(0, 10**6)


def unique(reached: Reached | None, target: Floats) -> Floats:
    assert reached is not None
    low, high = ranges(reached.space)
    return closest_in(reached.space, reached.stages[-1].weights, target, low, high)


def room(case: Case) -> Space:
    """Return the allowed weights within the tether."""
    space, nearest = Space(case.program), closest_weights(case.program, case.target)
    assert nearest is not None
    return space.within(pieces.distance(nearest.weights), case.tether) if np.isfinite(case.tether) else space


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_validity_and_closeness_equal_the_direct_path(seed: int) -> None:
    case = random_case(seed)
    nearest = closest_weights(case.program, case.target)
    assert nearest is not None
    reached = reach(Space(case.program), [(pieces.distance(case.target), 0.0)], by_pulp=seed % 10 == 0)
    np.testing.assert_allclose(unique(reached, case.target), nearest.weights, atol=1e-6)
    found = most_valid_weights(case.program, case.evidence, nearest.weights, case.target, case.tether)
    reached = reach(room(case), [(pieces.validity(case.evidence.scores, case.evidence.gain), 0.0)])
    assert (found is None) == (reached is None)
    if found is None or reached is None:
        return
    assert reached.stages[0].value == pytest.approx(-found.objective, abs=1e-8)
    assert reached.gap <= 1e-9
    np.testing.assert_allclose(unique(reached, case.target), found.weights, atol=1e-6)
    for own, direct in zip(ranges(reached.space), weight_ranges(found.face, found.weights), strict=True):
        np.testing.assert_allclose(own, direct, atol=1e-4)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_a_goal_is_what_its_definition_says_and_no_allowed_weights_do_better(seed: int) -> None:
    case = random_case(seed)
    generator = np.random.default_rng(seed)
    gains = generator.normal(size=(20, len(case.target)))
    goals = [
        pieces.deviation(case.evidence.scores, case.evidence.outcome),
        pieces.largest_move(case.target),
        pieces.scenario_tail(gains, 0.25),
        pieces.scenario_tail(gains, 0.25, case.evidence.scores),
        pieces.scenario_floor(gains, np.zeros(20)),
        pieces.linear(gains[0]),
    ]
    space = Space(case.program)
    others = [best_in(space, pieces.linear(gain)) for gain in generator.normal(size=(4, len(case.target)))]
    corners = np.array([best.weights for best in others if best is not None])
    inside = generator.dirichlet(np.ones(len(corners)), size=5) @ corners
    for goal in goals:
        best = best_in(space, goal)
        if best is not None:
            assert goal.value(best.weights) == pytest.approx(best.value, abs=1e-7)
            assert min(goal.value(weights) for weights in [*corners, *inside]) >= best.value - 1e-7


def test_the_tail_is_the_mean_of_the_worst_and_the_deviation_equals_quantile_regression() -> None:
    generator = np.random.default_rng(3)
    gains, weights = generator.normal(size=(200, 6)), 100 * generator.dirichlet(np.ones(6))
    assert -pieces.scenario_tail(gains, 0.1).value(weights) == pytest.approx(np.sort(gains @ weights)[:20].mean())
    statsmodels = pytest.importorskip("statsmodels.api")
    scores = generator.normal(size=(60, 6))
    outcome = scores @ weights / 50 + generator.standard_t(3, size=60)
    fitted = statsmodels.QuantReg(outcome, statsmodels.add_constant(scores @ weights)).fit(q=0.5, max_iter=5000)
    assert fitted.params[1] > 0
    own = pieces.deviation(scores, outcome).value(weights)
    assert own == pytest.approx(np.abs(fitted.resid).mean(), abs=1e-6)


def test_the_largest_move_equals_scipy() -> None:
    for seed in range(20):
        case = random_case(seed)
        size, program = len(case.target), case.program
        low, high = np.isfinite(program.lower), np.isfinite(program.upper)
        rows = np.vstack([program.matrix[high], -program.matrix[low], np.eye(size), -np.eye(size)])
        last = np.concatenate([np.zeros(high.sum() + low.sum()), -np.ones(2 * size)])
        limits = np.concatenate([program.upper[high], -program.lower[low], case.target, -case.target])
        bounds = [*zip(program.low, program.high, strict=True), (0, None)]
        other = linprog(np.append(np.zeros(size), 1.0), A_ub=np.column_stack([rows, last]), b_ub=limits, bounds=bounds)
        best = best_in(Space(program), pieces.largest_move(case.target))
        assert best is not None
        assert best.value == pytest.approx(other.fun, abs=1e-7)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS, st.floats(0, 3))
def test_a_later_goal_takes_no_more_than_the_slack_and_order_changes_nothing(seed: int, slack: float) -> None:
    case = random_case(seed)
    first, second = pieces.largest_move(case.target), pieces.distance(case.target)
    reached = reach(Space(case.program), [(first, slack), (second, 0.0)])
    weights = unique(reached, case.target)
    assert reached is not None
    assert first.value(weights) <= reached.stages[0].value + slack + 1e-7
    alone = best_in(Space(case.program), second)
    assert alone is not None
    assert second.value(weights) >= alone.value - 1e-7
    order = np.random.default_rng(seed).permutation(len(case.target))
    other = case.permuted(order)
    goals = [(pieces.largest_move(other.target), slack), (pieces.distance(other.target), 0.0)]
    np.testing.assert_allclose(unique(reach(Space(other.program), goals), other.target), weights[order], atol=1e-6)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_gains_of_the_spread_are_a_floor_that_is_exact_at_the_center(seed: int) -> None:
    generator = np.random.default_rng(seed)
    forms = generator.normal(size=(12, 4))
    forms -= forms.mean(axis=0)
    center, other = 100 * generator.dirichlet(np.ones(4), size=2)
    gain = spread_gain(forms, np.full(12, 1 / 12), center)
    assert gain @ center == pytest.approx((forms @ center).std())
    assert gain @ other <= (forms @ other).std() + 1e-9


def test_regret_is_measured_against_the_best_of_each_scenario_and_equals_enumeration() -> None:
    program = compile_program(("a", "b"), [])
    gains = np.array([[0.6, 0.0], [0.2, 0.4]])
    space = Space(program)
    np.testing.assert_allclose(best_gains(space, gains), [60, 40])
    recipe = Recipe(None, np.full(2, 50.0), None, np.full(2, 50.0), gains)
    ((piece, _),) = recipe.goals((Goal("regret"),), space)
    best = best_in(space, piece)
    assert best is not None
    grid = np.linspace(0, 100, 100_001)
    weights = np.column_stack([grid, 100 - grid])
    largest = (np.array([60, 40]) - weights @ gains.T).max(axis=1)
    assert best.value == pytest.approx(largest.min(), abs=1e-3)


def test_contradicting_bounds_of_goals_are_infeasible() -> None:
    program = compile_program(("a", "b"), [Limit("cap", "max", 30.0, np.array([True, False]))])
    space = Space(program).within(pieces.distance(np.array([60.0, 40.0])), 10.0)
    with pytest.raises(InfeasibleSpace):
        best_in(space, pieces.linear(np.array([1.0, 0.0])))


def test_all_pairs_of_goals_can_stand_in_either_order() -> None:
    case = random_case(7)
    recipe = Recipe(case.evidence, case.target, case.target[::-1].copy(), case.target, None)
    names = ("validity", "deviation", "discrimination", "closest", "closest_evenly", "experts", "experts_evenly")
    for pair in itertools.permutations(names, 2):
        goals = tuple(Goal(name, 0.01) for name in pair)
        reached = reach(Space(case.program), recipe.goals(goals, Space(case.program)))
        assert reached is not None
        assert reached.gap <= 1e-7


@pytest.mark.parametrize("slack", [-1, float("nan"), float("inf"), True, "x"])
def test_a_slack_must_be_a_number_of_at_least_0(slack: object) -> None:
    with pytest.raises(ValueError, match="slack of goal 'closest'"):
        Goal("closest", slack)  # type: ignore[arg-type]
