"""Shapley values of a sum that goes through a link: what each term adds on the scale of the response."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_TERMS = 12
"""Terms up to which all subsets are gone through."""


def shapley_terms(base: Array, terms: Array, response: Callable[[Array], Array] | None = None) -> Array:
    r"""Share out what terms of a linear predictor add to the response.

    .. math:: \phi_k = \sum_{S \not\ni k} \frac{|S|!\,(K - |S| - 1)!}{K!}
              \left[g(b + t_S + t_k) - g(b + t_S)\right], \quad t_S = \sum_{j \in S} t_j

    The shares add up to :math:`g(b + \sum t) - g(b)`. Without a response the shares are the terms themselves, which is
    the decomposition of Oaxaca and Blinder with one set of coefficients.

    Parameters
    ----------
    base : numpy.ndarray, shape (...)
        Linear predictor of the comparison, broadcast against the terms.
    terms : numpy.ndarray, shape (..., K)
        Terms, at most 12.
    response : callable, optional
        Monotone function g, on arrays; the identity if not given.

    Returns
    -------
    numpy.ndarray, shape (..., K)

    Raises
    ------
    ValueError
        If there are more than 12 terms and a response.

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games, doi:10.1515/9781400881970-018; Shorrocks, A. F. (2013),
    Decomposition procedures for distributional analysis, doi:10.1007/s10888-011-9214-z.

    Examples
    --------
    >>> shapley_terms(np.array(0.0), np.array([1.0, 2.0]), np.square).tolist()
    [3.0, 6.0]
    """
    count = terms.shape[-1]
    if response is None:
        return np.broadcast_to(terms, (*np.broadcast_shapes(base.shape, terms.shape[:-1]), count)).copy()
    if count > MOST_TERMS:
        raise ValueError(f"terms has {count} terms; with a response at most {MOST_TERMS} are allowed")
    shares = np.zeros((*np.broadcast_shapes(base.shape, terms.shape[:-1]), count))
    for size in range(count + 1):
        for subset in combinations(range(count), size):
            value = response(base + terms[..., list(subset)].sum(axis=-1))
            inside = factorial(size - 1) * factorial(count - size) / factorial(count) if size else 0.0
            outside = factorial(size) * factorial(count - size - 1) / factorial(count) if size < count else 0.0
            for term in range(count):
                shares[..., term] += inside * value if term in subset else -outside * value
    return shares
