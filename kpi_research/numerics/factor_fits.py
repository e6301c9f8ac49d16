"""Poisson, Gamma and Gaussian regressions on factors, fitted on cells with the effects of one factor absorbed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from kpi_research.numerics.factor_design import Codes, FactorDesign, Partialled, partial_out

Array = NDArray[np.float64]
STEP = 1e-8
"""Newton's method ends with the first step below this: convergence is quadratic, what is left is its square."""
LARGEST = 25.0
"""Effects further from the mean than this (on the log scale) run to infinity."""


@dataclass(frozen=True)
class FactorFit:
    """A fitted model.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (columns,)
        Effects on the log scale; 0 for columns that are not kept.
    absorbed : numpy.ndarray, shape (groups,)
        Effects of the absorbed factor.
    expected : numpy.ndarray, shape (cells,)
        Fitted totals (Poisson), fitted means (Gamma, on the scale of the rate; Gaussian, on the scale of the response).
    partialled : Partialled
        Cross-products of all columns at the solution.
    iterations : int
    """

    coefficients: Array
    absorbed: Array
    expected: Array
    partialled: Partialled
    iterations: int


def factor_poisson(
    design: FactorDesign, total: Array, exposure: Array, kept: Codes, *, max_iterations: int = 60
) -> FactorFit:
    r"""Fit ``E[total] = exposure exp(absorbed + effects)`` by Poisson pseudo-likelihood.

    Newton's method on the likelihood with the absorbed effects profiled out,
    :math:`a_g = \log(T_g / \sum_{c \in g} E_c e^{x_c'\beta})`; cross-products come from sums over one and two factors, so
    that a step costs one pass over the cells. Estimates are those of the rows.

    Parameters
    ----------
    design : FactorDesign
    total : numpy.ndarray, shape (cells,)
        Sum of the values of the rows of a cell, 0 or more; positive in every absorbed level and every column.
    exposure : numpy.ndarray, shape (cells,)
        Sum of their exposures, above 0.
    kept : numpy.ndarray of int
        Columns to estimate, linearly independent.
    max_iterations : int

    Returns
    -------
    FactorFit

    Raises
    ------
    ValueError
        If there is no finite maximum.

    References
    ----------
    Gourieroux, C., Monfort, A. & Trognon, A. (1984), doi:10.2307/1913472; Santos Silva, J. & Tenreyro, S. (2006), The
    log of gravity, doi:10.1162/rest.88.4.641; Correia, S., Guimarães, P. & Zylkin, T. (2020), doi:10.1177/1536867X20909691.
    """
    by_group, goal = design.by_group(total), design.totals(total)
    b = _start(design, goal, design.totals(exposure), kept)
    a, mu = _profile(design, exposure, by_group, b)
    best = float(goal @ b + by_group @ a)
    for iteration in range(1, max_iterations + 1):
        score = (goal - design.totals(mu))[kept]
        step = np.zeros_like(b)
        part = partial_out(design, mu)
        step[kept] = linalg.solve(part.matrix[np.ix_(kept, kept)], score, assume_a="pos")
        b, a, mu, best = _halved(design, goal, exposure, by_group, b, step, best)
        if np.abs(b).max(initial=0.0) > LARGEST:
            raise ValueError("no finite maximum: some effect runs to minus infinity")
        if np.abs(step).max(initial=0.0) <= STEP:
            return FactorFit(b, a, mu, partial_out(design, mu), iteration)
    raise ValueError(f"no convergence in {max_iterations} steps")


def _profile(design: FactorDesign, exposure: Array, by_group: Array, b: Array) -> tuple[Array, Array]:
    relative = exposure * np.exp(design.linear(b))
    a = np.log(by_group / design.by_group(relative))
    return a, relative * np.exp(a)[design.absorbed]


def _start(design: FactorDesign, goal: Array, exposure: Array, kept: Codes) -> Array:
    """Return the logs of the rates of the factor whose rates differ most, zeros for the others."""
    b = np.zeros(len(goal))
    if not len(goal):
        return b
    logs = np.log(goal / exposure)
    places = [design.columns(number) for number in range(len(design.factors))]
    place = max(
        places,
        key=lambda columns: (
            float(np.cov(logs[columns], aweights=goal[columns])) if columns.stop - columns.start > 1 else 0.0
        ),
    )
    free = np.zeros(len(goal), dtype=bool)
    free[kept] = True
    dropped = np.flatnonzero(~free[place])
    if len(dropped):
        b[place] = np.where(free[place], logs[place] - logs[place][dropped[0]], 0.0)
    return b


def _halved(
    design: FactorDesign, goal: Array, exposure: Array, by_group: Array, b: Array, step: Array, best: float
) -> tuple[Array, Array, Array, float]:
    """Take a Newton step, halved until the likelihood does not fall."""
    for power in range(12):
        moved = b + step * 0.5**power
        a, mu = _profile(design, exposure, by_group, moved)
        value = float(goal @ moved + by_group @ a)
        if value >= best - 1e-10 * abs(best):
            return moved, a, mu, value
    raise ValueError("no convergence: the likelihood falls in every step")


def factor_gaussian(design: FactorDesign, weights: Array, means: Array, kept: Codes) -> FactorFit:
    """Fit means of cells by least squares with weights (rows per cell).

    Parameters
    ----------
    design : FactorDesign
    weights : numpy.ndarray, shape (cells,)
        0 or more, with a positive sum in every absorbed level.
    means : numpy.ndarray, shape (cells,)
        Mean response of a cell; not read where the weight is 0.
    kept : numpy.ndarray of int
        Columns to estimate.

    Returns
    -------
    FactorFit
    """
    response = np.where(weights > 0, means, 0.0)
    part = partial_out(design, weights)
    b, a = _least_squares(design, part, weights, response, kept)
    return FactorFit(b, a, a[design.absorbed] + design.linear(b), part, 1)


def _least_squares(
    design: FactorDesign, part: Partialled, weights: Array, response: Array, kept: Codes
) -> tuple[Array, Array]:
    sums = design.by_group(weights)
    by_group = design.by_group(weights * response)
    right = design.totals(weights * response) - part.means.T @ by_group
    b = np.zeros(len(right))
    b[kept] = linalg.solve(part.matrix[np.ix_(kept, kept)], right[kept], assume_a="pos")
    return b, by_group / sums - part.means @ b


def factor_gamma(
    design: FactorDesign, weights: Array, means: Array, kept: Codes, *, max_iterations: int = 100
) -> FactorFit:
    """Fit mean rates of cells by Gamma pseudo-likelihood with a log link.

    Parameters
    ----------
    design : FactorDesign
    weights : numpy.ndarray, shape (cells,)
        Rows per cell, above 0.
    means : numpy.ndarray, shape (cells,)
        Mean rate of the rows of a cell, above 0.
    kept : numpy.ndarray of int
        Columns to estimate.
    max_iterations : int

    Returns
    -------
    FactorFit

    Raises
    ------
    ValueError
        If the iteration does not converge.
    """
    part = partial_out(design, weights)
    eta = np.full(len(weights), np.log(np.average(means, weights=weights)))
    for iteration in range(1, max_iterations + 1):
        b, a = _least_squares(design, part, weights, eta + means * np.exp(-eta) - 1, kept)
        moved = a[design.absorbed] + design.linear(b)
        change = float(np.abs(moved - eta).max())
        eta = np.where(np.abs(moved - eta) > 3, eta + np.sign(moved - eta) * 3, moved)
        if change < STEP:
            return FactorFit(b, a, np.exp(eta), part, iteration)
    raise ValueError(f"no convergence in {max_iterations} steps")
