"""Coefficients of the levels of a factor, normalized to a weighted mean of one, with their error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def mean_one(effects: Array, shares: Array) -> Array:
    r"""Return :math:`c_k = e^{b_k} / \sum_j \pi_j e^{b_j}`.

    Parameters
    ----------
    effects : numpy.ndarray, shape (levels,)
        Effects on the log scale, up to a constant.
    shares : numpy.ndarray, shape (levels,)
        Weights of the mean; they sum to 1.

    Returns
    -------
    numpy.ndarray, shape (levels,)
        Coefficients with the weighted mean 1.

    Examples
    --------
    >>> mean_one(np.log(np.array([1.0, 3.0])), np.array([0.5, 0.5])).tolist()
    [0.5, 1.5]
    """
    scaled = np.exp(effects - effects.max())
    return np.asarray(scaled / (shares @ scaled))


def log_gradient(coefficients: Array, shares: Array) -> Array:
    r"""Return the derivative of the logs of normalized coefficients.

    :math:`\partial \log c_k / \partial b_j = 1[k = j] - \pi_j c_j`; with it the delta method gives the covariance of the
    normalized coefficients from that of the effects. It does not depend on the reference level.

    Parameters
    ----------
    coefficients : numpy.ndarray, shape (levels,)
        Normalized coefficients.
    shares : numpy.ndarray, shape (levels,)
        Weights of the mean.

    Returns
    -------
    numpy.ndarray, shape (levels, levels)
        Row k: derivative of the log of coefficient k.
    """
    return np.eye(len(shares)) - (shares * coefficients)[None, :]
