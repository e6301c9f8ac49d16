"""Reliability of a study: whether each indicator measures units rather than chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.lineage import lineage
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import ReliabilityThresholds
from kpi_research.study.tables import MAX_ROWS
from kpi_research.validity.evidence import Evidence, Grade, evidence_frame, evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.reliability.estimate import NAMES, Reliability, periods_needed, reliability
from kpi_research.validity.reliability.generalizability import g_study
from kpi_research.validity.reliability.methods import of_mean
from kpi_research.validity.reliability.stability import stability

COLUMNS = (
    "indicator", "method", "icc1", "icc1_low", "icc1_high", "stability", "stability_low", "stability_high",
    "periods", "reliability", "low", "high", "share_70", "share_90", "periods_for_70",
)  # fmt: skip
WANTED = 0.7
METHOD_ZH = "单因素随机效应组内相关 ICC(1)"


def study_reliability(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on reliability.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``reliability``: ``reliability-of-score`` (of a unit's mean over the periods of the study),
        ``veto-condition`` (in its place for vetoes, which rank nobody) and
        ``rating-generalizability`` (of indicators computed from ratings). Table ``reliability``, one row per indicator:
        ``method``; ``icc1`` with its interval (one period), ``stability`` with its interval; ``periods`` of the median
        unit; ``reliability``, ``low``, ``high`` of its mean; ``share_70``, ``share_90`` (share of units whose mean
        reaches .7 and .9); ``periods_for_70``.
    """
    limits = study.spec.validity.thresholds.reliability
    roles = dict(zip(study.indicators["id"], study.indicators.get("role", ""), strict=False))
    rows: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    for name in map(str, study.indicators["id"]):
        seen = _repeated(panel, name)
        if seen is None:
            rows.append(evidence_row(name, "reliability", "reliability-of-score", "unknown"))
            continue
        found = reliability(seen, unit="unit", period="period", value=name, method="icc")
        numbers.append(_numbers(name, found, seen))
        if roles.get(name) == "veto":
            rows.append(evidence_row(name, "reliability", "veto-condition", "care"))
        else:
            rows.append(_row(numbers[-1], limits))
    rows += _rating_rows(study, limits)
    return Evidence(evidence_frame(rows), {"reliability": pd.DataFrame(numbers, columns=list(COLUMNS))})


def _repeated(panel: StudyPanel, name: str) -> pd.DataFrame | None:
    """Return an indicator's values where units have several that differ."""
    if name not in panel.indicators or name in panel.constant:
        return None
    seen = panel.frame.loc[panel.frame[name].notna(), ["unit", "period", name]]
    several = seen["unit"].nunique() >= 2 and int(seen["unit"].value_counts().max()) >= 2
    return seen if several else None


def _numbers(name: str, found: Reliability, seen: pd.DataFrame) -> dict[str, Any]:
    order = stability(seen, unit="unit", period="period", value=name)
    periods = float(np.median(found.units["n"]))
    step = [_of_mean_from_icc(icc, periods) for icc in (found.estimate, found.low, found.high)]
    reach = found.units["reliability"]
    return {
        "indicator": name, "method": NAMES["icc"],
        "icc1": found.estimate, "icc1_low": found.low, "icc1_high": found.high,
        "stability": order.estimate, "stability_low": order.low, "stability_high": order.high,
        "periods": periods, "reliability": step[0], "low": step[1], "high": step[2],
        "share_70": float((reach >= WANTED).mean()), "share_90": float((reach >= 0.9).mean()),
        "periods_for_70": periods_needed(found.signal_to_noise, WANTED),
    }  # fmt: skip


def _of_mean_from_icc(icc: float, periods: float) -> float:
    if np.isnan(icc):
        return icc
    return of_mean(np.inf if icc >= 1 else max(icc, -1.0 / periods) / (1.0 - icc), periods) if icc > 0 else 0.0


def _row(numbers: dict[str, Any], limits: ReliabilityThresholds) -> dict[str, Any]:
    value, needed = float(numbers["reliability"]), numbers["periods_for_70"]
    sure = not float(numbers["low"]) < limits.care and float(numbers["icc1"]) >= limits.single
    grade: Grade = "pass" if value >= limits.use and sure else "care" if value >= limits.care else "fail"
    more = {"en": f"{needed} periods", "zh": f"{needed} 期"}
    never = {"en": "more than any number of periods can give", "zh": "再多期数也无法达到"}
    facts: dict[str, Any] = {
        "method": {"en": NAMES["icc"], "zh": METHOD_ZH},
        "lower": f"{numbers['low']:.2f}", "upper": f"{numbers['high']:.2f}", "n": f"{numbers['periods']:g}",
        "single": f"{numbers['icc1']:.2f}", "share": f"{100 * numbers['share_70']:.0f} %",
        "needed": more if needed else never,
    }  # fmt: skip
    low, high = float(numbers["low"]), float(numbers["high"])
    return _valued(str(numbers["indicator"]), "reliability-of-score", grade, value, low, high, limits.use, facts)


def _valued(
    name: str, check: str, grade: Grade, value: float, low: float, high: float, limit: float, facts: dict[str, Any]
) -> dict[str, Any]:
    shown: dict[str, Any] = facts | {"shown": f"{value:.2f}"}
    return evidence_row(name, "reliability", check, grade, value=value, low=low, high=high, threshold=limit, **shown)


def _rating_rows(study: Study, limits: ReliabilityThresholds) -> list[dict[str, Any]]:
    sources = lineage(study)
    of_ratings = sources.loc[sources["role"] == "ratings", ["indicator", "table"]].drop_duplicates()
    found: dict[str, dict[str, Any]] = {}
    rows = []
    for name, table in of_ratings.itertuples(index=False):
        if table not in found:
            found[table] = _rating_numbers(study, table)
        numbers = found[table]
        if not numbers:
            rows.append(evidence_row(name, "reliability", "rating-generalizability", "unknown"))
            continue
        value = float(numbers["relative"])
        grade: Grade = "pass" if value >= limits.use else "care" if value >= limits.care else "fail"
        facts = {"lower": f"{numbers['low']:.2f}", "upper": f"{numbers['high']:.2f}"}
        facts["severity"] = f"{100 * numbers['severity']:.0f}"
        low, high = float(numbers["low"]), float(numbers["high"])
        rows.append(_valued(name, "rating-generalizability", grade, value, low, high, limits.use, facts))
    return rows


def _rating_numbers(study: Study, table: str) -> dict[str, Any]:
    """Return the coefficient of superiors' ratings of one period, averaged ratings of a pair and item; empty if it fails."""
    if study.tables.relations[table].count() > MAX_ROWS:
        return {}
    ratings = study.tables[table]
    needed = {"target", "rater", "item", "kind", "rating"}
    if not needed <= set(ratings.columns):
        return {}
    superiors = ratings[(ratings["kind"] == "superior") & ratings["rating"].notna()]
    mean = superiors.groupby(["target", "rater", "item"], observed=True)["rating"].mean().reset_index()
    try:
        found = g_study(mean, target="target", facets=["rater", "item"], rating="rating")
    except (ValueError, np.linalg.LinAlgError):
        return {}
    shares = dict(zip(found.table["effect"], found.table["share"], strict=True))
    return {"relative": found.relative, "low": found.low, "high": found.high, "severity": shares.get("rater", 0.0)}
