"""The cases and labels of a study, with only the columns that are needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.preventability.definition.rules import Definition, definitions_of
from kpi_research.preventability.model.design import as_text, is_categorical
from kpi_research.study.expressions import Kind, column_kinds, filter_frame, parse_expression
from kpi_research.study.findings import Finding, StudyError, Where, finding
from kpi_research.study.frame_checks import require_columns
from kpi_research.study.model import Study
from kpi_research.study.schemas import PERSON_COLUMNS

MOST_CASES = 10_000_000
"""Rows of the table of incidents that are fetched at the most."""
AFTERWARDS = ("outcome", "dispatched_at", "arrived_at", "recorded_at", "closed_at")
"""Columns of incidents that are made while a case is handled; none of them may predict whether it was preventable."""
MOST_LEVELS = 50
"""Levels of a text that is still a feature by itself where the study names no features."""


@dataclass(frozen=True)
class StudyCases:
    """The cases of a study.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per case: ``incident``, ``unit``, ``period`` where there is one, the features, and the columns that the
        definitions read.
    features : tuple of str
        Columns from which the probability is predicted.
    definitions : tuple of Definition
        The definitions of the study.
    findings : tuple of Finding
        What was chosen or left out.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]


def case_counts(study: Study) -> pd.DataFrame:
    """Count the incidents that count as cases, where their rows live.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``period``, ``n``.

    Raises
    ------
    ValueError
        If the study has no table of role ``incidents``.
    """
    name = study.role_name("incidents")
    if name is None:
        raise ValueError("the study has no table of role 'incidents'")
    counts = study.cells(name, by=["unit", "period"], value="1", where=study.spec.preventability.cases)
    return counts[["unit", "period", "n"]].assign(unit=counts["unit"].astype("str"))


def with_unit_columns(study: Study, base: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of units with the columns of the table of units.

    Parameters
    ----------
    study : Study
        The study.
    base : pandas.DataFrame
        One row per ``unit``; where both have a column, the one of the table gets the ending ``_of_table``.

    Returns
    -------
    pandas.DataFrame
        ``base`` itself where the study has no such table.
    """
    units = study.role_table("units")
    if units is None:
        return base
    return base.merge(units.drop_duplicates("unit"), on="unit", how="left", suffixes=("", "_of_table"))


def study_cases(study: Study) -> StudyCases:
    """Fetch the incidents that count as cases, with the columns that are needed.

    Parameters
    ----------
    study : Study
        A study with a table of incidents.

    Returns
    -------
    StudyCases
        Findings: ``features-chosen`` where the study names none, ``feature-after-the-fact``.

    Raises
    ------
    StudyError
        If the table is larger than memory allows.
    ValueError
        If the table has no unit column, or a condition or feature of the study file has a fault.
    """
    name = study.role_name("incidents") or "incidents"
    kinds = _kinds(study, name)
    section = study.spec.preventability
    definitions = definitions_of(section.definitions)
    reads = _read_by(section.cases, definitions, kinds)
    wanted = section.features or _candidates(kinds)
    columns = [column for column in dict.fromkeys(("incident", "unit", "period", *wanted, *reads)) if column in kinds]
    frame = _fetch(study, name, columns)
    require_columns(frame, f"table {name}", {"incident": "incident", "unit": "unit", "features": section.features})
    if section.cases is not None:
        chosen, _ = parse_expression(section.cases, columns=kinds, expect="boolean")
        frame = frame[filter_frame(frame, chosen)] if chosen is not None else frame
    frame = frame.dropna(subset=["unit"]).sort_values(["unit", "incident"], kind="stable", ignore_index=True)
    features, findings = _features(frame, section.features, wanted, name)
    return StudyCases(frame, features, definitions, findings)


def _kinds(study: Study, name: str) -> dict[str, Kind]:
    if name in study.tables.relations:
        return dict(study.tables.relations[name].columns)
    return column_kinds(study.tables[name])


def _fetch(study: Study, name: str, columns: list[str]) -> pd.DataFrame:
    if name in study.tables.frames:
        return study.tables.frames[name][columns].copy()
    relation = study.tables.relations[name]
    rows = relation.count()
    if rows > MOST_CASES:
        raise StudyError([finding("table-too-large", Where(name), rows=rows, limit=MOST_CASES)])
    return relation.collect(columns)


def _read_by(cases: str | None, definitions: tuple[Definition, ...], kinds: dict[str, Kind]) -> list[str]:
    texts = [*([cases] if cases else []), *(text for item in definitions for text, _ in item.rules)]
    parsed = [parse_expression(text, columns=kinds, expect="boolean") for text in texts]
    faults = [item for _, found in parsed for item in found]
    if faults:
        raise ValueError("; ".join(item.line() for item in faults))
    return sorted({column for expression, _ in parsed if expression is not None for column in expression.columns})


def _candidates(kinds: dict[str, Kind]) -> tuple[str, ...]:
    kept_out = {"incident", "unit", "period", *AFTERWARDS, *PERSON_COLUMNS}
    return tuple(name for name, kind in kinds.items() if kind in ("text", "boolean") and name not in kept_out)


def _features(
    frame: pd.DataFrame, named: tuple[str, ...], wanted: tuple[str, ...], table: str
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    if named:
        late = [name for name in named if name in AFTERWARDS]
        facts = {"columns": ", ".join(late)}
        return named, ((finding("feature-after-the-fact", Where("study.toml"), **facts),) if late else ())
    chosen: dict[bytes, str] = {}
    for name in wanted:
        if not is_categorical(frame[name]):
            continue
        codes, levels = pd.factorize(as_text(frame[name]))
        if 2 <= levels.size <= MOST_LEVELS:
            chosen.setdefault(codes.astype(np.int16).tobytes(), name)
    names = tuple(chosen.values())
    return names, (finding("features-chosen", Where(table), columns=", ".join(names) or "–"),)
