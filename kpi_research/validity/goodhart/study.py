"""Targets and audits of a study: what became of indicators that units are judged on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import TargetSection
from kpi_research.validity.evidence import Evidence, evidence_frame, evidence_row
from kpi_research.validity.goodhart.goodhart import Goodhart, goodhart
from kpi_research.validity.goodhart.study_audits import audit_rows
from kpi_research.validity.goodhart.study_checks import dispersion_row, pile_up_row, relation_row
from kpi_research.validity.goodhart.study_words import why
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.words import Both

Row = dict[str, Any]
CHECKS = ("goodhart", "dispersion", "target-pile-up")
_SIGN = {"higher": 1, "lower": -1}


def study_goodhart(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on indicators that became targets, and on audited records.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``robustness``: checks ``goodhart`` (relation with the outcome), ``dispersion`` and ``target-pile-up``
        before and after the period that ``[[validity.targets]]`` names. Aspect ``authenticity``: ``audit-compliance``.
        Thresholds stand in ``[validity.thresholds.goodhart]``. Tables: ``goodhart`` (all numbers), ``goodhart_units``,
        ``audit_units``.
    """
    targets = {target.indicator: target for target in study.spec.validity.targets}
    rows: list[Row] = []
    findings: list[Finding] = []
    tables: dict[str, list[pd.DataFrame]] = {"goodhart": [], "goodhart_units": [], "audit_units": []}
    for name in map(str, study.indicators["id"]):
        found = _changes(study, panel, name, targets.get(name))
        if isinstance(found, Goodhart):
            rows += _judged(study, name, found, targets[name])
            findings += found.findings
            tables["goodhart"].append(found.table.assign(indicator=name))
            tables["goodhart_units"].append(found.units.assign(indicator=name))
        else:
            rows += [evidence_row(name, "robustness", check, "unknown", why=found) for check in CHECKS]
    of_audits, details = audit_rows(study)
    tables["audit_units"] = details
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items() if parts}
    return Evidence(evidence_frame([*rows, *of_audits]), joined, tuple(findings))


def _changes(study: Study, panel: StudyPanel, name: str, target: TargetSection | None) -> Goodhart | Both:
    if target is None:
        return why("no-target-date")
    if name not in panel.indicators:
        return why("unobserved")
    if name in panel.constant:
        return why("constant")
    frame = _frame(study, panel, name, target)
    if frame is None:
        return why("no-outcome")
    try:
        return goodhart(
            frame,
            indicator="indicator",
            outcome="outcome",
            unit="unit",
            period="period",
            target_from=target.since,
            target=_target_value(study, name),
            direction=study.indicators.set_index("id").loc[name, "direction"],  # type: ignore[arg-type]
            outcome_direction=_outcome_direction(study, target),
        )
    except ValueError as problem:
        return why("impossible", problem=str(problem).rstrip("."), since=target.since)


def _frame(study: Study, panel: StudyPanel, name: str, target: TargetSection) -> pd.DataFrame | None:
    """Return indicator and outcome side by side, periods as text, or None without an outcome of another source."""
    if target.outcome is None:
        if panel.outcome is None or name in panel.same_as_outcome:
            return None
        frame = panel.frame[["unit", "period", name, panel.outcome]]
    else:
        table, _, column = target.outcome.partition(".")
        other = study.tables[table][["unit", "period", column]].set_axis(["unit", "period", "outcome"], axis=1)
        other = other.groupby(["unit", "period"])["outcome"].mean().reset_index()
        frame = panel.frame[["unit", "period", name]].merge(other, on=["unit", "period"], how="left")
    frame = frame.set_axis(["unit", "period", "indicator", "outcome"], axis=1)
    kinds = {"period": "str", "indicator": "float64", "outcome": "float64"}
    frame = frame.astype(kinds).replace([np.inf, -np.inf], np.nan)
    return frame[frame["indicator"].notna()]


def _target_value(study: Study, name: str) -> float | None:
    value = study.indicators.set_index("id")["target"].astype("float64")[name]
    return float(value) if np.isfinite(value) else None


def _outcome_direction(study: Study, target: TargetSection) -> Any:
    return target.outcome_direction or study.spec.validity.outcome_direction


def _judged(study: Study, name: str, found: Goodhart, target: TargetSection) -> list[Row]:
    limits = study.spec.validity.thresholds.goodhart
    direction = str(study.indicators.set_index("id").loc[name, "direction"])
    sign = _SIGN[direction] * _SIGN[str(_outcome_direction(study, target))]
    return [
        relation_row(name, found, _outcome_name(study, target), sign),
        dispersion_row(name, found, limits),
        pile_up_row(name, found, limits, _target_value(study, name)),
    ]


def _outcome_name(study: Study, target: TargetSection) -> Both:
    label = study.spec.validity.outcome_label
    if target.outcome is None and label is not None:
        return {"en": label["en"], "zh": label["zh"]}
    column = str(target.outcome or study.spec.validity.outcome or "").rpartition(".")[2]
    return {"en": column, "zh": column}
