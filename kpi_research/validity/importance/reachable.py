"""Which importance non-negative weights can give: a linear program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Array = NDArray[np.float64]
TIE = 1e-3
"""Weight of the mean error beside the largest one, so that as few indicators as possible miss their target."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The nearest importance to a target that non-negative weights give.

    Attributes
    ----------
    weights : numpy.ndarray, shape (k,)
        The weights, adding up to 1; NaN where none give any.
    shares : numpy.ndarray, shape (k,)
        Share of each indicator's correlation with the score in the sum of all.
    misfit : float
        Largest difference between ``shares`` and the target.
    """

    weights: Array
    shares: Array
    misfit: float


def reach(covariance: Array, target: Array, equal: Array | None = None) -> Reach:
    r"""Return the non-negative weights whose correlations with the score come nearest to a target.

    Parameters
    ----------
    covariance : numpy.ndarray, shape (k, k)
        Covariance of the indicators; no variance is 0.
    target : numpy.ndarray, shape (k,)
        Wanted share of each indicator in the sum of correlations with the score, not negative.
    equal : numpy.ndarray, shape (m, k), optional
        Rows whose product with the weights must be 0, e.g. 1 for one pillar and -1 for another of equal total weight.

    Returns
    -------
    Reach

    Notes
    -----
    The correlation of indicator j with :math:`y = \sum w_k x_k` is proportional to
    :math:`c_j = \sum_k \mathrm{Cov}(x_j, x_k)\,w_k / \mathrm{sd}_j`. With :math:`\sum c_j = 1` the largest error
    :math:`\max_j |c_j - t_j|` under :math:`w \ge 0` is a linear program. Paruolo, Saisana & Saltelli (2013,
    doi:10.1111/j.1467-985X.2012.01059.x, section 5) solve the same equations without the sign and note that weights
    then may be negative: such an importance is out of reach.

    Examples
    --------
    >>> found = reach(np.array([[1.0, 0.9], [0.9, 1.0]]), np.array([0.5, 0.5]))
    >>> found.weights.round(6).tolist(), round(found.misfit, 9)
    ([0.5, 0.5], 0.0)
    """
    k = len(target)
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    wanted = target / target.sum()
    one, column = np.eye(k), np.ones((k, 1))
    above = np.hstack([correlation, -one, np.zeros((k, 1))])
    below = np.hstack([-correlation, -one, np.zeros((k, 1))])
    fixed = np.vstack([correlation.sum(axis=0), *([] if equal is None else equal / spread)])
    largest = np.hstack([np.zeros((k, k)), one, -column])
    found = optimize.linprog(
        np.concatenate([np.zeros(k), np.full(k, TIE / k), [1.0]]),
        A_ub=sparse.csr_array(np.vstack([above, below, largest])),
        b_ub=np.concatenate([wanted, -wanted, np.zeros(k)]),
        A_eq=np.hstack([fixed, np.zeros((len(fixed), k + 1))]),
        b_eq=np.concatenate([[1.0], np.zeros(len(fixed) - 1)]),
        method="highs",
    )
    if found.status != 0:
        return Reach(np.full(k, np.nan), np.full(k, np.nan), float("nan"))
    shares: Array = correlation @ found.x[:k]
    weights = found.x[:k] / spread
    return Reach(weights / weights.sum(), shares, float(np.abs(shares - wanted).max()))
