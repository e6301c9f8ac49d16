"""Stages that have no chapter of their own yet: why they were skipped and what they need, or their main table."""

from __future__ import annotations

from numbers import Real
from typing import Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Chapter, Column, Notices, Paragraph, grid_of
from kpi_research.publish.chapters.findings import notice
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words
from kpi_research.study.results import Result


def stage_chapter(stage: str, result: Result, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter of one stage from its table and findings alone.

    Parameters
    ----------
    stage : str
        Name of the stage.
    result : Result
        What the stage found.
    words : Words
    pictures : frozenset of str
        Names of the figures that exist.

    Returns
    -------
    Chapter
    """
    blocks: list[Block] = [Paragraph(words(f"{stage}.intro"))]
    if result.skipped:
        blocks += [Paragraph(words("skipped.text"), "lesson")]
    if result.table.empty:
        blocks += [Notices(tuple(notice(item, words) for item in result.findings)), Paragraph(words(f"{stage}.supply"))]
    else:
        blocks += picture(stage, words, pictures)
        blocks += [grid_of(result.table, words(f"{stage}.caption"), _columns(result.table))]
    return Chapter(stage, words(f"stage.{stage}"), tuple(blocks))


def _columns(table: pd.DataFrame) -> list[tuple[Column, Any]]:
    return [
        (Column(str(name), pd.api.types.is_numeric_dtype(table[name])), _writer(str(name))) for name in table.columns
    ]


def _writer(name: str) -> Any:
    def write(row: Any) -> str:
        value = row[name]
        return numbers.number(float(value)) if isinstance(value, Real) and not isinstance(value, bool) else str(value)

    return write
