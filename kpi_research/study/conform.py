"""From a raw table to a typed and checked one: rename, type, derive, check, sort."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.check_table import Place, check_table
from kpi_research.study.expressions import Expression, column_kinds, evaluate, parse_expression
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.period import to_period
from kpi_research.study.schemas import Column, ColumnKind, Schema
from kpi_research.study.sources import Loaded
from kpi_research.study.sources.phrases import Locate
from kpi_research.study.sources.values import infer, to_boolean, to_date, to_number, to_text
from kpi_research.study.suggest import did_you_mean

SpecPlace = Callable[..., Where]
"""Gives the place of a key of the table's section in the study file."""


@dataclass(frozen=True)
class Conformed:
    """A typed table and the places of its cells.

    Attributes
    ----------
    frame : pandas.DataFrame or None
        The table, or None where it could not be read at all.
    where : callable
        ``where(position, column)`` gives the place of a cell; a position of None speaks of the whole column.
    findings : tuple of Finding
        Everything found while reading, typing and checking.
    """

    frame: pd.DataFrame | None
    where: Place
    findings: tuple[Finding, ...]


def conform(
    loaded: Loaded,
    schema: Schema,
    *,
    file: str,
    columns: Mapping[str, str] | None = None,
    derive: Mapping[str, str] | None = None,
    spec_place: SpecPlace | None = None,
    sort: bool = True,
    closed: bool = False,
) -> Conformed:
    """Type and check a table that was read from its source.

    Parameters
    ----------
    loaded : Loaded
        The raw table with the places of its rows.
    schema : Schema
        What the table's role asks for.
    file : str
        Name of the source in messages about whole columns.
    columns : mapping of str to str, optional
        Our name = their name.
    derive : mapping of str to str, optional
        New columns from expressions over the renamed columns.
    spec_place : callable, optional
        Place of a key of the table's section of the study file.
    sort : bool, default True
        Sort the rows by the key of the schema.
    closed : bool, default False
        Whether columns that the schema does not name are faults.

    Returns
    -------
    Conformed
    """
    if loaded.frame is None:
        return Conformed(None, _placer(loaded, file, {}), loaded.findings)
    theirs = dict(columns or {})
    where = _placer(loaded, file, theirs)
    place = spec_place or (lambda *path: Where(file, None, ".".join(path)))
    found = list(loaded.findings)
    frame = _rename(loaded.frame, theirs, place, found)
    if closed:
        found += _unknown_headers(frame, schema, where)
    wanted = {str(name): schema.columns.get(str(name), Column("any")) for name in frame.columns}
    frame = _typed(frame, wanted, where, loaded.dates, found)
    frame = _derived(frame, derive or {}, place, found)
    made = {name: schema.columns[name] for name in derive or {} if name in schema.columns}
    frame = _typed(frame, made, where, loaded.dates, found)
    found += _missing(frame, schema, where)
    if frame.empty:
        found.append(finding("empty-table", Where(file)))
    found += check_table(frame, schema, where)
    names = [name for name in schema.key if name in frame]
    ordered = frame.sort_values(names, ignore_index=True, kind="stable") if sort and names else frame
    return Conformed(ordered, where, tuple(found))


def _placer(loaded: Loaded, file: str, theirs: Mapping[str, str]) -> Place:
    def place(position: int | None, column: str | None) -> Where:
        name = theirs.get(column, column) if column else column
        return Where(file, None, name) if position is None else loaded.where(position, name)

    return place


def _rename(frame: pd.DataFrame, theirs: Mapping[str, str], place: SpecPlace, found: list[Finding]) -> pd.DataFrame:
    known = [str(name) for name in frame.columns]
    for ours, name in theirs.items():
        if name not in known:
            hint = did_you_mean(name, known)
            found.append(finding("unknown-source-column", place("columns", ours), found=name, hint=hint))
        elif ours != name and ours in known and ours not in theirs.values():
            found.append(finding("column-name-clash", place("columns", ours), column=ours))
    usable = {name: ours for ours, name in theirs.items() if name in known and (ours == name or ours not in known)}
    return frame.rename(columns=usable)


def _unknown_headers(frame: pd.DataFrame, schema: Schema, where: Place) -> list[Finding]:
    return [
        finding(
            "unknown-column-header", where(None, str(name)), found=name, hint=did_you_mean(str(name), schema.columns)
        )
        for name in frame.columns
        if name not in schema.columns
    ]


def _missing(frame: pd.DataFrame, schema: Schema, where: Place) -> list[Finding]:
    known = [str(name) for name in frame.columns]
    return [
        finding("missing-column", where(None, None), column=name, hint=did_you_mean(name, known))
        for name, column in schema.columns.items()
        if column.required and name not in frame
    ]


def _typed(
    frame: pd.DataFrame, wanted: Mapping[str, Column], where: Place, dates: str | None, found: list[Finding]
) -> pd.DataFrame:
    typed = {}
    for name, column in wanted.items():
        if name in frame:
            typed[name], faults = _TYPING[column.kind](frame[name], _locate(where, name), dates)
            found.extend(faults)
    return frame.assign(**typed)


def _locate(where: Place, column: str) -> Locate:
    return lambda position: where(position, column)


_TYPING: Mapping[ColumnKind, Callable[[pd.Series, Locate, str | None], tuple[pd.Series, tuple[Finding, ...]]]] = {
    "text": lambda column, _locate, _dates: to_text(column),
    "number": lambda column, locate, _dates: to_number(column, locate),
    "boolean": lambda column, locate, _dates: to_boolean(column, locate),
    "time": lambda column, locate, dates: to_date(column, locate, format=dates),
    "period": to_period,
    "any": lambda column, locate, _dates: _inferred(column, locate),
}


def _inferred(column: pd.Series, locate: Locate) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return the inferred column; texts among mostly numbers are faults, not a text column."""
    typed, found = infer(column, locate)
    mixed = [item for item in found if item.code == "column-mixed"]
    if mixed and mixed[0].facts["numbers"] > mixed[0].facts["texts"]:
        return to_number(column, locate)
    return typed, found


def _derived(frame: pd.DataFrame, derive: Mapping[str, str], place: SpecPlace, found: list[Finding]) -> pd.DataFrame:
    parsed: dict[str, Expression] = {}
    kinds = column_kinds(frame)
    for name, text in derive.items():
        expression, faults = parse_expression(text, columns=kinds, where=place("derive", name), expect="scalar")
        found.extend(faults)
        if expression is not None:
            parsed[name] = expression
    return frame.assign(**{str(name): column for name, column in evaluate(frame, parsed).items()}) if parsed else frame
