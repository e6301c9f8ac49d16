"""Coefficients with random unit and period effects, for designs too thin for fixed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.factor_design import FactorDesign, independence
from kpi_research.numerics.level_means import log_gradient, mean_one
from kpi_research.numerics.mixed_laplace import mixed_laplace
from kpi_research.numerics.mixed_linear import RandomTerm, mixed_linear
from kpi_research.study.findings import finding
from kpi_research.study.results import Result
from kpi_research.workload.coefficients.cells import Cells, cells_of_rows
from kpi_research.workload.coefficients.options import ROLES
from kpi_research.workload.fairness.frame import check_share

Array = NDArray[np.float64]
METHODS = ("laplace", "reml")
MOST_RANDOM = 3000
EFFECTS = ("unit", "period")


@dataclass(frozen=True)
class RandomCoefficients(Result):
    """Coefficients with random unit and period effects.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per factor and level: ``factor``, ``level``, ``coefficient`` (weighted mean 1), ``se``, ``low``, ``high``,
        ``n`` (records).
    variances : pandas.DataFrame
        ``effect`` (unit, period, record), ``deviation`` (standard deviation of log minutes; of a record: relative to its
        mean).
    method : str
        ``laplace`` or ``reml``.
    level : float
        Coverage of the intervals.
    """

    variances: pd.DataFrame
    method: str
    level: float


def random_coefficients(
    log: pd.DataFrame,
    *,
    minutes: str,
    task: str,
    unit: str,
    count: str | None = None,
    post: str | None = None,
    rank: str | None = None,
    period: str | None = None,
    method: str = "laplace",
    level: float = 0.95,
) -> RandomCoefficients:
    """Measure coefficients with random unit and period effects.

    Use this where units are so small, or so specialized, that fixed unit effects leave nothing to compare. It assumes
    that units of all speeds do the same mix of work; fixed effects do not need that (Guarino et al. 2015,
    doi:10.1080/19345747.2014.956216: shrinking units misleads where assignment is not random).

    Parameters
    ----------
    log : pandas.DataFrame
        One row per record of work.
    minutes, task, unit : str
        Columns of minutes, tasks and units.
    count : str, optional
        Column of pieces of work; one per row by default.
    post, rank, period : str, optional
        Columns of the post, the rank and the period.
    method : {"laplace", "reml"}
        ``laplace``: Poisson for minutes divided by their dispersion, Laplace approximation; coefficients of the mean.
        ``reml``: linear mixed model of log minutes per piece; coefficients of the geometric mean; rows without minutes
        are left out.
    level : float
        Coverage of the intervals, which are given the variance components.

    Returns
    -------
    RandomCoefficients

    Raises
    ------
    ValueError
        If a column is missing or of the wrong kind, there are more than 3000 units and periods, or levels cannot be told
        apart.

    References
    ----------
    Breslow, N. E. & Clayton, D. G. (1993), doi:10.1080/01621459.1993.10594284; Bates, D. et al. (2015),
    doi:10.18637/jss.v067.i01.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"u": np.arange(400) // 4, "t": ["a", "b"] * 200})
    >>> log["m"] = np.where(log["t"] == "a", 20, 60) * rng.gamma(4, 0.25, 400)
    >>> random_coefficients(log, minutes="m", task="t", unit="u").table["coefficient"].round(1).tolist()
    [0.5, 1.5]
    """
    check_share("level", level)
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; allowed: {', '.join(METHODS)}")
    given = {"task": task, "post": post, "rank": rank, "unit": unit, "period": period}
    cells = cells_of_rows(log, {role: name for role, name in given.items() if name}, minutes, count)
    if method == "reml" and cells.positive is not None:
        cells = cells.keep(cells.positive > 0)
    roles = [role for role in ROLES if role in cells.codes]
    random = [role for role in EFFECTS if role in cells.codes]
    if (number := sum(len(cells.levels[role]) for role in random)) > MOST_RANDOM:
        raise ValueError(f"{number} units and periods; random effects are for {MOST_RANDOM} at the most")
    design = FactorDesign(np.zeros(len(cells.n), dtype=np.intp), tuple(cells.codes[role] for role in (*roles, *random)))
    fixed = _independent(cells, roles)
    effects, covariance, variances = (_laplace if method == "laplace" else _reml)(
        cells, design, fixed, random, len(roles)
    )
    rows = [_rows(cells, design, roles, number, effects, covariance, level) for number in range(len(roles))]
    table = pd.DataFrame(variances.items(), columns=["effect", "deviation"])
    note = finding("workload-random-effects", method=method)
    return RandomCoefficients(pd.concat(rows, ignore_index=True), (*cells.findings, note), table, method, level)


def _independent(cells: Cells, roles: list[str]) -> NDArray[np.intp]:
    """Return the columns of fixed effects next to a constant; refuse levels that cannot be told apart."""
    zero = np.zeros(len(cells.n), dtype=np.intp)
    found = independence(FactorDesign(zero, tuple(cells.codes[role] for role in roles)))
    expected = sum(len(cells.levels[role]) - 1 for role in roles)
    if len(found.kept) < expected:
        raise ValueError(
            f"{expected - len(found.kept)} level(s) of {', '.join(roles)} cannot be told apart; merge levels or leave a factor out"
        )
    if (np.bincount(cells.codes[roles[0]], cells.minutes) == 0).any():
        raise ValueError("a task has pieces of work but no minutes at all; remove it")
    return found.kept


def _laplace(
    cells: Cells, design: FactorDesign, fixed: NDArray[np.intp], random: list[str], fixed_factors: int
) -> tuple[Array, Array, Mapping[str, float]]:
    terms = list(range(fixed_factors, fixed_factors + len(random)))
    scale, omega = _dispersion(cells, design, fixed_factors)
    fit = mixed_laplace(design, cells.minutes / scale, cells.count / scale, fixed=fixed, terms=terms, joint=False)
    deviations = dict(zip(random, fit.deviations.tolist(), strict=True)) | {"record": float(np.sqrt(omega))}
    return *_spread(fit.coefficients, fit.covariance, design, fixed), deviations


def _dispersion(cells: Cells, design: FactorDesign, fixed_factors: int) -> tuple[float, float]:
    """Return Pearson's dispersion of minutes, and the relative variance of a record, from rows within cells."""
    rate = cells.minutes / cells.count
    positive = rate > 0
    raw = cells.pearson if cells.pearson is not None else cells.minutes * rate
    within = np.where(positive, (raw - cells.minutes * rate) / np.where(positive, rate, 1.0), 0.0)
    free = float((cells.n - 1)[positive].sum())
    if free < 1:
        return float(np.average(rate, weights=cells.count)), 1.0
    dispersion = max(float(within.sum()) / free, 1e-12)
    mean = float((cells.minutes / cells.n)[positive & (cells.n > 1)].mean())
    return dispersion, dispersion / mean


def _reml(
    cells: Cells, design: FactorDesign, fixed: NDArray[np.intp], random: list[str], fixed_factors: int
) -> tuple[Array, Array, Mapping[str, float]]:
    weight = cells.positive if cells.positive is not None else cells.n
    logs = cells.logs if cells.logs is not None else np.zeros(len(weight))
    squares = cells.log_squares if cells.log_squares is not None else logs**2
    center = float(logs.sum() / weight.sum())
    columns = np.concatenate([fixed, np.arange(design.starts[fixed_factors], design.starts[-1])]).astype(np.intp)
    gram = np.empty((1 + len(columns), 1 + len(columns)))
    gram[0, 0] = weight.sum()
    gram[0, 1:] = gram[1:, 0] = design.totals(weight)[columns]
    gram[1:, 1:] = design.gram(weight)[np.ix_(columns, columns)]
    response = logs - center * weight
    right = np.concatenate([[response.sum()], design.totals(response)[columns]])
    square = float((squares - 2 * center * logs + center**2 * weight).sum())
    terms = [RandomTerm(len(cells.levels[role])) for role in random]
    fit = mixed_linear(gram, right, square, float(weight.sum()), 1 + len(fixed), terms)
    whole = np.zeros(int(design.starts[-1]))
    whole[fixed] = fit.coefficients[1:]
    names = zip(random, fit.variances, strict=True)
    deviations = {role: float(np.sqrt(part[0, 0])) for role, part in names} | {"record": float(np.sqrt(fit.residual))}
    return *_spread(whole, fit.covariance, design, fixed), deviations


def _spread(
    coefficients: Array, covariance: Array, design: FactorDesign, fixed: NDArray[np.intp]
) -> tuple[Array, Array]:
    size = int(design.starts[-1])
    whole = np.zeros((size, size))
    whole[np.ix_(fixed, fixed)] = covariance[1:, 1:]
    return coefficients, whole


def _rows(
    cells: Cells, design: FactorDesign, roles: list[str], number: int, effects: Array, covariance: Array, level: float
) -> pd.DataFrame:
    place = design.columns(number)
    shares = np.bincount(cells.codes[roles[number]], cells.count) / cells.count.sum()
    values = mean_one(effects[place], shares)
    gradient = log_gradient(values, shares)
    errors = np.sqrt(np.clip(np.einsum("ij,jk,ik->i", gradient, covariance[place, place], gradient), 0.0, None))
    half = stats.norm.isf((1 - level) / 2) * errors
    return pd.DataFrame(
        {
            "factor": roles[number], "level": [str(name) for name in cells.levels[roles[number]]], "coefficient": values,
            "se": values * errors, "low": values * np.exp(-half), "high": values * np.exp(half),
            "n": np.bincount(cells.codes[roles[number]], cells.n).astype(np.int64),
        }
    )  # fmt: skip
