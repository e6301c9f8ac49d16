"""Names and conditions that the section ``[preventability]`` uses for columns of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Finding, finding
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean


def preventability_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> list[Finding]:
    """Return a finding for each condition of ``[preventability]`` with a fault and each column that nothing bears.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    source : SpecSource
        Where its keys stand.
    tables : mapping of str to Relation
        The tables that could be opened.

    Returns
    -------
    list of Finding
    """
    faults: list[Finding] = []
    incidents, units = (_of_role(spec, tables, role) for role in ("incidents", "units"))
    if incidents is not None:
        faults += _column_faults(("features", spec.preventability.features), incidents, source)
        for path, text in _conditions(spec):
            place = source.where("preventability", *path)
            faults += parse_expression(text, columns=incidents[1].columns, where=place, expect="boolean")[1]
    if units is not None:
        for key in ("covariates", "within", "exposure", "programme"):
            given = getattr(spec.preventability, key)
            names = (given,) if isinstance(given, str) else tuple(given or ())
            faults += _column_faults((key, names), units, source)
    faults += _double_ids(spec, source)
    return faults


def _of_role(spec: StudySpec, tables: Mapping[str, Relation], role: str) -> tuple[str, Relation] | None:
    names = [name for name, section in spec.tables.items() if (section.role or name) == role and name in tables]
    return (names[0], tables[names[0]]) if names else None


def _column_faults(
    given: tuple[str, tuple[str, ...]], table: tuple[str, Relation], source: SpecSource
) -> list[Finding]:
    key, names = given
    known = list(table[1].columns)
    where = source.where("preventability", key)
    return [
        finding("unknown-table-column", where, table=table[0], found=name, hint=did_you_mean(name, known))
        for name in names
        if name not in known
    ]


def _conditions(spec: StudySpec) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if spec.preventability.cases is not None:
        yield ("cases",), spec.preventability.cases
    for number, definition in enumerate(spec.preventability.definitions):
        for line, rule in enumerate(definition.rules):
            yield ("definitions", number, "rules", line, "where"), rule.where


def _double_ids(spec: StudySpec, source: SpecSource) -> list[Finding]:
    seen: set[str] = set()
    faults = []
    for number, definition in enumerate(spec.preventability.definitions):
        if definition.id in seen:
            where = source.where("preventability", "definitions", number, "id")
            faults.append(finding("definition-twice", where, definition=definition.id))
        seen.add(definition.id)
    return faults
