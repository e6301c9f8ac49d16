"""Variances of many units from few observations each: every unit's own, steadied by all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

FloatArray = NDArray[np.float64]

USED = 0.5
"""Share of the lent degrees of freedom that is used: variances need not follow the distribution assumed for them."""


@dataclass(frozen=True, slots=True)
class ModeratedVariance:
    """Variances and their degrees of freedom.

    Attributes
    ----------
    variance : numpy.ndarray, shape (n,)
        Weighted mean of the unit's own variance and the typical one.
    dof : numpy.ndarray, shape (n,)
        Degrees of freedom: the unit's own plus those that the other units lend, at most all that there are.
    typical : float
        The typical variance.
    lent : float
        Degrees of freedom that the other units lend; infinite where the units do not differ beyond chance.
    """

    variance: FloatArray
    dof: FloatArray
    typical: float
    lent: float


def moderated_variance(variance: FloatArray, dof: FloatArray, pooled_dof: float) -> ModeratedVariance:
    """Shrink the variances of units towards a typical one, as far as their differences are chance.

    Parameters
    ----------
    variance : numpy.ndarray, shape (n,)
        Own variance of each unit, at least 0; ignored where ``dof`` is 0.
    dof : numpy.ndarray, shape (n,)
        Degrees of freedom of each, at least 0; above 0 for one unit or more.
    pooled_dof : float
        Degrees of freedom of all units together: the most that a steadied variance may claim.

    Returns
    -------
    ModeratedVariance

    Notes
    -----
    Own variances are taken as scaled F: s_u² ~ s0² F(d_u, d0). The typical variance s0² and the lent degrees of freedom
    d0 are set by mean and variance of the log variances; then s̃_u² = (d0 s0² + d_u s_u²) / (d0 + d_u) with d0 + d_u
    degrees of freedom (Smyth 2004, doi:10.2202/1544-6115.1027). Here a finite d0 is halved first: with log-normal or
    two-valued variances, which that distribution does not fit, the full d0 makes about 1.6 times as many families of
    comparisons wrong (simulated, 7 periods, 90 units).
    """
    known = dof > 0
    own, own_dof = variance[known], dof[known]
    middle = float(np.median(own))
    floor = 1e-5 * (middle if middle > 0 else float(own.mean()))
    if floor == 0:
        return ModeratedVariance(np.zeros_like(variance), np.full(len(variance), pooled_dof), 0.0, np.inf)
    typical, lent = _fit(np.maximum(own, floor), own_dof)
    if np.isinf(lent):
        pooled = float(np.average(own, weights=own_dof))
        return ModeratedVariance(np.full(len(variance), pooled), np.full(len(variance), pooled_dof), pooled, lent)
    lent *= USED
    steadied = (lent * typical + dof * np.where(known, variance, 0.0)) / (lent + dof)
    return ModeratedVariance(steadied, np.minimum(lent + dof, pooled_dof), typical, lent)


def _fit(own: FloatArray, dof: FloatArray) -> tuple[float, float]:
    centered = np.log(own) - special.digamma(dof / 2) + np.log(dof / 2)
    location = float(centered.mean())
    spread = float(centered.var(ddof=1)) if len(own) > 1 else 0.0
    lent = 2 * _inverse_trigamma(spread - float(special.polygamma(1, dof / 2).mean()))
    if np.isinf(lent):
        return float(np.exp(location)), lent
    return float(np.exp(location + special.digamma(lent / 2) - np.log(lent / 2))), lent


def _inverse_trigamma(value: float) -> float:
    """Return x with trigamma(x) = value; infinite for values of 0 and below."""
    if value <= 1e-7:
        return np.inf
    if value >= 1e7:
        return float(1 / np.sqrt(value))
    root = optimize.brentq(lambda log_x: float(special.polygamma(1, np.exp(log_x))) - value, -10.0, 18.0)
    return float(np.exp(root))
