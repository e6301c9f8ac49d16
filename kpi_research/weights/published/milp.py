"""The closest allowed weights on a grid: a mixed-integer program with an honest status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.program import Program
from kpi_research.weights.solve import SolverError

_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-7,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "mip_heuristic_run_feasibility_jump": False,
}
_AGAIN: tuple[dict[str, bool | int | float | str], ...] = (
    {},
    {"presolve": "off"},
    {"mip_feasibility_tolerance": 1e-7, "primal_feasibility_tolerance": 1e-7},
)
"""What is changed where HiGHS stops with an error of its own: the weights are whole multiples of the step in any case."""


@dataclass(frozen=True, eq=False)
class GridProblem:
    """What weights on a grid must satisfy.

    Attributes
    ----------
    program : Program
        The rules.
    step : float
        Weights are whole multiples of it, points.
    least : ndarray of shape (indicators,)
        A weight is 0 or at least this, points; 0 for no such demand.
    counts : sequence of (ndarray of bool, float, float)
        Selections with the fewest and most of their indicators that have weight.
    changes : sequence of (ndarray, ndarray of bool, float)
        Reference weights, selections and the largest sum of moves from them, points.
    """

    program: Program
    step: float
    least: Floats
    counts: Sequence[tuple[Flags, float, float]]
    changes: Sequence[tuple[Floats, Flags, float]] = ()


@dataclass(frozen=True, eq=False)
class GridAnswer:
    """Answer of the mixed-integer program.

    Attributes
    ----------
    weights : ndarray of shape (indicators,) or None
        Whole multiples of the step; None where none were found.
    distance : float
        Sum |w - target| in points.
    proven : float
        No allowed weights on the grid are closer than this.
    infeasible : bool
        Whether it is proven that none exist.
    """

    weights: Floats | None
    distance: float
    proven: float
    infeasible: bool


def closest_on_grid(problem: GridProblem, target: Floats, seconds: float) -> GridAnswer:
    """Find the allowed weights on the grid with the smallest total move; among them the smallest squared move.

    Parameters
    ----------
    problem : GridProblem
        Rules and grid.
    target : ndarray of shape (indicators,)
        Continuous weights, points.
    seconds : float
        Time limit of each of the two programs.

    Returns
    -------
    GridAnswer

    Raises
    ------
    SolverError
        If the solver stops for another reason than the time limit.
    """
    first = _solve(problem, target, seconds, None)
    if first.weights is None or first.distance - first.proven > 1e-6:
        return first
    second = _solve(problem, target, seconds, first.distance)
    if second.weights is None or second.distance > first.distance + 1e-6:
        return first
    return GridAnswer(second.weights, second.distance, first.proven, False)


def _solve(problem: GridProblem, target: Floats, seconds: float, most: float | None) -> GridAnswer:
    """Solve once: least total move, or least squared move with a total move of at most ``most``."""
    model, steps = _model(problem, target, most)
    highs, status = _run(model, seconds)
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return GridAnswer(None, np.inf, np.inf, True)
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
        raise SolverError(f"grid: HiGHS stopped with {highs.modelStatusToString(status)}")
    info = highs.getInfo()
    proven = max(float(info.mip_dual_bound), 0.0)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return GridAnswer(None, np.inf, proven, False)
    size = len(target)
    values = np.array(highs.getSolution().col_value)
    whole = np.round(values[:size] if steps is None else steps + values[size * 2 :].reshape(size, -1).sum(axis=1))
    weights = whole * problem.step
    return GridAnswer(weights, float(np.abs(weights - target).sum()), proven, False)


def _run(model: highspy.HighsLp, seconds: float) -> tuple[highspy.Highs, highspy.HighsModelStatus]:
    """Run HiGHS; where it fails by rounding, once more without the step that failed."""
    for further in _AGAIN:
        highs = highspy.Highs()
        for name, value in (_OPTIONS | {"time_limit": seconds} | further).items():
            highs.setOptionValue(name, value)
        highs.passModel(model)
        highs.run()
        status = highs.getModelStatus()
        if status != highspy.HighsModelStatus.kSolveError:
            break
    return highs, status


def _with_change(rows: sparse.csr_array, reference: Floats, chosen: Flags, step: float) -> sparse.csr_array:
    """Add columns for moves up and down from a reference, the rows that define them and the row of their sum."""
    count, size = int(chosen.sum()), len(reference)
    eye = sparse.eye_array(count)
    own = sparse.csr_array(step * np.eye(size)[chosen])
    pad = sparse.csr_array((count, rows.shape[1] - size))
    return sparse.csr_array(
        sparse.vstack(
            [
                sparse.hstack([rows, sparse.csr_array((rows.shape[0], 2 * count))]),
                sparse.hstack([own, pad, -eye, eye]),
                sparse.hstack([sparse.csr_array((1, rows.shape[1])), sparse.csr_array(np.ones((1, 2 * count)))]),
            ]
        )
    )


_Entries = tuple[NDArray[np.int_], NDArray[np.int_], Floats]


def _entries(
    problem: GridProblem, ends: tuple[Floats, Floats], width: int, away: Floats | None
) -> tuple[list[_Entries], int]:
    """Return places and values of the coefficients, block of rows by block of rows, and the number of rows."""
    step, size = problem.step, len(problem.least)
    own, (start, high) = np.arange(size), ends
    rules = problem.program.matrix * step
    counted = np.array([chosen for chosen, _, _ in problem.counts], dtype=float).reshape(-1, size)
    first = np.cumsum([0, len(rules), size, size, size, len(counted)])
    row, column = np.nonzero(rules)
    parts: list[_Entries] = [(row, column, rules[row, column])]
    if away is None:
        parts += [(first[1] + own, k * size + own, np.full(size, v)) for k, v in ((0, step), (2, -1.0), (3, 1.0))]
    else:
        steps = np.arange(size * width)
        parts += [
            (first[1] + own, own, np.ones(size)),
            (first[1] + steps // width, 2 * size + steps, -np.ones(len(steps))),
        ]
        parts += [(np.full(len(steps), first[5]), 2 * size + steps, away)]
    for place, bound in ((first[2], high), (first[3], start)):
        parts += [(place + own, own, np.ones(size)), (place + own, size + own, -bound)]
    row, column = np.nonzero(counted)
    parts.append((first[4] + row, size + column, counted[row, column]))
    return parts, int(first[5]) + (away is not None)


def _model(problem: GridProblem, target: Floats, most: float | None) -> tuple[highspy.HighsLp, Floats | None]:
    """Columns: multiples, whether an indicator counts, then either moves up and down, or single steps above the least."""
    program, step, size = problem.program, problem.step, len(target)
    low, high = np.ceil(program.low / step - 1e-9), np.floor(program.high / step + 1e-9)
    start = np.maximum(np.ceil(problem.least / step - 1e-9), 1.0)
    if most is None:
        extra, steps, width, away = 2 * size, None, 0, None
        cost, top = np.ones(extra), np.full(extra, np.inf)
    else:
        steps = low
        width = max(1, int((high - low).max(initial=0.0)))
        grid = low[:, None] + np.arange(width + 1)
        distance, square = np.abs(grid * step - target[:, None]), (grid * step - target[:, None]) ** 2
        extra, cost = size * width, np.diff(square, axis=1).ravel()
        top = (np.arange(1, width + 1)[None] <= (high - low)[:, None]).astype(float).ravel()
        away = np.diff(distance, axis=1).ravel()
    fixed = target if steps is None else steps
    lower = [program.lower, fixed, np.full(size, -np.inf), np.zeros(size), [low for _, low, _ in problem.counts]]
    upper = [program.upper, fixed, np.zeros(size), np.full(size, np.inf), [high for _, _, high in problem.counts]]
    if most is not None:
        lower.append([-np.inf])
        upper.append([most + 1e-7 - float(distance[:, 0].sum())])
    parts, count = _entries(problem, (start, high), width, away)
    row, column, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    rows = sparse.csr_array((value, (row, column)), shape=(count, 2 * size + extra))
    for reference, chosen, allowed in problem.changes:
        rows = _with_change(rows, reference, chosen, step)
        lower += [reference[chosen], [-np.inf]]
        upper += [reference[chosen], [allowed + 1e-9]]
    more = rows.shape[1] - 2 * size - extra
    extra, cost, top = extra + more, np.append(cost, np.zeros(more)), np.append(top, np.full(more, np.inf))
    rows = sparse.csc_array(rows)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows.shape[1], rows.shape[0]
    model.col_cost_ = np.concatenate([np.zeros(2 * size), cost])
    model.col_lower_ = np.concatenate([low, np.zeros(size + extra)])
    model.col_upper_ = np.concatenate([high, np.ones(size), top])
    model.row_lower_, model.row_upper_ = np.concatenate(lower), np.concatenate(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    whole = [highspy.HighsVarType.kInteger] * (2 * size)
    model.integrality_ = whole + [highspy.HighsVarType.kContinuous] * extra
    return model, steps
