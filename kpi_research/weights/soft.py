"""Soft rules: held as far as the hard rules let them, in order of priority."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kpi_research.weights.face import optimal_face
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import Pairs, as_shortfall, assemble
from kpi_research.weights.program import Program
from kpi_research.weights.projection import closest_point
from kpi_research.weights.solve import SolverError, Status, solve

SLACK = 1e-9
"""Points by which a relaxed limit is loosened beyond need, against rounding."""


def relax_soft_limits(program: Program, target: Floats) -> Program:
    """Move every soft limit that cannot hold to the nearest value that can.

    Rank after rank: the smallest total shortfall of this rank's limits (in points), given the hard rules and what
    earlier ranks got. Where several weights have that total, the ones closest to the target in squares decide which
    limit gives way by how much. Limits then stay where these weights put them.

    Parameters
    ----------
    program : Program
        Rules, of which the hard ones can all hold.
    target : ndarray of shape (indicators,)
        Current or expert weights, or equal ones.

    Returns
    -------
    Program
        The same rows; all of them can hold together.

    Raises
    ------
    SolverError
        If the hard rules cannot hold.
    """
    soft = program.priority > 0
    done = _open_rows(program, soft)
    for rank in np.unique(program.priority[soft]):
        done = _relax_rank(program, done, program.priority == rank, target)
    return done


def _open_rows(program: Program, rows: Flags) -> Program:
    lower, upper = np.where(rows, -np.inf, program.lower), np.where(rows, np.inf, program.upper)
    return replace(program, lower=lower, upper=upper)


def _relax_rank(program: Program, done: Program, rows: Flags, target: Floats) -> Program:
    pairs = Pairs(program.matrix[rows], program.bound[rows])
    signs = np.where(np.isfinite(program.upper[rows]), 1.0, -1.0)
    block, layout = assemble(done, target, pairs)
    answer = solve(as_shortfall(block, layout, signs))
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"soft rules: the solver stopped with status '{answer.status.value}'")
    face = optimal_face(done, pairs, target, np.inf, layout, answer)
    weights = closest_point(face, answer.x[layout.columns("w")], target)
    excess = np.maximum(signs * (pairs.forms @ weights - pairs.offset), 0.0)
    moved = pairs.offset + signs * np.where(excess > SLACK, excess + SLACK, 0.0)
    lower, upper = done.lower.copy(), done.upper.copy()
    lower[rows] = np.where(signs < 0, moved, -np.inf)
    upper[rows] = np.where(signs > 0, moved, np.inf)
    return replace(done, lower=lower, upper=upper)
