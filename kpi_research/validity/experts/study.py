"""Experts of a study: what they say of each indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kpi_research.study.findings import Finding
from kpi_research.study.model import Study
from kpi_research.validity.evidence import Evidence, Grade, evidence_frame, evidence_row
from kpi_research.validity.experts.ahp import ahp
from kpi_research.validity.experts.content import content_validity
from kpi_research.validity.panel_frame import StudyPanel

GOOD, FAIR = 0.60, 0.40


def study_experts(study: Study, panel: StudyPanel) -> Evidence:
    """Return what experts say of each indicator.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns; not looked at.

    Returns
    -------
    Evidence
        Aspect ``importance``: ``content-validity`` (share of experts who call the indicator relevant, from the role
        ``experts``). Tables ``content_validity``; ``ahp`` (weights from the role ``comparisons``, summing to 1 in each ``group`` of
        indicators that were compared) and ``ahp_consistency``
        (a row per expert without the expert's name).
    """
    rows, tables = _content(study)
    findings: list[Finding] = []
    groups = []
    compared = study.role_table("comparisons")
    for number, part in enumerate(_connected(compared), 1):
        found = ahp(part, expert="expert", first="first", second="second", ratio="ratio")
        groups.append((found.table.assign(group=number), found.experts.assign(group=number)))
        findings += found.findings
    if groups:
        consistency = pd.concat([experts for _, experts in groups], ignore_index=True)
        tables |= {"ahp": pd.concat([table for table, _ in groups], ignore_index=True)}
        kept = consistency[["group", "pairs", "consistency_ratio", "consistent"]]
        tables |= {"ahp_consistency": kept.sort_values(["group", "consistency_ratio"], ignore_index=True)}
    return Evidence(evidence_frame(rows), tables, tuple(findings))


def _connected(compared: pd.DataFrame | None) -> Iterator[pd.DataFrame]:
    """Yield comparisons group by group: weights can be told only among items that a chain of comparisons connects."""
    if compared is None or compared.empty:
        return
    items = list(dict.fromkeys([*compared["first"], *compared["second"]]))
    ends = [pd.Index(items).get_indexer(compared[side]) for side in ("first", "second")]
    graph = coo_array((np.ones(len(compared)), (ends[0], ends[1])), shape=(len(items), len(items)))
    _, label = connected_components(graph, directed=False)
    for group in dict.fromkeys(label):
        yield compared[label[ends[0]] == group]


def _content(study: Study) -> tuple[list[dict[str, Any]], dict[str, pd.DataFrame]]:
    names = [str(name) for name in study.indicators["id"]]
    ratings = study.role_table("experts")
    if ratings is None or "relevance" not in ratings or ratings["relevance"].isna().all():
        return [evidence_row(name, "importance", "content-validity", "unknown") for name in names], {}
    found = content_validity(ratings, expert="expert", item="indicator", relevance="relevance")
    known = {str(row["item"]): row for row in found.table.to_dict("records")}
    rows = [
        _row(name, known[name]) if name in known else evidence_row(name, "importance", "content-validity", "unknown")
        for name in names
    ]
    return rows, {"content_validity": found.table}


def _row(name: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    kappa = float(row["kappa"])
    grade: Grade = "pass" if kappa >= GOOD else "care" if kappa >= FAIR else "fail"
    facts: dict[str, Any] = {
        "k": int(row["relevant"]),
        "n": int(row["experts"]),
        "kappa": f"{round(kappa, 2) + 0.0:.2f}",
    }
    return evidence_row(
        name, "importance", "content-validity", grade,
        value=float(row["i_cvi"]), low=float(row["low"]), high=float(row["high"]), threshold=GOOD, **facts,
    )  # fmt: skip
