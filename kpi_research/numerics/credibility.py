"""Credibility of Bühlmann and Straub: how far the mean of a group is its own and how far that of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Credibility:
    """Credibility estimates.

    Attributes
    ----------
    means : numpy.ndarray, shape (groups,)
        Weighted mean of each group.
    weights : numpy.ndarray, shape (groups,)
        Total weight of each group.
    factors : numpy.ndarray, shape (groups,)
        Credibility of the group's own mean, 0 to 1.
    estimates : numpy.ndarray, shape (groups,)
        Credibility estimates.
    collective : float
        Credibility-weighted mean of all groups.
    within, between : float
        Variance of a value of weight 1 within a group, and of group means.
    """

    means: Array
    weights: Array
    factors: Array
    estimates: Array
    collective: float
    within: float
    between: float


def credibility(values: Array, weights: Array, groups: NDArray[np.intp]) -> Credibility:
    r"""Return Bühlmann-Straub estimates with the unbiased variance components.

    :math:`Z_g = w_g / (w_g + \sigma^2 / \tau^2)`, estimate :math:`Z_g \bar x_g + (1 - Z_g) \hat\mu`, with
    :math:`\hat\mu = \sum Z_g \bar x_g / \sum Z_g`. Where the variance between groups is estimated as zero or less,
    nothing is credited to single groups and :math:`\hat\mu` is the weighted mean.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Ratios, e.g. minutes per piece of work.
    weights : numpy.ndarray, shape (n,)
        Their weights, above 0.
    groups : numpy.ndarray, shape (n,)
        Group of each, numbered 0, 1, ... without gaps.

    Returns
    -------
    Credibility

    Raises
    ------
    ValueError
        If there are fewer than two groups, no group has two values, or a weight is not above 0.

    References
    ----------
    Bühlmann, H. & Gisler, A. (2005), A Course in Credibility Theory and its Applications, ch. 4, doi:10.1007/3-540-29273-X.

    Examples
    --------
    >>> found = credibility(np.array([1.0, 3.0, 5.0, 7.0]), np.ones(4), np.array([0, 0, 1, 1]))
    >>> found.factors.round(3).tolist(), found.estimates.round(3).tolist()
    ([0.875, 0.875], [2.25, 5.75])
    """
    number = int(groups.max()) + 1
    size = np.bincount(groups, minlength=number)
    if number < 2 or len(values) <= number:
        raise ValueError(
            f"{len(values)} values in {number} group(s); two groups and more values than groups are needed"
        )
    if not (weights > 0).all():
        raise ValueError(f"weights: the smallest is {weights.min():g}; all must be above 0")
    total = np.bincount(groups, weights, minlength=number).astype(float)
    means = np.bincount(groups, weights * values, minlength=number) / total
    within = float((weights * (values - means[groups]) ** 2).sum() / (size - 1).sum())
    whole = total.sum()
    mean = float(total @ means / whole)
    spread = float(total @ (means - mean) ** 2) - (number - 1) * within
    between = max(0.0, spread / float(whole - (total**2).sum() / whole))
    factors = total * between / (total * between + within) if between + within > 0 else np.zeros(number)
    collective = float(factors @ means / factors.sum()) if factors.any() else mean
    estimates = factors * means + (1 - factors) * collective
    return Credibility(means, total, factors, estimates, collective, within, between)
