"""The point of a polytope that is closest to a target in squares: the tie-break that makes weights unique."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.linalg import lstsq, svd
from scipy.optimize import nnls

from kpi_research.weights.face import Face
from kpi_research.weights.limits import Floats
from kpi_research.weights.solve import SolverError

_RANK = 1e-9
_CUTS = 500
_TETHER_ROUNDING = 1e-8


def closest_point(face: Face, start: Floats, target: Floats) -> Floats:
    """Return the weights of a face with the smallest sum of squared differences from a target.

    The face is convex and the sum of squares strictly so: there is exactly one such point, whatever the order or the
    names of the indicators.

    Parameters
    ----------
    face : Face
        The polytope; must hold ``start``.
    start : ndarray of shape (indicators,)
        Any point of it.
    target : ndarray of shape (indicators,)
        The weights to stay close to.

    Returns
    -------
    ndarray of shape (indicators,)

    Raises
    ------
    SolverError
        If ``start`` is not on the face.

    Notes
    -----
    Least-distance programming by non-negative least squares (Lawson & Hanson 1974, Solving Least Squares Problems,
    ch. 23, doi:10.1137/1.9781611971217) in the null space of the equations. A tether that is not in force at the
    optimum is added as the linear cuts it breaks.
    """
    polished = start + _least_norm(face.equal, face.equal_to - face.equal @ start)
    directions = free_directions(face)
    if directions.shape[1] == 0:
        return polished
    for _ in range(_CUTS):
        found = _closest_without_tether(face, directions, polished, target)
        move = found - face.center
        if np.abs(move).sum() <= face.tether + _TETHER_ROUNDING:
            return found
        signs = np.where(move > 0, 1.0, -1.0)
        cut = -face.tether - signs @ face.center
        face = replace(face, above=np.vstack([face.above, -signs]), at_least=np.append(face.at_least, cut))
    raise SolverError(f"no closest weights within the tether after {_CUTS} cuts")


def free_directions(face: Face) -> Floats:
    """Return an orthonormal basis of the directions that the equations of a face leave free.

    Parameters
    ----------
    face : Face
        The polytope.

    Returns
    -------
    ndarray of shape (indicators, dimensions)
        No columns where the equations fix every weight.
    """
    lengths = np.linalg.norm(face.equal, axis=1)
    rows = face.equal[lengths > 0] / lengths[lengths > 0, None]
    _, sizes, right = svd(rows)
    rank = int((sizes > _RANK * max(1.0, sizes.max(initial=0.0))).sum())
    return right[rank:].T


def _closest_without_tether(face: Face, directions: Floats, start: Floats, target: Floats) -> Floats:
    wish = directions.T @ (target - start)
    forms = face.above @ directions
    lengths = np.linalg.norm(forms, axis=1)
    kept = lengths > _RANK * np.maximum(1.0, np.linalg.norm(face.above, axis=1))
    room = np.minimum(face.at_least - face.above @ start, 0.0)
    if (face.at_least - face.above @ start).max(initial=0.0) > 1e-6:
        raise SolverError("the solver's answer is not on its own optimal face")
    forms, least = forms[kept] / lengths[kept, None], room[kept] / lengths[kept]
    return start + directions @ (wish + least_distance(forms, least - forms @ wish))


def least_distance(forms: Floats, at_least: Floats) -> Floats:
    """Return the shortest vector u with ``forms @ u >= at_least``.

    Parameters
    ----------
    forms : ndarray of shape (inequalities, dimensions)
        Coefficients.
    at_least : ndarray of shape (inequalities,)
        Limits.

    Returns
    -------
    ndarray of shape (dimensions,)

    Raises
    ------
    SolverError
        If no vector satisfies all inequalities.
    """
    size = at_least.max(initial=0.0)
    if size <= 0:
        return np.zeros(forms.shape[1])
    stacked = np.vstack([forms.T, at_least / size])
    unit = np.append(np.zeros(forms.shape[1]), 1.0)
    multipliers, _ = nnls(stacked, unit, maxiter=100 * stacked.shape[1])
    rest = stacked @ multipliers - unit
    if -rest[-1] <= 1e-14:
        raise SolverError("the inequalities contradict each other")
    rough = -size * rest[:-1] / rest[-1]
    return _polish(forms, at_least, multipliers > 0, rough)


def _polish(forms: Floats, at_least: Floats, active: np.ndarray, rough: Floats) -> Floats:
    """Solve the active inequalities as equations, which takes the rounding of the iteration away."""
    exact = _least_norm(forms[active], at_least[active])
    slack = at_least - forms @ exact
    close = np.abs(exact - rough).max(initial=0.0) <= 1e-6 * max(1.0, np.abs(rough).max(initial=0.0))
    return exact if close and slack.max(initial=0.0) <= 1e-10 * max(1.0, np.abs(at_least).max()) else rough


def _least_norm(matrix: Floats, values: Floats) -> Floats:
    if matrix.shape[0] == 0:
        return np.zeros(matrix.shape[1])
    lengths = np.maximum(np.linalg.norm(matrix, axis=1), 1e-300)
    found: Floats = lstsq(matrix / lengths[:, None], values / lengths, cond=_RANK)[0]
    return found
