"""Checks on a table that stays where it lives: done there, by aggregates; nothing but counts comes back."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kpi_research.study.expressions import Kind
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.relation import Relation
from kpi_research.study.schemas import Column, ColumnKind, Schema
from kpi_research.study.suggest import did_you_mean

MAX_KEY_ROWS = 20_000_000
"""Rows up to which duplicated keys are looked for; the search holds every key in memory."""

_ALLOWED: Mapping[ColumnKind, tuple[Kind, ...]] = {
    "text": ("text", "number", "unknown"),
    "number": ("number",),
    "boolean": ("boolean",),
    "time": ("time",),
    "period": ("number", "text"),
    "any": ("number", "text", "boolean", "time", "unknown"),
}
_KIND_WORDS: Mapping[str, dict[str, str]] = {
    "text": {"en": "text", "zh": "文本"},
    "number": {"en": "numbers", "zh": "数值"},
    "boolean": {"en": "true or false", "zh": "是非值"},
    "time": {"en": "dates or times", "zh": "日期或时间"},
    "period": {"en": "periods", "zh": "时期"},
    "unknown": {"en": "something else", "zh": "其他类型"},
}


def check_relation(relation: Relation, schema: Schema, name: str) -> list[Finding]:
    """Check a table against its schema where it lives.

    Parameters
    ----------
    relation : Relation
        The table.
    schema : Schema
        What its role asks for.
    name : str
        Name of the table in messages.

    Returns
    -------
    list of Finding

    Raises
    ------
    BackendError
        If the table cannot be read.
    """
    faults = _column_faults(relation, schema, name)
    if faults:
        return faults
    present = {column: rule for column, rule in schema.columns.items() if column in relation.columns}
    facts = relation.aggregate([], _measures(relation, present), present).iloc[0]
    if int(facts["n"]) == 0:
        return [finding("empty-table", Where(name))]
    faults = [item for column, rule in present.items() for item in _cell_faults(facts, column, rule, name)]
    return faults + _duplicates(relation, schema, int(facts["n"]), name)


def _column_faults(relation: Relation, schema: Schema, name: str) -> list[Finding]:
    known = list(relation.columns)
    faults = [
        finding("missing-column", Where(name), column=column, hint=did_you_mean(column, known))
        for column, rule in schema.columns.items()
        if rule.required and column not in known
    ]
    for column, rule in schema.columns.items():
        kind = relation.columns.get(column)
        if kind is not None and kind not in _ALLOWED[rule.kind]:
            facts = {"found": _KIND_WORDS[kind], "allowed": _KIND_WORDS[rule.kind]}
            faults.append(finding("column-kind", Where(name, None, column), **facts))
    return faults


def _measures(relation: Relation, columns: Mapping[str, Column]) -> dict[str, str]:
    measures = {"n": "count(*)"}
    for column, rule in columns.items():
        quoted = relation.quote(column)
        measures[f"{column}:known"] = f"count({quoted})"
        if rule.low is not None or rule.high is not None:
            measures[f"{column}:low"] = f"min({quoted})"
            measures[f"{column}:high"] = f"max({quoted})"
        if rule.choices:
            listed = ", ".join("'" + choice.replace("'", "''") + "'" for choice in rule.choices)
            measures[f"{column}:other"] = f"min(CASE WHEN {quoted} NOT IN ({listed}) THEN {quoted} END)"
    return measures


def _cell_faults(facts: pd.Series, column: str, rule: Column, name: str) -> list[Finding]:
    faults = []
    where = Where(name, None, column)
    empty = int(facts["n"]) - int(facts[f"{column}:known"])
    if empty and not rule.nullable:
        faults.append(finding("empty-cells-counted", where, count=empty, total=int(facts["n"])))
    for end, limit in (("low", rule.low), ("high", rule.high)):
        if limit is None or pd.isna(facts[f"{column}:{end}"]):
            continue
        found = float(facts[f"{column}:{end}"])
        if (found < limit) if end == "low" else (found > limit):
            low, high = (
                ("−∞" if rule.low is None else f"{rule.low:g}"),
                ("∞" if rule.high is None else f"{rule.high:g}"),
            )
            faults.append(finding("out-of-range", where, found=f"{found:g}", allowed=f"{low}–{high}"))
    if rule.choices and not pd.isna(facts[f"{column}:other"]):
        found_text = str(facts[f"{column}:other"])
        faults.append(finding("bad-choice", where, found=found_text, hint=did_you_mean(found_text, rule.choices)))
    return faults


def _duplicates(relation: Relation, schema: Schema, rows: int, name: str) -> list[Finding]:
    if not schema.key:
        return []
    key = ", ".join(schema.key)
    if rows > MAX_KEY_ROWS:
        return [finding("keys-not-checked", Where(name, None, key), rows=rows, limit=MAX_KEY_ROWS)]
    columns = ", ".join(relation.quote(column) for column in schema.key)
    query = (
        f"SELECT count(*) AS groups, CAST(sum(n - 1) AS BIGINT) AS extra FROM (SELECT count(*) AS n FROM {relation.rows_sql(schema.key)} "  # noqa: S608
        f"GROUP BY {columns} HAVING count(*) > 1) AS repeated"
    )
    found = relation.backend.query(query).iloc[0]
    if not int(found["groups"]):
        return []
    return [
        finding(
            "duplicates-counted", Where(name, None, key), key=key, count=int(found["groups"]), extra=int(found["extra"])
        )
    ]
