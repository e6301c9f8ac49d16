"""The area-level model of Fay and Herriot: estimates of small areas shrunk to a regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
METHODS = ("reml", "adjusted")
LARGEST = 1e6
"""Variance between areas, in multiples of that of the estimates, at which the search for a root ends."""


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """A fitted model.

    Attributes
    ----------
    tau2 : float
        Variance between areas around the regression.
    beta : numpy.ndarray, shape (covariates,)
        Coefficients.
    estimate, mse : numpy.ndarray, shape (areas,)
        Shrunk estimates and their mean squared error.
    weight : numpy.ndarray, shape (areas,)
        Weight of the area's own estimate, 0 to 1.
    """

    tau2: float
    beta: Floats
    estimate: Floats
    mse: Floats
    weight: Floats


def fay_herriot(estimate: Floats, variance: Floats, design: Floats, *, method: str = "adjusted") -> FayHerriot:
    r"""Shrink estimates of areas with known variances to a regression on covariates.

    .. math:: \hat\theta_i = \gamma_i y_i + (1 - \gamma_i) x_i'\hat\beta, \quad \gamma_i = \tau^2 / (\tau^2 + \psi_i)

    The variance between areas maximizes the restricted likelihood, or that times :math:`\tau^2` (``adjusted``), which is
    never zero, so that no area is pulled onto the line altogether. The mean squared error is
    :math:`g_1 + g_2 + 2 g_3`: for the shrunk value, the coefficients, and the variance between areas.

    Parameters
    ----------
    estimate : numpy.ndarray, shape (areas,)
        Direct estimates; NaN for an area without one, which then gets the value of the regression.
    variance : numpy.ndarray, shape (areas,)
        Their variances, positive where there is an estimate.
    design : numpy.ndarray, shape (areas, covariates)
        Covariates, with a column of ones.
    method : {"adjusted", "reml"}
        How the variance between areas is estimated.

    Returns
    -------
    FayHerriot

    Raises
    ------
    ValueError
        If fewer areas than covariates and two more have an estimate, or the method is unknown.

    References
    ----------
    Fay, R. E. & Herriot, R. A. (1979), doi:10.1080/01621459.1979.10482505; Datta, G. S. & Lahiri, P. (2000), A unified
    measure of uncertainty, Statistica Sinica 10:613-627; Li, H. & Lahiri, P. (2010), An adjusted maximum likelihood
    method for solving small area estimation problems, doi:10.1016/j.jmva.2009.10.009.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; allowed: {', '.join(METHODS)}")
    known = np.isfinite(estimate) & (variance > 0)
    if known.sum() < design.shape[1] + 2:
        raise ValueError(f"{int(known.sum())} areas have an estimate; at least {design.shape[1] + 2} are needed")
    y, psi, x = estimate[known], variance[known], design[known]
    tau2 = _tau2(y, psi, x, method)
    root = 1.0 / np.sqrt(tau2 + psi)
    q, r = np.linalg.qr(root[:, None] * x)
    beta = np.linalg.solve(r, q.T @ (root * y))
    line = design @ beta
    leverage = np.linalg.solve(r.T, design.T)
    of_line = (leverage**2).sum(axis=0)
    own = np.where(known, tau2 / (tau2 + np.where(known, variance, 1.0)), 0.0)
    shrunk = line + own * np.where(known, estimate - line, 0.0)
    spread = 2.0 / float((root**4).sum())
    psi_all = np.where(known, variance, np.inf)
    with np.errstate(invalid="ignore"):
        g1 = np.where(known, tau2 * variance / (tau2 + variance), tau2)
        g3 = np.where(known, variance**2 / (tau2 + variance) ** 3, 0.0) * spread
    g3 = np.where(np.isinf(psi_all), spread / (tau2 + float(np.median(psi))), g3)
    return FayHerriot(tau2, beta, shrunk, g1 + (1 - own) ** 2 * of_line + 2 * g3, own)


def _tau2(y: Floats, psi: Floats, x: Floats, method: str) -> float:
    """Return the root of the restricted score, plus 1/tau2 for the adjusted likelihood; 0 where it falls from the start."""

    def score(tau2: float) -> float:
        root = 1.0 / np.sqrt(tau2 + psi)
        q, _ = np.linalg.qr(root[:, None] * x)
        left = root * y - q @ (q.T @ (root * y))
        trace = float(root**2 @ (1 - (q**2).sum(axis=1)))
        value = 0.5 * (float((root * left) @ (root * left)) - trace)
        return value + (1 / tau2 if method == "adjusted" else 0.0)

    scale = float(np.median(psi))
    least = scale * 1e-10
    if score(least) <= 0:
        return 0.0 if method == "reml" else least
    most = scale
    while score(most) > 0 and most < LARGEST * scale:
        most *= 4
    return float(brentq(score, least, most, xtol=scale * 1e-13, rtol=1e-13)) if score(most) <= 0 else most
