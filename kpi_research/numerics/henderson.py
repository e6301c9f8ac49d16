"""Variance components of random effects from sums of squares, for balanced and unbalanced designs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def variance_components(values: Array, effects: Mapping[str, Codes]) -> dict[str, float]:
    r"""Return variance components by Henderson's first method.

    Uncorrected sums of squares :math:`T_S = \sum_s n_s \bar y_s^2` have expectations
    :math:`N\mu^2 + \sum_U k_{SU}\sigma^2_U` with :math:`k_{SU} = \sum_s \sum_u n_{su}^2 / n_s`; the components solve
    these equations. In balanced designs they equal those from expected mean squares.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers.
    effects : mapping of str to ndarray of int
        Level of each effect for each value, codes from 0; the last effect has a level per value or cell and takes up
        what is left.

    Returns
    -------
    dict of str to float
        By effect; an estimate may be negative.

    Raises
    ------
    ValueError
        If two effects cannot be told apart.

    References
    ----------
    Henderson, C. R. (1953), Estimation of variance and covariance components, doi:10.2307/3001853.
    """
    names = list(effects)
    n = len(values)
    sums = np.array([values.sum() ** 2 / n, *(_square(values, effects[name]) for name in names)])
    matrix = np.empty((len(names) + 1, len(names) + 1))
    matrix[:, 0] = n
    everyone = np.zeros(n, dtype=np.int64)
    for row, of in enumerate([everyone, *(effects[name] for name in names)]):
        for column, name in enumerate(names, 1):
            matrix[row, column] = _coefficient(of, effects[name])
    if np.linalg.matrix_rank(matrix) < len(matrix):
        raise ValueError(f"the design does not tell these effects apart: {', '.join(names)}")
    solved = np.linalg.solve(matrix, sums)
    return dict(zip(names, map(float, solved[1:]), strict=True))


def _square(values: Array, codes: Codes) -> float:
    counts = np.bincount(codes)
    totals = np.bincount(codes, values)
    used = counts > 0
    return float((totals[used] ** 2 / counts[used]).sum())


def _coefficient(of: Codes, by: Codes) -> float:
    counts = np.bincount(of).astype(float)
    pairs, n = np.unique(of * (int(by.max()) + 1) + by, return_counts=True)
    return float((n.astype(float) ** 2 / counts[pairs // (int(by.max()) + 1)]).sum())
