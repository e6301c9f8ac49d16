"""Loading a study: all faults at once, persons pseudonymized, canonical order, checksums."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kpi_research.study.backends.backend import BackendError
from kpi_research.study.catalogue import conform_catalogue, unknown_table_faults
from kpi_research.study.conform import Conformed
from kpi_research.study.engine import Formula, indicator_values
from kpi_research.study.findings import Finding, StudyError, Where, finding, has_errors
from kpi_research.study.formulas import parse_formulas
from kpi_research.study.model import InputFile, Study
from kpi_research.study.open_table import Opened, open_table
from kpi_research.study.people import MIN_KEY_BYTES, Pseudonymizer
from kpi_research.study.read_spec import ReadSpec, read_spec
from kpi_research.study.references import reference_faults
from kpi_research.study.relation import Relation
from kpi_research.study.schemas import PERSON_COLUMNS, ROLES
from kpi_research.study.sources import read_source
from kpi_research.study.spec import StudySpec
from kpi_research.study.suggest import did_you_mean
from kpi_research.study.tables import Tables


@dataclass(frozen=True)
class Checked:
    """What checking a study gave: the study where it is sound, and all findings.

    Attributes
    ----------
    study : Study or None
        None where any finding is an error.
    findings : tuple of Finding
        In reading order: study file, catalogue, tables, formulas, rules.
    """

    study: Study | None
    findings: tuple[Finding, ...]


def load_study(path: str | Path) -> Study:
    """Load and check a study.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``study.toml``.

    Returns
    -------
    Study
        Checked, persons pseudonymized, rows in canonical order.

    Raises
    ------
    StudyError
        If anything is wrong; it lists every fault of the study file, the catalogue and the tables with file, row and
        column.

    Examples
    --------
    >>> import kpi_research as kr
    >>> kr.load_study("data/nc_counties/study.toml")  # doctest: +SKIP
    Study('nc-counties': 90 units × 7 periods, 6 indicators, tables panel; 0 findings)
    """
    checked = check_study(path)
    if checked.study is None:
        raise StudyError(checked.findings)
    return checked.study


def check_study(path: str | Path) -> Checked:
    """Check a study and return every finding instead of raising.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``study.toml``.

    Returns
    -------
    Checked
    """
    file = Path(path)
    read = read_spec(file)
    if read.spec is None:
        return Checked(None, read.findings)
    catalogue, inputs = _catalogue(read.spec, file.parent, read)
    opened = _open_tables(read.spec, file.parent, read)
    relations = {name: part.relation for name, part in opened.items() if part.relation is not None}
    roles = {name: section.role or name for name, section in read.spec.tables.items()}
    formulas, formula_faults = parse_formulas(catalogue, relations, roles)
    found = (
        *read.findings,
        *catalogue.findings,
        *(unknown_table_faults(catalogue.frame, catalogue, read.spec.tables) if catalogue.frame is not None else ()),
        *(item for part in opened.values() for item in part.findings),
        *formula_faults,
        *reference_faults(read.spec, read.source, catalogue.frame, relations),
        *_people_faults(read, relations),
    )
    if has_errors(found) or catalogue.frame is None:
        return Checked(None, found)
    spec_file = InputFile(file.name, _sha(read.source.text.encode()), len(read.source.text.splitlines()))
    everything = (spec_file, *inputs, *(item for part in opened.values() for item in part.inputs))
    return _study(read.spec, file.parent, catalogue.frame, _protect(read.spec, opened), formulas, everything, found)


def _study(
    spec: StudySpec,
    folder: Path,
    catalogue: pd.DataFrame,
    tables: Tables,
    formulas: tuple[Formula, ...],
    inputs: tuple[InputFile, ...],
    found: tuple[Finding, ...],
) -> Checked:
    try:
        values = indicator_values(formulas, tables.relations)
    except BackendError as error:
        return Checked(None, (*found, finding("table-unreadable", Where("indicators"), reason=str(error))))
    notes = (*found, *_empty_indicators(values, formulas), *_gaps(values))
    digest = _digest(inputs, values)
    return Checked(Study(spec, folder, catalogue, tables, values, inputs, notes, digest), notes)


def _catalogue(spec: StudySpec, folder: Path, read: ReadSpec) -> tuple[Conformed, tuple[InputFile, ...]]:
    section = spec.indicators
    loaded = read_source(
        section.source,
        folder=folder,
        table="indicators",
        sheet=section.sheet,
        encoding=section.encoding,
        spec_where=read.source.where("indicators", "source"),
    )
    inputs = tuple(InputFile(item.name, item.sha256, item.rows) for item in loaded.inputs)
    return conform_catalogue(loaded, section.source), inputs


def _open_tables(spec: StudySpec, folder: Path, read: ReadSpec) -> dict[str, Opened]:
    def place(name: str) -> Callable[..., Where]:
        return lambda *path: read.source.where("tables", name, *path)

    return {
        name: open_table(name, section, spec.study, folder, place(name))
        for name, section in spec.tables.items()
        if (section.role or name) in ROLES
    }


def _people_faults(read: ReadSpec, relations: Mapping[str, Relation]) -> list[Finding]:
    people = read.spec.people if read.spec is not None else PeopleSection(simulated=True)
    if people.simulated:
        return []
    faults = [
        finding("people-unprotected", Where(name, None, column), column=column)
        for name, relation in relations.items()
        for column in PERSON_COLUMNS
        if column in relation.columns and column not in people.pseudonymize
    ]
    known = {column for relation in relations.values() for column in relation.columns}
    faults += [
        finding("pseudonymize-unknown-column", read.source.where("people", "pseudonymize"), found=name, hint=did_you_mean(name, known))
        for name in people.pseudonymize
        if name not in known
    ]
    key = os.environ.get(people.key_env, "")
    if people.pseudonymize and len(key.encode()) < MIN_KEY_BYTES:
        state = {"en": "too short", "zh": "过短"} if key else {"en": "not set", "zh": "未设置"}
        where = read.source.where("people", "key_env")
        faults.append(finding("pseudonym-key-missing", where, variable=people.key_env, state=state, minimum=MIN_KEY_BYTES))
    return faults


def _protect(spec: StudySpec, opened: Mapping[str, Opened]) -> Tables:
    people = spec.people
    frames = {name: part.frame for name, part in opened.items() if part.frame is not None}
    relations = {name: part.relation for name, part in opened.items() if part.relation is not None}
    if not people.pseudonymize:
        return Tables(frames, relations)
    safe = Pseudonymizer(people.pseudonymize, os.environ[people.key_env].encode(), spec.study.id)
    hidden = {name: safe.apply(frame) for name, frame in frames.items()}
    return Tables(hidden, {name: replace(relation, people=safe) for name, relation in relations.items()})


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


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _digest(inputs: tuple[InputFile, ...], values: pd.DataFrame) -> str:
    listed = "\n".join(f"{item.name} {item.sha256}" for item in inputs)
    return _sha(f"{listed}\n{values.to_csv(index=False, float_format='%.12g')}".encode())
