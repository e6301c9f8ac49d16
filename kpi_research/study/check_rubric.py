"""Rubrics of the catalogue held against the rest of their row and the levels that the data have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
from sqlglot import exp

from kpi_research.study.conform import Conformed
from kpi_research.study.expressions import Expression, parse_expression
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.relation import Relation
from kpi_research.study.rubric import Rubric, RubricError, read_rubric
from kpi_research.study.suggest import did_you_mean

LIMITS = ("target", "floor", "ceiling")
MAX_LEVELS = 20
"""Largest number of unknown levels of an indicator that are named."""


def rubric_row_faults(row: Mapping[Any, Any], place: Callable[[str], Where]) -> Iterator[Finding]:
    """Return a finding for each fault of a row of the catalogue that has a rubric.

    Parameters
    ----------
    row : mapping of str to object
        The row.
    place : callable
        Gives the place of a column of it.

    Yields
    ------
    Finding
    """
    if not row["rubric"]:
        return
    if row["numerator"] or row["denominator"]:
        yield finding("rubric-with-numerator", place("rubric"), indicator=row["id"])
    try:
        points = read_rubric(row["rubric"]).points
    except RubricError as error:
        yield finding(error.code, place("rubric"), indicator=row["id"], **error.facts)
        return
    low, high = min(points), max(points)
    for name in LIMITS:
        if not math.isnan(row[name]) and not low <= row[name] <= high:
            facts = {"found": f"{row[name]:g}", "low": f"{low:g}", "high": f"{high:g}"}
            yield finding("rubric-limit-outside", place(name), indicator=row["id"], name=name, **facts)


def rubric_value_faults(row: Mapping[str, str], value: Expression, where: Where) -> Iterator[Finding]:
    """Return a finding where the value of an indicator with a rubric gives no level per row.

    Parameters
    ----------
    row : mapping of str to str
        The row of the catalogue.
    value : Expression
        Its value, as the user wrote it.
    where : Where
        Its place.

    Yields
    ------
    Finding
    """
    if value.aggregate:
        yield finding("rubric-value-aggregate", where, found=row["value"])
    elif value.kind not in ("text", "unknown"):
        yield finding("rubric-value-not-text", where, found=row["value"], kind=value.kind)


def unknown_levels(catalogue: Conformed, relations: Mapping[str, Relation]) -> list[Finding]:
    """Return a finding for each level that the rows of an indicator have and its rubric does not.

    Parameters
    ----------
    catalogue : Conformed
        A catalogue without faults, with the places of its rows.
    relations : mapping of str to Relation
        The tables of the study.

    Returns
    -------
    list of Finding

    Raises
    ------
    BackendError
        If a table cannot be read.
    """
    found: list[Finding] = []
    rows: list[dict[str, str]] = catalogue.frame.to_dict("records") if catalogue.frame is not None else []  # type: ignore[assignment]
    for position, row in enumerate(rows):
        relation = relations.get(row["table"])
        if not row["rubric"] or relation is None:
            continue
        value, _ = parse_expression(row["value"], columns=relation.columns, expect="any")
        if value is None:
            continue
        rubric, where = read_rubric(row["rubric"]), catalogue.where(position, "rubric")
        for level, count in _others(value, rubric, relation).itertuples(index=False):
            hint = did_you_mean(str(level), rubric.levels)
            facts = {"indicator": row["id"], "table": row["table"], "count": int(count)}
            found.append(finding("rubric-level-unknown", where, level=level, hint=hint, **facts))
    return found


def _others(value: Expression, rubric: Rubric, relation: Relation) -> pd.DataFrame:
    """Return the levels that are not in the rubric, with the number of rows of each."""
    dialect = relation.backend.dialect
    known = ", ".join(exp.Literal.string(level).sql(dialect=dialect) for level in rubric.levels)
    level = value.sql(dialect)
    rows = f"SELECT {level} AS level FROM {relation.rows_sql(value.columns)}"  # noqa: S608
    query = f"SELECT level, count(*) AS n FROM ({rows}) AS judged WHERE level NOT IN ({known}) GROUP BY level"  # noqa: S608
    return relation.backend.query(f"{query} ORDER BY level LIMIT {MAX_LEVELS}")
