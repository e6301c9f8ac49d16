"""The error of a statistic that compares two groups whose rows come in units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Bools = NDArray[np.bool_]


def two_group_error(influence: Array, upper: Bools, unit: Codes) -> tuple[float, float]:
    """Return standard error and degrees of freedom of a sum of influence values of two groups.

    Parameters
    ----------
    influence : numpy.ndarray, shape (n,)
        What each row adds to the error of the statistic; sums to zero in each group.
    upper : numpy.ndarray of bool, shape (n,)
        Which rows belong to the first group.
    unit : numpy.ndarray, shape (n,)
        Unit of each row, numbered 0, 1, ... without gaps.

    Returns
    -------
    error, freedom : float
        Where every unit lies in one group: variances of unit totals added over groups, with degrees of freedom after
        Satterthwaite (1946). Where units have rows of both: the variance of unit totals, units - 1. NaN where a group
        has a single unit.
    """
    totals = np.bincount(unit, influence)
    ones = np.bincount(unit, upper) > 0
    zeros = np.bincount(unit, ~upper) > 0
    if (ones & zeros).any():
        parts, counts = np.array([(totals**2).sum()]), np.array([len(totals)])
    else:
        parts = np.array([(totals[ones] ** 2).sum(), (totals[~ones] ** 2).sum()])
        counts = np.array([ones.sum(), zeros.sum()])
    if (counts < 2).any():
        return float("nan"), float("nan")
    parts = parts * counts / (counts - 1)
    if not parts.sum() > 0:
        return 0.0, float(counts.sum() - len(counts))
    return float(np.sqrt(parts.sum())), float(parts.sum() ** 2 / (parts**2 / (counts - 1)).sum())
