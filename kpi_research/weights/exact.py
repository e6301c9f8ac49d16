"""The largest correlation with the outcome that any allowed weights have: a quadratic program, as a check."""

from __future__ import annotations

import numpy as np

from kpi_research.weights.evidence import Evidence
from kpi_research.weights.limits import Floats
from kpi_research.weights.program import Program
from kpi_research.weights.projection import least_distance
from kpi_research.weights.solve import SolverError

_CUTS = 500
_ROUNDING = 1e-6
_RIDGE = 1e-5


def largest_correlation(
    program: Program, evidence: Evidence, center: Floats, tether: float, gain: Floats | None = None
) -> tuple[float, Floats | None]:
    """Find the allowed weights whose score has the largest Pearson correlation with the outcome.

    ``min |X v|`` over the cone of the rules with ``cov(x v, y) = 1``: a least-distance problem, since the mean absolute
    deviation of the default objective gives way to the standard deviation.

    Parameters
    ----------
    program : Program
        The rules.
    evidence : Evidence
        Scores and outcome.
    center : ndarray of shape (indicators,)
        Weights that moves are measured from.
    tether : float
        Largest total move in points; infinite for none.
    gain : ndarray of shape (indicators,), optional
        Covariance of each indicator with the outcome; None computes it.

    Returns
    -------
    correlation : float
        NaN where no allowed weights are positively related to the outcome.
    weights : ndarray of shape (indicators,) or None
        Points.
    """
    forms, size = evidence.scores / np.sqrt(len(evidence.outcome)), len(program.ids)
    wanted = evidence.gain if gain is None else gain
    triangle: Floats = np.linalg.qr(np.vstack([forms, _RIDGE * np.eye(size)]))[1]
    rows = _cone(program)
    for _ in range(_CUTS):
        found = _closest(triangle, rows, wanted)
        if found is None or found.sum() <= 0:
            return float("nan"), None
        weights = found * (100.0 / found.sum())
        move = weights - center
        if np.abs(move).sum() <= tether + _ROUNDING:
            return evidence.correlation(weights), weights
        signs = np.where(move > 0, 1.0, -1.0)
        rows = np.vstack([rows, (tether + signs @ center) / 100.0 - signs])
    raise SolverError(f"largest correlation: the tether does not hold after {_CUTS} cuts")


def _cone(program: Program) -> Floats:
    """Return the rules as ``rows @ v >= 0``, with every constant a multiple of the total."""
    size = len(program.ids)
    part, eye = np.full(size, 0.01), np.eye(size)
    low, high = np.isfinite(program.lower), np.isfinite(program.upper)
    low[0] = high[0] = False
    return np.vstack(
        [
            program.matrix[low] - np.outer(program.lower[low], part),
            np.outer(program.upper[high], part) - program.matrix[high],
            eye - np.outer(program.low, part),
            np.outer(program.high, part) - eye,
        ]
    )


def _closest(triangle: Floats, rows: Floats, gain: Floats) -> Floats | None:
    """Solve ``min |R v|`` with ``rows @ v >= 0`` and ``gain @ v >= 1`` in the variables ``R v``."""
    forms = np.linalg.solve(triangle.T, np.vstack([rows, gain]).T).T
    lengths = np.linalg.norm(forms, axis=1)
    units = np.asarray(forms / np.maximum(lengths, 1e-300)[:, None], dtype=np.float64)
    limits = np.append(np.zeros(len(rows)), 1.0 / lengths[-1])
    try:
        found = least_distance(units, limits)
    except SolverError:
        return None
    return np.asarray(np.linalg.solve(triangle, found), dtype=np.float64)
