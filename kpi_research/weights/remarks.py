"""What a user must know about weights: findings made from the numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.weights.limits import Floats, Limit
from kpi_research.weights.program import TOTAL, Program
from kpi_research.weights.wording import Wording

FEW_UNITS = 40
"""Below this number of units optimized weights usually do worse out of sample than expert weights."""

VISIBLE = 1e-6
WIDE = 0.01


def current_breaks_rules(program: Program, current: Floats, center: Floats, wording: Wording) -> tuple[Finding, ...]:
    """Say which limits the current weights break and by how much.

    Parameters
    ----------
    program : Program
        The rules.
    current : ndarray of shape (indicators,)
        Current weights, points.
    center : ndarray of shape (indicators,)
        The closest allowed weights.
    wording : Wording
        Names.

    Returns
    -------
    tuple of Finding
        Empty where the current weights are allowed.
    """
    moved = float(np.abs(center - current).sum())
    if moved <= VISIBLE:
        return ()
    parts = (
        [{"en": f"all weights add up to {current.sum():g}", "zh": f"权重合计为{current.sum():g}分"}]
        if abs(current.sum() - TOTAL) > VISIBLE
        else []
    )
    for limit in program.limits:
        beyond = (
            _beyond(limit.is_lower, limit.value, current[limit.selected])
            if limit.is_each
            else _sum_beyond(limit, current)
        )
        if beyond > VISIBLE:
            said = wording.statement(limit)
            parts.append(
                {"en": f"{said['en']} (off by {beyond:.4g} points)", "zh": f"{said['zh']}（相差{beyond:.4g}分）"}
            )
    rules = {"en": "; ".join(part["en"] for part in parts), "zh": "；".join(part["zh"] for part in parts)}
    return (finding("current-breaks-rules", Where(), rules=rules, moved=f"{moved:.4g}"),)


def _beyond(is_lower: bool, value: float, weights: Floats) -> float:
    return float(((value - weights) if is_lower else (weights - value)).max())


def _sum_beyond(limit: Limit, weights: Floats) -> float:
    coefficients, bound = limit.row()
    activity = float(coefficients @ weights)
    return bound - activity if limit.is_lower else activity - bound


def soft_rules_broken(rules: pd.DataFrame, wording: Wording) -> tuple[Finding, ...]:
    """Say which soft rules could not be kept.

    Parameters
    ----------
    rules : pandas.DataFrame
        From `kpi_research.weights.check.evaluate_rules`, for the published weights.
    wording : Wording
        Names.

    Returns
    -------
    tuple of Finding
    """
    broken = rules[~rules["hard"] & (rules["violation"] > VISIBLE)]
    return tuple(
        finding("soft-rule-broken", Where(), rule=_both(wording, row["rule"]), points=f"{row['violation']:.4g}")
        for row in broken.to_dict("records")
    )


def _both(wording: Wording, rule: str) -> dict[str, str]:
    return {"en": wording.rules[rule]["en"], "zh": wording.rules[rule]["zh"]}


def weights_not_determined(ids: tuple[str, ...], low: Floats, high: Floats, wording: Wording) -> tuple[Finding, ...]:
    """Say which weights may vary at the optimum.

    Parameters
    ----------
    ids : tuple of str
        Indicator ids in canonical order.
    low, high : ndarray of shape (indicators,)
        Range of each weight at the optimum, points.
    wording : Wording
        Names.

    Returns
    -------
    tuple of Finding
        Empty where the optimum fixes every weight to 0.01 points.
    """
    width = high - low
    wide = [ids[j] for j in np.flatnonzero(width > WIDE)]
    if not wide:
        return ()
    widest = ids[int(width.argmax())]
    facts = {
        "count": len(wide),
        "names": wording.listed(wide),
        "widest": wording.listed([widest]),
        "width": f"{width.max():.4g}",
    }
    return (finding("weights-not-determined", Where(), **facts),)


def validity_compared(units: int, optimized: float, validated: float, reference: float) -> tuple[Finding, ...]:
    """Compare the correlation with the outcome of optimized and of reference weights, in sample and cross-validated.

    Parameters
    ----------
    units : int
        Number of complete units.
    optimized, validated, reference : float
        Correlation of the optimized weights in sample, of weights optimized without the scored units, and of the
        current weights (equal ones where there are none).

    Returns
    -------
    tuple of Finding
        A note; a caution where the reference does as well; a caution where units are few.
    """
    facts = {
        "units": units,
        "optimized": f"{optimized:.3f}",
        "validated": f"{validated:.3f}",
        "reference": f"{reference:.3f}",
    }
    found = [finding("weights-validity", Where(), **facts)]
    if not validated > reference:
        found.append(
            finding("reference-weights-do-as-well", Where(), validated=facts["validated"], reference=facts["reference"])
        )
    if units < FEW_UNITS:
        found.append(finding("few-units-for-weights", Where(), units=units, enough=FEW_UNITS))
    return tuple(found)


def unstable_relation(unrelated: int, draws: int) -> tuple[Finding, ...]:
    """Say how often a bootstrap sample of units has no weights that go with the outcome.

    Parameters
    ----------
    unrelated, draws : int
        Number of such samples, and of all.

    Returns
    -------
    tuple of Finding
        Empty where it is at most 5 % of them.
    """
    if unrelated <= 0.05 * draws:
        return ()
    return (finding("weights-relation-unstable", Where(), unrelated=unrelated, draws=draws),)
