"""How far each weight may move while the objective stays at its optimum."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kpi_research.weights.engine import Engine
from kpi_research.weights.face import Face
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.projection import free_directions
from kpi_research.weights.solve import SolverError, Status

_ROOM = 1e-9


def weight_ranges(face: Face, weights: Floats) -> tuple[Floats, Floats]:
    """Return the smallest and largest value of each weight on the optimal face.

    Parameters
    ----------
    face : Face
        All optimal weights.
    weights : ndarray of shape (indicators,)
        The published weights, a point of it.

    Returns
    -------
    low, high : ndarray of shape (indicators,)
        Points; equal to the weight where the optimum determines it. One linear program for each end.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    directions = free_directions(face)
    if directions.shape[1] == 0:
        return weights.copy(), weights.copy()
    engine = Engine(_face_model(face))
    low, high = weights.copy(), weights.copy()
    for j in np.flatnonzero(np.linalg.norm(directions, axis=1) > _ROOM):
        low[j] = min(low[j], _extreme(engine, int(j), 1.0))
        high[j] = max(high[j], _extreme(engine, int(j), -1.0))
    return low, high


def _extreme(engine: Engine, indicator: int, sign: float) -> float:
    place = np.array([indicator])
    engine.set_cost(place, np.array([sign]))
    answer = engine.run()
    engine.set_cost(place, np.array([0.0]))
    if answer.status is not Status.OPTIMAL:
        raise SolverError(f"ranges: the solver stopped with status '{answer.status.value}'")
    return float(answer.x[indicator])


def _face_model(face: Face) -> LinearModel:
    """Write a face as a model in the weights, and in their moves up and down where there is a tether."""
    size = len(face.center)
    rows: list[list[object]] = [[sparse.csr_array(face.equal)], [sparse.csr_array(face.above)]]
    lower = np.concatenate([face.equal_to - _ROOM, face.at_least - _ROOM])
    upper = np.concatenate([face.equal_to + _ROOM, np.full(len(face.at_least), np.inf)])
    if np.isfinite(face.tether):
        eye, ones = sparse.eye_array(size), sparse.csr_array(np.ones((1, size)))
        rows = [[*row, None, None] for row in rows] + [[eye, -eye, eye], [None, ones, ones]]
        lower = np.concatenate([lower, face.center, [-np.inf]])
        upper = np.concatenate([upper, face.center, [face.tether + _ROOM]])
    matrix = sparse.csr_array(sparse.block_array(rows))
    columns = matrix.shape[1]
    return LinearModel(np.zeros(columns), matrix, lower, upper, np.zeros(columns), np.full(columns, np.inf))
