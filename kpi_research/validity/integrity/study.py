"""Authenticity of a study: what the records behind each indicator hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.lineage import lineage
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import IntegrityThresholds
from kpi_research.validity.evidence import Evidence, Grade, evidence_frame, evidence_row
from kpi_research.validity.integrity.faults import find_faults
from kpi_research.validity.integrity.impossible import measure_of
from kpi_research.validity.integrity.last_digit import last_digit
from kpi_research.validity.integrity.study_events import duplicate_rows, time_rows
from kpi_research.validity.integrity.study_panel import PanelRecords
from kpi_research.validity.integrity.study_rounding import rounded_minutes, rounding_findings, rounding_rows
from kpi_research.validity.integrity.topped_out import topped_out
from kpi_research.validity.panel_frame import StudyPanel

UNIT_COLUMNS = ("indicator", "check", "column", "unit", "period_from", "period_to", "n", "value", "p", "q")
BEST = {"share": 1.0, "percent": 100.0}
Found = tuple[dict[str, Any], pd.DataFrame]


def study_integrity(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on the records behind each indicator.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``authenticity``: checks ``impossible-value``; ``tenfold-slips`` (in all recorded columns of the panel that it
        reads); ``frozen``, ``last-digit`` (of counts as they were recorded); ``time-order``, ``duplicates``, ``rounding``
        (of events). Aspect ``use``: ``topped-out``. Table ``integrity_units``: what stands out, with unit and periods;
        ``indicator`` is empty for columns that no indicator reads, and a finding names them.
    """
    sources = lineage(study)
    limits = study.spec.validity.thresholds.integrity
    records = PanelRecords(study, panel, sources, limits)
    rounded = rounded_minutes(study, limits)
    found = [pair for name in panel.indicators for pair in _checks(study, panel, name, records, limits)]
    found += [*time_rows(study, sources, limits), *duplicate_rows(study, sources, limits)]
    found += rounding_rows(rounded, sources, limits)
    units = [part.assign(indicator=row["indicator"], check=row["check"]) for row, part in found]
    unread = [*records.unread(_panel_name(study)), *rounding_findings(rounded, sources)]
    units += [part.assign(indicator="") for part, _ in unread]
    rows = _digit_grades([row for row, _ in found], limits)
    rows += [evidence_row(name, "authenticity", "tenfold-slips", "unknown") for name in panel.unobserved]
    return Evidence(evidence_frame(rows), {"integrity_units": _details(units)}, tuple(finding for _, finding in unread))


def _details(units: list[pd.DataFrame]) -> pd.DataFrame:
    kept = [part.reindex(columns=list(UNIT_COLUMNS)) for part in units if not part.empty]
    details = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(UNIT_COLUMNS))
    return details.astype({"period_from": "str", "period_to": "str", "unit": "str", "column": "str"})


def _panel_name(study: Study) -> str:
    return study.role_name("panel") or "panel"


def _checks(
    study: Study, panel: StudyPanel, name: str, records: PanelRecords, limits: IntegrityThresholds
) -> Iterator[Found]:
    yield _impossible(study, panel, name, limits)
    if records.columns(name, counted=False):
        yield records.slips(name)
    yield records.frozen(name)
    if _judged(study, name):  # points of a rubric are nobody's counts
        yield evidence_row(name, "authenticity", "last-digit", "unknown"), pd.DataFrame()
    else:
        yield _digits(name, *records.values(name), limits)
    yield from _topped_out(study, panel, name)


def _judged(study: Study, name: str) -> bool:
    rows = study.indicators
    return "rubric" in rows and bool(rows.loc[rows["id"] == name, "rubric"].iloc[0])


def _graded(flagged: float, failing: float) -> Grade:
    return "fail" if flagged > failing else "care" if flagged > 0 else "pass"


def _impossible(study: Study, panel: StudyPanel, name: str, limits: IntegrityThresholds) -> Found:
    unit = study.indicators.set_index("id").loc[name, "unit"]
    measure = measure_of(str(unit))
    if measure is None:
        row = evidence_row(name, "authenticity", "impossible-value", "unknown")
        return row, pd.DataFrame()
    frame = panel.frame[["unit", "period", name]]
    found = find_faults(frame, unit="unit", period="period", columns=[], measures={name: measure})
    n = int(frame[name].notna().sum())
    share = len(found) / n
    grade = _graded(share, limits.impossible)
    row = evidence_row(
        name, "authenticity", "impossible-value", grade, value=share, threshold=limits.impossible, k=len(found), n=n
    )
    return row, found.assign(n=1)


def _digits(name: str, seen: pd.DataFrame, column: str, limits: IntegrityThresholds) -> Found:
    whole = seen[column].to_numpy(float)
    if not len(whole) or (np.abs(whole - np.rint(whole)) > 1e-9).any():
        return evidence_row(name, "authenticity", "last-digit", "unknown"), pd.DataFrame()
    ordered = seen.sort_values(["unit", "period"], kind="stable")
    ordered = ordered.assign(**{column: ordered[column] / _step(whole)})
    found = last_digit(ordered, value=column, unit="unit", false_discovery=limits.false_discovery)
    flagged = found.table[found.table["flagged"]]
    if np.isnan(found.p):
        return evidence_row(name, "authenticity", "last-digit", "unknown"), pd.DataFrame()
    facts: dict[str, Any] = {
        "k": len(flagged),
        "where": ", ".join(flagged["unit"].head(3)),
        "n": found.n,
        "shown": f"{found.p:.2g}",
    }
    grade: Grade = "care" if len(flagged) else "pass"
    row = evidence_row(name, "authenticity", "last-digit", grade, value=found.statistic, p=found.p, **facts)
    return row, flagged.assign(column=column, value=flagged["statistic"])


def _step(whole: np.ndarray) -> int:
    """Return the step in which numbers are recorded: fines come in fifties, so their ones say nothing."""
    return max(int(np.gcd.reduce(whole.astype(np.int64))), 1)


def _digit_grades(rows: list[dict[str, Any]], limits: IntegrityThresholds) -> list[dict[str, Any]]:
    """Let indicators fail whose digits are off under false-discovery control over all indicators."""
    tested = [row for row in rows if row["check"] == "last-digit" and row["grade"] != "unknown"]
    q = q_values(np.array([row["p"] for row in tested], dtype=float)) if tested else np.array([])
    failing = {
        str(row["indicator"]) for row, value in zip(tested, q, strict=True) if value <= limits.false_discovery / 5
    }
    return [
        _failed_digits(row) if row["check"] == "last-digit" and row["indicator"] in failing else row for row in rows
    ]


def _failed_digits(row: dict[str, Any]) -> dict[str, Any]:
    statistic, p = float(str(row["value"])), float(str(row["p"]))
    facts: dict[str, Any] = {"statistic": f"{statistic:.1f}", "shown": f"{p:.2g}"}
    return evidence_row(str(row["indicator"]), "authenticity", "last-digit", "fail", value=statistic, p=p, **facts)


def _topped_out(study: Study, panel: StudyPanel, name: str) -> Iterator[Found]:
    entry = study.indicators.set_index("id").loc[name]
    best = BEST.get(measure_of(str(entry["unit"])) or "")
    if best is None:
        return
    found = topped_out(panel.frame, unit="unit", value=name, direction=str(entry["direction"]), best=best)
    facts: dict[str, Any] = {"median": f"{100 * found.median:.1f}", "limit": f"{100 * found.at_limit:.0f}"}
    facts |= {"spread": f"{found.spread:.3f}"}
    grade: Grade = "fail" if found.topped_out else "pass"
    yield evidence_row(name, "use", "topped-out", grade, value=found.median, **facts), pd.DataFrame()
