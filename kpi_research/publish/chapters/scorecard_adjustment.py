"""Scorecard: indicators that are compared at equal workload or against expected levels, and by how much they moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Cell, Column, Folded, Grid, Heading, Pair, Paragraph, grid_of
from kpi_research.publish.cells import count_cell, text_cell, word_cell
from kpi_research.publish.chapters.labels import indicator_label
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def adjustment_blocks(result: StudyResult, words: Words) -> list[Block]:
    """Return the section on adjusted indicators.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    list of Block
        Empty where no indicator was adjusted.
    """
    table = result.scorecard.adjustments
    if table.empty:
        return []
    moved = table.assign(shift=table["adjusted"] - table["raw"])
    return [
        Heading(words("scorecard.adjusted.title")),
        Paragraph(words("scorecard.adjusted.text")),
        _largest(moved, result, words),
        Folded(words("scorecard.all", n=numbers.count(moved["unit"].nunique())), (_whole(moved, result, words),)),
    ]


def _largest(moved: pd.DataFrame, result: StudyResult, words: Words) -> Grid:
    rows = [_one(part, str(indicator), str(by)) for (indicator, by), part in moved.groupby(["indicator", "by"])]
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.indicator")), _indicator(result, words)),
        (Column(words("column.adjusted_by")), word_cell("by", "scorecard.adjusted_by", words)),
        (Column(words("column.units"), numeric=True), count_cell("units")),
        (Column(words("column.most_raised"), numeric=True), _extreme("up")),
        (Column(words("column.most_lowered"), numeric=True), _extreme("down")),
    ]
    return grid_of(pd.DataFrame(rows), words("scorecard.adjusted.caption"), columns)


def _one(part: pd.DataFrame, indicator: str, by: str) -> dict[str, Any]:
    known = part.dropna(subset=["shift"]).sort_values(["shift", "unit"]).reset_index(drop=True)
    found: dict[str, Any] = {"indicator": indicator, "by": by, "units": len(known), "up": None, "down": None}
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        found["up"] = (float(last["shift"]), str(last["unit"])) if last["shift"] > 0 else None
        found["down"] = (float(first["shift"]), str(first["unit"])) if first["shift"] < 0 else None
    return found


def _extreme(name: str) -> Cell:
    def cell(row: Mapping[Any, Any]) -> Pair | str:
        found = row[name]
        return numbers.NOTHING if found is None else Pair(_signed(found[0]), found[1])

    return cell


def _signed(value: float) -> str:
    text = numbers.number(value)
    return f"+{text}" if value > 0 else text


def _indicator(result: StudyResult, words: Words) -> Cell:
    return lambda row: indicator_label(result, str(row["indicator"]), words)


def _whole(moved: pd.DataFrame, result: StudyResult, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("unit")),
        (Column(words("column.indicator")), _indicator(result, words)),
        (Column(words("column.raw_value"), numeric=True), lambda row: numbers.number(numbers.real(row["raw"]))),
        (Column(words("column.adjusted"), numeric=True), lambda row: numbers.number(numbers.real(row["adjusted"]))),
    ]
    return grid_of(moved, words("scorecard.adjusted.caption_all"), columns)
