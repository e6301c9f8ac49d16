"""Steps in a smooth curve of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
STEPS = 100
LUMPY = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """A step of counts at a limit.

    Attributes
    ----------
    good, bad : float
        Logs of the factors by which counts on the right side and beyond the limit differ from the smooth curve.
    good_error : float
        Standard error of ``good``.
    jump, error : float
        ``good - bad``, and its standard error.
    freedom : float
        Degrees of freedom of the t distribution; infinite for the normal one.
    ratio : float
        Excess on the right side in bins of the smooth curve.
    smooth : ndarray
        The smooth curve with controls and without the step.
    """

    good: float
    bad: float
    good_error: float
    jump: float
    error: float
    freedom: float
    ratio: float
    smooth: Array


def poisson_step(place: Array, count: Array, good: Array, bad: Array, controls: Array, degree: int) -> Step:
    """Fit a log-linear Poisson curve with effects of two regions.

    Parameters
    ----------
    place : ndarray of shape (bins,)
        Position of each bin from the limit.
    count : ndarray of shape (bins,)
        Counts.
    good, bad : ndarray of shape (bins,)
        1 in the bins of each region.
    controls : ndarray of shape (bins, k)
        Further covariates; those that are constant or repeat others are left out.
    degree : int
        Of the polynomial.

    Returns
    -------
    Step
        Errors are scaled by the Pearson dispersion, with a t distribution, where counts are lumpier than Poisson
        counts (test at 10 percent); otherwise they are Poisson errors, with a normal distribution.
    """
    scaled = place / max(float(np.abs(place).max()), 1.0)
    base = np.column_stack([scaled**power for power in range(degree + 1)])
    design = np.column_stack([good, bad, base])
    for column in controls.T:
        wider = np.column_stack([design, column])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            design = wider
    coefficients, fitted = _poisson(design, count)
    freedom = max(len(count) - design.shape[1], 1)
    pearson = float(((count - fitted) ** 2 / np.maximum(fitted, 1e-9)).sum())
    lumpy = bool(stats.chi2.sf(pearson, freedom) < LUMPY)
    dispersion = pearson / freedom if lumpy else 1.0
    root = np.sqrt(np.maximum(fitted, 1e-9))
    inverse = np.linalg.pinv(np.linalg.qr(design * root[:, None])[1])
    covariance = dispersion * inverse @ inverse.T
    contrast = np.zeros(design.shape[1])
    contrast[:2] = 1.0, -1.0
    smooth = np.exp(np.clip(design[:, 2:] @ coefficients[2:], -50, 50))
    return Step(
        float(coefficients[0]),
        float(coefficients[1]),
        float(np.sqrt(covariance[0, 0])),
        float(contrast @ coefficients),
        float(np.sqrt(contrast @ covariance @ contrast)),
        float(freedom) if lumpy else float("inf"),
        float(good.sum() * np.expm1(coefficients[0])),
        smooth,
    )


def _poisson(design: Array, count: Array) -> tuple[Array, Array]:
    eta = np.log(count + 0.5)
    coefficients = np.zeros(design.shape[1])
    for _ in range(STEPS):
        fitted = np.exp(np.clip(eta, -30, 30))
        root = np.sqrt(np.maximum(fitted, 1e-9))
        target = eta + (count - fitted) / np.maximum(fitted, 1e-9)
        new = np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]
        eta = np.clip(design @ new, -30, 30)
        if np.abs(new - coefficients).max() < 1e-10:
            break
        coefficients = new
    return new, np.exp(eta)


def local_step(good: Array, bad: Array, behind_good: Array, behind_bad: Array) -> tuple[Array, Array]:
    """Return the step of log counts at a limit beyond what the neighbors' slope explains, and its error.

    Parameters
    ----------
    good, bad : ndarray of shape (units,)
        Counts in the windows next to the limit.
    behind_good, behind_bad : ndarray of shape (units,)
        Counts in the windows of double width behind them.

    Returns
    -------
    jump, error : ndarray of shape (units,)

    Examples
    --------
    >>> jump, error = local_step(np.array([80.0]), np.array([80.0]), np.array([160.0]), np.array([160.0]))
    >>> float(jump[0])
    0.0
    """
    g, b, far_g, far_b = (counts + 0.5 for counts in (good, bad, behind_good, behind_bad))
    jump = np.log(g / b) - 0.25 * np.log(far_g / far_b)
    return jump, np.sqrt(1.0 / g + 1.0 / b + (1.0 / far_g + 1.0 / far_b) / 16.0)
