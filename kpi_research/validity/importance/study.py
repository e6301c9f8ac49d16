"""Importance of a study's weights: what each does to the score of a unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.catalogue import with_whole_catalogue
from kpi_research.validity.evidence import Evidence, Grade, evidence_frame, evidence_row
from kpi_research.validity.importance.importance import LEAST_UNITS, Importance, importance
from kpi_research.validity.importance.points import unit_points
from kpi_research.validity.importance.words import say
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.redundancy.balance import balance
from kpi_research.validity.words import Both

LEVEL = 0.95
CHECK = "weight-effect"


def study_importance(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on what the current weights do.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``importance``, check ``weight-effect`` of each indicator with a current weight: ``care`` where its
        effective weight is surely more than ``factor`` times, or less than 1 / ``factor`` of, its nominal weight
        (``[validity.thresholds.importance]``), ``pass`` otherwise, ``unknown`` with the reason where it has no weight or
        no value. Scores are weighted means of points on the scale of ``[scorecard]``, of units with all values. Tables:
        ``importance`` (see `Importance`) and ``balance`` (see `kpi_research.validity.redundancy.balance.Balance`).
    """
    study = with_whole_catalogue(study)
    weights = study.indicators.set_index("id")["current_weight"].astype("float64").fillna(0.0)
    weights = weights[weights > 0]
    points = {str(name): float(weight) for name, weight in weights.items()}
    found = _importance(study, panel, weights)
    if not isinstance(found, Importance):
        rows = [evidence_row(str(name), "importance", CHECK, "unknown", why=found) for name in study.indicators["id"]]
        told = (finding("importance-skipped", Where(), why=found),)
        of_kinds = balance(study.indicators, points) if len(weights) else None
        tables = {"balance": of_kinds.table} if of_kinds else {}
        return Evidence(evidence_frame(rows), tables, (*told, *(of_kinds.findings if of_kinds else ())))
    factor = study.spec.validity.thresholds.importance.factor
    table = found.table.set_index("indicator")
    rows = [_row(str(name), table, weights, factor) for name in study.indicators["id"]]
    of_kinds = balance(study.indicators, points, found.table)
    tables = {"importance": found.table, "balance": of_kinds.table}
    return Evidence(evidence_frame(rows), tables, (*found.findings, *of_kinds.findings))


def _importance(study: Study, panel: StudyPanel, weights: pd.Series[float]) -> Importance | Both:
    if weights.empty:
        return say("no-weights")
    names = [str(name) for name in weights.index if name in panel.indicators]
    if len(names) < 2:
        return say("few-indicators")
    levels = panel.frame.groupby("unit")[names].mean().astype("float64")
    whole = levels[np.isfinite(levels).all(axis=1)]
    if len(whole) < LEAST_UNITS:
        return say("few-units", count=len(whole), needed=LEAST_UNITS)
    points = unit_points(pd.DataFrame(whole), study.indicators, study.spec.scorecard.normalization)
    given = {name: float(weights[name]) for name in names}
    if not np.ptp(sum(points[name] * weight for name, weight in given.items())) > 1e-9 * sum(given.values()):
        return say("all-equal")
    return importance(points, given, level=LEVEL)


def _row(name: str, table: pd.DataFrame, weights: pd.Series[float], factor: float) -> dict[str, Any]:
    if name not in weights.index:
        return evidence_row(name, "importance", CHECK, "unknown", why=say("no-weight"))
    if name not in table.index:
        return evidence_row(name, "importance", CHECK, "unknown", why=say("no-value"))
    row = table.to_dict("index")[name]
    nominal, effective, low, high = (
        float(row[key]) for key in ("nominal", "effective", "effective_low", "effective_high")
    )
    grade: Grade = "care" if low > factor * nominal or high < nominal / factor else "pass"
    facts = {"nominal": nominal, "effective": effective, "lower": low, "upper": high}
    shown: dict[str, Any] = {key: f"{value:.1%}" for key, value in facts.items()}
    ratio = float(row["correlation_ratio"])
    shown["ratio"] = "–" if np.isnan(ratio) else f"{ratio:.2f}"
    shown["reading"] = _reading(effective, nominal)
    return evidence_row(
        name, "importance", CHECK, grade, value=effective, low=low, high=high, threshold=nominal, **shown
    )


def _reading(effective: float, nominal: float) -> Both:
    if effective < 0:
        return say("against")
    return say("more" if effective > nominal else "less")
