"""The formulas of the catalogue, parsed against the columns of their tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_research.study.check_rubric import rubric_value_faults
from kpi_research.study.conform import Conformed
from kpi_research.study.engine import KEYS, Formula
from kpi_research.study.expressions import Expression, Kind, parse_expression
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.relation import Relation
from kpi_research.study.rubric import RubricError, read_rubric
from kpi_research.study.schemas import ROLES

PARTS = ("value", "numerator", "denominator")
"""Columns of the catalogue that hold expressions."""


def formula_texts(row: Mapping[str, str]) -> dict[str, str]:
    """Return the expressions of an indicator as they are computed: with a rubric, the value is the mean of its points.

    Parameters
    ----------
    row : mapping of str to str
        Row of the catalogue: the columns of `PARTS`, and ``rubric`` where it has one.

    Returns
    -------
    dict of str to str
        The parts that are given.

    Raises
    ------
    RubricError
        If the rubric cannot be used.

    Examples
    --------
    >>> formula_texts({"value": "judged", "rubric": "no=0; yes=1"})
    {'value': "avg(CASE (judged) WHEN 'no' THEN 0.0 WHEN 'yes' THEN 1.0 END)"}
    """
    texts = {part: str(row[part]) for part in PARTS if row.get(part)}
    if row.get("rubric") and "value" in texts:
        texts["value"] = read_rubric(row["rubric"]).mean_expression(texts["value"])
    return texts


def parse_formulas(
    catalogue: Conformed, relations: Mapping[str, Relation], roles: Mapping[str, str]
) -> tuple[tuple[Formula, ...], tuple[Finding, ...]]:
    """Parse the formulas of all indicators whose table could be opened.

    Parameters
    ----------
    catalogue : Conformed
        The catalogue with the places of its rows.
    relations : mapping of str to Relation
        The tables that could be opened.
    roles : mapping of str to str
        Role of each table.

    Returns
    -------
    tuple of Formula, tuple of Finding
        The sound formulas, and a finding for each fault.
    """
    formulas: list[Formula] = []
    faults: list[Finding] = []
    rows: list[dict[str, str]] = catalogue.frame.to_dict("records") if catalogue.frame is not None else []  # type: ignore[assignment]
    for position, row in enumerate(rows):
        name = row["table"]
        if name not in relations:
            continue
        place = _place(catalogue, position)
        parts, found = _parse_row(row, relations[name].columns, place)
        value = parts["value"]
        if value is not None and not value.aggregate and ROLES[roles[name]].key != tuple(KEYS):
            found.append(finding("value-needs-aggregate", place("value"), table=name, found=row["value"]))
        found += [
            finding("formula-not-a-number", place(part), found=row[part], kind=expression.kind)
            for part, expression in parts.items()
            if expression is not None and expression.kind in ("text", "time")
        ]
        faults += found
        if not found and any(parts.values()):
            formulas.append(Formula(row["id"], name, **parts))
    return tuple(formulas), (*faults, *_keyless(formulas, relations))


def _place(catalogue: Conformed, position: int) -> Callable[[str], Where]:
    return lambda column: catalogue.where(position, column)


def _parse_row(
    row: Mapping[str, str], kinds: Mapping[str, Kind], place: Callable[[str], Where]
) -> tuple[dict[str, Expression | None], list[Finding]]:
    parts: dict[str, Expression | None] = dict.fromkeys(PARTS)
    faults = _level_faults(row, kinds, place)
    if faults:
        return parts, faults
    for name, text in _texts(row).items():
        parts[name], found = parse_expression(text, columns=kinds, where=place(name), expect="any", aggregates=True)
        faults.extend(found)
    return parts, faults


def _texts(row: Mapping[str, str]) -> dict[str, str]:
    """Return the expressions of a row; none where its rubric is a fault of the catalogue."""
    try:
        return formula_texts(row)
    except RubricError:
        return {}


def _level_faults(row: Mapping[str, str], kinds: Mapping[str, Kind], place: Callable[[str], Where]) -> list[Finding]:
    """Return what is wrong with the value of a row with a rubric as the user wrote it."""
    if not row["rubric"] or not row["value"]:
        return []
    where = place("value")
    value, found = parse_expression(row["value"], columns=kinds, where=where, expect="any", aggregates=True)
    return list(found) if value is None else list(rubric_value_faults(row, value, where))


def _keyless(formulas: list[Formula], relations: Mapping[str, Relation]) -> list[Finding]:
    used = sorted({formula.table for formula in formulas})
    return [
        finding("table-without-periods", Where(name), table=name, column=column)
        for name in used
        for column in KEYS
        if column not in relations[name].columns
    ]
