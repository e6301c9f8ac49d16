"""The polytope of admissible weights in its own dimensions, with a point well inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import svd

from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.program import Program
from kpi_research.weights.solve import SolverError, Status

_RANK = 1e-9


@dataclass(frozen=True, eq=False)
class Polytope:
    """Weights ``start + basis @ y`` with ``rows @ y <= room``.

    Attributes
    ----------
    start : ndarray of shape (indicators,)
        Weights inside, points.
    basis : ndarray of shape (indicators, dimensions)
        Orthonormal directions that the equations leave free; no columns where the rules fix every weight.
    rows : ndarray of shape (inequalities, dimensions)
        Inequalities of length 1.
    room : ndarray of shape (inequalities,)
        Distance of the start from each, points; above 0.
    simplex : bool
        Whether nothing but the total and weights of 0 or more restricts.
    """

    start: Floats
    basis: Floats
    rows: Floats
    room: Floats
    simplex: bool


def polytope(program: Program) -> Polytope:
    """Bring the admissible weights into the dimensions they have.

    Inequalities that hold as equations for all admissible weights are found by one linear program (Freund, Roundy &
    Todd 1985) and join the equations; the start is then the center of the largest ball inside.

    Parameters
    ----------
    program : Program
        The rules; some weights must satisfy them.

    Returns
    -------
    Polytope

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    forms, limits, equal, equal_to = _sides(program)
    always = _implied(forms, limits, equal, equal_to)
    equal, equal_to = np.vstack([equal, forms[always]]), np.concatenate([equal_to, limits[always]])
    forms, limits = forms[~always], limits[~always]
    _, sizes, right = svd(equal)
    basis = right[int((sizes > _RANK * sizes.max()).sum()) :].T
    projected = forms @ basis
    lengths = np.linalg.norm(projected, axis=1)
    kept = lengths > _RANK
    start = _center(forms[kept], limits[kept], lengths[kept], equal, equal_to)
    rows, room = projected[kept] / lengths[kept, None], (limits[kept] - forms[kept] @ start) / lengths[kept]
    rows, room = _without_copies(rows, room)
    plain = len(program.rules) == 1 and not program.low.any() and bool((program.high >= 100).all())
    return Polytope(start, basis, rows, room, plain)


def _sides(program: Program) -> tuple[Floats, Floats, Floats, Floats]:
    """Return inequalities ``forms @ w <= limits`` and equations."""
    size = len(program.ids)
    equal = program.lower == program.upper
    up, down = np.isfinite(program.upper) & ~equal, np.isfinite(program.lower) & ~equal
    fixed = program.low == program.high
    eye = np.eye(size)
    forms = np.vstack([program.matrix[up], -program.matrix[down], eye[~fixed], -eye[~fixed]])
    limits = np.concatenate([program.upper[up], -program.lower[down], program.high[~fixed], -program.low[~fixed]])
    matrix = np.vstack([program.matrix[equal], eye[fixed]])
    return forms, limits, matrix, np.concatenate([program.lower[equal], program.low[fixed]])


def _implied(forms: Floats, limits: Floats, equal: Floats, equal_to: Floats) -> Flags:
    """Return which inequalities every admissible point satisfies with equality."""
    rows, size = forms.shape
    matrix = sparse.block_array(
        [
            [sparse.csr_array(forms), sparse.csr_array(-limits[:, None]), sparse.eye_array(rows)],
            [sparse.csr_array(equal), sparse.csr_array(-equal_to[:, None]), None],
        ]
    )
    model = LinearModel(
        np.concatenate([np.zeros(size + 1), -np.ones(rows)]), sparse.csr_array(matrix),
        np.concatenate([np.full(rows, -np.inf), np.zeros(len(equal))]), np.zeros(rows + len(equal)),
        np.concatenate([np.full(size, -np.inf), [1.0], np.zeros(rows)]),
        np.concatenate([np.full(size + 1, np.inf), np.ones(rows)]),
    )  # fmt: skip
    answer = solve_fresh(model)
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"polytope: the solver stopped with status '{answer.status.value}'")
    return np.asarray(answer.x[size + 1 :] < 0.5)


def _center(forms: Floats, limits: Floats, lengths: Floats, equal: Floats, equal_to: Floats) -> Floats:
    """Return the center of the largest ball inside."""
    size = forms.shape[1]
    matrix = np.vstack([np.column_stack([forms, lengths]), np.column_stack([equal, np.zeros(len(equal))])])
    model = LinearModel(
        np.append(np.zeros(size), -1.0), sparse.csr_array(matrix),
        np.concatenate([np.full(len(forms), -np.inf), equal_to]), np.concatenate([limits, equal_to]),
        np.append(np.full(size, -np.inf), 0.0), np.append(np.full(size, np.inf), 100.0),
    )  # fmt: skip
    answer = solve_fresh(model)
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"polytope: the solver stopped with status '{answer.status.value}'")
    return answer.x[:size]


def _without_copies(rows: Floats, room: Floats) -> tuple[Floats, Floats]:
    """Keep the tightest of inequalities that point the same way."""
    if not len(rows):
        return rows, room
    order = np.argsort(room, kind="stable")
    _, first = np.unique(np.round(rows[order], 10), axis=0, return_index=True)
    kept = np.sort(order[first])
    return rows[kept], room[kept]
