"""Names and conditions that ``[workload]`` and ``[[vary]]`` use."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Finding, finding
from kpi_research.study.read_spec import SpecSource
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean
from kpi_research.study.vary import varied_spec


def workload_faults(spec: StudySpec, source: SpecSource, tables: Mapping[str, Relation]) -> list[Finding]:
    """Return a finding for each group of ``[workload]`` that no table bears, and for a faulty condition on ratings.

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
    roles: dict[str, Relation] = {}
    for name, section in spec.tables.items():
        if name in tables:
            roles.setdefault(section.role or name, tables[name])
    faults: list[Finding] = []
    if "worklog" in roles and "groups" in spec.workload.model_fields_set:
        bearing = [roles[role] for role in ("worklog", "officers", "units") if role in roles]
        known = list(dict.fromkeys(column for relation in bearing for column in relation.columns))
        where = source.where("workload", "groups")
        faults += [
            finding(
                "unknown-table-column",
                where,
                table="worklog, officers, units",
                found=name,
                hint=did_you_mean(name, known),
            )
            for name in spec.workload.groups
            if name not in known
        ]
    if spec.workload.ability is not None and "ratings" in roles:
        where = source.where("workload", "ability")
        faults += parse_expression(
            spec.workload.ability, columns=roles["ratings"].columns, where=where, expect="boolean"
        )[1]
    return faults


def scenario_faults(spec: StudySpec, source: SpecSource) -> list[Finding]:
    """Return a finding for each scenario whose changes fit no key of the study file.

    Parameters
    ----------
    spec : StudySpec
        The study file.
    source : SpecSource
        Where its keys stand.

    Returns
    -------
    list of Finding
    """
    faults = []
    for position, scenario in enumerate(spec.vary):
        try:
            varied_spec(spec, scenario.changes)
        except ValueError as error:
            where = source.where("vary", position, "changes")
            faults.append(finding("scenario-impossible", where, scenario=scenario.id, problem=str(error)))
    return faults
