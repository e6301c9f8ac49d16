"""How strong a variable left out of a model would have to be to explain an effect away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result

COLUMNS = ("benchmark", "multiple", "r2_treatment", "r2_outcome", "estimate", "se", "t", "low", "high")


@dataclass(frozen=True)
class OmittedVariable(Result):
    """Sensitivity of an effect to a variable that was left out.

    ``table`` has a row per benchmark and multiple: ``benchmark``; ``multiple`` (how many times as strong as it the
    omitted variable is taken to be); ``r2_treatment``, ``r2_outcome`` (partial R² of such a variable with both sides,
    0 to 1); ``estimate``, ``se``, ``t``, ``low``, ``high`` (the effect had it been in the model). NaN where so strong a
    variable cannot exist beside the data.

    Attributes
    ----------
    partial_r2 : float
        Share of the left-over variance of the outcome that goes with the effect, ``t² / (t² + dof)``.
    robustness : float
        Robustness value: partial R² with both sides at which the effect falls by the share ``q``.
    robustness_significant : float
        The same until the interval no longer lies on its side.
    q : float
        Share of the effect that is to be explained away.
    """

    partial_r2: float
    robustness: float
    robustness_significant: float
    q: float


def omitted_variable(
    estimate: float,
    se: float,
    dof: float,
    *,
    q: float = 1.0,
    alpha: float = 0.05,
    benchmarks: Mapping[str, tuple[float, float]] | None = None,
    multiples: Sequence[float] = (1.0, 2.0, 3.0),
) -> OmittedVariable:
    """Return how strong an omitted variable would have to be, and what one like an observed covariate would do.

    Parameters
    ----------
    estimate, se : float
        Effect and its standard error.
    dof : float
        Residual degrees of freedom of the regression, above 1.
    q : float
        Share of the effect to be explained away, above 0; 1 brings it to zero.
    alpha : float
        Size of the test that ``robustness_significant`` speaks of.
    benchmarks : mapping of str to (float, float), optional
        Observed covariate to its partial R² with the treatment given the other covariates, and with the outcome given
        treatment and the other covariates; see `partial_r2s`.
    multiples : sequence of float
        How many times as strong the omitted variable is taken to be.

    Returns
    -------
    OmittedVariable

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    ``RV = (sqrt(f⁴ + 4 f²) - f²) / 2`` with ``f = q |t| / sqrt(dof)``; with alpha, f is lessened by the critical t over
    sqrt(dof - 1). An omitted variable with partial R² r_d and r_y changes the estimate by
    ``se sqrt(r_y r_d / (1 - r_d) dof)`` (Cinelli & Hazlett 2020, doi:10.1111/rssb.12348, equations 7 to 17). The
    formulas are those of independent errors of equal variance; a clustered ``se`` makes them more careful.

    Examples
    --------
    >>> darfur = omitted_variable(0.09731582, 0.02325654, 783)
    >>> round(darfur.robustness, 4), round(darfur.robustness_significant, 4)
    (0.1388, 0.0763)
    """
    _check(estimate, se, dof, q, alpha)
    t = estimate / se
    whole, lessened = q * abs(t) / np.sqrt(dof), _lessened(q * abs(t), dof, alpha)
    given = benchmarks or {}
    rows = [
        _bounded(name, multiple, strengths, (estimate, se, dof), alpha)
        for name, strengths in given.items()
        for multiple in multiples
    ]
    robustness = _value(whole)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"benchmark": "str"})
    return OmittedVariable(
        table,
        _findings(robustness, given),
        float(t**2 / (t**2 + dof)),
        robustness,
        _significant_value(whole, lessened, dof, alpha),
        q,
    )


def _check(estimate: float, se: float, dof: float, q: float, alpha: float) -> None:
    for name, value, low in (("se", se, 0.0), ("dof", dof, 1.0), ("q", q, 0.0), ("alpha", alpha, 0.0)):
        if not (np.isfinite(value) and value > low):
            raise ValueError(f"{name} is {value}; it must be a finite number above {low:g}")
    if not np.isfinite(estimate):
        raise ValueError(f"estimate is {estimate}; it must be a finite number")
    if alpha >= 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1")


def _lessened(t: float, dof: float, alpha: float) -> float:
    return float(t / np.sqrt(dof) - stats.t.isf(alpha / 2.0, dof - 1.0) / np.sqrt(dof - 1.0))


def _value(f: float) -> float:
    return float((np.sqrt(f**4 + 4.0 * f**2) - f**2) / 2.0) if f > 0 else 0.0


def _significant_value(f: float, lessened: float, dof: float, alpha: float) -> float:
    """Return the robustness value for significance; the second form holds where the outcome's share binds."""
    if lessened <= 0:
        return 0.0
    critical = float(stats.t.isf(alpha / 2.0, dof - 1.0) / np.sqrt(dof - 1.0))
    if critical > 0 and f > 1.0 / critical:
        return float((f**2 - critical**2) / (1.0 + f**2))
    return _value(lessened)


def _bounded(
    name: str, multiple: float, strengths: tuple[float, float], effect: tuple[float, float, float], alpha: float
) -> tuple[object, ...]:
    """Return the row of a variable ``multiple`` times as strong as a benchmark."""
    estimate, se, dof = effect
    of_treatment, of_outcome = strengths
    r_d = multiple * of_treatment / (1.0 - of_treatment)
    nothing = (name, multiple, r_d, *(float("nan"),) * 6)
    link = multiple * of_treatment**2 / ((1.0 - multiple * of_treatment) * (1.0 - of_treatment))
    if not (0 <= of_treatment < 1 and 0 <= of_outcome < 1 and r_d < 1 and 0 <= link < 1):
        return nothing
    weight = (np.sqrt(multiple) + np.sqrt(link)) / np.sqrt(1.0 - link)
    r_y = min(float(weight**2 * of_outcome / (1.0 - of_outcome)), 1.0)
    shift = se * np.sqrt(r_y * r_d / (1.0 - r_d) * dof)
    value = float(np.sign(estimate) * (abs(estimate) - shift))
    error = float(se * np.sqrt((1.0 - r_y) / (1.0 - r_d) * dof / (dof - 1.0)))
    half = float(stats.t.isf(alpha / 2.0, dof - 1.0)) * error
    return (name, multiple, r_d, r_y, value, error, value / error if error > 0 else np.nan, value - half, value + half)


def _findings(robustness: float, benchmarks: Mapping[str, tuple[float, float]]) -> tuple[Finding, ...]:
    if not benchmarks:
        return ()
    name = max(benchmarks, key=lambda key: min(benchmarks[key]))
    strength = min(benchmarks[name])
    if strength < robustness:
        return ()
    facts = {"robustness": f"{robustness:.1%}", "strength": f"{strength:.1%}"}
    return (finding("robustness-fragile", Where(), benchmark=name, **facts),)
