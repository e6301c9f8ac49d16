"""Solving linear models with PuLP and HiGHS, always minimizing, with a status of our own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pulp

from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel

TOLERANCE = 1e-10
"""Largest violation of a row or reduced cost that the solver may leave."""


class Status(Enum):
    """What is known about a model after solving it."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_SOLUTION = "no solution"


class SolverError(RuntimeError):
    """The solver gave no usable answer, or one that fails the check."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Answer to a linear model.

    Attributes
    ----------
    status : Status
        Only with OPTIMAL do the other fields mean anything.
    x : ndarray of shape (columns,)
        Values of the variables.
    row_dual : ndarray of shape (rows,)
        Change of the minimum per unit of a row's limit; positive for a lower limit in force.
    reduced_cost : ndarray of shape (columns,)
        ``cost - matrix.T @ row_dual``, computed here.
    objective : float
        ``cost @ x``, computed here.
    """

    status: Status
    x: Floats
    row_dual: Floats
    reduced_cost: Floats
    objective: float


def solve(model: LinearModel) -> Solution:
    """Solve a linear model once, through PuLP with HiGHS.

    Variables are called ``w00001``, ``w00002``, ... and rows ``c00001``, ... whatever the ids of the indicators, since
    solvers read meaning into some names. Duals are those of a minimization, whose signs all versions agree on.

    Parameters
    ----------
    model : LinearModel
        The model; must hold no NaN.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        If the model holds a NaN.
    """
    refuse_nan(model)
    problem, variables, rows = to_pulp(model)
    problem.solve(
        pulp.HiGHS(msg=False, threads=1, primal_feasibility_tolerance=TOLERANCE, dual_feasibility_tolerance=TOLERANCE)
    )
    status = _status(problem)
    x = np.array([_number(variable.varValue, low) for variable, low in zip(variables, model.low, strict=True)])
    dual = np.array([0.0 if row is None else _number(row.pi, 0.0) for row in rows])
    return solution(model, status, x, dual)


def solution(model: LinearModel, status: Status, x: Floats, row_dual: Floats) -> Solution:
    """Complete what a solver returned by what follows from the model.

    Parameters
    ----------
    model : LinearModel
        The model.
    status : Status
        What the solver says.
    x, row_dual : ndarray
        Values of the variables and duals of the rows.

    Returns
    -------
    Solution
    """
    return Solution(status, x, row_dual, model.cost - model.matrix.T @ row_dual, float(model.cost @ x))


def to_pulp(model: LinearModel) -> tuple[pulp.LpProblem, list[pulp.LpVariable], list[pulp.LpConstraint | None]]:
    """Write a model as a PuLP problem.

    Parameters
    ----------
    model : LinearModel
        The model.

    Returns
    -------
    problem : pulp.LpProblem
        A minimization.
    variables : list of pulp.LpVariable
        In the order of the columns.
    rows : list of pulp.LpConstraint or None
        In the order of the rows; None where a row is open on both sides.
    """
    problem = pulp.LpProblem("weights", pulp.LpMinimize)
    bounds = zip(model.low, model.high, strict=True)
    variables = [
        problem.add_variable(f"w{number:05d}", _finite(low), _finite(high))
        for number, (low, high) in enumerate(bounds, 1)
    ]
    problem.setObjective(
        pulp.LpAffineExpression([(variables[j], float(model.cost[j])) for j in np.flatnonzero(model.cost)])
    )
    rows: list[pulp.LpConstraint | None] = []
    for number in range(len(model.lower)):
        part = slice(model.matrix.indptr[number], model.matrix.indptr[number + 1])
        terms = [
            (variables[j], float(value))
            for j, value in zip(model.matrix.indices[part], model.matrix.data[part], strict=True)
        ]
        row = _constraint(pulp.LpAffineExpression(terms), float(model.lower[number]), float(model.upper[number]))
        if row is not None:
            problem.addConstraint(row, f"c{number + 1:05d}")
        rows.append(row)
    return problem, variables, rows


def _constraint(form: pulp.LpAffineExpression, lower: float, upper: float) -> pulp.LpConstraint | None:
    if lower == upper:
        return pulp.LpConstraint(form, pulp.LpConstraintEQ, rhs=lower)
    if np.isfinite(lower) and np.isfinite(upper):
        raise SolverError(f"a row has two different limits, {lower} and {upper}; give one row for each")
    if np.isfinite(lower):
        return pulp.LpConstraint(form, pulp.LpConstraintGE, rhs=lower)
    return pulp.LpConstraint(form, pulp.LpConstraintLE, rhs=upper) if np.isfinite(upper) else None


def _status(problem: pulp.LpProblem) -> Status:
    if problem.status == pulp.LpStatusOptimal and problem.sol_status == pulp.LpSolutionOptimal:
        return Status.OPTIMAL
    known = {pulp.LpStatusInfeasible: Status.INFEASIBLE, pulp.LpStatusUnbounded: Status.UNBOUNDED}
    return known.get(problem.status, Status.NO_SOLUTION)


def _finite(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None


def _number(value: float | None, otherwise: float) -> float:
    return float(value) if value is not None else float(otherwise)


def refuse_nan(model: LinearModel) -> None:
    """Raise if any number of a model is NaN.

    Parameters
    ----------
    model : LinearModel
        The model.

    Raises
    ------
    SolverError
        If so.
    """
    parts = (model.cost, model.matrix.data, model.lower, model.upper, model.low, model.high)
    if any(np.isnan(part).any() for part in parts):
        raise SolverError("the model holds a NaN; scores, outcome and limits must be numbers")
