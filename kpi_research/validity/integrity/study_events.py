"""Checks of the events behind indicators, counted where the rows live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import IntegrityThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.integrity.duplicates import judge_duplicates
from kpi_research.validity.integrity.time_order import ORDER, judge_orders, ordered_pairs

LEVEL = 0.95
LEDGER_KEYS = ("officer", "kind", "event_at")
TEXT = {"duckdb": "VARCHAR", "postgres": "VARCHAR", "spark": "STRING"}
Found = tuple[dict[str, Any], pd.DataFrame]


def time_rows(study: Study, sources: pd.DataFrame, limits: IntegrityThresholds) -> Iterator[Found]:
    """Yield evidence on impossible orders of the times that an indicator is computed from.

    Parameters
    ----------
    study : Study
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.
    limits : IntegrityThresholds

    Yields
    ------
    dict, pandas.DataFrame
        Row of evidence, and the units that stand out.
    """
    known: dict[tuple[str, str, str], pd.DataFrame] = {}
    for name, part in sources[sources["column"].isin(ORDER)].groupby("indicator", sort=False):
        table = str(part["table"].iloc[0])
        counts = []
        for earlier, later in ordered_pairs([column for column in ORDER if column in set(part["column"])]):
            key = (table, earlier, later)
            if key not in known:
                known[key] = _wrong_orders(study, *key)
            counts.append(known[key])
        if counts:
            yield _time_row(str(name), pd.concat(counts, ignore_index=True), limits)


def _wrong_orders(study: Study, table: str, earlier: str, later: str) -> pd.DataFrame:
    cells = study.cells(
        table,
        by=["unit"],
        value=f"CASE WHEN {later} < {earlier} THEN 1 ELSE 0 END",
        where=f"{earlier} IS NOT NULL AND {later} IS NOT NULL",
    )
    found = cells.rename(columns={"total": "wrong"})[["unit", "n", "wrong"]]
    return found.assign(earlier=earlier, later=later, unit=found["unit"].astype("str"))


def _time_row(name: str, counts: pd.DataFrame, limits: IntegrityThresholds) -> Found:
    judged = judge_orders(counts, limits.tolerated, LEVEL, limits.false_discovery)
    n, wrong = int(judged["n"].sum()), int(judged["wrong"].sum())
    flagged = judged[judged["flagged"]]
    share = wrong / n if n else float("nan")
    facts: dict[str, Any] = {"k": wrong, "n": n, "units": len(flagged), "where": ", ".join(flagged["unit"].head(3))}
    row = evidence_row(name, "authenticity", "time-order", _grade(share, len(flagged), limits), value=share, **facts)
    return row, flagged.assign(column=flagged["earlier"] + " > " + flagged["later"], value=flagged["share"])


def _grade(share: float, flagged: int, limits: IntegrityThresholds) -> Grade:
    if np.isnan(share):
        return "unknown"
    return "fail" if share > limits.wrong else "care" if flagged else "pass"


def duplicate_rows(study: Study, sources: pd.DataFrame, limits: IntegrityThresholds) -> Iterator[Found]:
    """Yield evidence on ledger entries that stand twice, for each indicator that counts them.

    Parameters
    ----------
    study : Study
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.
    limits : IntegrityThresholds

    Yields
    ------
    dict, pandas.DataFrame
        Row of evidence, and the units that stand out.
    """
    of_ledger = sources.loc[sources["role"] == "ledger", ["indicator", "table"]].drop_duplicates()
    for table, part in of_ledger.groupby("table"):
        counts = _repeated_entries(study, str(table))
        for name in part["indicator"]:
            if counts is None:
                yield evidence_row(name, "authenticity", "duplicates", "unknown"), pd.DataFrame()
            else:
                yield _duplicate_row(name, counts, limits)


def _repeated_entries(study: Study, table: str) -> pd.DataFrame | None:
    """Return entries and repeated entries per unit, counted where they live; None for a table without the keys."""
    relation = study.tables.relations[table]
    if not {"unit", *LEDGER_KEYS} <= set(relation.columns):
        return None
    known, _ = parse_expression(
        " AND ".join(f"{name} IS NOT NULL" for name in LEDGER_KEYS),
        columns=relation.columns,
        where=Where(),
        expect="any",
    )
    joined = " || '|' || ".join(
        f"CAST({relation.quote(name)} AS {TEXT[relation.backend.dialect]})" for name in LEDGER_KEYS
    )
    measures = {"n": "count(*)", "kinds": f"count(DISTINCT {joined})"}
    counts = relation.aggregate(["unit"], measures, LEDGER_KEYS, where=known)
    return counts.assign(unit=counts["unit"].astype("str"), duplicates=counts["n"] - counts["kinds"])


def _duplicate_row(name: str, counts: pd.DataFrame, limits: IntegrityThresholds) -> Found:
    judged = judge_duplicates(counts, limits.tolerated, LEVEL, limits.false_discovery)
    n, again = int(judged["n"].sum()), int(judged["duplicates"].sum())
    flagged = judged[judged["flagged"]]
    share = again / n if n else float("nan")
    facts: dict[str, Any] = {"k": again, "n": n, "units": len(flagged), "where": ", ".join(flagged["unit"].head(3))}
    row = evidence_row(name, "authenticity", "duplicates", _grade(share, len(flagged), limits), value=share, **facts)
    return row, flagged.assign(column=", ".join(LEDGER_KEYS), value=flagged["share"])
