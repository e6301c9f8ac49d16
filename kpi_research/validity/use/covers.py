"""Which types of incident each indicator of a study is about."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from kpi_research.study.expressions import Expression, parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.model import Study
from kpi_research.study.relation import Relation
from kpi_research.validity.use.sources import restrictions


def covered_types(study: Study, table: str, counts: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the types of case that an indicator is about, for those of which it can be told.

    Parameters
    ----------
    study : Study
        A loaded study.
    table : str
        The table of incidents.
    counts : pandas.DataFrame
        Cases: one column per type.

    Returns
    -------
    dict of str to tuple of str
        Indicator and types, in the order of ``counts``: those that ``[validity.covers]`` names, else those of the rows
        that its denominator counts, its numerator where it has none, or the conditions of its value.
    """
    relation, dialect = study.tables.relations[table], study.tables.relations[table].backend.dialect
    conditions = {
        str(entry["id"]): sql
        for entry in study.indicators.to_dict("records")
        if str(entry["table"]) == table and (sql := _condition(entry, relation)) is not None
    }
    given = {name: set(types) for name, types in study.spec.validity.covers.items()}
    measures = {
        f"n{place}": f"sum(CASE WHEN {found.sql(dialect)} THEN 1 ELSE 0 END)"
        for place, found in enumerate(conditions.values())
    }
    reads = frozenset().union(*(found.columns for found in conditions.values()))
    if measures:
        frame = relation.aggregate(["type"], measures, reads).dropna(subset=["type"])
        for place, name in enumerate(conditions):
            given.setdefault(name, set(frame.loc[frame[f"n{place}"] > 0, "type"].astype("str")))
    return {name: tuple(kind for kind in counts.columns if kind in types) for name, types in given.items()}


def _condition(entry: Mapping[Hashable, object], relation: Relation) -> Expression | None:
    """Return the condition that a row must meet to be looked at, or None where there is none."""
    for part in ("denominator", "numerator", "value"):
        text = str(entry.get(part) or "")
        if not text:
            continue
        parsed, _ = parse_expression(text, columns=relation.columns, where=Where(), expect="any", aggregates=True)
        if parsed is None:
            continue
        if parsed.kind == "boolean" and not parsed.aggregate:
            return parsed
        found = restrictions(parsed.tree)
        if found:
            either = " OR ".join(f"({condition.sql(dialect='duckdb')})" for condition in found)
            return parse_expression(either, columns=relation.columns, where=Where(), expect="boolean")[0]
    every, _ = parse_expression("1 = 1", columns=relation.columns, where=Where(), expect="boolean")
    return every
