"""What the audits of a study say of its indicators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.model import Study
from kpi_research.study.spec_validity import GoodhartThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.goodhart.compliance import Compliance, compliance
from kpi_research.validity.goodhart.study_words import why
from kpi_research.validity.words import Both

Row = dict[str, Any]


def audit_rows(study: Study) -> tuple[list[Row], list[pd.DataFrame]]:
    """Return the evidence of audited records, one row per indicator.

    Parameters
    ----------
    study : Study
        A loaded study; a column ``reported`` of its audits (share that the unit itself reported right, 0 to 1) gives the
        gap between reports and audits.

    Returns
    -------
    rows : list of dict
        Check ``audit-compliance``: ``pass`` where the interval of the share right reaches the threshold, ``fail`` where
        it lies below, ``care`` between, ``unknown`` where nothing was audited.
    details : list of pandas.DataFrame
        Tables of `kpi_research.validity.goodhart.compliance.Compliance` with ``indicator``.
    """
    audits = study.role_table("audits")
    limits = study.spec.validity.thresholds.goodhart
    rows, details = [], []
    for name in map(str, study.indicators["id"]):
        mine = _audits_of(study, audits, name)
        if mine is None or mine.empty:
            rows.append(_unknown(name, "no-audits" if audits is None else "not-audited"))
            continue
        found = _found(mine, limits)
        rows.append(_judged(name, found, len(mine), limits) if np.isfinite(found.low) else _unknown(name, "one-unit"))
        details.append(found.table.assign(indicator=name))
    return rows, details


def _audits_of(study: Study, audits: pd.DataFrame | None, name: str) -> pd.DataFrame | None:
    """Return the audits that name the indicator; where no audit names one, those of the kind its formula counts."""
    if audits is None:
        return None
    if "indicator" in audits and audits["indicator"].notna().any():
        return audits[audits["indicator"] == name]
    if "kind" not in audits:
        return audits.iloc[:0]
    entry = study.indicators.set_index("id").loc[name]
    text = " ".join(str(entry[part] or "") for part in ("value", "numerator", "denominator"))
    return audits[[bool(kind) and f"'{kind}'" in text for kind in audits["kind"].fillna("").astype("str")]]


def _found(audits: pd.DataFrame, limits: GoodhartThresholds) -> Compliance:
    told = "reported" in audits and bool(pd.to_numeric(audits["reported"], errors="coerce").between(0, 1).all())
    reported = "reported" if told else None
    return compliance(audits, unit="unit", right="right", reported=reported, required=limits.compliance)


def _judged(name: str, found: Compliance, rows: int, limits: GoodhartThresholds) -> Row:
    grade: Grade = "care"
    if found.low >= limits.compliance:
        grade = "pass"
    elif found.high < limits.compliance:
        grade = "fail"
    facts: dict[str, Any] = {
        "size": f"{found.estimate:.1%}",
        "n": rows,
        "lower": f"{found.low:.1%}",
        "upper": f"{found.high:.1%}",
        "limit": f"{limits.compliance:.0%}",
        "gap": _gap(found),
    }
    numbers = {"value": found.estimate, "low": found.low, "high": found.high, "threshold": limits.compliance}
    return evidence_row(name, "authenticity", "audit-compliance", grade, **numbers, **facts)


def _gap(found: Compliance) -> Both:
    if not np.isfinite(found.gap):
        return {"en": "", "zh": ""}
    numbers = {"gap": 100 * found.gap, "low": 100 * found.gap_low, "high": 100 * found.gap_high}
    return {
        "en": " Units report {gap:+.1f} percentage points more than audits find ({low:+.1f} to {high:+.1f}).".format(
            **numbers
        ),
        "zh": "各单位上报数比核查结果相差 {gap:+.1f} 个百分点（{low:+.1f} 至 {high:+.1f}）。".format(**numbers),
    }


def _unknown(name: str, reason: str) -> Row:
    return evidence_row(name, "authenticity", "audit-compliance", "unknown", why=why(reason))
