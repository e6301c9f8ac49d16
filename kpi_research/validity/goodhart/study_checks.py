"""The checks of one indicator that became a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kpi_research.study.spec_validity import GoodhartThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.goodhart.goodhart import Goodhart
from kpi_research.validity.goodhart.signs import Numbers, as_numbers
from kpi_research.validity.goodhart.study_words import why
from kpi_research.validity.words import Both

Row = dict[str, Any]
SHOWN_UNITS = 3


def relation_row(name: str, found: Goodhart, outcome: Both, sign: int) -> Row:
    """Return the evidence on the relation with the outcome.

    Parameters
    ----------
    name : str
        Id of the indicator.
    found : Goodhart
        What became of it.
    outcome : mapping of language to str
        What the outcome is called.
    sign : int
        Sign of the slope if a better indicator goes with a better outcome.

    Returns
    -------
    dict
        ``fail`` where a relation was lost, ``care`` where only the level rose, ``pass`` where the relation is still
        there, ``unknown`` where there was none or the data cannot tell.
    """
    rows = as_numbers(found.table)
    part = _speaking_part(rows, sign)
    before, after, difference = (rows[part, quantity] for quantity in ("before", "after", "difference"))
    facts: dict[str, Any] = {
        "outcome": outcome,
        "since": found.target_from,
        "before": f"{before['estimate']:.3g}",
        "after": f"{after['estimate']:.3g}",
        "chance": f"{before['p']:.2g}",
        "rise": f"{rows['level', 'indicator']['estimate']:+.2f}",
        "fall": f"{rows['level', 'outcome']['estimate']:+.2f}",
        "reading": found.reading,
    }
    there = before["p"] < (1.0 - found.level) / 2.0 and before["estimate"] * sign > 0
    still = min(after["low"] * sign, after["high"] * sign) > 0
    grade: Grade = "pass" if there and still else "unknown"
    shown = after
    if "relation_lost" in found.signs:
        grade, shown = "fail", difference
    elif "level_only" in found.signs:
        grade, shown = "care", rows["level", "indicator"]
    facts |= {"size": f"{shown['estimate']:.3g}", "lower": f"{shown['low']:.3g}", "upper": f"{shown['high']:.3g}"}
    facts["why"] = why("not-proven-after" if there else "nothing-before", **facts)
    return _row(name, "goodhart", grade, shown, 0.0, facts)


def _speaking_part(rows: Numbers, sign: int) -> str:
    """Return the part, within or between, whose relation before the target was the clearest."""
    chances = {
        part: rows[part, "before"]["p"] for part in ("between", "within") if rows[part, "before"]["estimate"] * sign > 0
    }
    return min(chances, key=lambda part: chances[part]) if chances else "between"


def dispersion_row(name: str, found: Goodhart, limits: GoodhartThresholds) -> Row:
    """Return the evidence on the spread between units.

    Parameters
    ----------
    name : str
        Id of the indicator.
    found : Goodhart
        What became of it.
    limits : GoodhartThresholds
        Thresholds.

    Returns
    -------
    dict
        ``care`` where the interval of the ratio of variances lies below 1, ``fail`` where it lies below the threshold,
        ``pass`` where it holds 1 and lies above the threshold, ``unknown`` where it is too wide.
    """
    ratio = as_numbers(found.table)["dispersion", "ratio"]
    words = {"size": f"{ratio['estimate']:.2f}", "lower": f"{ratio['low']:.2f}", "upper": f"{ratio['high']:.2f}"}
    grade: Grade = "unknown"
    if ratio["high"] < limits.collapse:
        grade = "fail"
    elif ratio["high"] < 1.0:
        grade = "care"
    elif ratio["low"] > limits.collapse:
        grade = "pass"
    reason = why("wide", **words) if np.isfinite(ratio["low"]) else why("few-units")
    facts = {**words, "since": found.target_from, "limit": f"{limits.collapse:g}", "why": reason}
    return _row(name, "dispersion", grade, ratio, limits.collapse, facts)


def pile_up_row(name: str, found: Goodhart, limits: GoodhartThresholds, target: float | None) -> Row:
    """Return the evidence on values just past the target.

    Parameters
    ----------
    name : str
        Id of the indicator.
    found : Goodhart
        What became of it.
    limits : GoodhartThresholds
        Thresholds.
    target : float or None
        Value of the target.

    Returns
    -------
    dict
        ``fail`` where the interval of the change lies above 0 and the change reaches the threshold, ``care`` where only
        the first holds, ``pass`` otherwise; ``unknown`` without a target value or with fewer than five units.
    """
    if target is None:
        return evidence_row(name, "robustness", "target-pile-up", "unknown", why=why("no-target-value"))
    change = as_numbers(found.table)["pile_up", "difference"]
    if not np.isfinite(change["low"]):
        return evidence_row(name, "robustness", "target-pile-up", "unknown", why=why("few-units"))
    grade: Grade = "pass"
    if change["low"] > 0:
        grade = "fail" if change["estimate"] >= limits.pile_up else "care"
    units = found.units.assign(change=found.units["pile_up_after"] - found.units["pile_up_before"])
    most = units.nlargest(SHOWN_UNITS, "change")["unit"].astype("str")
    facts = {
        "since": found.target_from,
        "target": f"{target:g}",
        "size": f"{change['estimate']:.1%}",
        "lower": f"{change['low']:.1%}",
        "upper": f"{change['high']:.1%}",
        "units": {"en": ", ".join(most), "zh": "、".join(most)},
    }
    return _row(name, "target-pile-up", grade, change, limits.pile_up, facts)


def _row(
    name: str, check: str, grade: Grade, numbers: Mapping[str, float], threshold: float, facts: Mapping[str, Any]
) -> Row:
    return evidence_row(
        name,
        "robustness",
        check,
        grade,
        value=numbers["estimate"],
        low=numbers["low"],
        high=numbers["high"],
        p=numbers["p"],
        threshold=threshold,
        **facts,
    )
