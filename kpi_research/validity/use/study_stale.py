"""Staleness: indicators about types of case that shrink, and growing types outside every indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_use import UseThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.use.covers import covered_types
from kpi_research.validity.use.crime_mix import crime_mix, mix_table
from kpi_research.validity.use.growing import Growing, growing_findings, outgrown
from kpi_research.validity.use.words import join, label_of, listed, say
from kpi_research.validity.words import Both

Row = dict[str, Any]
LEVEL = 0.95


@dataclass(frozen=True)
class Staleness:
    """What the mix of crime says of the indicators of a study.

    Attributes
    ----------
    rows : list of dict
        Check ``stale`` of each indicator.
    tables : dict of str to pandas.DataFrame
        ``crime_mix`` (one row per type) and ``indicator_mix`` (one row per set of types that indicators are about).
    findings : list of Finding
    """

    rows: list[Row]
    tables: dict[str, pd.DataFrame]
    findings: list[Finding]


def stale_rows(study: Study) -> Staleness:
    """Return the evidence on the mix of crime.

    Parameters
    ----------
    study : Study
        A loaded study; what counts as a case is said by ``cases`` of ``[preventability]``.

    Returns
    -------
    Staleness
        ``fail`` where the share of an indicator's types surely shrinks, by the threshold ``change`` or more or while a
        type grows by as much that no indicator with weight is about; ``care`` where it surely shrinks by less but may
        reach the threshold; ``pass`` where it does not, or all types are covered; ``unknown`` otherwise.
    """
    names = [str(name) for name in study.indicators["id"]]
    table, counts = _cases(study)
    if table is None or counts is None:
        rows = [evidence_row(name, "use", "stale", "unknown", why=say("no-cases")) for name in names]
        return Staleness(rows, {}, [])
    limits = study.spec.validity.thresholds.use
    covers = covered_types(study, table, counts)
    long = counts.melt(ignore_index=False, var_name="type", value_name="n").reset_index()
    mix = crime_mix(long, type="type", period="period", count="n", false_discovery=limits.false_discovery, level=LEVEL)
    sets = _sets(covers, len(counts.columns))
    trends = mix_table(counts, {" + ".join(types): list(types) for types in sets}, LEVEL)
    trends["q"] = q_values(trends["p"])
    grown = outgrown(study, mix.table, covers, limits)
    rows = [_row(name, covers.get(name), counts, trends, grown, limits) for name in names]
    found = [*mix.findings, *growing_findings(study, grown), *_unknown_types(study, counts)]
    return Staleness(rows, {"crime_mix": mix.table, "indicator_mix": trends}, found)


def _cases(study: Study) -> tuple[str | None, pd.DataFrame | None]:
    """Return the table of incidents and the number of cases per period and type."""
    for name, section in study.spec.tables.items():
        if (section.role or name) != "incidents" or name not in study.tables.relations:
            continue
        if not {"type", "period"} <= set(study.tables.relations[name].columns):
            continue
        cells = study.cells(name, by=["type", "period"], value="1", where=study.spec.preventability.cases)
        cells = cells.dropna(subset=["type", "period"])
        if len(cells):
            counts = cells.astype({"type": "str"})
            return name, counts.pivot_table(index="period", columns="type", values="n", aggfunc="sum").fillna(0.0)
    return None, None


def _sets(covers: Mapping[str, Sequence[str]], every: int) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(tuple(types) for types in covers.values() if 0 < len(types) < every))


def _row(
    name: str,
    types: Sequence[str] | None,
    counts: pd.DataFrame,
    trends: pd.DataFrame,
    grown: Sequence[Growing],
    limits: UseThresholds,
) -> Row:
    if not types:
        return evidence_row(name, "use", "stale", "unknown", why=say("untold"))
    if len(types) == len(counts.columns):
        return evidence_row(name, "use", "stale", "pass", why=say("all-types"))
    trend = trends[trends["type"] == " + ".join(types)].iloc[0]
    value, low, high, p, q = (float(trend[column]) for column in ("change", "low", "high", "p", "q"))
    if np.isnan(value):
        return evidence_row(name, "use", "stale", "unknown", why=say("few", types=listed(types)))
    ends = {"first": f"{float(trend['first']):.1%}", "last": f"{float(trend['last']):.1%}"}
    facts: dict[str, Any] = {
        "types": listed(types),
        **ends,
        "change": f"{value:+.0%}",
        "lower": f"{low:+.0%}",
        "upper": f"{high:+.0%}",
    }
    numbers = {"value": value, "low": low, "high": high, "p": p, "threshold": -limits.change}
    outside = [growing for growing in grown if growing.type not in types]
    grade = _grade(value, low, q, bool(outside), limits)
    if grade == "pass":
        return evidence_row(name, "use", "stale", "pass", **numbers, why=say("steady", **facts))
    if grade == "care":
        return evidence_row(name, "use", "stale", "care", **numbers, **facts)
    return evidence_row(name, "use", "stale", "fail", **numbers, **facts, outside=_outside(outside))


def _grade(change: float, low: float, q: float, outside: bool, limits: UseThresholds) -> Grade:
    if change >= 0 or not q <= limits.false_discovery:
        return "pass"
    reaches = low <= -limits.change
    if change <= -limits.change or (outside and reaches):
        return "fail"
    return "care" if reaches else "pass"


def _outside(grown: Sequence[Growing]) -> Both:
    return join([say("grown", type=kind.type, change=f"{kind.change:.0%}") for kind in grown], say("nothing"))


def _unknown_types(study: Study, counts: pd.DataFrame) -> list[Finding]:
    found = []
    for name, types in study.spec.validity.covers.items():
        unknown = [kind for kind in types if kind not in counts.columns]
        if unknown and name in set(study.indicators["id"]):
            where = Where(file="study.toml", column="validity.covers")
            found.append(finding("covered-type-unknown", where, indicator=label_of(study, name), types=listed(unknown)))
    return found
