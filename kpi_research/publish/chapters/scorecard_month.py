"""Scorecard: the digest of the last period and what its changes are made of, without anything that points to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Cell, Column, Folded, Grid, Heading, Paragraph, grid_of
from kpi_research.publish.cells import count_cell, signed_interval_cell, text_cell, word_cell
from kpi_research.publish.words import Words
from kpi_research.scorecard.published import safe_changes

if TYPE_CHECKING:
    from kpi_research.result import StudyResult
    from kpi_research.scorecard import Digest


def month_blocks(result: StudyResult, words: Words) -> list[Block]:
    """Return the section on the last period.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    list of Block
        Empty where the study has no incidents over enough periods.
    """
    reasons = result.scorecard.reasons
    if reasons is None or reasons.digest is None:
        return []
    found = reasons.digest
    changes = safe_changes(reasons)
    parts = [_change(part, words) for _, part in changes.groupby("kind", sort=False)]
    told: list[Block] = [Paragraph(words("scorecard.month.change_text")), *parts] if parts else []
    return [
        Heading(words("scorecard.month.title", period=found.period)),
        Paragraph(words("scorecard.month.text")),
        _digest(found, words),
        Folded(words("scorecard.month.units_fold"), (_units(found, words),)),
        *told,
    ]


def _digest(found: Digest, words: Words) -> Grid:
    total = (found.table["kind"] == "total").astype(int)
    rows = found.table.assign(total=total).sort_values(["total", "now"], ascending=[True, False], kind="stable")
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.kind")), text_cell(f"label_{words.lang}")),
        (Column(words("column.cases_now"), numeric=True), _now(words)),
        (Column(words("column.cases_before"), numeric=True), lambda row: numbers.fixed(numbers.real(row["before"]), 1)),
        (Column(words("column.change"), numeric=True), _percent),
        (Column(words("column.verdict")), word_cell("verdict", "scorecard.month_verdict", words)),
    ]
    return grid_of(rows, words("scorecard.month.caption", period=found.period), columns, words("scorecard.month.note"))


def _now(words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        value = numbers.real(row["now"])
        return words("scorecard.month.hidden") if value != value else numbers.count(value)

    return cell


def _percent(row: Mapping[Any, Any]) -> str:
    value = numbers.real(row["change"])
    return numbers.NOTHING if value != value else f"{numbers.signed(value, 0)}%"


def _units(found: Digest, words: Words) -> Grid:
    wide = found.units.set_index(["unit", "kind"])["cases"].unstack("kind")  # noqa: PD010 - one value per cell, nothing to sum
    labels = found.table.set_index("kind")[f"label_{words.lang}"]
    kinds = [kind for kind in labels.index if kind in wide.columns]
    rows = wide[kinds].sort_index(key=lambda names: (names == "total").astype(int), kind="stable").reset_index()
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), lambda row: str(labels["total"]) if row["unit"] == "total" else str(row["unit"]))
    ]
    columns += [(Column(str(labels[kind]), numeric=True), count_cell(str(kind))) for kind in kinds]
    return grid_of(
        rows, words("scorecard.month.units_caption", period=found.period), columns, words("scorecard.month.units_note")
    )


def _change(part: pd.DataFrame, words: Words) -> Grid:
    first = part.iloc[0]
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.part")), word_cell("part", "scorecard.month_part", words)),
        (Column(words("column.change_cases"), numeric=True), _cases(words)),
    ]
    caption = words("scorecard.month.change_caption", kind=str(first[f"label_{words.lang}"]), period=first["period"])
    return grid_of(part, caption, columns)


def _cases(words: Words) -> Cell:
    write = signed_interval_cell(("change", "low", "high"), words, 1)

    def cell(row: Mapping[Any, Any]) -> Any:
        change, high = numbers.real(row["change"]), numbers.real(row["high"])
        if change != change:
            return words("scorecard.month.hidden")
        return words("scorecard.month.none") if change == high == numbers.real(row["low"]) == 0 else write(row)

    return cell
