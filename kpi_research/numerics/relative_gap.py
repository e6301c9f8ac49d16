"""How far the mean of a group lies from the mean of all, relative to it, with errors over clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RelativeGap:
    """A relative gap with its error.

    Attributes
    ----------
    estimate : float
        Mean of the group over the mean of all, minus 1.
    error : float
        Standard error; NaN with fewer than two clusters inside or none outside the group.
    freedom : float
        Degrees of freedom of the t distribution that goes with it.
    """

    estimate: float
    error: float
    freedom: float


def relative_gap(values: Array, member: NDArray[np.bool_], clusters: Codes) -> RelativeGap:
    r"""Return the relative gap of a group, with the delete-one-cluster jackknife.

    .. math:: \hat g = \bar y_g / \bar y - 1, \qquad
        v = \sum_s \frac{G_s - 1}{G_s} \sum_{c \in s} (\hat g_{(c)} - \bar g_{(s)})^2

    Clusters form strata ``s`` by whether they hold members of the group; deletions are taken within each
    stratum, and the degrees of freedom are Satterthwaite's over the strata.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers with a positive mean.
    member : ndarray of bool, shape (n,)
        Rows of the group, at least one.
    clusters : ndarray of int, shape (n,)
        Codes from 0; rows of a cluster may depend on each other.

    Returns
    -------
    RelativeGap

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002), Bias reduction in standard errors for linear regression with multi-stage
    samples, Survey Methodology 28: 169-181. Rust, K. (1985), Journal of Official Statistics 1: 381-397.

    Examples
    --------
    >>> gap = relative_gap(np.array([1.0, 3.0, 2.0, 2.0]), np.array([True, True, False, False]), np.arange(4))
    >>> gap.estimate
    0.0
    """
    size = int(clusters.max()) + 1
    sums = np.bincount(clusters, values, size), np.bincount(clusters, minlength=size).astype(float)
    inside = np.bincount(clusters, values * member, size), np.bincount(clusters, member, size)
    whole, part = (sums[0].sum(), sums[1].sum()), (inside[0].sum(), inside[1].sum())
    estimate = part[0] / part[1] / (whole[0] / whole[1]) - 1.0
    present, holds = sums[1] > 0, inside[1] > 0
    strata = [np.flatnonzero(present & holds), np.flatnonzero(present & ~holds)]
    if len(strata[0]) < 2 or len(strata[1]) == 1:
        return RelativeGap(float(estimate), float("nan"), float("nan"))
    with np.errstate(divide="ignore", invalid="ignore"):
        without = ((part[0] - inside[0]) / (part[1] - inside[1])) / ((whole[0] - sums[0]) / (whole[1] - sums[1])) - 1.0
    parts = [_spread(without[stratum]) for stratum in strata if len(stratum)]
    variance = sum(variance for variance, _ in parts)
    weights = sum(variance**2 / freedom for variance, freedom in parts)
    freedom = variance**2 / weights if weights > 0 else parts[0][1]
    return RelativeGap(float(estimate), float(np.sqrt(variance)), float(freedom))


def _spread(deleted: Array) -> tuple[float, float]:
    count = len(deleted)
    return (count - 1) / count * float(((deleted - deleted.mean()) ** 2).sum()), count - 1.0
