"""All weights that rules and bounded goals allow, as one linear model; and the best of them for one more goal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.goals.pieces import Piece
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.solve import Solution, SolverError, Status, solve

ROUNDING = 5e-10
"""By how much the row of a bounded goal is loosened against rounding, in points times the goal's unit."""

NO_SCALE = 1e-9
"""Scale of a fractional program below which its optimum is at infinity: nothing goes with the outcome."""


@dataclass(frozen=True, eq=False)
class Space:
    """Weights under rules, with goals that must reach a bound.

    Attributes
    ----------
    program : Program
        The rules.
    bounded : tuple of (Piece, float)
        Goals and the most that each may be, as minimizations.
    """

    program: Program
    bounded: tuple[tuple[Piece, float], ...] = ()

    def within(self, piece: Piece, bound: float) -> Space:
        """Return the space with one more bounded goal.

        Parameters
        ----------
        piece : Piece
            The goal.
        bound : float
            The most it may be, as a minimization.

        Returns
        -------
        Space
        """
        return replace(self, bounded=(*self.bounded, (piece, bound)))

    def model(self, goal: Piece | None = None) -> LinearModel:
        """Return the space as a linear model, with the columns of a goal last and its numerator as the objective.

        Parameters
        ----------
        goal : Piece, optional
            The goal; None for no objective.

        Returns
        -------
        LinearModel
            Columns: weights, then the extra columns of each bounded goal, then those of the goal.
        """
        pieces = [piece for piece, _ in self.bounded] + ([] if goal is None else [goal])
        program, size = self.program, len(self.program.ids)
        width = size + sum(piece.extra for piece in pieces)
        rows, lower, upper = [_wide(sparse.csr_array(program.matrix), width, size)], [program.lower], [program.upper]
        cost, start = np.zeros(width), size
        bounds = [bound for _, bound in self.bounded]
        for number, piece in enumerate(pieces):
            rows.append(_wide(piece.matrix, width, start, size))
            lower.append(piece.lower)
            upper.append(piece.upper)
            if number < len(bounds):
                form = piece.cost if piece.under is None else piece.cost - bounds[number] * piece.under
                rows.append(_wide(sparse.csr_array(form.reshape(1, -1)), width, start, size))
                lower.append(np.array([-np.inf]))
                upper.append(np.array([ROUNDING + (bounds[number] if piece.under is None else 0.0)]))
            else:
                cost = _wide(sparse.csr_array(piece.cost.reshape(1, -1)), width, start, size).toarray()[0]
            start += piece.extra
        low = np.concatenate([program.low, *(piece.low for piece in pieces)])
        high = np.concatenate([program.high, *(piece.high for piece in pieces)])
        matrix = sparse.csr_array(sparse.vstack(rows))
        return LinearModel(cost, matrix, np.concatenate(lower), np.concatenate(upper), low, high)


def _wide(block: sparse.csr_array, width: int, start: int, size: int | None = None) -> sparse.csr_array:
    """Put a block over (weights, extra) into its columns; without a size, weights only."""
    if size is None:
        return sparse.csr_array(sparse.hstack([block, sparse.csr_array((block.shape[0], width - start))]))
    rows, extra = block.shape[0], block.shape[1] - size
    parts = [block[:, :size], sparse.csr_array((rows, start - size)), block[:, size:]]
    return sparse.csr_array(sparse.hstack([*parts, sparse.csr_array((rows, width - start - extra))]))


@dataclass(frozen=True, eq=False)
class Best:
    """The best weights for one goal.

    Attributes
    ----------
    weights : ndarray of shape (indicators,)
        Points.
    value : float
        The goal as a minimization.
    model : LinearModel
        What was solved; with the variable scale last where the goal is a fraction.
    answer : Solution
        The solver's answer.
    """

    weights: Floats
    value: float
    model: LinearModel
    answer: Solution


def best_in(space: Space, goal: Piece, *, by_pulp: bool = False) -> Best | None:
    """Find weights of a space that are best for a goal.

    Parameters
    ----------
    space : Space
        The allowed weights.
    goal : Piece
        The goal.
    by_pulp : bool, default False
        Whether to solve through PuLP, not directly with HiGHS.

    Returns
    -------
    Best or None
        None where a fraction has its optimum only in the limit: nothing goes with the outcome.

    Raises
    ------
    InfeasibleSpace
        If no weights are allowed.
    SolverError
        If the solver stops otherwise.
    """
    model = fractional(space, goal) if goal.under is not None else space.model(goal)
    if (model.low > model.high).any():
        raise InfeasibleSpace
    answer = solve(model) if by_pulp else solve_fresh(model)
    if answer.status is Status.INFEASIBLE:
        raise InfeasibleSpace
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"goals: the solver stopped with status '{answer.status.value}'")
    size, scale = len(space.program.ids), 1.0 if goal.under is None else float(answer.x[-1])
    if scale <= NO_SCALE:
        return None
    return Best(answer.x[:size] / scale, answer.objective, model, answer)


class InfeasibleSpace(Exception):  # noqa: N818  (caught inside the package only)
    """No weights are allowed."""


def fractional(space: Space, goal: Piece) -> LinearModel:
    """Write a fraction over a space as a linear model.

    Every constant is multiplied by a new last variable, the scale, and the denominator is set to 1 (Charnes & Cooper
    1962, doi:10.1002/nav.3800090303).

    Parameters
    ----------
    space : Space
        The allowed weights.
    goal : Piece
        A goal with a denominator.

    Returns
    -------
    LinearModel
    """
    plain, size = space.model(goal), len(space.program.ids)
    width = len(plain.cost)
    under = _wide(sparse.csr_array(np.asarray(goal.under).reshape(1, -1)), width, width - goal.extra, size)
    rows, lower, upper = [], [], []
    eye = sparse.csr_array(sparse.eye_array(width))
    for matrix, least, most in ((plain.matrix, plain.lower, plain.upper), (eye, plain.low, plain.high)):
        for limit, sign, chosen in _finite_sides(least, most):
            part = sparse.csr_array(limit[chosen].reshape(-1, 1))
            rows.append(sparse.hstack([matrix[chosen], -part]))
            lower.append(np.full(len(chosen), -np.inf if sign < 0 else 0.0))
            upper.append(np.full(len(chosen), np.inf if sign > 0 else 0.0))
    rows.append(sparse.hstack([under, sparse.csr_array((1, 1))]))
    ones = np.ones(1)
    low = np.where(plain.low >= 0, 0.0, -np.inf)
    return LinearModel(
        np.append(plain.cost, 0.0), sparse.csr_array(sparse.vstack(rows)),
        np.concatenate([*lower, ones]), np.concatenate([*upper, ones]),
        np.append(low, 0.0), np.full(width + 1, np.inf),
    )  # fmt: skip


def _finite_sides(least: Floats, most: Floats) -> list[tuple[Floats, int, np.ndarray]]:
    """Return limits, sign (0 equal, 1 lower, -1 upper) and places of the sides that are finite and say something."""
    equal = (least == most) & np.isfinite(least)
    low, high = np.isfinite(least) & ~equal, np.isfinite(most) & ~equal
    sides = [(least, 0, equal), (least, 1, low), (most, -1, high)]
    return [(limit, sign, np.flatnonzero(chosen)) for limit, sign, chosen in sides if chosen.any()]
