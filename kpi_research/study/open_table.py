"""Opening a table of the study: small ones are read and typed, large ones stay where they live."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_research.study.backends.backend import Backend, BackendError, file_states
from kpi_research.study.backends.duckdb_tables import DuckDBTable, FrameTable, ParquetTable
from kpi_research.study.backends.postgres import PostgresTable
from kpi_research.study.backends.spark import SparkTable
from kpi_research.study.check_relation import check_relation
from kpi_research.study.conform import SpecPlace, conform
from kpi_research.study.expressions import Expression, Kind, parse_expression
from kpi_research.study.findings import Finding, Where, finding, has_errors
from kpi_research.study.inputs import InputFile
from kpi_research.study.relation import PERIODS, Relation
from kpi_research.study.schemas import ROLES
from kpi_research.study.sources import InputHash, Loaded, read_source
from kpi_research.study.sources.files import FileError, SourceFile, find_file, find_files, sha256_of
from kpi_research.study.spec import StudySection, TableSection
from kpi_research.study.suggest import did_you_mean

LARGE_ROLES = ("incidents", "worklog", "ledger", "survey", "events")
"""Roles whose tables stay where they live when they are parquet files or in a database."""

_DATABASE = re.compile(r"(postgresql|spark|duckdb):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Opened:
    """A table that was opened.

    Attributes
    ----------
    frame : pandas.DataFrame or None
        The typed rows where the table is held in memory.
    relation : Relation or None
        The table as a recipe of queries; None where it could not be opened.
    inputs : tuple of InputFile
        What was read, with checksums.
    findings : tuple of Finding
        Everything found.
    """

    frame: pd.DataFrame | None
    relation: Relation | None
    inputs: tuple[InputFile, ...]
    findings: tuple[Finding, ...]


def open_table(name: str, section: TableSection, study: StudySection, folder: Path, place: SpecPlace) -> Opened:
    """Open one table of a study.

    Parameters
    ----------
    name : str
        Name of the table.
    section : TableSection
        Its section of the study file.
    study : StudySection
        The ``[study]`` section, for the period and the time zone.
    folder : pathlib.Path
        The study folder.
    place : callable
        Place of a key of the section.

    Returns
    -------
    Opened
        With findings instead of exceptions for every fault.
    """
    role = section.role or name
    try:
        backend, inputs = _backend(section.source, study.timezone, folder, place("source"))
    except FileError as fault:
        return Opened(None, None, (), (fault.found,))
    if backend is None or (role not in LARGE_ROLES and isinstance(backend, ParquetTable | DuckDBTable)):
        return _in_memory(name, section, study, folder, place)
    try:
        if role not in LARGE_ROLES:
            return _fetched(name, section, study, place, backend, inputs)
        return _in_place(name, section, study, place, backend, inputs)
    except BackendError as error:
        return Opened(None, None, inputs, (finding("table-unreadable", Where(section.source), reason=str(error)),))


def open_frame(name: str, section: TableSection, study: StudySection, frame: pd.DataFrame, place: SpecPlace) -> Opened:
    """Open a table whose rows are in memory already.

    Parameters
    ----------
    name : str
        Name of the table.
    section : TableSection
        Its section of the study file; ``source`` is not looked at.
    study : StudySection
        The ``[study]`` section.
    frame : pandas.DataFrame
        The rows.
    place : callable
        Place of a key of the section.

    Returns
    -------
    Opened
    """
    return _conformed(name, section, study, place, loaded_frame(frame, section.source))


def loaded_frame(frame: pd.DataFrame, name: str) -> Loaded:
    """Return a frame as if it had been read from a source of that name.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    name : str
        Name in messages and in the list of inputs.

    Returns
    -------
    Loaded
    """
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    digest = hashlib.sha256(",".join(map(str, frame.columns)).encode() + rows).hexdigest()
    return Loaded(frame.reset_index(drop=True), 1, None, (InputHash(name, digest, len(frame)),), ())


def _backend(source: str, zone: str, folder: Path, where: Where) -> tuple[Backend | None, tuple[InputFile, ...]]:
    match = _DATABASE.fullmatch(source)
    if match is None:
        return _parquet(source, zone, folder, where) if source.lower().endswith(".parquet") else (None, ())
    kind, rest = match[1], match[2]
    address, _, table = rest.rpartition("#")
    if kind == "spark":
        return _spark(rest, zone, folder, where)
    if not address or not table:
        form = {"postgresql": "postgresql://user@host/database#table", "duckdb": "duckdb:file.db#table"}[kind]
        raise FileError(finding("source-malformed", where, found=source[:100], form=form))
    if kind == "duckdb":
        file = find_file(address, folder, where)
        paths = (str(file.path),)
        return DuckDBTable(paths[0], table, zone, file_states(paths)), _hashed((file,))
    if re.search(r"//[^/@]*:[^/@]*@|[?&]password=", address):
        raise FileError(finding("source-secret", where))
    return PostgresTable(f"postgresql:{address}", table, zone), ()


def _parquet(source: str, zone: str, folder: Path, where: Where) -> tuple[Backend, tuple[InputFile, ...]]:
    files = find_files(source, folder, where)
    paths = tuple(str(file.path.resolve()) for file in files)
    return ParquetTable(paths, zone, file_states(paths)), _hashed(files)


def _spark(rest: str, zone: str, folder: Path, where: Where) -> tuple[Backend, tuple[InputFile, ...]]:
    kind, _, place = rest.partition(":")
    if kind == "table" and place:
        return SparkTable(table=place, time_zone=zone), ()
    if kind != "parquet" or not place:
        form = "spark:parquet:FILES / spark:table:NAME"
        raise FileError(finding("source-malformed", where, found=rest[:100], form=form))
    files = find_files(place, folder, where)
    return SparkTable(tuple(str(file.path.resolve()) for file in files), "", zone), _hashed(files)


def _hashed(files: tuple[SourceFile, ...]) -> tuple[InputFile, ...]:
    return tuple(InputFile(file.name, sha256_of(file.path), 0) for file in files)


def _in_memory(name: str, section: TableSection, study: StudySection, folder: Path, place: SpecPlace) -> Opened:
    loaded = read_source(
        section.source,
        folder=folder,
        table=name,
        sheet=section.sheet,
        header_rows=section.header_rows,
        encoding=section.encoding,
        dates=section.dates,
        spec_where=place("source"),
    )
    return _conformed(name, section, study, place, loaded)


def _fetched(
    name: str,
    section: TableSection,
    study: StudySection,
    place: SpecPlace,
    backend: Backend,
    inputs: tuple[InputFile, ...],
) -> Opened:
    kinds = backend.kinds()
    plain = Relation(backend, kinds, {column: column for column in kinds})
    loaded = Loaded(plain.collect(), 1, None, (), ())
    opened = _conformed(name, section, study, place, loaded)
    return Opened(opened.frame, opened.relation, inputs, opened.findings)


def _conformed(name: str, section: TableSection, study: StudySection, place: SpecPlace, loaded: Loaded) -> Opened:
    typed = conform(
        loaded,
        ROLES[section.role or name],
        file=section.source,
        columns=section.columns,
        derive=section.derive,
        spec_place=place,
    )
    inputs = tuple(InputFile(item.name, item.sha256, item.rows) for item in loaded.inputs)
    if typed.frame is None:
        return Opened(None, None, inputs, typed.findings)
    backend = FrameTable(typed.frame, study.timezone)
    kinds = backend.kinds()
    relation, faults = _with_period(
        Relation(backend, kinds, {column: column for column in kinds}), section, study, place
    )
    return Opened(typed.frame, relation, inputs, (*typed.findings, *faults))


def _in_place(
    name: str,
    section: TableSection,
    study: StudySection,
    place: SpecPlace,
    backend: Backend,
    inputs: tuple[InputFile, ...],
) -> Opened:
    kinds = backend.kinds()
    theirs, faults = _renamed(kinds, section.columns, place)
    columns: dict[str, Kind] = {ours: kinds[column] for ours, column in theirs.items()}
    derived, more = _derived(columns, section.derive, place)
    columns |= {column: expression.kind for column, expression in derived.items()}
    relation, last = _with_period(Relation(backend, columns, theirs, derived), section, study, place)
    found = [*faults, *more, *last]
    if not has_errors([*faults, *more]):
        found += check_relation(relation, ROLES[section.role or name], section.source)
    counted = tuple(InputFile(item.name, item.sha256, relation.count() if len(inputs) == 1 else 0) for item in inputs)
    return Opened(None, relation, counted, tuple(found))


def _renamed(
    kinds: Mapping[str, Kind], columns: Mapping[str, str], place: SpecPlace
) -> tuple[dict[str, str], list[Finding]]:
    faults = [
        finding("unknown-source-column", place("columns", ours), found=name, hint=did_you_mean(name, kinds))
        for ours, name in columns.items()
        if name not in kinds
    ]
    ours_of = {name: ours for ours, name in columns.items()}
    theirs: dict[str, str] = {}
    for name in kinds:
        ours = ours_of.get(name, name)
        if ours in theirs:
            faults.append(finding("column-name-clash", place("columns", ours), column=ours))
        theirs[ours] = name
    return theirs, faults


def _derived(
    columns: Mapping[str, Kind], derive: Mapping[str, str], place: SpecPlace
) -> tuple[dict[str, Expression], list[Finding]]:
    parsed: dict[str, Expression] = {}
    faults: list[Finding] = []
    for name, text in derive.items():
        expression, found = parse_expression(text, columns=columns, where=place("derive", name), expect="any")
        faults.extend(found)
        if expression is not None:
            parsed[name] = expression
    return parsed, faults


def _with_period(
    relation: Relation, section: TableSection, study: StudySection, place: SpecPlace
) -> tuple[Relation, list[Finding]]:
    if section.time is None:
        return relation, []
    where = place("time")
    if section.time not in relation.columns:
        hint = did_you_mean(section.time, relation.columns)
        return relation, [finding("unknown-source-column", where, found=section.time, hint=hint)]
    problem = _period_problem(relation, section.time, study.period)
    if problem:
        return relation, [finding("period-from-time", where, column=section.time, problem=problem)]
    columns: dict[str, Kind] = {**relation.columns, "period": "number" if study.period == "year" else "text"}
    made = Relation(relation.backend, columns, relation.theirs, relation.derived, (section.time, study.period))
    return made, []


def _period_problem(relation: Relation, time: str, period: str) -> dict[str, str] | None:
    if relation.columns[time] != "time":
        return {"en": "it holds no times", "zh": "该列不是时间"}
    if "period" in relation.columns:
        return {"en": "the table has a column 'period' already", "zh": "表中已有 period 列"}
    if period not in PERIODS:
        return {"en": f"'{period}' is none of {', '.join(PERIODS)}", "zh": f"“{period}”不是 {', '.join(PERIODS)} 之一"}
    return None
