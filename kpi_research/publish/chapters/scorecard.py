"""Scorecard: the ranking with the uncertainty it has, what follows from it, reasons, and what evaluators say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import (
    Block,
    Cell,
    Chapter,
    Column,
    Folded,
    Grid,
    Heading,
    Paragraph,
    Points,
    ends,
    grid_of,
)
from kpi_research.publish.chapters.scorecard_adjustment import adjustment_blocks
from kpi_research.publish.chapters.scorecard_consequences import consequence_blocks
from kpi_research.publish.chapters.scorecard_evaluators import evaluator_blocks
from kpi_research.publish.chapters.scorecard_month import month_blocks
from kpi_research.publish.chapters.scorecard_reasons import reason_blocks
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

SHOWN = 8
"""Units shown at each end of the ranking before the rest is folded."""


def scorecard_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter on scores, ranks, their consequences and reasons.

    Parameters
    ----------
    result : StudyResult
    words : Words
    pictures : frozenset of str
        Names of the figures that exist.

    Returns
    -------
    Chapter
    """
    table = result.scorecard.table
    if table.empty:
        return Chapter("scorecard", words("scorecard.title"), (Paragraph(words("scorecard.nothing")),))
    spec = result.study.spec.scorecard
    level = level_text(result)
    blocks: list[Block] = [Paragraph(words("scorecard.intro", scale=words(f"normalization.{spec.normalization}")))]
    blocks += picture("scorecard", words, pictures)
    blocks += [Paragraph(_lesson(table, words, level), "lesson"), Heading(words("scorecard.ranking"))]
    for group, part in _groups(table):
        blocks += _ranking(part, group, words, level)
    blocks += [
        Points(words("how_to_read"), tuple(text.format(level=level) for _, text in words.group("scorecard.read")))
    ]
    blocks += _points(words, pictures)
    blocks += [
        *adjustment_blocks(result, words),
        *consequence_blocks(result, words, pictures),
        *reason_blocks(result, words, pictures),
        *month_blocks(result, words),
        *evaluator_blocks(result, words),
    ]
    return Chapter("scorecard", words("scorecard.title"), tuple(blocks))


def _points(words: Words, pictures: frozenset[str]) -> list[Block]:
    shown = picture("matrix", words, pictures)
    return (
        [Heading(words("scorecard.points.title")), Paragraph(words("scorecard.points.text")), *shown] if shown else []
    )


def level_text(result: StudyResult) -> str:
    """Return the confidence level of the rank intervals, e.g. ``"95%"``."""
    return f"{numbers.given(100 * result.study.spec.scorecard.level)}%"


def has_intervals(table: pd.DataFrame) -> bool:
    """Return whether any unit has a rank interval."""
    return bool(table["low"].notna().any())


def told_apart(table: pd.DataFrame) -> int:
    """Return how many units have a rank interval that lies wholly in the better or the worse half of their group."""
    better, worse = halves(table)
    return int(better.sum() + worse.sum())


def halves(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return which units have a rank interval wholly in the better, and wholly in the worse half of their group.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a `Scorecard`.

    Returns
    -------
    better, worse : pandas.Series of bool
        Indexed by the rows that have an interval.
    """
    ranked = table.loc[table["rank"].notna() & table["low"].notna()]
    size = _group_key(ranked).map(_group_key(table.loc[table["rank"].notna()]).value_counts())
    middle = (size.astype(float) + 1) / 2
    low, high = ranked["low"].astype(float), ranked["high"].astype(float)
    return high < middle, low > middle


def typical_width(table: pd.DataFrame) -> float:
    """Return the median number of places between the ends of a rank interval."""
    return float((table["high"].astype("Float64") - table["low"].astype("Float64")).dropna().astype(float).median())


def _lesson(table: pd.DataFrame, words: Words, level: str) -> str:
    if not has_intervals(table):
        return words("scorecard.no_intervals")
    facts = {
        "level": level,
        "apart": numbers.count(told_apart(table)),
        "units": numbers.count(table["rank"].notna().sum()),
    }
    return words("scorecard.lesson", width=numbers.given(typical_width(table)), **facts)


def _groups(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    key = _group_key(table)
    return [(str(name), table.loc[key == name]) for name in dict.fromkeys(key)]


def _group_key(table: pd.DataFrame) -> pd.Series:
    if "group" in table:
        return table["group"].astype(object).fillna("")
    return pd.Series("", index=table.index, dtype=object)


def _ranking(table: pd.DataFrame, group: str, words: Words, level: str) -> list[Block]:
    whole = _grid(table.sort_values(["rank", "unit"], kind="stable"), group, words, level)
    short = ends(whole, SHOWN, words("scorecard.gap", n=numbers.count(len(whole.rows) - 2 * SHOWN)))
    if short is whole:
        return [whole]
    return [short, Folded(words("scorecard.all", n=numbers.count(len(whole.rows))), (whole,))]


def _grid(table: pd.DataFrame, group: str, words: Words, level: str) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), lambda row: str(row["unit"])),
        (Column(words("column.rank"), numeric=True), lambda row: numbers.given(numbers.real(row["rank"]))),
        (
            Column(words("column.rank_interval", level=level), numeric=True),
            lambda row: numbers.between(
                numbers.given(numbers.real(row["low"])), numbers.given(numbers.real(row["high"])), words("to")
            ),
        ),
        (Column(words("column.score"), numeric=True), lambda row: numbers.fixed(numbers.real(row["score"]), 2)),
        (Column(words("column.score_se"), numeric=True), lambda row: numbers.fixed(numbers.real(row["se"]), 2)),
    ]
    if "veto" in table:
        columns.append((Column(words("column.veto")), lambda row: words("yes" if row["veto"] else "no")))
    caption = words("scorecard.caption_group", group=group) if group else words("scorecard.caption")
    return grid_of(table, caption, columns)
