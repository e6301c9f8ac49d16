"""Names in the sections on targets and known groups that nothing bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean


def target_faults(
    spec: StudySpec, source: SpecSource, catalogue: pd.DataFrame, tables: Mapping[str, Relation]
) -> list[Finding]:
    """Return a finding for each indicator, table or column that ``[validity]`` names and nothing bears.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    source : SpecSource
        Where its keys stand.
    catalogue : pandas.DataFrame
        The indicator catalogue.
    tables : mapping of str to Relation
        The tables that could be opened.

    Returns
    -------
    list of Finding
    """
    known = [str(name) for name in catalogue["id"]]
    return [
        *_indicator_faults(spec, source, known),
        *_outcome_faults(spec, source, tables),
        *_group_faults(spec, source, tables),
    ]


def _indicator_faults(spec: StudySpec, source: SpecSource, known: list[str]) -> Iterator[Finding]:
    named: list[tuple[str, int, str, tuple[str, ...]]] = [
        ("targets", place, "indicator", (target.indicator,)) for place, target in enumerate(spec.validity.targets)
    ]
    named += [
        ("known_groups", place, "indicators", group.indicators)
        for place, group in enumerate(spec.validity.known_groups)
    ]
    for section, place, key, names in named:
        for name in names:
            if name not in known:
                where = source.where("validity", section, place, key)
                yield finding("unknown-target-indicator", where, found=name, hint=did_you_mean(name, known))


def _outcome_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> Iterator[Finding]:
    for place, target in enumerate(spec.validity.targets):
        if target.outcome is None:
            continue
        table, _, column = target.outcome.partition(".")
        where = source.where("validity", "targets", place, "outcome")
        if table not in spec.tables:
            yield finding("unknown-table", where, found=table, hint=did_you_mean(table, spec.tables))
        elif table in tables and column not in tables[table].columns:
            hint = did_you_mean(column, tables[table].columns)
            yield finding("unknown-table-column", where, table=table, found=column, hint=hint)


def _group_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> Iterator[Finding]:
    units = [name for name, section in spec.tables.items() if (section.role or name) == "units" and name in tables]
    for place, group in enumerate(spec.validity.known_groups):
        if units and group.column not in tables[units[0]].columns:
            where = source.where("validity", "known_groups", place, "column")
            hint = did_you_mean(group.column, tables[units[0]].columns)
            yield finding("unknown-table-column", where, table=units[0], found=group.column, hint=hint)
