"""Delays that are not all over yet: the reverse-time hazard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def delay_distribution(delay: NDArray[np.int64], age: NDArray[np.int64], longest: int) -> tuple[Array, Array]:
    r"""Return the distribution of delays from records that were in by now.

    .. math:: g(d) = \frac{\#\{i: D_i = d\}}{\#\{i: D_i \le d,\ A_i \ge d\}}, \qquad F(d) = \prod_{k > d} (1 - g(k))

    Parameters
    ----------
    delay : ndarray of int, shape (n,)
        Delay of each record, 0 or more.
    age : ndarray of int, shape (n,)
        Time from the event to now, at least the delay: a longer delay would not be in yet.
    longest : int
        Longest delay; the distribution is that of delays up to it.

    Returns
    -------
    hazard, distribution : ndarray of shape (longest + 1,)
        At delays 0 to ``longest``; the last value of the distribution is 1.

    References
    ----------
    Lawless, J. F. (1994), Adjustments for reporting delays and the prediction of occurred but not reported events,
    Canadian Journal of Statistics 22: 15-31, doi:10.2307/3315826.

    Examples
    --------
    >>> hazard, distribution = delay_distribution(np.array([0, 1, 0, 1]), np.array([5, 5, 5, 5]), 1)
    >>> distribution.tolist()
    [0.5, 1.0]
    """
    hazard = np.zeros(longest + 1)
    for d in range(longest + 1):
        seen = (age >= d) & (delay <= d)
        hazard[d] = (delay[seen] == d).sum() / max(int(seen.sum()), 1)
    distribution = np.ones(longest + 1)
    for d in range(longest - 1, -1, -1):
        distribution[d] = distribution[d + 1] * (1.0 - hazard[d + 1])
    return hazard, distribution
