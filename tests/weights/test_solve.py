"""The solver: PuLP, the kept HiGHS model and scipy agree; duals are derivatives; nothing silent."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from kpi_research.weights.check import dual_bound
from kpi_research.weights.engine import Engine, solve_fresh
from kpi_research.weights.model import LinearModel
from kpi_research.weights.solve import SolverError, Status, solve, to_pulp


def random_model(seed: int) -> LinearModel:
    """Return a bounded model with random rows around a feasible point."""
    generator = np.random.default_rng(seed)
    rows, columns = int(generator.integers(1, 8)), int(generator.integers(2, 8))
    matrix = generator.normal(size=(rows, columns))
    activity = matrix @ generator.uniform(0, 3, size=columns)
    kind = generator.integers(0, 3, size=rows)
    lower = np.where(kind == 0, -np.inf, activity - np.where(kind == 1, 0.5, 0.0))
    upper = np.where(kind == 1, np.inf, activity + np.where(kind == 0, 0.5, 0.0))
    return LinearModel(
        generator.normal(size=columns), sparse.csr_array(matrix), lower, upper, np.zeros(columns), np.full(columns, 5.0)
    )


def scipy_value(model: LinearModel) -> float:
    dense = model.matrix.toarray()
    up, low = np.isfinite(model.upper), np.isfinite(model.lower)
    answer = linprog(
        model.cost, A_ub=np.vstack([dense[up], -dense[low]]), b_ub=np.concatenate([model.upper[up], -model.lower[low]]),
        bounds=list(zip(model.low, model.high, strict=True)), method="highs",
    )  # fmt: skip
    assert answer.status == 0
    return float(answer.fun)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10**6))
def test_pulp_the_kept_model_and_scipy_agree_and_the_duals_prove_it(seed: int) -> None:
    model = random_model(seed)
    first, second = solve(model), solve_fresh(model)
    assert first.status is second.status is Status.OPTIMAL
    assert first.objective == pytest.approx(scipy_value(model), abs=1e-8)
    assert second.objective == pytest.approx(first.objective, abs=1e-9)
    for answer in (first, second):
        bound, wrong = dual_bound(model, answer.row_dual)
        assert bound == pytest.approx(answer.objective, abs=1e-8)
        assert wrong <= 1e-9


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6))
def test_duals_of_a_nondegenerate_optimum_are_finite_differences(seed: int) -> None:
    model, step = random_model(seed), 1e-5
    dual = solve(model).row_dual
    for row in range(len(model.lower)):
        move = np.zeros(len(model.lower))
        move[row] = step
        moved = [
            solve(replace(model, lower=model.lower + sign * move, upper=model.upper + sign * move)) for sign in (1, -1)
        ]
        if any(answer.status is not Status.OPTIMAL for answer in moved):  # equations that fix every variable
            continue
        up, down = (answer.objective for answer in moved)
        assert dual[row] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_an_edited_model_is_solved_as_a_new_one_would_be() -> None:
    model = random_model(3)
    engine = Engine(model)
    engine.run()
    changed = model.matrix.toarray()
    changed[0, 1] += 0.1
    cost = model.cost[::-1].copy()
    engine.set_coefficient(0, 1, changed[0, 1])
    engine.set_cost(np.arange(len(cost)), cost)
    engine.set_row(0, model.lower[0], model.upper[0] + 1)
    upper = model.upper + np.eye(len(model.upper))[0]
    same = replace(model, matrix=sparse.csr_array(changed), cost=cost, upper=upper)
    assert engine.run().objective == pytest.approx(solve_fresh(same).objective, abs=1e-9)


def test_names_are_plain_whatever_the_indicators_are_called() -> None:
    problem, variables, rows = to_pulp(random_model(1))
    assert [item.name for item in variables[:2]] == ["w00001", "w00002"]
    assert rows[0] is not None
    assert rows[0].name == "c00001"
    assert problem.sense == 1


def test_pulp_is_used_without_deprecated_calls() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert solve(random_model(2)).status is Status.OPTIMAL


@pytest.mark.parametrize("run", [solve, solve_fresh])
def test_a_model_without_solution_says_so(run: object) -> None:
    one = sparse.csr_array(np.ones((1, 1)))
    empty = LinearModel(np.ones(1), one, np.array([2.0]), np.array([np.inf]), np.zeros(1), np.ones(1))
    endless = LinearModel(-np.ones(1), one, np.zeros(1), np.array([np.inf]), np.zeros(1), np.array([np.inf]))
    assert run(empty).status is Status.INFEASIBLE  # type: ignore[operator]
    assert run(endless).status in (Status.UNBOUNDED, Status.INFEASIBLE)  # type: ignore[operator]


@pytest.mark.parametrize("run", [solve, solve_fresh])
def test_a_nan_never_reaches_the_solver(run: object) -> None:
    model = random_model(0)
    with pytest.raises(SolverError, match="NaN"):
        run(replace(model, cost=model.cost * np.nan))  # type: ignore[operator]


def test_a_row_with_two_limits_is_refused_where_pulp_could_not_hold_it() -> None:
    model = random_model(0)
    with pytest.raises(SolverError, match="two different limits"):
        solve(replace(model, lower=np.full(len(model.lower), -1.0), upper=np.full(len(model.upper), 1.0)))
