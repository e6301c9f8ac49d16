"""The formulas of the catalogue, parsed against the columns of their tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_research.study.conform import Conformed
from kpi_research.study.engine import KEYS, Formula
from kpi_research.study.expressions import Expression, Kind, parse_expression
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.relation import Relation
from kpi_research.study.schemas import ROLES

_PARTS = ("value", "numerator", "denominator")


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
        if not found:
            formulas.append(Formula(row["id"], name, **parts))
    return tuple(formulas), (*faults, *_keyless(formulas, relations))


def _place(catalogue: Conformed, position: int) -> Callable[[str], Where]:
    return lambda column: catalogue.where(position, column)


def _parse_row(
    row: Mapping[str, str], kinds: Mapping[str, Kind], place: Callable[[str], Where]
) -> tuple[dict[str, Expression | None], list[Finding]]:
    parts: dict[str, Expression | None] = dict.fromkeys(_PARTS)
    faults: list[Finding] = []
    for name in _PARTS:
        if row[name]:
            parts[name], found = parse_expression(
                row[name], columns=kinds, where=place(name), expect="any", aggregates=True
            )
            faults.extend(found)
    return parts, faults


def _keyless(formulas: list[Formula], relations: Mapping[str, Relation]) -> list[Finding]:
    used = sorted({formula.table for formula in formulas})
    return [
        finding("table-without-periods", Where(name), table=name, column=column)
        for name in used
        for column in KEYS
        if column not in relations[name].columns
    ]
