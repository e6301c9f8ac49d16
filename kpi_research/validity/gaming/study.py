"""Gaming of a study: late entries, breaks at deadlines and targets, and who counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.lineage import lineage
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import DeadlineSection
from kpi_research.study.tables import MAX_ROWS
from kpi_research.validity.evidence import Evidence, Grade, evidence_frame, evidence_row
from kpi_research.validity.gaming.bunching import Side, bunching, bunching_by
from kpi_research.validity.gaming.entry_lag import EntryLag, entry_lag
from kpi_research.validity.integrity.impossible import measure_of
from kpi_research.validity.panel_frame import StudyPanel

UNIT_COLUMNS = ("indicator", "check", "unit", "n", "value", "expected", "p", "q")
WINDOW = 1.0 / 12.0
"""Width of the windows at a deadline, as a share of it: two hours at a day."""
TARGET_BINS = 40
Found = tuple[dict[str, Any], pd.DataFrame]


def study_gaming(study: Study, panel: StudyPanel) -> Evidence:
    """Return the evidence on late entries and breaks at limits.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.

    Returns
    -------
    Evidence
        Aspect ``authenticity``: ``late-entry`` (of indicators counted in a ledger). Aspect ``robustness``:
        ``deadline-break`` (of indicators with a deadline in the study file), ``target-break`` (of shares and percentages
        with a target), ``self-counted`` (numbers that those who are judged record themselves). Table ``gaming_units``:
        units that stand out; ``entry_lag``: delays per unit; ``entry_delays``: their distribution.
    """
    rows: list[dict[str, Any]] = []
    units: list[pd.DataFrame] = []
    lags = _lags(study)
    for row, found in (*_late_rows(study, lags), *_deadline_rows(study), *_target_rows(study, panel)):
        rows.append(row)
        units.append(found.assign(indicator=row["indicator"], check=row["check"]).reindex(columns=list(UNIT_COLUMNS)))
    rows += list(_self_counted(study))
    kept = [part for part in units if not part.empty]
    tables = {"gaming_units": pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(UNIT_COLUMNS))}
    for lag in list(lags.values())[:1]:
        if lag is not None:
            tables |= {"entry_lag": lag.units, "entry_delays": lag.delays}
    findings = tuple(item for lag in lags.values() if lag is not None for item in lag.findings)
    return Evidence(evidence_frame(rows), tables, findings)


def _lags(study: Study) -> dict[str, EntryLag | None]:
    """Return delays per ledger table; None for one too large to be read or without the columns."""
    asked = study.spec.validity.ledger
    found: dict[str, EntryLag | None] = {}
    for name, section in study.spec.tables.items():
        if (section.role or name) != "ledger" or name not in study.tables:
            continue
        relation = study.tables.relations[name]
        if relation.count() > MAX_ROWS or "unit" not in relation.columns:
            found[name] = None
            continue
        days = asked.inspections
        found[name] = entry_lag(
            study.tables[name],
            event="event_at",
            entered="entered_at",
            by="unit",
            clerk="officer",
            deadline=asked.deadline_hours,
            inspections=() if isinstance(days, str) else days,
            cutoffs=days or None,
            false_discovery=study.spec.validity.thresholds.gaming.false_discovery,
        )
    return found


def _late_rows(study: Study, lags: dict[str, EntryLag | None]) -> Iterator[Found]:
    limits = study.spec.validity.thresholds.gaming
    sources = lineage(study)
    of_ledger = sources.loc[sources["role"] == "ledger", ["indicator", "table"]].drop_duplicates()
    for name, table in of_ledger.itertuples(index=False):
        lag = lags.get(table)
        if lag is None or lag.units["p"].isna().all():
            yield evidence_row(name, "authenticity", "late-entry", "unknown"), pd.DataFrame()
            continue
        flagged = lag.units[lag.units["flagged"]]
        share = len(flagged) / len(lag.units)
        expected = float(lag.units["last_days_expected"].iloc[0])
        whole = expected > limits.last_days
        grade: Grade = "fail" if share > limits.failing or whole else "care" if len(flagged) else "pass"
        facts: dict[str, Any] = {"k": len(flagged), "n": len(lag.units), "where": ", ".join(flagged["by"].head(4))}
        facts["usual"] = f"{100 * expected:.0f}" if np.isfinite(expected) else "–"
        row = evidence_row(name, "authenticity", "late-entry", grade, value=share, threshold=limits.failing, **facts)
        listed = pd.DataFrame({"unit": flagged["by"], "n": flagged["n"], "value": flagged["last_days_share"]})
        yield row, listed.assign(expected=expected, p=flagged["p"], q=flagged["q"])


def _deadline_rows(study: Study) -> Iterator[Found]:
    for deadline in study.spec.validity.deadlines:
        yield _deadline_row(study, deadline)


def _deadline_row(study: Study, deadline: DeadlineSection) -> Found:
    table = str(study.indicators.set_index("id").loc[deadline.indicator, "table"])
    relation = study.tables.relations[table]
    if relation.count() > MAX_ROWS:
        return evidence_row(deadline.indicator, "robustness", "deadline-break", "unknown"), pd.DataFrame()
    events = relation.collect([deadline.start, deadline.end, "unit"])
    minutes = (events[deadline.end] - events[deadline.start]).dt.total_seconds() / 60.0
    frame = pd.DataFrame({"unit": events["unit"], "minutes": minutes}).dropna()
    return _break_row(study, deadline.indicator, "deadline-break", frame, deadline.minutes)


def _break_row(study: Study, name: str, check: str, frame: pd.DataFrame, limit: float) -> Found:
    limits = study.spec.validity.thresholds.gaming
    if frame.empty:
        return evidence_row(name, "robustness", check, "unknown"), pd.DataFrame()
    width = WINDOW * limit
    whole = bunching(frame["minutes"], cutoff=limit, side="below", bin_width=width / 2)
    units = bunching_by(
        frame,
        value="minutes",
        unit="unit",
        cutoff=limit,
        width=width,
        side="below",
        false_discovery=limits.false_discovery,
    )
    flagged = units[units["flagged"]]
    share = len(flagged) / max(len(units), 1)
    if np.isnan(whole.p):
        return evidence_row(name, "robustness", check, "unknown"), pd.DataFrame()
    broken = whole.p < limits.break_p
    grade: Grade = "fail" if share > limits.failing else "care" if len(flagged) or broken else "pass"
    facts: dict[str, Any] = {
        "k": len(flagged),
        "n": len(units),
        "where": ", ".join(flagged["unit"].head(4)),
        "limit": f"{limit:g}",
    }
    facts |= {
        "ratio": f"{whole.ratio:.2f}",
        "lower": f"{whole.low:.2f}",
        "upper": f"{whole.high:.2f}",
        "shown": f"{whole.p:.2g}",
    }
    row = evidence_row(
        name, "robustness", check, grade, value=whole.ratio, low=whole.low, high=whole.high, p=whole.p, **facts
    )
    listed = pd.DataFrame(
        {"unit": flagged["unit"], "n": flagged["good"] + flagged["bad"], "value": flagged["log_ratio"]}
    )
    return row, listed.assign(expected=0.0, p=flagged["p"], q=flagged["q"])


def _target_rows(study: Study, panel: StudyPanel) -> Iterator[Found]:
    limits = study.spec.validity.thresholds.gaming
    for entry in study.indicators.to_dict("records"):
        name, target = str(entry["id"]), entry.get("target")
        if name not in panel.indicators or target is None or np.isnan(float(target)):
            continue
        if measure_of(str(entry.get("unit", ""))) not in ("share", "percent"):
            continue
        values = panel.frame[name].dropna()
        side: Side = "above" if entry["direction"] == "higher" else "below"
        spread = float(values.quantile(0.95) - values.quantile(0.05))
        found = bunching(values, cutoff=float(target), side=side, bin_width=max(spread / TARGET_BINS, 1e-9))
        if np.isnan(found.p):
            continue
        grade: Grade = "care" if found.p < limits.break_p else "pass"
        facts: dict[str, Any] = {
            "limit": f"{float(target):g}",
            "ratio": f"{found.ratio:.2f}",
            "shown": f"{found.p:.2g}",
        }
        facts |= {"lower": f"{found.low:.2f}", "upper": f"{found.high:.2f}"}
        yield (
            evidence_row(
                name, "robustness", "target-break", grade,
                value=found.ratio, low=found.low, high=found.high, p=found.p, **facts,
            ),
            pd.DataFrame(),
        )  # fmt: skip


def _self_counted(study: Study) -> Iterator[dict[str, Any]]:
    for entry in study.indicators.to_dict("records"):
        own = str(entry.get("evaluator", "")) == "self"
        yield evidence_row(str(entry["id"]), "robustness", "self-counted", "care" if own else "pass")
