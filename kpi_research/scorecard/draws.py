"""Simulated errors of estimates that are to be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CERTAIN = 1e-12
"""A difference whose variance is below this share of the two units' variances counts as known without error."""


SMALLEST = 1e-100
"""Smallest simulated ratio of a squared standard error to its true value; below it a draw would divide by zero."""

BLOCK = 2**18
"""Numbers worked on at a time, few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Simulated errors of the estimates, shared by all comparisons.

    Attributes
    ----------
    deviation : numpy.ndarray, shape (p, R)
        Simulated estimate less true level.
    precision : numpy.ndarray, shape (p, p)
        One over the standard error of each difference; 0 where the difference is known without error.
    variance : numpy.ndarray, shape (p, R), or None
        Simulated squared standard errors of independent units; None where the standard errors count as known.
    """

    deviation: FloatArray
    precision: FloatArray
    variance: FloatArray | None = None

    def against(self, unit: int, others: NDArray[np.intp], part: slice = slice(None)) -> FloatArray:
        """Return the simulated studentized differences of one unit less each other unit.

        Parameters
        ----------
        unit : int
            Row of the unit.
        others : numpy.ndarray of int, shape (k,)
            Rows of the units it is compared with.
        part : slice
            Which of the draws.

        Returns
        -------
        numpy.ndarray, shape (k, draws in the part)
        """
        difference = self.deviation[unit, part] - self.deviation[others, part]
        if self.variance is None:
            difference *= self.precision[unit, others, None]
            return difference
        spread = self.variance[unit, part] + self.variance[others, part]
        spread[self.precision[unit, others] == 0] = np.inf
        difference /= np.sqrt(spread, out=spread)
        return difference

    def largest(self, unit: int, upward: NDArray[np.bool_], downward: NDArray[np.bool_], out: FloatArray) -> None:
        """Raise ``out`` to the largest statistic in each draw among one unit's comparisons that are still open.

        Parameters
        ----------
        unit : int
            Row of the unit.
        upward, downward : numpy.ndarray of bool, shape (p,)
            Other units for which "not above" (that the unit is above the other), or "not below", is still open.
        out : numpy.ndarray, shape (R,)
            Changed in place.
        """
        others = np.flatnonzero(upward | downward)
        up, down = upward[others], downward[others]
        size = max(BLOCK // max(len(others), 1), 1)
        for start in range(0, len(out), size):
            part = slice(start, start + size)
            simulated = self.against(unit, others, part)
            highest = simulated if up.all() else simulated[up]
            lowest = simulated if down.all() else simulated[down]
            np.maximum(out[part], highest.max(axis=0, initial=-np.inf), out=out[part])
            np.maximum(out[part], -lowest.min(axis=0, initial=np.inf), out=out[part])


def independent_draws(se: FloatArray, dof: FloatArray | None, draws: int, seed: int) -> Draws:
    """Simulate errors of independent estimates.

    Parameters
    ----------
    se : numpy.ndarray, shape (p,)
        Standard errors, at least 0.
    dof : numpy.ndarray, shape (p,), or None
        Degrees of freedom of the standard errors, infinite where known; None where all are known.
    draws : int
        Number of draws R.
    seed : int
        Seed.

    Returns
    -------
    Draws
        Errors are normal; with ``dof``, squared standard errors are se² χ²(dof) / dof.
    """
    generator = np.random.default_rng(seed)
    deviation = generator.standard_normal((len(se), draws)) * se[:, None]
    precision = _precision(np.diag(se**2))
    if dof is None or np.isinf(dof).all():
        return Draws(deviation, precision)
    finite = np.where(np.isinf(dof), 1.0, dof)[:, None]
    ratio = np.maximum(generator.chisquare(finite, (len(se), draws)) / finite, SMALLEST)
    ratio[np.isinf(dof)] = 1.0
    return Draws(deviation, precision, ratio * se[:, None] ** 2)


def joint_draws(cov: FloatArray, draws: int, seed: int) -> Draws:
    """Simulate normal errors with a given covariance.

    Parameters
    ----------
    cov : numpy.ndarray, shape (p, p)
        Symmetric covariance matrix.
    draws : int
        Number of draws R.
    seed : int
        Seed.

    Returns
    -------
    Draws

    Raises
    ------
    ValueError
        If the matrix has a negative eigenvalue beyond rounding error.
    """
    roots, vectors = np.linalg.eigh(cov)
    if roots[0] < -1e-8 * max(roots[-1], 0.0):
        raise ValueError(
            f"cov is not a covariance matrix: its smallest eigenvalue is {roots[0]:.3g}; allowed: 0 or above"
        )
    factor = vectors * np.sqrt(np.clip(roots, 0.0, None))
    normal = np.random.default_rng(seed).standard_normal((len(cov), draws))
    return Draws(factor @ normal, _precision(cov))


def _precision(cov: FloatArray) -> FloatArray:
    variance = np.diag(cov)
    total = variance[:, None] + variance
    of_difference = total - 2 * cov
    uncertain = of_difference > CERTAIN * total
    return np.where(uncertain, 1 / np.sqrt(np.where(uncertain, of_difference, 1.0)), 0.0)
