"""Data faults: values that cannot be, and values that leap away from a unit's own history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Chapter, Column, Folded, Grid, Heading, Paragraph, grid_of
from kpi_research.publish.chapters.labels import column_label
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

KINDS = ("impossible-value", "jump")
SHOWN = 8
"""Rows of one kind that are shown before the rest is folded."""


def faults_chapter(result: StudyResult, words: Words) -> Chapter:
    """Return the chapter with the data faults.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    Chapter
    """
    faults = result.validity.faults
    if faults.empty:
        return Chapter("faults", words("faults.title"), (Paragraph(words("faults.nothing")),))
    blocks: list[Block] = [Paragraph(words("faults.intro")), _overview(faults, result, words)]
    for kind in KINDS:
        chosen = faults.loc[faults["kind"] == kind]
        if not chosen.empty:
            blocks += [Heading(words(f"fault.{kind}")), *_details(chosen, kind, result, words)]
    return Chapter("faults", words("faults.title"), tuple(blocks))


def _overview(faults: pd.DataFrame, result: StudyResult, words: Words) -> Grid:
    counted = faults.groupby("column", sort=False).agg(units=("unit", "nunique")).reset_index()
    for kind in KINDS:
        rows = faults.loc[faults["kind"] == kind].groupby("column")["rows"].sum()
        counted[kind] = counted["column"].map(rows).fillna(0)
    columns = [
        (Column(words("column.column")), lambda row: column_label(result, str(row["column"]), words)),
        *((Column(words(f"faults.rows_{kind}"), numeric=True), _counter(kind)) for kind in KINDS),
        (Column(words("column.units"), numeric=True), _counter("units")),
    ]
    return grid_of(counted, words("faults.overview"), columns)


def _details(faults: pd.DataFrame, kind: str, result: StudyResult, words: Words) -> list[Block]:
    ordered = faults.assign(size=_departure(faults)).sort_values("size", ascending=False, kind="stable")
    columns = [
        (Column(words("column.column")), lambda row: column_label(result, str(row["column"]), words)),
        (Column(words("column.unit")), lambda row: str(row["unit"])),
        (Column(words("column.period")), _period),
        (Column(words("column.value"), numeric=True), lambda row: numbers.number(numbers.real(row["value"]))),
        (
            Column(words(f"faults.reference_{kind}"), numeric=True),
            lambda row: numbers.number(numbers.real(row["reference"])),
        ),
        (Column(words("column.ratio"), numeric=True), lambda row: numbers.ratio(numbers.real(row["ratio"]))),
    ]
    whole = grid_of(ordered, words(f"faults.caption_{kind}"), columns)
    if len(whole.rows) <= SHOWN + 2:
        return [whole]
    first = Grid(words("faults.largest", n=SHOWN), whole.columns, whole.rows[:SHOWN])
    return [first, Folded(words("folded.rows", n=numbers.count(len(whole.rows))), (whole,))]


def _departure(faults: pd.DataFrame) -> pd.Series:
    """Return how many times a value is above or below its reference, for sorting."""
    ratio = faults["ratio"].astype(float).abs()
    return ratio.where(ratio >= 1, 1 / ratio.where(ratio > 0)).fillna(float("inf"))


def _counter(name: str) -> Any:
    return lambda row: numbers.count(numbers.real(row[name]))


def _period(row: Mapping[str, Any]) -> str:
    first, last = str(row["period_from"]), str(row["period_to"])
    return first if first == last else f"{first}{numbers.EN_DASH}{last}"
