"""Scores and cross-products per cluster for regressions on factors, and the meat of errors without clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.factor_design import Codes, FactorDesign, level_sums

Array = NDArray[np.float64]


def cluster_scores(design: FactorDesign, means: Array, residual: Array, cluster: Codes) -> Array:
    """Return residual totals per cluster and column, net of the absorbed effects.

    Parameters
    ----------
    design : FactorDesign
    means : numpy.ndarray, shape (groups, columns)
        Weighted mean of each column in each absorbed level.
    residual : numpy.ndarray, shape (cells,)
        Observed less expected total of each cell.
    cluster : numpy.ndarray, shape (cells,)
        Cluster of each cell, numbered 0, 1, ... without gaps.

    Returns
    -------
    numpy.ndarray, shape (clusters, columns)
    """
    scores = FactorDesign(cluster, design.factors).by_group_and_column(residual)
    pair, in_cluster, in_group = _pairs(design, cluster)
    np.add.at(scores, in_cluster, -np.bincount(pair, residual)[:, None] * means[in_group])
    return scores


def cluster_products(design: FactorDesign, means: Array, weights: Array, cluster: Codes, kept: Codes) -> Array:
    """Return the cross-products of the columns in each cluster, net of the absorbed effects.

    Parameters
    ----------
    design : FactorDesign
    means : numpy.ndarray, shape (groups, columns)
        Weighted mean of each column in each absorbed level.
    weights : numpy.ndarray, shape (cells,)
        Working weights (expected totals).
    cluster : numpy.ndarray, shape (cells,)
        Cluster of each cell.
    kept : numpy.ndarray of int
        Columns wanted.

    Returns
    -------
    numpy.ndarray, shape (clusters, kept, kept)
    """
    products = _raw_products(FactorDesign(cluster, design.factors), weights)[:, kept[:, None], kept]
    pair, in_cluster, in_group = _pairs(design, cluster)
    inside = FactorDesign(pair, design.factors).by_group_and_column(weights)[:, kept]
    center = means[in_group][:, kept]
    size = level_sums(pair, weights)
    if len(size) == len(products):
        products[in_cluster] += _cross(inside, center, size)
    else:
        np.add.at(products, in_cluster, _cross(inside, center, size))
    return products


def _cross(inside: Array, center: Array, size: Array) -> Array:
    part = inside[:, :, None] * center[:, None, :]
    return np.asarray(size[:, None, None] * center[:, :, None] * center[:, None, :] - part - part.transpose(0, 2, 1))


def _pairs(design: FactorDesign, cluster: Codes) -> tuple[Codes, Codes, Codes]:
    """Return the pair of cluster and absorbed level of each cell, and both parts of each pair."""
    if cluster is design.absorbed:
        each = np.arange(design.groups)
        return cluster, each, each
    found, pair = np.unique(cluster * design.groups + design.absorbed, return_inverse=True)
    return pair, found // design.groups, found % design.groups


def _raw_products(design: FactorDesign, weights: Array) -> Array:
    """Return the weighted cross-products of the columns per absorbed level, shape (groups, columns, columns)."""
    total = int(design.starts[-1])
    matrix = np.zeros((design.groups, total, total))
    place = np.arange(total)
    matrix[:, place, place] = design.by_group_and_column(weights)
    for (one, two), pair in design.pairs.items():
        shape = (design.groups, design.sizes[one], design.sizes[two])
        code = design.absorbed * (shape[1] * shape[2]) + pair
        block = np.bincount(code, weights, minlength=int(np.prod(shape))).reshape(shape)
        matrix[:, design.columns(one), design.columns(two)] = block
        matrix[:, design.columns(two), design.columns(one)] = block.transpose(0, 2, 1)
    return matrix


def row_meat(design: FactorDesign, means: Array, squares: Array) -> Array:
    """Return the sum of squared scores of rows, net of the absorbed effects.

    Parameters
    ----------
    design : FactorDesign
    means : numpy.ndarray, shape (groups, columns)
        Weighted mean of each column in each absorbed level.
    squares : numpy.ndarray, shape (cells,)
        Sum of squared residuals of the rows of each cell.

    Returns
    -------
    numpy.ndarray, shape (columns, columns)
    """
    joint = design.by_group_and_column(squares)
    cross = joint.T @ means
    return design.gram(squares) - cross - cross.T + means.T @ (design.by_group(squares)[:, None] * means)
