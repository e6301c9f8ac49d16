"""Simulated errors of estimates that are to be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    se : numpy.ndarray, shape (p,)
        Standard errors of the estimates (less their mean over units, where errors are correlated).
    correlation : float
        Largest correlation between the errors of two units, 0 to 1, taken without its sign.
    variance : numpy.ndarray, shape (p, R), or None
        Simulated squared standard errors of independent units; None where the standard errors count as known.
    """

    deviation: FloatArray
    precision: FloatArray
    se: FloatArray
    correlation: float = 0.0
    variance: FloatArray | None = None

    def take(self, which: NDArray[np.intp] | slice) -> Draws:
        """Return some of the draws.

        Parameters
        ----------
        which : numpy.ndarray of int, or slice
            Numbers of the draws.

        Returns
        -------
        Draws
        """
        variance = None if self.variance is None else self.variance[:, which]
        return replace(self, deviation=self.deviation[:, which], variance=variance)

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
    precision = _precision(se**2)
    if dof is None or np.isinf(dof).all():
        return Draws(deviation, precision, se)
    finite = np.where(np.isinf(dof), 1.0, dof)[:, None]
    ratio = np.maximum(generator.chisquare(finite, (len(se), draws)) / finite, SMALLEST)
    ratio[np.isinf(dof)] = 1.0
    ratio *= se[:, None] ** 2
    return Draws(deviation, precision, se, variance=ratio)


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
    return _draws_of(factor @ normal, cov)


def replicate_draws(replicates: FloatArray) -> Draws:
    """Take the errors of estimates from bootstrap replicates instead of a normal distribution.

    Parameters
    ----------
    replicates : numpy.ndarray, shape (R, p)
        Estimates of each replicate; all of them from the same resampled data, so that shared errors stay shared.

    Returns
    -------
    Draws
        Deviations from the mean of the replicates; standard errors are those of the replicates.
    """
    deviation: FloatArray = (replicates - replicates.mean(axis=0)).T
    cov = deviation @ deviation.T / (deviation.shape[1] - 1)
    return _draws_of(deviation, cov)


def _draws_of(deviation: FloatArray, cov: FloatArray) -> Draws:
    """Return joint errors with the standard errors of their differences."""
    precision = _precision(np.diag(cov), cov)
    # Differences do not see what all units share; without it, the bounds on them are closer.
    centered = cov - cov.mean(axis=0) - cov.mean(axis=1)[:, None] + cov.mean()
    deviation = deviation - deviation.mean(axis=0)
    se = np.sqrt(np.clip(np.diag(centered), 0.0, None))
    return Draws(deviation, precision, se, _largest_correlation(centered, se, precision))


def _largest_correlation(cov: FloatArray, se: FloatArray, precision: FloatArray) -> float:
    """Return the largest correlation between units whose difference is not known without error."""
    scale = np.divide(1.0, se, out=np.zeros_like(se), where=se > 0)
    size = np.abs(cov * scale * scale[:, None])
    size[precision == 0] = 0.0
    return float(min(size.max(initial=0.0), 1.0))


def _precision(variance: FloatArray, cov: FloatArray | None = None) -> FloatArray:
    """Return one over the standard error of each difference, in place of the only large array it makes."""
    total = np.add.outer(variance, variance)
    least = total * CERTAIN
    if cov is not None:
        total -= 2 * cov
    certain = total <= least
    total[certain] = 1.0
    np.divide(1.0, np.sqrt(total, out=total), out=total)
    total[certain] = 0.0
    return total
