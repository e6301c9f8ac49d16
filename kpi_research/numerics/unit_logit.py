"""Logistic regression with a level for each unit, fixed or random, and sums of unequal chances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
BOUND = 10.0
"""Farthest that the level of a unit without any or with only events may lie from the median level."""
STEPS = 200
TOLERANCE = 1e-9
EXACT = 600
"""Cases up to which the distribution of a sum is computed exactly."""


@dataclass(frozen=True, eq=False)
class UnitLogit:
    """A fitted model.

    Attributes
    ----------
    beta : numpy.ndarray, shape (covariates,)
        Coefficients; with random levels the last one is the mean level.
    level : numpy.ndarray, shape (units,)
        Levels of the units: fixed ones, or deviations from the mean level.
    se : numpy.ndarray, shape (units,)
        Their standard errors.
    sigma : float
        Standard deviation of random levels; NaN for fixed ones.
    """

    beta: Floats
    level: Floats
    se: Floats
    sigma: float


def fixed_levels(y: Floats, x: Floats, unit: Ints) -> UnitLogit:
    """Fit fixed levels of units and common coefficients by maximum likelihood.

    Parameters
    ----------
    y : numpy.ndarray, shape (cases,)
        1 for an event, 0 for none.
    x : numpy.ndarray, shape (cases, covariates)
        Covariates that vary within units; may have no column.
    unit : numpy.ndarray of int, shape (cases,)
        Unit of each case, 0, 1, …

    Returns
    -------
    UnitLogit
        Levels of units without events, or with events only, lie at most 10 from the median level.

    References
    ----------
    He, K. et al. (2013), Evaluating hospital readmission rates in dialysis facilities, doi:10.1007/s10985-013-9264-6.
    """
    units = int(unit.max()) + 1
    n = np.bincount(unit, minlength=units).astype(float)
    mean = (np.bincount(unit, y, minlength=units) + 0.5) / (n + 1)
    level, beta = np.log(mean / (1 - mean)), np.zeros(x.shape[1])
    w = np.ones(len(y))
    for _ in range(STEPS):
        eta = level[unit] + x @ beta
        mu = expit(eta)
        w = np.maximum(mu * (1 - mu), 1e-10)
        work = eta + (y - mu) / w
        root = np.sqrt(w)
        total = np.bincount(unit, w, minlength=units)
        centered = [v - (np.bincount(unit, w * v, minlength=units) / total)[unit] for v in (*x.T, work)]
        if x.shape[1]:
            inside = root[:, None] * np.column_stack(centered[:-1])
            fresh = np.linalg.lstsq(inside, root * centered[-1], rcond=None)[0]
        else:
            fresh = beta
        new = np.bincount(unit, w * (work - x @ fresh), minlength=units) / total
        middle = float(np.median(new))
        new = np.clip(new, middle - BOUND, middle + BOUND)
        change = max(float(np.abs(fresh - beta).max(initial=0.0)), float(np.abs(new - level).max()))
        beta, level = fresh, new
        if change < TOLERANCE:
            break
    return UnitLogit(beta, level, 1 / np.sqrt(np.bincount(unit, w, minlength=units)), float("nan"))


def random_levels(y: Floats, x: Floats, unit: Ints) -> UnitLogit:
    """Fit normally distributed levels of units by the Laplace approximation of the likelihood.

    Parameters
    ----------
    y : numpy.ndarray, shape (cases,)
        1 for an event, 0 for none.
    x : numpy.ndarray, shape (cases, covariates)
        Covariates, without a column of ones.
    unit : numpy.ndarray of int, shape (cases,)
        Unit of each case.

    Returns
    -------
    UnitLogit

    References
    ----------
    Breslow, N. E. & Clayton, D. G. (1993), doi:10.1080/01621459.1993.10594284.
    """
    full = np.column_stack([x, np.ones(len(y))])
    start = fixed_levels(y, x, unit)
    modes = np.zeros(int(unit.max()) + 1)

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slope, modes[:] = _laplace(theta, y, full, unit, modes)
        return value, slope

    first = np.concatenate([start.beta, [float(np.median(start.level)), np.log(0.5)]])
    found = minimize(loss, first, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    theta = found.x
    eta = full @ theta[:-1]
    level, curve = _modes(y, eta, unit, float(np.exp(theta[-1])), modes)
    return UnitLogit(theta[:-1], level, 1 / np.sqrt(curve), float(np.exp(theta[-1])))


def _modes(y: Floats, eta: Floats, unit: Ints, sigma: float, start: Floats) -> tuple[Floats, Floats]:
    """Return the most probable level of each unit and the curvature there."""
    b = start.copy()
    curve: Floats = np.ones(len(b))
    for _ in range(50):
        mu = expit(eta + b[unit])
        slope = np.bincount(unit, y - mu, minlength=len(b)) - b / sigma**2
        curve = np.asarray(np.bincount(unit, mu * (1 - mu), minlength=len(b)) + 1 / sigma**2)
        step = np.clip(slope / curve, -2.0, 2.0)
        b = b + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return b, curve


def _laplace(theta: Floats, y: Floats, x: Floats, unit: Ints, start: Floats) -> tuple[float, Floats, Floats]:
    """Return minus the log-likelihood, its gradient and the modes of the levels."""
    sigma = float(np.exp(np.clip(theta[-1], -8.0, 4.0)))
    eta = x @ theta[:-1]
    b, curve = _modes(y, eta, unit, sigma, start)
    mu = expit(eta + b[unit])
    line = eta + b[unit]
    fit = float((y * line - np.logaddexp(0.0, line)).sum()) - float((b**2).sum()) / (2 * sigma**2)
    value = fit - 0.5 * float(np.log(curve * sigma**2).sum())
    w = mu * (1 - mu)
    third = np.bincount(unit, w * (1 - 2 * mu), minlength=len(b)) / curve
    # The curvature moves with the parameters directly and through the mode; d mode / d beta = -sum(w x) / curve.
    of_mode = np.column_stack([-np.bincount(unit, w * column, minlength=len(b)) / curve for column in x.T])
    direct = np.column_stack([np.bincount(unit, w * (1 - 2 * mu) * c, minlength=len(b)) / curve for c in x.T])
    slope = x.T @ (y - mu) - 0.5 * (direct + third[:, None] * of_mode).sum(axis=0)
    of_sigma = 2 * b / (sigma**2 * curve)
    spread = float((b**2).sum()) / sigma**2 - 0.5 * float((2 - 2 / (sigma**2 * curve) + third * of_sigma).sum())
    return -value, -np.concatenate([slope, [spread]]), b


def sum_mid_p(count: float, chance: Floats) -> float:
    """Return the two-sided mid-p value of a number of events with unequal chances (Poisson-binomial distribution).

    Parameters
    ----------
    count : float
        Number of events.
    chance : numpy.ndarray
        Chance of each case.

    Returns
    -------
    float
        Twice the smaller tail with half the probability of the number itself, at most 1; exact up to 600 cases, beyond
        by a normal distribution corrected for skewness.

    References
    ----------
    Hong, Y. (2013), On computing the distribution function for the Poisson binomial distribution,
    doi:10.1016/j.csda.2012.10.006.

    Examples
    --------
    >>> round(sum_mid_p(2, np.array([0.5, 0.5])), 3)
    0.25
    """
    if len(chance) > EXACT:
        return _normal_mid_p(count, chance)
    law = np.zeros(len(chance) + 1)
    law[0] = 1.0
    for size, p in enumerate(chance, 1):
        law[1 : size + 1] = law[1 : size + 1] * (1 - p) + law[:size] * p
        law[0] *= 1 - p
    place = int(count)
    half = 0.5 * law[place]
    return float(min(1.0, 2 * min(law[:place].sum() + half, law[place + 1 :].sum() + half)))


def _normal_mid_p(count: float, chance: Floats) -> float:
    variance = chance * (1 - chance)
    size = float(np.sqrt(variance.sum()))
    if size == 0:
        return 1.0
    skew = float((variance * (1 - 2 * chance)).sum()) / size**3
    z = (count - float(chance.sum())) / size
    moved = float(skew * (z**2 - 1) * stats.norm.pdf(z) / 6)
    return float(np.clip(2 * min(stats.norm.cdf(z) - moved, stats.norm.sf(z) + moved), 0.0, 1.0))
