"""What each indicator is computed from: tables and columns, through derived columns down to the recorded ones."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.model import Study
from kpi_research.study.relation import Relation

COLUMNS = ("indicator", "table", "role", "part", "column", "via")
_PARTS = ("value", "numerator", "denominator")


def lineage(study: Study) -> pd.DataFrame:
    """Return the recorded columns that each indicator is computed from.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, part and column: ``indicator``; ``table`` and its ``role``; ``part`` (``value``,
        ``numerator``, ``denominator``); ``column`` (a recorded column of the table; empty for a formula that reads no
        column, such as ``count(*)``); ``via`` (the derived column that reads it, or empty).
    """
    rows: list[tuple[str, ...]] = []
    for entry in study.indicators.to_dict("records"):
        table = str(entry.get("table", ""))
        if table not in study.tables.relations:
            continue
        relation, section = study.tables.relations[table], study.spec.tables[table]
        for part in _PARTS:
            for column, via in _read(str(entry.get(part) or ""), relation):
                rows.append((str(entry["id"]), table, section.role or table, part, column, via))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str").drop_duplicates(ignore_index=True)


def _read(text: str, relation: Relation) -> Iterator[tuple[str, str]]:
    if not text:
        return
    expression, _ = parse_expression(text, columns=relation.columns, where=Where(), expect="any", aggregates=True)
    names = sorted(expression.columns) if expression else []
    yield from (pair for name in names for pair in _recorded(name, "", relation))
    if not names:
        yield "", ""


def _recorded(name: str, via: str, relation: Relation) -> Iterator[tuple[str, str]]:
    if name not in relation.derived:
        yield name, via
        return
    for source in sorted(relation.derived[name].columns):
        yield from _recorded(source, via or name, relation)
