"""Goals one after the other, and the unique weights among all that reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kpi_research.weights.check import dual_bound
from kpi_research.weights.engine import Engine
from kpi_research.weights.face import Face
from kpi_research.weights.goals.pieces import Piece
from kpi_research.weights.goals.space import Best, Space, best_in
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.projection import closest_point
from kpi_research.weights.solve import Solution, SolverError, Status

POSITIVE = 1e-9
"""Smallest goal that counts as going with the outcome."""

_CLOSE = 1e-8
_FIXED = 1e-6
_CUTS = 500


@dataclass(frozen=True, eq=False)
class Reached:
    """What goals reach one after the other.

    Attributes
    ----------
    stages : tuple of Best
        Best weights of each goal under what the goals before it reached.
    space : Space
        All weights that reach every goal, up to the slack of each.
    """

    stages: tuple[Best, ...]
    space: Space

    @property
    def gap(self) -> float:
        """Largest distance of a stage's optimum from the bound that its duals prove."""
        bounds = [dual_bound(stage.model, stage.answer.row_dual)[0] for stage in self.stages]
        return max(abs(stage.value - bound) for stage, bound in zip(self.stages, bounds, strict=True))

    @property
    def dual_violation(self) -> float:
        """Largest wrong sign among the reduced costs of all stages."""
        return max(dual_bound(stage.model, stage.answer.row_dual)[1] for stage in self.stages)


def reach(space: Space, goals: Sequence[tuple[Piece, float]], *, by_pulp: bool = False) -> Reached | None:
    """Optimize goals one after the other; each keeps what those before it reached, up to their slack.

    Parameters
    ----------
    space : Space
        The allowed weights.
    goals : sequence of (Piece, float)
        Goals and what later goals may give up of each, in the goal's own unit.
    by_pulp : bool, default False
        Whether to solve through PuLP.

    Returns
    -------
    Reached or None
        None where nothing goes with the outcome, or all that does has a goal of 0 or less.
    """
    stages = []
    for piece, slack in goals:
        best = best_in(space, piece, by_pulp=by_pulp)
        if best is None or (piece.under is not None and piece.sign < 0 and best.value >= -POSITIVE):
            return None
        stages.append(best)
        space = space.within(piece, best.value + slack)
    return Reached(tuple(stages), space)


def ranges(space: Space) -> tuple[Floats, Floats]:
    """Return the smallest and largest value of each weight in a space.

    Parameters
    ----------
    space : Space
        Some weights must be allowed.

    Returns
    -------
    low, high : ndarray of shape (indicators,)
        Points.
    """
    size = len(space.program.ids)
    engine = Engine(space.model())
    ends = np.zeros((2, size))
    for row, sign in enumerate((1.0, -1.0)):
        for j in range(size):
            ends[row, j] = _extreme(engine, j, sign)
    return ends[0], ends[1]


def _extreme(engine: Engine, place: int, sign: float) -> float:
    where = np.array([place])
    engine.set_cost(where, np.array([sign]))
    answer = _optimal(engine.run())
    engine.set_cost(where, np.zeros(1))
    return float(answer.x[place])


def closest_in(space: Space, start: Floats, target: Floats, low: Floats, high: Floats) -> Floats:
    """Return the weights of a space with the smallest sum of squared differences from a target.

    Parameters
    ----------
    space : Space
        The allowed weights.
    start : ndarray of shape (indicators,)
        Weights of the space.
    target : ndarray of shape (indicators,)
        Weights to stay close to.
    low, high : ndarray of shape (indicators,)
        From `ranges`.

    Returns
    -------
    ndarray of shape (indicators,)
        The same whatever the order of the indicators.

    Notes
    -----
    Cutting planes: the closest point of an outer polytope is separated from the space by the duals of a small linear
    program until it lies in the space.
    """
    fixed = high - low <= _FIXED
    if fixed.all():
        return start
    separator, face = _Separator(space), _rules_face(space, fixed, start)
    for _ in range(_CUTS):
        found = closest_point(face, start, target)
        apart, form, inside = separator.ask(found)
        if apart <= _CLOSE:
            return inside
        at_least = min(float(form @ found) + apart, float(form @ start))
        face = replace(face, above=np.vstack([face.above, form]), at_least=np.append(face.at_least, at_least))
    raise SolverError(f"goals: no closest weights after {_CUTS} cuts")


def _rules_face(space: Space, fixed: np.ndarray, start: Floats) -> Face:
    program, eye = space.program, np.eye(len(start))
    same = program.lower == program.upper
    low, high = np.isfinite(program.lower) & ~same, np.isfinite(program.upper) & ~same
    at_least = np.concatenate([program.lower[low], -program.upper[high], program.low, -program.high])
    above = np.vstack([program.matrix[low], -program.matrix[high], eye, -eye])
    equal, equal_to = np.vstack([program.matrix[same], eye[fixed]]), np.concatenate([program.lower[same], start[fixed]])
    return Face(equal, equal_to, above, np.minimum(at_least, above @ start), start, np.inf)


class _Separator:
    """The least sum of moves from given weights into a space, and the inequality that its duals prove."""

    def __init__(self, space: Space) -> None:
        base, self._size = space.model(), len(space.program.ids)
        width, eye = len(base.cost), sparse.eye_array(self._size)
        pad = sparse.csr_array((self._size, width - self._size))
        moves = sparse.hstack([eye, pad, -eye, eye])
        wide = sparse.hstack([base.matrix, sparse.csr_array((base.matrix.shape[0], 2 * self._size))])
        self._first = base.matrix.shape[0]
        zero, none, ones = np.zeros(self._size), np.zeros(2 * self._size), np.ones(2 * self._size)
        self._engine = Engine(
            LinearModel(
                np.append(base.cost, ones), sparse.csr_array(sparse.vstack([wide, moves])),
                np.append(base.lower, zero), np.append(base.upper, zero),
                np.append(base.low, none), np.append(base.high, np.full(2 * self._size, np.inf)),
            )
        )  # fmt: skip

    def ask(self, weights: Floats) -> tuple[float, Floats, Floats]:
        for place, value in enumerate(weights):
            self._engine.set_row(self._first + place, value, value)
        answer = _optimal(self._engine.run())
        dual = answer.row_dual[self._first : self._first + self._size]
        return answer.objective, -dual, answer.x[: self._size]


def _optimal(answer: Solution) -> Solution:
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"goals: the solver stopped with status '{answer.status.value}'")
    return answer
