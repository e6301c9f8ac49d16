"""Names in the lines on rules of use that nothing bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean


def use_faults(
    spec: StudySpec, source: SpecSource, catalogue: pd.DataFrame, tables: Mapping[str, Relation]
) -> Iterator[Finding]:
    """Yield a finding for each name in ``banned_sources`` and ``covers`` of ``[validity]`` that nothing bears.

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

    Yields
    ------
    Finding
    """
    for place, name in enumerate(spec.validity.banned_sources):
        table, _, column = name.partition(".")
        where = source.where("validity", "banned_sources", place)
        if table not in spec.tables:
            yield finding("unknown-table", where, found=table, hint=did_you_mean(table, spec.tables))
        elif table in tables and column not in tables[table].columns:
            hint = did_you_mean(column, tables[table].columns)
            yield finding("unknown-table-column", where, table=table, found=column, hint=hint)
    known = [str(name) for name in catalogue["id"]]
    for name in spec.validity.covers:
        if name not in known:
            where = source.where("validity", "covers", name)
            yield finding("unknown-target-indicator", where, found=name, hint=did_you_mean(name, known))
