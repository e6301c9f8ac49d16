"""Groups of units that a study knows to differ, told apart by its indicators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.model import Study
from kpi_research.study.spec_validity import KnownGroupsSection
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.known_groups import known_groups
from kpi_research.validity.prediction.study_words import why

_GRADES: dict[str, Grade] = {"as_expected": "pass", "reversed": "fail", "cannot_tell": "unknown"}
Row = dict[str, Any]


def group_rows(study: Study, panel: StudyPanel) -> tuple[list[Row], list[pd.DataFrame]]:
    """Return the evidence on groups that are known to differ.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    rows : list of dict
        One per indicator and named pair of groups, one with ``unknown`` where none is named for it.
    details : list of pandas.DataFrame
        Tables of `kpi_research.validity.prediction.known_groups.KnownGroups` with ``indicator``, ``higher``, ``lower``.
    """
    rows, details = [], []
    for name in map(str, study.indicators["id"]):
        asked = [
            group for group in study.spec.validity.known_groups if not group.indicators or name in group.indicators
        ]
        if not asked:
            rows.append(evidence_row(name, "validity", "known-groups", "unknown", why=why("no-groups")))
        for group in asked:
            row, detail = _compare(study, panel, name, group)
            rows.append(row)
            details += detail
    return rows, details


def _compare(study: Study, panel: StudyPanel, name: str, group: KnownGroupsSection) -> tuple[Row, list[pd.DataFrame]]:
    units = study.role_table("units")
    if units is None or group.column not in units.columns:
        return _unknown(name, "no-group-column", column=group.column), []
    if name not in panel.indicators or name in panel.constant:
        return _unknown(name, "constant" if name in panel.constant else "unobserved"), []
    better = 1.0 if study.indicators.set_index("id").loc[name, "direction"] == "higher" else -1.0
    frame = panel.frame[["unit", name]].replace([np.inf, -np.inf], np.nan).dropna()
    groups = units.set_index("unit")[group.column].astype("str")
    frame = frame.assign(group=frame["unit"].map(groups), value=better * frame[name].astype(float))
    names = {"better": group.higher, "worse": group.lower}
    try:
        expected = (group.higher, group.lower)
        found = known_groups(frame, value="value", group="group", expected=expected, unit="unit")
    except ValueError:
        return _unknown(name, "groups-empty", **names), []
    g, auc = found.table.iloc[1], found.table.iloc[2]
    numbers = {"value": float(g["estimate"]), "low": float(g["low"]), "high": float(g["high"]), "threshold": 0.0}
    words = {"size": f"{g['estimate']:.2f}", "lower": f"{g['low']:.2f}", "upper": f"{g['high']:.2f}"}
    facts: Row = {**names, **words, "auc": f"{auc['estimate']:.2f}", "why": why("groups-wide", **names, **words)}
    row = evidence_row(name, "validity", "known-groups", _GRADES[found.verdict], **numbers, **facts)
    return row, [found.table.assign(indicator=name, higher=group.higher, lower=group.lower)]


def _unknown(name: str, reason: str, **facts: object) -> Row:
    return evidence_row(name, "validity", "known-groups", "unknown", why=why(reason, **facts))
