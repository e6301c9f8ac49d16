"""A smooth curve through points: a natural cubic spline, penalized by its curvature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]
KNOTS = 10
PENALTIES: Array = 10.0 ** np.arange(-6.0, 7.0, 0.5)
"""Penalties that are tried, relative to the mean curvature of the basis."""

FLOOR = 1e-20
"""Least residual sum of squares relative to that of the response: the last digits are no shape."""

CAUTION = 1.4
"""Weight of the degrees of freedom in cross-validation, against undersmoothing (Wood 2006, Generalized Additive Models)."""


@dataclass(frozen=True, slots=True)
class SmoothFit:
    """A fitted curve.

    Attributes
    ----------
    fitted : numpy.ndarray, shape (n,)
        The curve at the points, its mean that of the response.
    leverage : numpy.ndarray, shape (n,)
        Diagonal of the smoother.
    residual : float
        Residual sum of squares.
    freedom : float
        Degrees of freedom of the curve, the constant included.
    residual_freedom : float
        ``n - tr(2 H - H H')`` of the smoother H: expected residual sum of squares over the error variance.
    """

    fitted: Array
    leverage: Array
    residual: float
    freedom: float
    residual_freedom: float


def smooth_fit(x: Array, y: Array, knots: int = KNOTS) -> SmoothFit:
    r"""Fit a curve to points.

    Parameters
    ----------
    x : numpy.ndarray, shape (n,)
        Finite numbers, at least two different ones.
    y : numpy.ndarray, shape (n,)
        Finite numbers.
    knots : int
        Knots at the most, at quantiles of the different values of ``x``; with fewer values than knots a knot at each.

    Returns
    -------
    SmoothFit

    Notes
    -----
    Minimizes :math:`\sum (y_i - f(x_i))^2 + \lambda \int f''^2` over natural cubic splines with these knots, in the basis
    in which both parts are diagonal (Demmler & Reinsch 1975, doi:10.1007/BF01437406). :math:`\lambda` is chosen by
    generalized cross-validation, degrees of freedom weighted by 1.4. A straight line is not penalized.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 50)
    >>> round(smooth_fit(x, 3.0 * x).freedom, 2), bool(smooth_fit(x, np.sin(9.0 * x)).freedom > 6)
    (2.0, True)
    """
    n = len(x)
    basis, curvature = _basis(x, knots)
    orthogonal, upper = linalg.qr(basis, mode="economic")
    inverse = linalg.solve_triangular(upper, np.eye(len(upper)))
    size, turn = linalg.eigh(inverse.T @ curvature @ inverse)
    size = np.maximum(size, 0.0)
    size[:2] = 0.0
    size = size / size[2:].mean() if len(size) > 2 else size
    directions = orthogonal @ turn
    along = directions.T @ y
    rest = max(float(y @ y - along @ along), FLOOR * float(y @ y))
    kept = 1.0 / (1.0 + PENALTIES[:, None] * size)
    residual = rest + (((1.0 - kept) * along) ** 2).sum(axis=1)
    freedom = kept.sum(axis=1)
    criterion = np.where(n > CAUTION * freedom, residual / np.maximum(n - CAUTION * freedom, 1e-9) ** 2, np.inf)
    best = len(PENALTIES) - 1 - int(criterion[::-1].argmin())
    kept = kept[best]
    leverage: Array = (directions**2 * kept).sum(axis=1)
    left = float(n - (2.0 * kept - kept**2).sum())
    return SmoothFit(directions @ (kept * along), leverage, float(residual[best]), float(freedom[best]), left)


def _basis(x: Array, knots: int) -> tuple[Array, Array]:
    """Return the natural cubic splines that are 1 at one knot and 0 at all others, and their integrated curvature."""
    values = np.unique(x)
    places = np.quantile(values, np.linspace(0.0, 1.0, min(knots, len(values))))
    scaled, at = (x - places[0]) / np.ptp(places), (places - places[0]) / np.ptp(places)
    if len(at) == 2:
        return np.column_stack([1.0 - scaled, scaled]), np.zeros((2, 2))
    splines = CubicSpline(at, np.eye(len(at)), bc_type="natural")
    bends, width = splines(at, 2), np.diff(at)
    mass = np.zeros((len(at), len(at)))
    here = np.arange(len(width))
    mass[here, here] += width / 3.0
    mass[here + 1, here + 1] += width / 3.0
    mass[here, here + 1] += width / 6.0
    mass[here + 1, here] += width / 6.0
    return splines(scaled), bends.T @ mass @ bends
