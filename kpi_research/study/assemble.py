"""From a study file, a catalogue and tables to a checked study: all faults at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from kpi_research.study.backends.backend import BackendError
from kpi_research.study.catalogue import conform_catalogue, unknown_table_faults
from kpi_research.study.check_rubric import unknown_levels
from kpi_research.study.conform import SpecPlace
from kpi_research.study.engine import Formula, indicator_values
from kpi_research.study.findings import Finding, StudyError, Where, finding, has_errors
from kpi_research.study.formulas import parse_formulas
from kpi_research.study.inputs import InputFile
from kpi_research.study.model import Study
from kpi_research.study.open_table import Opened
from kpi_research.study.protect import people_faults, protected_tables
from kpi_research.study.read_spec import ReadSpec
from kpi_research.study.references import reference_faults
from kpi_research.study.schemas import ROLES
from kpi_research.study.sources import Loaded
from kpi_research.study.spec import StudySection, StudySpec, TableSection
from kpi_research.study.tables import Tables

OpenOne = Callable[[str, TableSection, StudySection, SpecPlace], Opened]
"""Opens the table of a name and section, given ``[study]``; the last argument gives the places of the section's keys."""


@dataclass(frozen=True)
class Checked:
    """What checking a study gave: the study where it is sound, and all findings.

    Attributes
    ----------
    study : Study or None
        None where any finding is an error.
    findings : tuple of Finding
        In reading order: study file, catalogue, tables, formulas, rules, persons.
    """

    study: Study | None
    findings: tuple[Finding, ...]


def assemble(read: ReadSpec, folder: Path, load_catalogue: Callable[[StudySpec], Loaded], open_one: OpenOne) -> Checked:
    """Check all parts of a study against each other and compute its indicators.

    Parameters
    ----------
    read : ReadSpec
        The study file.
    folder : pathlib.Path
        Its folder.
    load_catalogue : callable
        Reads the catalogue.
    open_one : callable
        Opens one table.

    Returns
    -------
    Checked
    """
    if read.spec is None:
        return Checked(None, read.findings)
    spec = read.spec
    loaded = load_catalogue(spec)
    catalogue = conform_catalogue(loaded, spec.indicators.source)
    opened = {
        name: open_one(name, section, spec.study, _placer(read, name))
        for name, section in spec.tables.items()
        if (section.role or name) in ROLES
    }
    relations = {name: part.relation for name, part in opened.items() if part.relation is not None}
    roles = {name: section.role or name for name, section in spec.tables.items()}
    formulas, formula_faults = parse_formulas(catalogue, relations, roles)
    found = (
        *read.findings,
        *catalogue.findings,
        *(unknown_table_faults(catalogue.frame, catalogue, spec.tables) if catalogue.frame is not None else ()),
        *(item for part in opened.values() for item in part.findings),
        *formula_faults,
        *reference_faults(spec, read.source, catalogue.frame, relations),
        *people_faults(spec.people, read.source, relations),
    )
    if has_errors(found) or catalogue.frame is None:
        return Checked(None, found)
    inputs = _inputs(read, loaded, opened.values())
    levels = partial(unknown_levels, catalogue, relations)
    return _computed(spec, folder, catalogue.frame, protected_tables(spec, opened), formulas, inputs, found, levels)


def _computed(
    spec: StudySpec,
    folder: Path,
    catalogue: pd.DataFrame,
    tables: Tables,
    formulas: tuple[Formula, ...],
    inputs: tuple[InputFile, ...],
    found: tuple[Finding, ...],
    levels: Callable[[], list[Finding]],
) -> Checked:
    try:
        unknown = levels()
        if unknown:
            return Checked(None, (*found, *unknown))
        values = indicator_values(formulas, tables.relations)
    except BackendError as error:
        return Checked(None, (*found, finding("table-unreadable", Where("indicators"), reason=str(error))))
    changed = [name for name, relation in tables.relations.items() if not relation.backend.unchanged()]
    if changed:
        return Checked(None, (*found, *(finding("source-changed", Where(name)) for name in changed)))
    if values.drop(columns=["unit", "period"]).notna().to_numpy().sum() == 0:
        return Checked(None, (*found, finding("no-values", Where("indicators"))))
    notes = (*found, *_empty_indicators(values, formulas), *_gaps(values), *_unknown_units(values, tables))
    return Checked(Study(spec, folder, catalogue, tables, values, inputs, notes, _digest(inputs, values)), notes)


def _placer(read: ReadSpec, name: str) -> SpecPlace:
    return lambda *path: read.source.where("tables", name, *path)


def _inputs(read: ReadSpec, catalogue: Loaded, opened: Iterable[Opened]) -> tuple[InputFile, ...]:
    text = read.source.text
    spec_file = InputFile(read.source.name, _sha(text.encode()), len(text.splitlines()))
    listed = (InputFile(item.name, item.sha256, item.rows) for item in catalogue.inputs)
    return (spec_file, *listed, *(item for part in opened for item in part.inputs))


def _empty_indicators(values: pd.DataFrame, formulas: tuple[Formula, ...]) -> list[Finding]:
    return [
        finding("indicator-empty", Where(formula.table), indicator=formula.indicator)
        for formula in formulas
        if values[formula.indicator].isna().all()
    ]


def _gaps(values: pd.DataFrame) -> list[Finding]:
    units, periods = values["unit"].unique(), values["period"].unique()
    total = len(units) * len(periods)
    if len(values) == total:
        return []
    present = set(zip(values["unit"], values["period"], strict=True))
    unit, period = next((unit, period) for unit in units for period in periods if (unit, period) not in present)
    facts = {"count": total - len(values), "total": total, "unit": unit, "period": period}
    return [finding("unit-periods-missing", Where(), **facts)]


def _unknown_units(values: pd.DataFrame, tables: Tables) -> list[Finding]:
    if "units" not in tables:
        return []
    unknown = sorted(set(values["unit"]) - set(tables["units"]["unit"].astype("str")))
    return [finding("unit-unknown", Where("units"), count=len(unknown), found=unknown[0])] if unknown else []


def _digest(inputs: tuple[InputFile, ...], values: pd.DataFrame) -> str:
    listed = "\n".join(f"{item.name} {item.sha256}" for item in inputs)
    return _sha(f"{listed}\n{values.to_csv(index=False, float_format='%.12g')}".encode())


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def study_of(checked: Checked, truth: Mapping[str, pd.DataFrame] | None = None) -> Study:
    """Return the study of a check, or raise all its faults.

    Parameters
    ----------
    checked : Checked
        The check.
    truth : mapping of str to pandas.DataFrame, optional
        For a simulated study, what an analysis should recover.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If the check found any error.
    """
    if checked.study is None:
        raise StudyError(checked.findings)
    return replace(checked.study, truth=dict(truth)) if truth else checked.study
