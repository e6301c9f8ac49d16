"""Limits on coefficients that leave their weighted mean at one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
HALVINGS = 60
"""Halvings of the bracket of the off-balance factor; the bracket is then below the precision of numbers."""


def balanced_limits(coefficients: Array, shares: Array, low: Array, high: Array) -> tuple[Array, Array]:
    r"""Clip coefficients and scale the others so that the weighted mean is one and all lie inside their limits.

    Finds the off-balance factor f with :math:`\sum_k \pi_k\, \mathrm{clip}(f c_k, l_k, u_k) = 1` by bisection; the sum grows
    with f, so that there is one solution where :math:`\sum \pi l \le 1 \le \sum \pi u`.

    Parameters
    ----------
    coefficients : numpy.ndarray, shape (..., levels)
        Above 0; several sets at once where there are more dimensions.
    shares : numpy.ndarray, shape (levels,)
        Weights of the mean; they sum to 1.
    low, high : numpy.ndarray, shape (levels,)
        Limits of each level; 0 and infinity where there is none.

    Returns
    -------
    clipped : numpy.ndarray, shape (..., levels)
    factor : numpy.ndarray, shape (...)
        The off-balance factor.

    Raises
    ------
    ValueError
        If no set of coefficients inside the limits has the mean one.

    Examples
    --------
    >>> inside, factor = balanced_limits(np.array([0.5, 1.5]), np.array([0.5, 0.5]), np.zeros(2), np.full(2, 1.2))
    >>> inside.round(6).tolist(), float(factor.round(6))
    ([0.8, 1.2], 1.6)
    """
    least, most = float(shares @ low), float(shares @ np.where(shares > 0, high, 0.0))
    if not least - 1e-12 <= 1 <= most + 1e-12:
        raise ValueError(
            f"inside the limits the weighted mean lies between {least:.4g} and {most:.4g}; 1 is impossible"
        )
    logs = np.log(coefficients)
    bottom = -logs.max(axis=-1) - 20.0
    top = -logs.min(axis=-1) + 20.0
    for _ in range(HALVINGS):
        middle = (bottom + top) / 2
        below = np.clip(np.exp(logs + middle[..., None]), low, high) @ shares < 1
        bottom, top = np.where(below, middle, bottom), np.where(below, top, middle)
    factor = np.exp((bottom + top) / 2)
    return np.clip(coefficients * factor[..., None], low, high), factor
