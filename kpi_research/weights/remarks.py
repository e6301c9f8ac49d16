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
LOOSE = 2.0
"""Range of a weight in points that is called loose."""


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


def validity_compared(validity: pd.DataFrame, units: int) -> tuple[Finding, ...]:
    """Compare the correlation with the outcome of optimized and of reference weights, in sample and cross-validated.

    Parameters
    ----------
    validity : pandas.DataFrame
        From `kpi_research.weights.validity_table.validity_table`.
    units : int
        Number of complete units.

    Returns
    -------
    tuple of Finding
        A note; a caution where the reference (current weights, equal ones where there are none) does as well; a caution
        where units are few.
    """
    known = validity.set_index("weights")["correlation"]
    validated = float(known["optimized_cross_validated"])
    reference = float(known["current"] if "current" in known else known["equal"])
    facts = {
        "units": units,
        "optimized": f"{known['optimized']:.3f}",
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


def experts_do_as_well(validity: pd.DataFrame) -> tuple[Finding, ...]:
    """Say that weights of experts do as well as optimized ones on units that were not used for optimizing.

    Parameters
    ----------
    validity : pandas.DataFrame
        From `kpi_research.weights.validity_table.validity_table`.

    Returns
    -------
    tuple of Finding
        Empty where optimized weights do better with the whole interval above 0, or there are no weights of experts.
    """
    rows = validity[validity["weights"] == "experts"]
    gain, low, high = (float(rows[name].sum(skipna=False)) for name in ("gain", "gain_low", "gain_high"))
    if rows.empty or np.isnan(gain) or low > 0:
        return ()
    facts = {"gain": f"{gain:.3f}", "low": f"{low:.3f}", "high": f"{high:.3f}"}
    return (finding("experts-do-as-well", Where(), **facts),)


def loosely_determined(near: tuple[Floats, Floats], program: Program, total: int) -> tuple[Finding, ...]:
    """Say that the data hardly determine the weights.

    Parameters
    ----------
    near : tuple of ndarray
        Smallest and largest value of each weight while the objective gives up at most 2 %.
    program : Program
        The rules.
    total : int
        Number of indicators.

    Returns
    -------
    tuple of Finding
        Empty unless most of the weights that may move range over more than 2 points.
    """
    width = near[1] - near[0]
    if np.isnan(width).all():
        return ()
    movable = program.high - program.low > LOOSE
    loose = movable & (width > LOOSE)
    if not movable.any() or loose.sum() <= movable.sum() / 2:
        return ()
    facts = {
        "count": int(loose.sum()),
        "total": total,
        "points": f"{LOOSE:g}",
        "middle": f"{np.median(width[loose]):.2g}",
    }
    return (finding("weights-loosely-determined", Where(), **facts),)


def support_chosen(before: float, after: float) -> tuple[Finding, ...]:
    """Say what rules on the number of indicators, or on the least weight, cost.

    Parameters
    ----------
    before, after : float
        Objective without and with these rules.

    Returns
    -------
    tuple of Finding
    """
    return (finding("support-chosen", Where(), before=f"{before:.4g}", after=f"{after:.4g}"),)


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
