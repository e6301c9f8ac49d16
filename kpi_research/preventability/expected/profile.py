"""Units compared case by case: fixed levels, which find what is there, and random ones, which cry wolf less often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.unit_logit import UnitLogit, fixed_levels, random_levels, sum_mid_p
from kpi_research.preventability.labels import read_labels
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_filled, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
FAR = 2.0
"""Distance of a unit from the mean, in standard deviations between units, that a test should not miss."""


@dataclass(frozen=True)
class Profile(Result):
    """Units against the level of the median or mean unit, for the same cases.

    ``table`` has one row per unit:

    - ``unit``; ``n`` (cases); ``observed`` (events).
    - ``expected`` (events that the median unit would have with these cases); ``ratio`` (observed over expected); ``p``
      (exact mid-p value); ``q`` (adjusted for the number of units); ``verdict`` by p: ``higher``, ``lower``,
      ``as_expected``.
    - ``predicted_ratio`` (events predicted by the unit's shrunk level over those of the mean unit); ``p_random``;
      ``verdict_random``.

    Attributes
    ----------
    sigma : float
        Standard deviation of the levels between units, in logits.
    terms : pandas.DataFrame
        Covariates: ``term``, ``fixed`` and ``random`` (coefficients of the two models).
    errors : pandas.DataFrame
        What either verdict gets wrong in units of these sizes: ``method``, ``false_alarm`` (an average unit is flagged),
        ``missed`` (a unit two standard deviations from the mean is not).
    """

    sigma: float
    terms: pd.DataFrame
    errors: pd.DataFrame


def profile(
    cases: pd.DataFrame, *, unit: str, event: str, covariates: Sequence[str] = (), level: float = 0.95
) -> Profile:
    r"""Compare units on a yes-or-no outcome of single cases, with fixed and with random levels of units.

    Expected events are :math:`\sum_i \mathrm{expit}(\tilde\gamma + x_i'\beta)` with the median of the fixed levels; the
    mid-p value is that of a sum of events with these chances. Random levels are normally distributed (Laplace
    approximation); their ratio is predicted over expected events.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case.
    unit : str
        Column of the unit.
    event : str
        Column of the outcome: 1 and 0, yes and no, 是 and 否; none missing.
    covariates : sequence of str
        Numeric columns that describe the case, outside the control of the unit.
    level : float
        One minus the level of the tests.

    Returns
    -------
    Profile
        Finding: ``profile-errors`` with both error rates.

    Raises
    ------
    ValueError
        If a column is missing or has gaps, the outcome is not yes or no, or there are fewer than three units.

    References
    ----------
    He, K. et al. (2013), doi:10.1007/s10985-013-9264-6 (fixed levels); Normand, S.-L. T., Glickman, M. E. & Gatsonis, C. A.
    (1997), doi:10.1080/01621459.1997.10474036 (random levels).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> cases = pd.DataFrame({"unit": np.repeat(list("abcdefgh"), 60), "event": rng.random(480) < 0.3})
    >>> profile(cases, unit="unit", event="event").table.shape
    (8, 11)
    """
    require_columns(cases, "cases", {"unit": unit, "event": event, "covariates": covariates})
    require_share("level", level)
    for column in (unit, event, *covariates):
        require_filled(cases, "cases", column)
    y = read_labels(cases[event], "event")
    codes, names = pd.factorize(cases[unit], sort=True)
    if len(names) < 3:
        raise ValueError(f"unit: column '{unit}' names {len(names)} units; at least 3 are needed")
    code = np.asarray(codes, dtype=np.intp)
    x = _covariates(cases, covariates)
    fixed, random = fixed_levels(y, x, code), random_levels(y, x, code)
    table = _table(names, y, x, code, fixed, random, 1 - level)
    errors = _errors(fixed, random, 1 - level)
    terms = pd.DataFrame({"term": list(covariates), "fixed": fixed.beta, "random": random.beta[:-1]})
    return Profile(table, _findings(errors), random.sigma, terms, errors)


def _covariates(cases: pd.DataFrame, names: Sequence[str]) -> Floats:
    columns = []
    for name in names:
        values = cases[name].to_numpy(dtype=float) if pd.api.types.is_numeric_dtype(cases[name].dtype) else None
        if values is None or not np.isfinite(values).all():
            raise ValueError(f"covariates: column '{name}' must hold finite numbers")
        columns.append(values)
    return np.column_stack(columns) if columns else np.empty((len(cases), 0))


def _table(
    names: pd.Index, y: Floats, x: Floats, unit: NDArray[np.intp], fixed: UnitLogit, random: UnitLogit, alpha: float
) -> pd.DataFrame:
    units = len(names)
    chance = expit(float(np.median(fixed.level)) + x @ fixed.beta)
    observed, expected = (np.bincount(unit, values, minlength=units) for values in (y, chance))
    order = np.argsort(unit, kind="stable")
    parts = np.split(chance[order], np.cumsum(np.bincount(unit, minlength=units))[:-1])
    p = np.array([sum_mid_p(count, part) for count, part in zip(observed, parts, strict=True)])
    line = x @ random.beta[:-1] + random.beta[-1]
    own, mean = (np.bincount(unit, expit(values), minlength=units) for values in (line + random.level[unit], line))
    p_random = 2 * stats.norm.sf(np.abs(random.level / random.se))
    return pd.DataFrame(
        {
            "unit": names,
            "n": np.bincount(unit, minlength=units),
            "observed": observed,
            "expected": expected,
            "ratio": observed / expected,
            "p": p,
            "q": q_values(p),
            "verdict": _verdicts(p, observed - expected, alpha),
            "predicted_ratio": own / mean,
            "p_random": p_random,
            "verdict_random": _verdicts(p_random, random.level, alpha),
        }
    )


def _verdicts(p: Floats, side: NDArray[Any], alpha: float) -> NDArray[np.str_]:
    return np.where(p > alpha, "as_expected", np.where(side > 0, "higher", "lower"))


def _errors(fixed: UnitLogit, random: UnitLogit, alpha: float) -> pd.DataFrame:
    """Return the mean chances of a flag for an average unit and of none for a unit two standard deviations away."""
    z, sigma = float(stats.norm.isf(alpha / 2)), max(random.sigma, 1e-6)
    se = np.minimum(fixed.se, 50.0)
    weight = sigma**2 / (sigma**2 + se**2)
    edges = {"fixed": z * se, "random": z * sigma * np.sqrt(1 - weight) / weight}
    rows = []
    for method, edge in edges.items():
        alarm = 2 * stats.norm.sf(edge / se)
        found = stats.norm.sf((edge - FAR * sigma) / se) + stats.norm.cdf((-edge - FAR * sigma) / se)
        rows.append((method, float(alarm.mean()), float((1 - found).mean())))
    return pd.DataFrame(rows, columns=["method", "false_alarm", "missed"])


def _findings(errors: pd.DataFrame) -> tuple[Finding, ...]:
    percent = {
        f"{row['method']}_{name}": f"{100 * row[name]:.0f}"
        for row in errors.to_dict("records")
        for name in ("false_alarm", "missed")
    }
    return (finding("profile-errors", **percent),)
