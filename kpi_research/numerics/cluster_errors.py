"""Cluster-robust covariances from scores and cross-products per cluster, with the corrections for few clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FULL = 1 - 1e-8
"""Leverage of a cluster in some direction from which on the direction rests on that cluster alone."""


@dataclass(frozen=True)
class ReducedBias:
    """The bias-reduced linearization CR2, kept in a form from which degrees of freedom follow for any contrast.

    Attributes
    ----------
    covariance : numpy.ndarray, shape (k, k)
        Bias-reduced covariance of the coefficients.
    root : numpy.ndarray, shape (k, k)
        A root of the inverse of the cross-products.
    values : numpy.ndarray, shape (clusters, k)
        Leverages of each cluster in its own directions, 0 to 1.
    vectors : numpy.ndarray, shape (clusters, k, k)
        These directions, in columns.
    """

    covariance: Array
    root: Array
    values: Array
    vectors: Array


def sandwich(bread: Array, scores: Array) -> Array:
    """Return ``bread (sum of score score') bread``.

    Parameters
    ----------
    bread : numpy.ndarray, shape (k, k)
        Inverse of the cross-products.
    scores : numpy.ndarray, shape (clusters, k)
        Scores summed over the rows of a cluster.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        The sandwich without small-sample factor, CR0 (Liang & Zeger 1986, doi:10.1093/biomet/73.1.13).
    """
    moved = scores @ bread
    return moved.T @ moved


def reduced_bias(products: Array, scores: Array) -> ReducedBias:
    r"""Return CR2 from cross-products and scores per cluster.

    With :math:`Z_g` the weighted columns of cluster g, :math:`M = (\sum_g Z_g'Z_g)^{-1} = LL'`, CR2 multiplies the
    residuals of a cluster by :math:`(I - Z_g M Z_g')^{-1/2}`. Because
    :math:`Z_g'(I - Z_g M Z_g')^{-1/2} = L'^{-1}(I - L'Z_g'Z_gL)^{-1/2}L'Z_g'`, the scores :math:`Z_g'r_g` and the
    cross-products :math:`Z_g'Z_g` suffice; rows are not needed. Directions that rest on one cluster alone have residuals
    of zero and are given a generalized inverse.

    Parameters
    ----------
    products : numpy.ndarray, shape (clusters, k, k)
        Cross-products of each cluster; their sum has full rank.
    scores : numpy.ndarray, shape (clusters, k)
        Scores of each cluster.

    Returns
    -------
    ReducedBias

    References
    ----------
    Bell, R. & McCaffrey, D. (2002), Survey Methodology 28:169-181; Pustejovsky, J. & Tipton, E. (2018),
    doi:10.1080/07350015.2016.1247004.
    """
    factor = np.linalg.cholesky(products.sum(axis=0))
    root = np.asarray(np.linalg.solve(factor, np.eye(len(factor))).T, dtype=np.float64)
    values, vectors = np.linalg.eigh(root.T @ products @ root)
    values = np.clip(values, 0.0, 1.0)
    turned = np.einsum("gij,gi->gj", vectors, scores @ root) * _power(values, -0.5)
    moved = np.asarray(np.einsum("gij,gj->gi", vectors, turned) @ root.T, dtype=np.float64)
    return ReducedBias(moved.T @ moved, root, np.asarray(values, dtype=np.float64), vectors)


def _power(values: Array, power: float) -> Array:
    rest = 1 - values
    return np.where(values < FULL, np.where(values < FULL, rest, 1.0) ** power, 0.0)


@dataclass(frozen=True)
class Freedom:
    """How well clusters determine the variance of contrasts.

    Attributes
    ----------
    degrees : numpy.ndarray, shape (contrasts,)
        Satterthwaite's degrees of freedom; 0 where no variance is seen.
    seen : numpy.ndarray, shape (contrasts,)
        Expected CR2 variance over the variance under the working model: 1, or less where a contrast rests on one
        cluster alone.
    """

    degrees: Array
    seen: Array


def satterthwaite(fit: ReducedBias, contrasts: Array) -> Freedom:
    """Return Satterthwaite's degrees of freedom of CR2 variances of contrasts under the working model.

    Parameters
    ----------
    fit : ReducedBias
    contrasts : numpy.ndarray, shape (contrasts, k)

    Returns
    -------
    Freedom
    """
    turned = np.einsum("gij,ci->gcj", fit.vectors, contrasts @ fit.root)
    lever = fit.values * _power(fit.values, -1.0)
    diagonal = np.einsum("gcj,gj->cg", turned**2, lever)
    half = turned * (fit.values * _power(fit.values, -0.5))[:, None, :]
    back = np.einsum("gij,gcj->cgi", fit.vectors, half)
    square = np.einsum("cgi,cgi->cg", back, back)
    trace = (diagonal - square).sum(axis=1)
    across = np.einsum("cgi,cgj->cij", back, back)
    second = (diagonal**2 - 2 * diagonal * square).sum(axis=1) + (across**2).sum(axis=(1, 2))
    plain = ((contrasts @ fit.root) ** 2).sum(axis=1)
    seen = np.divide(trace, plain, out=np.ones_like(trace), where=plain > 0)
    known = (second > 1e-14 * plain**2) & (trace > 0)
    return Freedom(np.divide(trace**2, second, out=np.zeros_like(trace), where=known), seen)
