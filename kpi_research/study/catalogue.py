"""The indicator catalogue: one row per indicator, with Chinese or English headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from kpi_research.study.check_rubric import rubric_row_faults
from kpi_research.study.conform import Conformed, conform
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.headers import WORDS, canonical_header, canonical_word
from kpi_research.study.schemas import Column, Schema
from kpi_research.study.sources import Loaded
from kpi_research.study.suggest import did_you_mean

_TEXT = Column("text")
_POINTS = Column("number", low=0, high=100)
_NUMBER = Column("number")

CATALOGUE = Schema(
    {
        "id": Column("text", required=True, nullable=False),
        "label_en": _TEXT,
        "label_zh": _TEXT,
        "perspective": _TEXT,
        "module": _TEXT,
        "kind": Column("text", choices=tuple(WORDS["kind"])),
        "evaluator": _TEXT,
        "direction": Column("text", required=True, nullable=False, choices=tuple(WORDS["direction"])),
        "sequence": _TEXT,
        "post": _TEXT,
        "role": Column("text", choices=tuple(WORDS["role"])),
        "table": _TEXT,
        "value": _TEXT,
        "numerator": _TEXT,
        "denominator": _TEXT,
        "rubric": _TEXT,
        "unit": _TEXT,
        "normalization": Column("text", choices=tuple(WORDS["normalization"])),
        "target": _NUMBER,
        "floor": _NUMBER,
        "ceiling": _NUMBER,
        "current_weight": _POINTS,
        "min_weight": _POINTS,
        "max_weight": _POINTS,
        "banned": Column("boolean"),
        "source": _TEXT,
    },
    ("id",),
)
"""Columns of the catalogue, in the order in which they are kept."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def conform_catalogue(loaded: Loaded, file: str) -> Conformed:
    """Type and check a catalogue that was read from a file.

    Parameters
    ----------
    loaded : Loaded
        The raw table.
    file : str
        Its name in messages.

    Returns
    -------
    Conformed
        The frame has every column of `CATALOGUE` (texts empty, numbers NaN, ``banned`` False where not given), in
        file order.
    """
    if loaded.frame is None:
        return conform(loaded, CATALOGUE, file=file)
    theirs, clashes = _headers(loaded.frame, file)
    words = {
        theirs[name]: loaded.frame[theirs[name]].map(
            lambda cell, name=name: canonical_word(name, str(cell)), na_action="ignore"
        )
        for name in WORDS
        if name in theirs
    }
    raw = replace(loaded, frame=loaded.frame.assign(**words))
    typed = conform(raw, CATALOGUE, file=file, columns=theirs, sort=False, closed=True)
    if typed.frame is None:
        return typed
    complete = _complete(typed.frame)
    faults = (*typed.findings, *_row_faults(complete, typed))
    return Conformed(complete, typed.where, (*clashes, *faults))


def _headers(frame: pd.DataFrame, file: str) -> tuple[dict[str, str], list[Finding]]:
    """Return our names of the columns with theirs, and a finding for two headers of one meaning."""
    theirs: dict[str, str] = {}
    clashes = []
    for header in map(str, frame.columns):
        name = canonical_header(header)
        if name in theirs:
            clashes.append(finding("column-name-clash", Where(file, None, header), column=name))
        theirs.setdefault(name, header)
    return theirs, clashes


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    whole = {}
    for name, column in CATALOGUE.columns.items():
        given = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
        whole[name] = _DEFAULTS[column.kind](given)
    complete = pd.DataFrame(whole, index=frame.index)
    complete["role"] = complete["role"].where(complete["role"] != "", "graded")
    complete["table"] = complete["table"].where(complete["table"] != "", "panel")
    return complete


_DEFAULTS: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "text": lambda column: column.fillna("").astype("str"),
    "number": lambda column: column.astype("float64"),
    "boolean": lambda column: column.astype("boolean").fillna(False).astype(bool),
}


def _row_faults(frame: pd.DataFrame, typed: Conformed) -> list[Finding]:
    faults = []
    records = frame.to_dict("records")
    for position, row in enumerate(frame.itertuples(index=False)):
        if not _ID.fullmatch(str(row.id)):
            faults.append(finding("bad-indicator-id", typed.where(position, "id"), found=row.id))
        if bool(row.value) == bool(row.numerator):
            faults.append(finding("indicator-without-formula", typed.where(position, "value"), indicator=row.id))
        if row.denominator and not row.numerator:
            faults.append(finding("denominator-alone", typed.where(position, "denominator"), indicator=row.id))
        faults += rubric_row_faults(records[position], partial(typed.where, position))
        for low, high in (("min_weight", "max_weight"), ("floor", "ceiling")):
            if getattr(row, low) > getattr(row, high):
                facts = {"indicator": row.id, "low": low, "high": high}
                numbers = {"low_value": getattr(row, low), "high_value": getattr(row, high)}
                faults.append(finding("limits-crossed", typed.where(position, low), **facts, **numbers))
    total = frame["current_weight"].sum()
    if frame["current_weight"].notna().any() and abs(total - 100) > 1e-6:
        faults.append(finding("weights-not-100", typed.where(None, "current_weight"), total=total))
    return faults


def unknown_table_faults(frame: pd.DataFrame, typed: Conformed, tables: Mapping[str, object]) -> list[Finding]:
    """Return a finding for each indicator whose table the study does not have.

    Parameters
    ----------
    frame : pandas.DataFrame
        The catalogue.
    typed : Conformed
        Where its rows stand.
    tables : mapping
        The tables that the study file names.

    Returns
    -------
    list of Finding
    """
    return [
        finding("unknown-table", typed.where(position, "table"), found=name, hint=did_you_mean(name, tables))
        for position, name in enumerate(frame["table"])
        if name not in tables
    ]
