"""Prediction of a study: how each indicator goes with the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kpi_research.study.model import Study
from kpi_research.validity.evidence import Evidence, evidence_frame, evidence_row
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.study_checks import gain_row, lead_row, relation_row, sensitivity_row
from kpi_research.validity.prediction.study_groups import group_rows
from kpi_research.validity.prediction.study_slope import study_slope
from kpi_research.validity.prediction.study_tables import study_tables
from kpi_research.validity.prediction.study_words import cannot_speak

CHECKS = ("outcome-relation", "lead-lag", "out-of-sample-gain", "sensitivity")


def study_prediction(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on how each indicator goes with the outcome.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``validity``; checks ``outcome-relation`` (rank correlation), ``lead-lag``, ``out-of-sample-gain``,
        ``sensitivity`` and ``known-groups``, see `kpi_research.validity.prediction.study_checks`. Thresholds stand in
        ``[validity.thresholds.prediction]``, groups in ``[[validity.known_groups]]``. Table ``prediction_groups``:
        mean difference, Hedges' g and AUC of the groups.
    """
    tables = study_tables(study, panel) if panel.outcome is not None and panel.regressors else None
    rows: list[dict[str, Any]] = []
    for name in map(str, study.indicators["id"]):
        reason = cannot_speak(study, panel, name)
        if reason is not None or tables is None:
            rows += [evidence_row(name, "validity", check, "unknown", why=reason) for check in CHECKS]
        else:
            slopes = {within: study_slope(tables, name, within=within) for within in (True, False)}
            rows += [relation_row(study, panel, name, slopes[True]), lead_row(study, tables, name)]
            rows += [gain_row(study, tables, name), sensitivity_row(study, tables, name, slopes)]
    of_groups, details = group_rows(study, panel)
    return Evidence(evidence_frame([*rows, *of_groups]), dict(_tables(details)))


def _tables(details: list[pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    if details:
        yield "prediction_groups", pd.concat(details, ignore_index=True)
