"""Estimates made to respect a claimed order, in the metric of their covariance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ordered:
    """Estimates under an order.

    Attributes
    ----------
    effects : numpy.ndarray, shape (levels,)
    covariance : numpy.ndarray, shape (levels, levels)
        Their covariance, given which of the inequalities bind.
    binding : tuple of (int, int)
        Pairs (lower, upper) that the data would have the other way round and that are set equal.
    """

    effects: Array
    covariance: Array
    binding: tuple[tuple[int, int], ...]


def order_levels(effects: Array, covariance: Array, chains: Sequence[Sequence[int]]) -> Ordered:
    r"""Return the estimates nearest to the given ones that respect an order.

    Minimizes :math:`(x - \hat b)'V^{-1}(x - \hat b)` under :math:`x_i \le x_j` for neighbors of each chain, by
    non-negative least squares on the dual: :math:`x = \hat b + VC'\lambda`. With a diagonal covariance this is isotonic
    regression.

    Parameters
    ----------
    effects : numpy.ndarray, shape (levels,)
    covariance : numpy.ndarray, shape (levels, levels)
        May be singular along the constant.
    chains : sequence of sequences of int
        Levels from lowest to highest.

    Returns
    -------
    Ordered

    References
    ----------
    Robertson, T., Wright, F. T. & Dykstra, R. L. (1988), Order Restricted Statistical Inference, ch. 1; Lawson, C. L. &
    Hanson, R. J. (1995), Solving Least Squares Problems, ch. 23, doi:10.1137/1.9781611971217.

    Examples
    --------
    >>> found = order_levels(np.array([1.0, 0.95, 1.1]), np.diag([1 / 50, 1 / 400, 1 / 300]), [[0, 1, 2]])
    >>> found.effects.round(5).tolist(), found.binding
    ([0.95556, 0.95556, 1.1], ((0, 1),))
    """
    pairs = [(low, high) for chain in chains for low, high in itertools.pairwise(chain)]
    if not pairs:
        return Ordered(effects, covariance, ())
    matrix = np.zeros((len(pairs), len(effects)))
    for row, (low, high) in enumerate(pairs):
        matrix[row, low], matrix[row, high] = -1.0, 1.0
    spread = matrix @ covariance @ matrix.T
    values, vectors = np.linalg.eigh(spread)
    used = values > 1e-12 * max(values.max(), np.finfo(float).tiny)
    root = vectors[:, used] * np.sqrt(values[used])
    target = -(vectors[:, used] / np.sqrt(values[used])).T @ (matrix @ effects)
    multipliers, _ = optimize.nnls(root.T, target)
    active = multipliers > 1e-12 * max(1.0, multipliers.max(initial=0.0))
    moved = effects + covariance @ matrix.T @ multipliers
    after = covariance
    if active.any():
        face = matrix[active]
        after = covariance - covariance @ face.T @ np.linalg.pinv(face @ covariance @ face.T) @ face @ covariance
    binding = tuple(pair for pair, bound in zip(pairs, active, strict=True) if bound)
    return Ordered(moved, after, binding)
