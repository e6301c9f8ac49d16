"""Redundancy of a study's indicators."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.model import Study
from kpi_research.validity.catalogue import with_whole_catalogue
from kpi_research.validity.evidence import Evidence, evidence_frame, evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.redundancy.redundancy import LEAST_UNITS, Redundancy, redundancy
from kpi_research.validity.use.trace import not_to_be_used

KINDS = ("quantity", "process", "preventive", "quality", "outcome")
"""Kinds of indicator, the one to give up first where two say the same."""


def study_redundancy(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on indicators that say the same thing.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``use``, check ``redundant``: ``care`` where an indicator says the same as one that is rather kept (not
        banned, not reported by the unit itself, not a mere count, of higher weight), ``pass`` otherwise, ``unknown``
        where fewer than eight units have a value or all are equal. Tables ``redundancy`` and ``redundancy_pairs``; findings on
        groups and on pairs that only confirm each other.
    """
    study = with_whole_catalogue(study)
    limit = study.spec.validity.thresholds.redundancy.correlation
    varying = [name for name in panel.indicators if name not in panel.constant]
    known = [name for name in study.indicators["id"] if name in varying]
    if len(known) < 2:
        rows = [_unknown(name) for name in study.indicators["id"]]
        return Evidence(evidence_frame(rows))
    banned = not_to_be_used(study)
    prefer = {name: value for name, value in worth(study.indicators, banned).items() if name in known}
    found = redundancy(panel.frame, unit="unit", period="period", indicators=known, threshold=limit, prefer=prefer)
    rows = [_row(study, name, found, banned) if name in known else _unknown(name) for name in study.indicators["id"]]
    tables = {"redundancy": found.table, "redundancy_pairs": found.pairs}
    told = tuple(item for item in found.findings if item.facts.get("kept") not in banned)
    return Evidence(evidence_frame(rows), tables, told)


def worth(catalogue: pd.DataFrame, banned: Collection[str] = ()) -> Mapping[str, float]:
    """Return which of two equal indicators to keep: a number per indicator of the catalogue, higher is better.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        ``id``, ``evaluator``, ``kind``, ``current_weight``.
    banned : collection of str
        Indicators that may not be used.

    Returns
    -------
    mapping of str to float
        Not banned goes before not self-reported, that before the kind, that before the current weight.
    """
    kind = catalogue["kind"].map({name: place for place, name in enumerate(KINDS, 1)}).fillna(0.0)
    outside = (catalogue["evaluator"] != "self").astype(float)
    allowed = (~catalogue["id"].isin(list(banned))).astype(float)
    number = 100.0 * allowed + 10.0 * outside + kind + catalogue["current_weight"].fillna(0.0) / 1000.0
    return dict(zip(catalogue["id"].astype("str"), number.astype(float), strict=True))


def _row(study: Study, name: str, found: Redundancy, banned: Collection[str]) -> dict[str, Any]:
    row = found.table[found.table["indicator"] == name].iloc[0]
    if row["units"] < LEAST_UNITS:
        return _unknown(name)
    numbers = {"value": float(row["correlation"]), "low": float(row["low"]), "high": float(row["high"])}
    numbers["threshold"] = found.threshold
    members = found.table[found.table["cluster"] == row["cluster"]]
    facts: dict[str, Any] = {"limit": f"{found.threshold:.2f}", "partner": _label(study, str(row["partner"]))}
    if row["size"] > 1 and not row["keep"]:
        kept = str(members.loc[members["keep"], "indicator"].iloc[0])
        facts |= {"advice": _advice(study, kept, banned), "size": f"{row['correlation']:.2f}", "range": _range(row)}
        facts["within"] = f"{row['within']:.2f}" if np.isfinite(float(row["within"])) else "–"
        return evidence_row(name, "use", "redundant", "care", **numbers, **facts)
    return evidence_row(
        name, "use", "redundant", "pass", **numbers, others=_others(study, members, name, banned), **facts
    )


def _others(study: Study, members: pd.DataFrame, name: str, banned: Collection[str]) -> dict[str, str]:
    """Return what else says the same as an indicator that is kept."""
    names = [str(other) for other in members["indicator"] if other != name]
    if not names:
        return {"en": "no other indicator says the same", "zh": "没有其他指标与其重复"}
    labels = [_label(study, other) for other in names]
    en, zh = (", ".join(label["en"] for label in labels), "、".join(label["zh"] for label in labels))
    if name in banned:
        return {
            "en": f"{en} says the same, and none of them may be a target",
            "zh": f"{zh}与其重复，均不得作为考核指标",
        }
    return {
        "en": f"{en} says the same; of these, this one is rather kept",
        "zh": f"{zh}与其重复；其中建议保留本指标",
    }


def _advice(study: Study, kept: str, banned: Collection[str]) -> dict[str, str]:
    if kept in banned:
        return {"en": "none of them may be a target", "zh": "均不得作为考核指标"}
    label = _label(study, kept)
    return {"en": f"{label['en']} is rather kept", "zh": f"建议保留“{label['zh']}”"}


def _range(row: pd.Series) -> str:
    return f"{row['low']:.2f} – {row['high']:.2f}"


def _unknown(name: str) -> dict[str, Any]:
    return evidence_row(name, "use", "redundant", "unknown", needed=LEAST_UNITS)


def _label(study: Study, name: str) -> dict[str, str]:
    return {"en": study.label(name, "en"), "zh": study.label(name, "zh")} if name else {"en": "", "zh": ""}
