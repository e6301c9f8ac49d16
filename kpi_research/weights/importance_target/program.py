"""Importance as a linear program: shares of correlation are ratios of linear forms of the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kpi_research.weights.check import dual_bound
from kpi_research.weights.engine import Engine, solve_fresh
from kpi_research.weights.face import Face
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.solve import SolverError, Status

SLACK = 1e-10
"""Share by which the best error is loosened for the choice among weights that reach it, against rounding."""

LEAST = 1e-9
"""Smallest sum of correlations, in standard deviations per point of weight, that the weights must keep."""


@dataclass(frozen=True, eq=False)
class Importance:
    """What the program needs to know.

    Attributes
    ----------
    program : Program
        The rules; bounds of -inf where weights may be negative.
    pull : ndarray of shape (indicators, indicators)
        ``pull @ w`` is proportional to the correlations of the indicators with the index: covariance over the row's
        standard deviation.
    target : ndarray of shape (indicators,)
        Wanted shares, NaN where none is named.
    """

    program: Program
    pull: Floats
    target: Floats

    def shares(self, weights: Floats) -> Floats:
        """Return each indicator's share of the sum of correlations.

        Parameters
        ----------
        weights : ndarray of shape (indicators,)
            Points.

        Returns
        -------
        ndarray of shape (indicators,)
        """
        form: Floats = self.pull @ weights
        return form / form.sum()

    @property
    def named(self) -> Flags:
        """Indicators with a target."""
        return ~np.isnan(self.target)


@dataclass(frozen=True, eq=False)
class Best:
    """The best that can be reached.

    Attributes
    ----------
    error : float
        Smallest possible largest distance of a named share from its target.
    gap : float
        Distance from the bound that the duals prove, computed without the solver.
    weights : ndarray of shape (indicators,)
        Some weights that reach it, points.
    """

    error: float
    gap: float
    weights: Floats


def _cone(asked: Importance) -> LinearModel:
    """Write weights times a scale such that the correlations add up to 1; columns: weights, scale, error."""
    program, size = asked.program, len(asked.target)
    column = np.zeros((size, 1))
    low, high = np.isfinite(program.low), np.isfinite(program.high)
    eye = np.eye(size)
    rows = [
        np.column_stack([program.matrix, -program.bound, np.zeros(len(program.bound))]),
        np.hstack([eye[low], -program.low[low, None], column[low]]),
        np.hstack([eye[high], -program.high[high, None], column[high]]),
        np.concatenate([asked.pull.sum(axis=0), np.zeros(2)])[None],
        np.hstack([asked.pull, column, np.ones((size, 1))])[asked.named],
        np.hstack([asked.pull, column, -np.ones((size, 1))])[asked.named],
    ]
    goal, count = asked.target[asked.named], int(asked.named.sum())
    lower = [
        np.where(np.isfinite(program.lower), 0.0, -np.inf), np.zeros(low.sum()), np.full(high.sum(), -np.inf),
        np.ones(1), goal, np.full(count, -np.inf),
    ]  # fmt: skip
    upper = [
        np.where(np.isfinite(program.upper), 0.0, np.inf), np.full(low.sum(), np.inf), np.zeros(high.sum()),
        np.ones(1), np.full(count, np.inf), goal,
    ]  # fmt: skip
    return LinearModel(
        np.append(np.zeros(size + 1), 1.0), sparse.csr_array(np.vstack(rows)), np.concatenate(lower),
        np.concatenate(upper), np.append(np.full(size, -np.inf), np.zeros(2)), np.full(size + 2, np.inf),
    )  # fmt: skip


def best_reach(asked: Importance) -> Best | None:
    """Minimize the largest distance of named shares from their targets.

    Parameters
    ----------
    asked : Importance
        The problem.

    Returns
    -------
    Best or None
        None where no admissible weights make the correlations add up to more than 0.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    model = _cone(asked)
    answer = solve_fresh(model)
    if answer.status is Status.INFEASIBLE:
        return None
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"importance: the solver stopped with status '{answer.status.value}'")
    bound, _ = dual_bound(model, answer.row_dual)
    scale = answer.x[-2]
    if scale <= 0:
        raise SolverError("importance: the best shares are approached only by weights beyond all bounds")
    return Best(max(answer.x[-1], 0.0), abs(answer.objective - bound), answer.x[:-2] / scale)


def reachable_shares(asked: Importance) -> tuple[Floats, Floats]:
    """Return the smallest and largest share that each indicator can reach by itself.

    Parameters
    ----------
    asked : Importance
        The problem; targets do not matter.

    Returns
    -------
    low, high : ndarray of shape (indicators,)
        Infinite where nothing bounds the share.
    """
    size = len(asked.target)
    free = Importance(asked.program, asked.pull, np.full(size, np.nan))
    model = _cone(free)
    engine, places = Engine(model), np.arange(size + 2)
    ends = np.zeros((2, size))
    for row, sign in enumerate((1.0, -1.0)):
        for indicator in range(size):
            engine.set_cost(places, np.append(sign * asked.pull[indicator], np.zeros(2)))
            answer = engine.run()
            found = answer.status is Status.OPTIMAL
            ends[row, indicator] = sign * answer.objective if found else -sign * np.inf
    return ends[0], ends[1]


def equally_good(asked: Importance, error: float) -> Face:
    """Return all admissible weights that reach the best error.

    Parameters
    ----------
    asked : Importance
        The problem.
    error : float
        The best error.

    Returns
    -------
    Face
        In points.
    """
    program, size = asked.program, len(asked.target)
    equal = program.lower == program.upper
    low, high = np.isfinite(program.lower) & ~equal, np.isfinite(program.upper) & ~equal
    bounded, capped = np.isfinite(program.low), np.isfinite(program.high)
    eye, total = np.eye(size), asked.pull.sum(axis=0)
    away = (asked.pull - np.outer(asked.target, total))[asked.named]
    room = (error + SLACK) * total
    above = [
        program.matrix[low], -program.matrix[high], eye[bounded], -eye[capped], total[None], room - away, room + away,
    ]  # fmt: skip
    count = int(asked.named.sum())
    at_least = [
        program.lower[low], -program.upper[high], program.low[bounded], -program.high[capped], np.full(1, LEAST),
        np.zeros(count), np.zeros(count),
    ]  # fmt: skip
    return Face(
        program.matrix[equal], program.lower[equal], np.vstack(above), np.concatenate(at_least), np.zeros(size), np.inf
    )
