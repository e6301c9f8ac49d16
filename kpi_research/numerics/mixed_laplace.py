"""Poisson and binomial models with random intercepts, by the Laplace approximation, on cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, special

from kpi_research.numerics.factor_design import FactorDesign

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
FAMILIES = ("poisson", "binomial")
MOST_JOINT = 12
"""Number of fixed effects up to which they are optimized together with the variances, as glmer does by default."""


@dataclass(frozen=True)
class LaplaceFit:
    """A fitted generalized linear mixed model.

    Attributes
    ----------
    constant : float
        Intercept.
    coefficients : numpy.ndarray, shape (columns,)
        Fixed and random effects, in the columns of the design; 0 for columns that are not kept.
    covariance : numpy.ndarray, shape (1 + fixed, 1 + fixed)
        Of the intercept and the fixed effects: from the curvature of the deviance in all parameters where they were
        optimized together, else given the variances.
    deviations : numpy.ndarray, shape (terms,)
        Standard deviations of the random effects.
    log_likelihood : float
        Laplace approximation; of Poisson up to a constant that does not depend on the model.
    joint : bool
        Whether fixed effects were optimized together with the variances (Laplace proper) or inside the penalized
        iteration (as ``nAGQ = 0`` of glmer).
    """

    constant: float
    coefficients: Array
    covariance: Array
    deviations: Array
    log_likelihood: float
    joint: bool


def mixed_laplace(
    design: FactorDesign, total: Array, size: Array, *, fixed: Codes, terms: Sequence[int], family: str = "poisson",
    joint: bool | None = None,
) -> LaplaceFit:  # fmt: skip
    r"""Fit a model with an intercept, fixed effects and independent random intercepts.

    Maximizes :math:`\ell(y \mid \eta) - \|u\|^2 / 2 - \log|\Lambda'Z'WZ\Lambda + I| / 2` at the mode of the random
    effects :math:`\Lambda u`, over standard deviations and fixed effects.

    Parameters
    ----------
    design : FactorDesign
        All factors, none absorbed (``absorbed`` all zero).
    total : numpy.ndarray, shape (cells,)
        Counts (Poisson) or successes (binomial).
    size : numpy.ndarray, shape (cells,)
        Exposure (Poisson) or trials (binomial), above 0.
    fixed : numpy.ndarray of int
        Columns of fixed effects, independent of each other and the intercept.
    terms : sequence of int
        Places of the factors with random effects.
    family : {"poisson", "binomial"}
    joint : bool, optional
        Optimize fixed effects together with the standard deviations; by default where there are at most twelve.

    Returns
    -------
    LaplaceFit

    Raises
    ------
    ValueError
        If the family is unknown, or the iteration does not converge.

    References
    ----------
    Breslow, N. E. & Clayton, D. G. (1993), doi:10.1080/01621459.1993.10594284; Bates, D. et al. (2015),
    doi:10.18637/jss.v067.i01.
    """
    if family not in FAMILIES:
        raise ValueError(f"family is {family!r}; allowed: {', '.join(FAMILIES)}")
    problem = _Problem(design, total, size, fixed, tuple(terms), family)
    together = joint if joint is not None else len(fixed) + 1 <= MOST_JOINT
    modes = _Modes(problem)
    found = optimize.minimize(
        modes.profiled, np.full(len(terms), 0.3), method="Nelder-Mead", bounds=[(1e-6, 50.0)] * len(terms),
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 600},
    )  # fmt: skip
    theta, b = found.x, modes.b.copy()
    if together:
        start = np.concatenate([theta, b[problem.front]])
        options = {"gtol": 1e-6}
        better = optimize.minimize(modes.full, start, method="BFGS", options=options)
        theta, b = np.abs(better.x[: len(terms)]), modes.b.copy()
        b[problem.front] = better.x[len(terms) :]
        modes.full(better.x)
        b = modes.b
    value = problem.deviance(theta, b)
    front = len(problem.front)
    if together:
        covariance = _hessian_covariance(modes.full, np.concatenate([theta, b[problem.front]]), len(terms))
    else:
        covariance = np.asarray(np.linalg.inv(problem.information(theta, b))[:front, :front], dtype=np.float64)
    columns = np.zeros(int(design.starts[-1]))
    columns[problem.columns] = b[1:]
    return LaplaceFit(float(b[0]), columns, covariance, theta, -0.5 * value, together)


def _hessian_covariance(deviance: Callable[[Array], float], best: Array, skip: int) -> Array:
    """Return the covariance of the last parameters from central second differences of the deviance."""
    size = 1e-3 * np.maximum(1.0, np.abs(best))
    shifts = np.diag(size)
    count = len(best)
    hessian = np.empty((count, count))
    for one in range(count):
        for two in range(one + 1):
            ends = [
                first * second * deviance(best + first * shifts[one] + second * shifts[two])
                for first in (1, -1)
                for second in (1, -1)
            ]
            hessian[one, two] = hessian[two, one] = sum(ends) / (4 * size[one] * size[two])
    return np.asarray(np.linalg.inv(hessian / 2)[skip:, skip:], dtype=np.float64)


class _Modes:
    """Modes for a given parameter; each search starts where the last one ended."""

    def __init__(self, problem: _Problem) -> None:
        self.problem = problem
        self.b = problem.start()

    def profiled(self, theta: Array) -> float:
        self.b = self.problem.mode(theta, self.b, np.arange(len(self.b)))
        return self.problem.deviance(theta, self.b)

    def full(self, parameters: Array) -> float:
        terms = len(self.problem.terms)
        theta = np.maximum(np.abs(parameters[:terms]), 1e-6)
        b = self.b.copy()
        b[self.problem.front] = parameters[terms:]
        self.b = self.problem.mode(theta, b, np.arange(len(self.problem.front), len(b)))
        return self.problem.deviance(theta, self.b)


@dataclass(frozen=True)
class _Problem:
    design: FactorDesign
    total: Array
    size: Array
    fixed: Codes
    terms: tuple[int, ...]
    family: str

    @property
    def columns(self) -> Codes:
        """Columns of the design behind the parameters after the intercept: fixed ones, then random ones."""
        random = [np.arange(self.design.columns(term).start, self.design.columns(term).stop) for term in self.terms]
        return np.concatenate([self.fixed, *random]).astype(np.intp)

    @property
    def front(self) -> Codes:
        return np.arange(len(self.fixed) + 1, dtype=np.intp)

    def start(self) -> Array:
        b = np.zeros(1 + len(self.columns))
        rate = self.total.sum() / self.size.sum()
        b[0] = np.log(rate) if self.family == "poisson" else special.logit(np.clip(rate, 1e-6, 1 - 1e-6))
        return b

    def penalty(self, theta: Array) -> Array:
        sizes = [self.design.sizes[term] for term in self.terms]
        return np.concatenate([np.zeros(len(self.front)), np.repeat(1 / theta**2, sizes)])

    def linear(self, b: Array) -> Array:
        every = np.zeros(int(self.design.starts[-1]))
        every[self.columns] = b[1:]
        return b[0] + self.design.linear(every)

    def mean(self, b: Array) -> tuple[Array, Array]:
        """Return expected totals and working weights."""
        eta = self.linear(b)
        if self.family == "poisson":
            mu = self.size * np.exp(eta)
            return mu, mu
        share = special.expit(eta)
        return self.size * share, self.size * share * (1 - share)

    def information(self, theta: Array, b: Array) -> Array:
        weights = self.mean(b)[1]
        columns = self.columns
        matrix = np.empty((1 + len(columns), 1 + len(columns)))
        matrix[0, 0] = weights.sum()
        matrix[0, 1:] = matrix[1:, 0] = self.design.totals(weights)[columns]
        matrix[1:, 1:] = self.design.gram(weights)[np.ix_(columns, columns)]
        return matrix + np.diag(self.penalty(theta))

    def log_density(self, b: Array) -> float:
        eta = self.linear(b)
        if self.family == "poisson":
            return float(self.total @ eta - (self.size * np.exp(eta)).sum())
        rest = self.size - self.total
        choose = special.gammaln(self.size + 1) - special.gammaln(self.total + 1) - special.gammaln(rest + 1)
        return float(choose.sum() + self.total @ eta - self.size @ np.logaddexp(0.0, eta))

    def objective(self, theta: Array, b: Array) -> float:
        return self.log_density(b) - 0.5 * float(self.penalty(theta) @ b**2)

    def mode(self, theta: Array, b: Array, free: Codes) -> Array:
        """Return the penalized maximum over some of the parameters, by Newton's method with halved steps."""
        best = self.objective(theta, b)
        for _ in range(60):
            residual = self.total - self.mean(b)[0]
            every = self.design.totals(residual)[self.columns]
            score = np.concatenate([[residual.sum()], every]) - self.penalty(theta) * b
            step = np.zeros(len(b))
            step[free] = linalg.solve(self.information(theta, b)[np.ix_(free, free)], score[free], assume_a="pos")
            for power in range(20):
                value = self.objective(theta, b + step * 0.5**power)
                if value >= best - 1e-10 * abs(best):
                    break
            b, best = b + step * 0.5**power, value
            if np.abs(step).max() < 1e-9:
                return b
        raise ValueError("the penalized iteration does not converge: some effect runs to infinity")

    def deviance(self, theta: Array, b: Array) -> float:
        """Return -2 times the Laplace approximation of the log-likelihood."""
        random = np.arange(len(self.front), len(b))
        scale = np.repeat(theta, [self.design.sizes[term] for term in self.terms])
        inner = self.information(theta, b)[np.ix_(random, random)] * np.outer(scale, scale)
        return -2 * self.objective(theta, b) + float(np.linalg.slogdet(inner)[1])
