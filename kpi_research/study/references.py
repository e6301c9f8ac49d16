"""Names that one part of the study file uses for another: rules, outcomes, controls, instruments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from sqlglot import exp

from kpi_research.study.check_reasons import ASPECTS, reasons
from kpi_research.study.check_scorecard import scorecard_faults
from kpi_research.study.check_targets import target_faults
from kpi_research.study.check_use import use_faults
from kpi_research.study.check_workload import scenario_faults, workload_faults
from kpi_research.study.expressions import Expression, column_kinds, filter_frame, parse_expression
from kpi_research.study.findings import Finding, finding
from kpi_research.study.preventability_references import preventability_faults
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean


def reference_faults(
    spec: StudySpec, source: SpecSource, catalogue: pd.DataFrame | None, tables: Mapping[str, Relation]
) -> list[Finding]:
    """Return a finding for each name in the study file that nothing bears.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    source : SpecSource
        Where its keys stand.
    catalogue : pandas.DataFrame or None
        The indicator catalogue, or None where it could not be read.
    tables : mapping of str to Relation
        The tables that could be opened.

    Returns
    -------
    list of Finding
    """
    faults = _outcome_faults(spec, source, tables) + _panel_column_faults(spec, source, tables)
    faults += _verdict_faults(spec, source)
    faults += preventability_faults(spec, source, tables)
    faults += workload_faults(spec, source, tables) + scenario_faults(spec, source)
    if catalogue is not None:
        faults += _rule_faults(spec, source, catalogue) + target_faults(spec, source, catalogue, tables)
        faults += [*use_faults(spec, source, catalogue, tables), *scorecard_faults(spec, source, catalogue)]
    return faults


def _outcome_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> list[Finding]:
    if spec.validity.outcome is None:
        return []
    table, _, column = spec.validity.outcome.partition(".")
    where = source.where("validity", "outcome")
    if table not in spec.tables:
        return [finding("unknown-table", where, found=table, hint=did_you_mean(table, spec.tables))]
    if table in tables and column not in tables[table].columns:
        hint = did_you_mean(column, tables[table].columns)
        return [finding("unknown-table-column", where, table=table, found=column, hint=hint)]
    return []


def _panel_column_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> list[Finding]:
    panels = [name for name, section in spec.tables.items() if (section.role or name) == "panel" and name in tables]
    if not panels:
        return []
    known = list(tables[panels[0]].columns)
    faults = []
    for key, names in _panel_names(spec):
        for name in names:
            if name not in known:
                where = source.where("validity", key)
                facts = {"table": panels[0], "found": name, "hint": did_you_mean(name, known)}
                faults.append(finding("unknown-table-column", where, **facts))
    return faults


def _panel_names(spec: StudySpec) -> Iterable[tuple[str, tuple[str, ...]]]:
    section = spec.validity
    yield "controls", section.controls
    yield "unit_controls", section.unit_controls
    yield "checked", section.checked
    for name, used in (section.instruments or {}).items():
        yield "instruments", (name, *((used,) if isinstance(used, str) else used))


def _verdict_faults(spec: StudySpec, source: SpecSource) -> list[Finding]:
    known = [*ASPECTS, *reasons()]
    return [
        finding(
            "unknown-check",
            source.where("validity", "verdicts", position, "subject"),
            found=line.subject,
            hint=did_you_mean(line.subject, known),
        )
        for position, line in enumerate(spec.validity.verdicts)
        if line.subject not in known
    ]


FROM_VALIDITY = ("reliability", "unreliability", "topped_out")
"""Columns that the evidence on validity adds to the catalogue before weights are optimized."""


def _rule_faults(spec: StudySpec, source: SpecSource, catalogue: pd.DataFrame) -> list[Finding]:
    faults: list[Finding] = []
    kinds = column_kinds(catalogue)
    for position, rule in enumerate(spec.rules):
        if rule.column is not None and rule.column not in (*kinds, *FROM_VALIDITY):
            place, hint = source.where("rules", position, "column"), did_you_mean(rule.column, [*kinds, *FROM_VALIDITY])
            faults.append(finding("unknown-rule-column", place, rule=rule.id, found=rule.column, hint=hint))
        for key in ("where", "of", "than"):
            text = getattr(rule, key)
            if text is None:
                continue
            place = source.where("rules", position, key)
            parsed, found = parse_expression(text, columns=kinds, where=place, expect="boolean")
            faults.extend(found)
            if parsed is None:
                continue
            unknown = [
                finding("unknown-catalogue-value", place, column=column, found=value, hint=did_you_mean(value, known))
                for column, value, known in _unknown_literals(parsed, catalogue)
            ]
            faults.extend(unknown)
            if not unknown and not filter_frame(catalogue, parsed).any():
                faults.append(finding("rule-selects-nothing", place, rule=rule.id, filter=text))
    return faults


def _unknown_literals(parsed: Expression, catalogue: pd.DataFrame) -> Iterable[tuple[str, str, list[str]]]:
    for node in parsed.tree.find_all(exp.EQ, exp.NEQ, exp.In):
        others = node.expressions if isinstance(node, exp.In) else [node.expression]
        sides = [node.this, *others]
        columns = [side.name for side in sides if isinstance(side, exp.Column)]
        if len(columns) != 1 or catalogue[columns[0]].dtype != "str":
            continue
        known = sorted(set(catalogue[columns[0]]) - {""})
        for side in sides:
            if isinstance(side, exp.Literal) and side.is_string and side.this not in known:
                yield columns[0], side.this, known
