"""Rounding of recorded minutes, counted where the rows live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import IntegrityThresholds
from kpi_research.validity.evidence import Grade, evidence_row
from kpi_research.validity.integrity.rounding import judge_rounding

BASE = 10
ENDING = "minutes"
Found = tuple[dict[str, Any], pd.DataFrame]


def rounded_minutes(study: Study, limits: IntegrityThresholds) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the test of rounding to tens for every recorded column whose name ends in ``minutes``.

    Parameters
    ----------
    study : Study
    limits : IntegrityThresholds

    Returns
    -------
    dict of (table, column) to pandas.DataFrame
        See `kpi_research.validity.integrity.rounding.judge_rounding`; columns with numbers that are not whole are left
        out, because nobody typed them.
    """
    found = {}
    for table, relation in study.tables.relations.items():
        recorded = [name for name, kind in relation.columns.items() if kind == "number" and name.endswith(ENDING)]
        for column in recorded if "unit" in relation.columns else []:
            if column not in relation.derived and (counts := _counts(study, table, column)) is not None:
                found[table, column] = judge_rounding(counts, limits.false_discovery)
    return found


def _counts(study: Study, table: str, column: str) -> pd.DataFrame | None:
    positive = f"{column} > 0"
    broken = study.cells(
        table, by=["unit"], value=f"CASE WHEN {column} <> round({column}) THEN 1 ELSE 0 END", where=positive
    )
    if broken.empty or broken["total"].sum() > 0:
        return None
    multiples = study.cells(
        table, by=["unit"], value=f"CASE WHEN {column} % {BASE} = 0 THEN 1 ELSE 0 END", where=positive
    )
    spread = study.cells(table, by=["unit"], value=column, where=positive)["squares"]
    n = multiples["n"].to_numpy(float)
    counts = pd.DataFrame({"unit": multiples["unit"].astype("str"), "base": BASE, "n": multiples["n"]})
    deviation = np.sqrt(spread.to_numpy(float) / np.maximum(n - 1, 1))
    return counts.assign(multiples=multiples["total"].to_numpy(float), spread=deviation)


def rounding_rows(
    tests: dict[tuple[str, str], pd.DataFrame], sources: pd.DataFrame, limits: IntegrityThresholds
) -> Iterator[Found]:
    """Yield evidence on rounded minutes for each indicator that is computed from them.

    Parameters
    ----------
    tests : dict
        See `rounded_minutes`.
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.
    limits : IntegrityThresholds

    Yields
    ------
    dict, pandas.DataFrame
        Row of evidence, and the units that stand out.
    """
    for (table, column), test in tests.items():
        mine = sources[(sources["table"] == table) & (sources["column"] == column)]
        for name in dict.fromkeys(mine["indicator"]):
            yield _row(str(name), column, test, limits)


def _row(name: str, column: str, test: pd.DataFrame, limits: IntegrityThresholds) -> Found:
    flagged, judged = test[test["flagged"]], int(test["p"].notna().sum())
    share = len(flagged) / judged if judged else float("nan")
    facts: dict[str, Any] = {"k": len(flagged), "n": judged, "where": ", ".join(flagged["unit"].head(3))}
    grade: Grade = "fail" if share > limits.rounded else "care" if len(flagged) else "pass" if judged else "unknown"
    row = evidence_row(name, "authenticity", "rounding", grade, value=share, threshold=limits.rounded, **facts)
    return row, flagged.assign(column=column, value=flagged["rounded"])


def rounding_findings(
    tests: dict[tuple[str, str], pd.DataFrame], sources: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, Finding]]:
    """Yield rounded minutes in columns that no indicator reads: workload and other stages rest on them.

    Parameters
    ----------
    tests : dict
        See `rounded_minutes`.
    sources : pandas.DataFrame
        See `kpi_research.study.lineage.lineage`.

    Yields
    ------
    pandas.DataFrame, Finding
        The units that stand out, and the finding.
    """
    read = set(zip(sources["table"], sources["column"], strict=True))
    for (table, column), test in tests.items():
        flagged = test[test["flagged"]].sort_values("rounded", ascending=False)
        if len(flagged) and (table, column) not in read:
            facts = {
                "k": len(flagged),
                "n": int(test["p"].notna().sum()),
                "units": ", ".join(flagged["unit"].head(5)),
                "share": f"{100 * flagged['rounded'].iloc[0]:.0f}",
            }
            listed = flagged.assign(check="rounding", column=column, value=flagged["rounded"])
            yield listed, finding("minutes-rounded", Where(table, column=column), **facts)
