"""Least squares with units as clusters, right for few of them: CR2 errors and Satterthwaite degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

Array = NDArray[np.float64]
TINY = 1e-10
"""Share of a cluster's residual variance below which nothing is left of it."""


@dataclass(frozen=True, slots=True)
class ClusterSlopes:
    """Slopes of a regression whose rows of a unit may depend on each other.

    Attributes
    ----------
    estimate : numpy.ndarray, shape (k,)
        Slopes.
    covariance : numpy.ndarray, shape (k, k)
        CR2 covariance.
    clusters : int
        Units that have any variation.
    """

    estimate: Array
    covariance: Array
    clusters: int
    _unscale: Array
    _adjusted: Array
    _basis: Array
    _lost: float

    def combine(self, weights: Array, level: float) -> tuple[float, float, float, float, float, float]:
        """Return a weighted sum of the slopes with its interval.

        Parameters
        ----------
        weights : numpy.ndarray, shape (k,)
            Weight of each slope, e.g. ``[-1, 1]`` for a difference.
        level : float
            Coverage, above 0 and below 1.

        Returns
        -------
        estimate, se, low, high, p, freedom : float
            The sum, its CR2 standard error, t interval, two-sided p against 0, and Satterthwaite degrees of freedom.
        """
        estimate = float(weights @ self.estimate)
        se = float(np.sqrt(weights @ self.covariance @ weights))
        freedom = self.freedom(weights)
        half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * se
        p = float(2.0 * stats.t.sf(abs(estimate) / se, freedom)) if se > 0 else float("nan")
        return estimate, se, estimate - half, estimate + half, p, freedom

    def freedom(self, weights: Array) -> float:
        """Return the Satterthwaite degrees of freedom of a weighted sum of the slopes.

        Parameters
        ----------
        weights : numpy.ndarray, shape (k,)
            Weight of each slope.

        Returns
        -------
        float
        """
        parts = self._adjusted @ (self._unscale.T @ weights)
        along = np.einsum("nt,ntk->nk", parts, self._basis)
        moments = -self._lost * (parts @ parts.T) - along @ along.T
        moments[np.diag_indices_from(moments)] += (parts**2).sum(axis=1)
        return float(np.trace(moments) ** 2 / (moments**2).sum())


def cluster_slopes(y: Array, x: Array, *, lost: float = 0.0) -> ClusterSlopes:
    """Regress a table on tables, rows of the table being clusters.

    Parameters
    ----------
    y : numpy.ndarray, shape (units, periods)
        Outcome, effects removed; 0 in cells that do not count.
    x : numpy.ndarray, shape (k, units, periods)
        Regressors, the same effects removed; independent columns.
    lost : float
        Leverage of the removed period effects in a cell, see `kpi_research.numerics.panel_tables.period_leverage`;
        0 where none were removed.

    Returns
    -------
    ClusterSlopes

    Raises
    ------
    ValueError
        If the regressors are not independent.

    Notes
    -----
    With orthonormal columns Q, residuals of unit g have the variance ``M_g = (1 - lost) I - Q_g Q_g'`` (times that of
    an error) on what the unit effects leave; CR2 weighs them by ``M_g ** -1/2``, for which
    ``M_g ** -1/2 Q_g = Q_g ((1 - lost) I - Q_g' Q_g) ** -1/2``, so that only k x k matrices are decomposed. Exact for
    balanced panels; unbalanced ones use the mean leverage of a period. Bell & McCaffrey (2002, Survey Methodology
    28:169-181); Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004.
    """
    count, units, periods = x.shape
    basis, scale = linalg.qr(x.reshape(count, -1).T, mode="economic")
    size = np.abs(np.diag(scale))
    if not size.min() > TINY * max(float(np.sqrt((x**2).sum())), np.finfo(float).tiny):
        raise ValueError("x holds a column without variation or one that is a combination of others")
    along = basis.T @ y.ravel()
    residual = (y.ravel() - basis @ along).reshape(units, periods)
    table = basis.reshape(units, periods, count)
    gram = np.einsum("ntk,ntl->nkl", table, table)
    adjusted = table @ _inverse_root((1.0 - lost) * np.eye(count) - gram)
    scores = np.einsum("ntk,nt->nk", adjusted, residual)
    unscale = linalg.solve_triangular(scale, np.eye(count))
    covariance = unscale @ (scores.T @ scores) @ unscale.T
    active = int((np.trace(gram, axis1=1, axis2=2) > TINY).sum())
    return ClusterSlopes(unscale @ along, covariance, active, unscale, adjusted, table, lost)


def _inverse_root(matrices: Array) -> Array:
    values, vectors = np.linalg.eigh(matrices)
    roots = np.where(values > TINY, 1.0 / np.sqrt(np.maximum(values, TINY)), 0.0)
    result: Array = np.einsum("nkl,nl,nml->nkm", vectors, roots, vectors)
    return result
