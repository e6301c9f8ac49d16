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
from kpi_research.validity.integrity.frozen import frozen
from kpi_research.validity.integrity.impossible import measure_of
from kpi_research.validity.integrity.last_digit import last_digit
from kpi_research.validity.integrity.slips import tenfold_slips
from kpi_research.validity.integrity.study_events import duplicate_rows, time_rows
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
        Aspect ``authenticity``: checks ``impossible-value``, ``tenfold-slips``, ``frozen``, ``last-digit`` (of counts
        as they were recorded), ``time-order`` and ``duplicates`` (of events; slips are looked for in recorded columns of the panel only). Aspect ``use``: ``topped-out``. Table
        ``integrity_units``: what stands out, with unit and periods.
    """
    sources = lineage(study)
    limits = study.spec.validity.thresholds.integrity
    recorded = recorded_columns(study, panel, sources)
    rows: list[dict[str, Any]] = []
    units: list[pd.DataFrame] = []
    for name in panel.indicators:
        for row, found in _checks(study, panel, name, recorded[name], limits):
            rows.append(row)
            units.append(found.assign(indicator=name, check=row["check"]).reindex(columns=list(UNIT_COLUMNS)))
    rows = _digit_grades(rows, limits)
    for row, found in (*time_rows(study, sources, limits), *duplicate_rows(study, sources, limits)):
        rows.append(row)
        units.append(found.assign(indicator=row["indicator"], check=row["check"]).reindex(columns=list(UNIT_COLUMNS)))
    rows += [evidence_row(name, "authenticity", "tenfold-slips", "unknown") for name in panel.unobserved]
    kept = [part for part in units if not part.empty]
    details = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(UNIT_COLUMNS))
    details = details.astype({"period_from": "str", "period_to": "str", "unit": "str", "column": "str"})
    return Evidence(evidence_frame(rows), {"integrity_units": details})


def recorded_columns(study: Study, panel: StudyPanel, sources: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return, for each indicator, a frame of units and periods and the column in it that comes nearest to its records.

    Parameters
    ----------
    study : Study
    panel : StudyPanel
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.

    Returns
    -------
    dict
        The count in the numerator (or the only column of the value) where the indicator comes from the panel and that
        column holds numbers; otherwise the indicator itself.
    """
    found = {name: (panel.frame, name) for name in panel.indicators}
    typed = study.role_table("panel")
    if typed is None:
        return found
    for name in panel.indicators:
        mine = sources[
            (sources["indicator"] == name) & (sources["role"] == "panel") & (sources["part"] != "denominator")
        ]
        columns = [
            column for column in mine["column"] if column in typed and pd.api.types.is_numeric_dtype(typed[column])
        ]
        if len(columns) == 1 and not pd.api.types.is_bool_dtype(typed[columns[0]]):
            found[name] = (typed, columns[0])
    return found


def _checks(
    study: Study, panel: StudyPanel, name: str, recorded: tuple[pd.DataFrame, str], limits: IntegrityThresholds
) -> Iterator[Found]:
    frame, column = recorded
    seen = frame.loc[frame[column].notna(), ["unit", "period", column]]
    yield _impossible(study, panel, name, limits)
    if frame is not panel.frame:
        yield _slips(name, seen, column, limits)
    yield _frozen(name, seen, column, limits)
    yield _digits(name, seen, column, limits)
    yield from _topped_out(study, panel, name)


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


def _slips(name: str, seen: pd.DataFrame, column: str, limits: IntegrityThresholds) -> Found:
    found = tenfold_slips(seen, unit="unit", period="period", value=column, false_discovery=limits.false_discovery)
    share = len(found) / len(seen)
    facts: dict[str, Any] = {"k": len(found), "n": len(seen), "where": _where(found, "period")}
    row = evidence_row(
        name,
        "authenticity",
        "tenfold-slips",
        _graded(share, limits.slips),
        value=share,
        threshold=limits.slips,
        **facts,
    )
    return row, found.assign(period_from=found["period"], period_to=found["period"], n=1)


def _frozen(name: str, seen: pd.DataFrame, column: str, limits: IntegrityThresholds) -> Found:
    found = frozen(seen, unit="unit", period="period", value=column, false_discovery=limits.false_discovery)
    units = seen["unit"].nunique()
    share = len(found) / units
    facts: dict[str, Any] = {"k": len(found), "n": units, "where": _where(found, "period_from")}
    row = evidence_row(
        name, "authenticity", "frozen", _graded(share, limits.frozen), value=share, threshold=limits.frozen, **facts
    )
    return row, found.assign(n=found["rows"])


def _where(found: pd.DataFrame, period: str) -> str:
    places = [f"{row['unit']} {row[period]}" for _, row in found.head(3).iterrows()]
    return ", ".join(places) + (" …" if len(found) > len(places) else "")


def _digits(name: str, seen: pd.DataFrame, column: str, limits: IntegrityThresholds) -> Found:
    whole = seen[column].to_numpy(float)
    if (np.abs(whole - np.rint(whole)) > 1e-9).any():
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
