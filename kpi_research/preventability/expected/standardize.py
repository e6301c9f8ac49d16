"""The number of cases to expect of a unit from what it cannot change (indirect standardization by a model)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.cell_models import poisson_cells
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
REFITS = 300
"""Units up to which the model is fitted anew without each of them."""
LONE = 0.5
"""Leverage above which a unit itself decides more than half of what its like are said to have (Huber 1981)."""
SPARE = 5
"""Units beyond the number of coefficients that a model needs at the least."""


@dataclass(frozen=True)
class Expected(Result):
    """Cases to expect of each unit.

    ``table`` has one row per unit: ``unit``; ``observed``; ``exposure``; ``expected`` (from a model that has not seen the
    unit); ``variance`` (of the expected number, for the coefficients are estimated); ``leverage`` (0 to 1: above .5 the
    unit has hardly any like and the expectation is a guess).

    Attributes
    ----------
    terms : pandas.DataFrame
        ``term``, ``rate_ratio`` (per standard deviation of a covariate, or against the first group), ``low``, ``high``
        (95 %).
    """

    terms: pd.DataFrame


def expected_counts(
    units: pd.DataFrame,
    *,
    observed: str,
    unit: str = "unit",
    exposure: str | None = None,
    covariates: Sequence[str] = (),
    within: Sequence[str] = (),
) -> Expected:
    r"""Return the counts that units like a given one have, by a Poisson regression on their circumstances.

    .. math:: E_u = N_u \exp(x_u'\hat\beta_{(u)})

    with the exposure N and coefficients from all other units, so that no unit sets its own standard (fitted anew without
    each unit up to 300 units, in one step from the whole fit beyond). Covariates must lie outside the control of the
    unit: what prevention should mend, such as street lights, is no excuse and must not be adjusted away.

    Parameters
    ----------
    units : pandas.DataFrame
        One row per unit.
    observed : str
        Column of the observed number, at least 0; it may be an estimate.
    unit : str
        Column of the unit.
    exposure : str, optional
        Column that cases are counted against, such as population or all cases; above 0. Equal by default.
    covariates : sequence of str
        Numeric columns.
    within : sequence of str
        Columns whose groups have a level of their own, such as the peer group.

    Returns
    -------
    Expected
        Findings: ``expected-terms-dropped`` where covariates are constant, collinear or too many for the units;
        ``expected-no-like`` for units that no other is like.

    Raises
    ------
    ValueError
        If a column is missing or holds no number, a unit stands twice, or no case was observed.

    References
    ----------
    Breslow, N. E. & Day, N. E. (1987), Statistical Methods in Cancer Research II, ch. 2 and 4; Huber, P. J. (1981), Robust
    Statistics, doi:10.1002/0471725250, ch. 7 (leverage).

    Examples
    --------
    >>> units = pd.DataFrame({"unit": list("abcdefgh"), "cases": [11, 19, 31, 39, 52, 60, 69, 81]})
    >>> units["people"] = [100, 200, 300, 400, 500, 600, 700, 800]
    >>> expected_counts(units, observed="cases", exposure="people").table["expected"].round().tolist()
    [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 71.0, 80.0]
    """
    names = {"observed": observed, "unit": unit, "exposure": exposure, "covariates": covariates, "within": within}
    require_columns(units, "units", names)
    if units[unit].duplicated().any():
        raise ValueError(f"unit: '{units.loc[units[unit].duplicated(), unit].iloc[0]}' stands twice")
    y = _finite(units, observed, least=0.0)
    base = np.ones(len(units)) if exposure is None else _finite(units, exposure, least=1e-12)
    if not y.sum() > 0:
        raise ValueError(f"observed: column '{observed}' holds no case at all")
    x, terms, dropped = _design(units, covariates, within)
    fit = _fit(y, x, base)
    expected, variance = _left_out(y, x, base, fit)
    table = pd.DataFrame(
        {
            "unit": units[unit].to_numpy(),
            "observed": y,
            "exposure": base,
            "expected": expected,
            "variance": variance,
            "leverage": fit.leverage,
        }
    )
    lone = table.loc[fit.leverage > LONE, "unit"].astype(str).tolist() if len(table) > x.shape[1] else []
    half = float(stats.norm.isf(0.025)) * np.sqrt(np.diag(fit.covariance))[1:]
    ratios = pd.DataFrame(
        {
            "term": terms,
            "rate_ratio": np.exp(fit.beta[1:]),
            "low": np.exp(fit.beta[1:] - half),
            "high": np.exp(fit.beta[1:] + half),
        }
    )
    return Expected(table, _findings(dropped, lone), ratios)


def _finite(units: pd.DataFrame, column: str, *, least: float) -> Floats:
    if not pd.api.types.is_numeric_dtype(units[column].dtype):
        raise ValueError(f"column '{column}' holds {units[column].dtype}; it must hold numbers")
    values = units[column].to_numpy(dtype=float, na_value=np.nan)
    wrong = ~np.isfinite(values) | (values < least)
    if wrong.any():
        raise ValueError(f"column '{column}': {int(wrong.sum())} values are missing, infinite or too small")
    return values


def _design(
    units: pd.DataFrame, covariates: Sequence[str], within: Sequence[str]
) -> tuple[Floats, list[str], list[str]]:
    """Return the design, its terms after the constant, and terms left out; each column is added only where it can be told."""
    wanted: list[tuple[str, Floats]] = []
    for name in within:
        levels = units[name].astype(str)
        others = sorted(set(levels))[1:]
        wanted += [(f"{name}={level}", np.where(levels == level, 1.0, 0.0)) for level in others]
    for name in covariates:
        values = _finite(units, name, least=-np.inf)
        spread = float(values.std())
        varies = spread > 1e-12 * float(np.abs(values).max())
        wanted.append((name, (values - values.mean()) / spread if varies else np.zeros(len(values))))
    columns, kept, dropped = [np.ones(len(units))], [], []
    for name, values in wanted:
        base = np.column_stack(columns)
        rest = values - base @ np.linalg.lstsq(base, values, rcond=None)[0]
        if len(units) < len(columns) + 1 + SPARE or float(np.abs(rest).max()) < 1e-8:
            dropped.append(name)
            continue
        columns.append(values)
        kept.append(name)
    return np.column_stack(columns), kept, dropped


@dataclass(frozen=True, eq=False)
class _Fit:
    """A Poisson regression with what each row contributes; standard errors allow for the dispersion."""

    beta: Floats
    covariance: Floats
    mean: Floats
    leverage: Floats
    dispersion: float


def _fit(y: Floats, x: Floats, exposure: Floats) -> _Fit:
    found = poisson_cells(x, weight=exposure, total=y)
    mean = exposure * np.exp(x @ found.coefficients)
    q, _ = np.linalg.qr(np.sqrt(mean)[:, None] * x)
    dispersion = max(1.0, float(((y - mean) ** 2 / mean).sum()) / max(len(y) - x.shape[1], 1))
    return _Fit(found.coefficients, found.covariance * dispersion, mean, (q**2).sum(axis=1), dispersion)


def _left_out(y: Floats, x: Floats, exposure: Floats, fit: _Fit) -> tuple[Floats, Floats]:
    """Return what the fit without a row expects of it, and the variance of that."""
    expected, variance = _one_step(y, fit)
    for row in range(len(y) if len(y) <= REFITS else 0):
        rest = np.arange(len(y)) != row
        if np.linalg.matrix_rank(x[rest]) < x.shape[1] or not y[rest].sum() > 0:
            continue
        part = _fit(y[rest], x[rest], exposure[rest])
        expected[row] = exposure[row] * np.exp(float(np.clip(x[row] @ part.beta, -50.0, 50.0)))
        variance[row] = expected[row] ** 2 * float(x[row] @ part.covariance @ x[row])
    return expected, variance


def _one_step(y: Floats, fit: _Fit) -> tuple[Floats, Floats]:
    """Return the same by one step from the whole fit."""
    h = np.minimum(fit.leverage, 0.99)
    moved = -h / (1 - h) * (y - fit.mean) / fit.mean
    expected = fit.mean * np.exp(np.clip(moved, -2.0, 2.0))
    of_line = fit.dispersion * h / (1 - h) / fit.mean
    return expected, expected**2 * of_line


def _findings(dropped: list[str], lone: list[str]) -> tuple[Finding, ...]:
    made = []
    if dropped:
        made.append(finding("expected-terms-dropped", terms=", ".join(dropped)))
    if lone:
        made.append(finding("expected-no-like", units=", ".join(lone[:5]), count=len(lone)))
    return tuple(made)
