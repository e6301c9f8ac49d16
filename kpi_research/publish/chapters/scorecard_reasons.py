"""Scorecard: why units lie where they do, and where each could gain most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Grid,
    Heading,
    Paragraph,
    Points,
    ends,
    grid_of,
)
from kpi_research.publish.cells import (
    count_cell,
    fixed_cell,
    interval_cell,
    percent_cell,
    signed_interval_cell,
    text_cell,
    word_cell,
)
from kpi_research.publish.chapters.labels import indicator_label
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words
from kpi_research.scorecard.reasons.words import cause_text

if TYPE_CHECKING:
    from kpi_research.result import StudyResult
    from kpi_research.scorecard import GapReport, Improvements

SHOWN = 8
"""Units shown at each end of a long table before the rest is folded."""
TOP = 3
"""Improvements shown for each unit."""


def reason_blocks(result: StudyResult, words: Words, pictures: frozenset[str]) -> list[Block]:
    """Return the sections on gaps and on improvements.

    Parameters
    ----------
    result : StudyResult
    words : Words
    pictures : frozenset of str
        Names of the figures that exist.

    Returns
    -------
    list of Block
        Empty where the study explains no gap and lists no improvement.
    """
    found = result.scorecard.reasons
    if found is None:
        return []
    blocks = _gaps(found.gaps, result, words, pictures) if found.gaps is not None else []
    return blocks + (_improvements(found.improvements, result, words) if found.improvements is not None else [])


def _gaps(gaps: GapReport, result: StudyResult, words: Words, pictures: frozenset[str]) -> list[Block]:
    outcome = (result.study.spec.scorecard.reasons.outcome or "").rpartition(".")[2]
    table = gaps.table.sort_values(["gap", "unit"], ignore_index=True)
    grid = _gap_grid(table, gaps, words)
    short = ends(grid, SHOWN, words("scorecard.gap", n=numbers.count(len(grid.rows) - 2 * SHOWN)))
    folded = [] if short is grid else [Folded(words("scorecard.all", n=numbers.count(len(grid.rows))), (grid,))]
    parts = Folded(words("scorecard.reasons.parts_fold"), (_effects(gaps, words), _parts(gaps, table, words)))
    return [
        Heading(words("scorecard.reasons.title")),
        Paragraph(words("scorecard.reasons.text", outcome=indicator_label(result, outcome, words))),
        Paragraph(_lesson(gaps, words), "lesson"),
        *picture("gaps", words, pictures),
        short,
        *folded,
        parts,
        Points(words("how_to_read"), tuple(text for _, text in words.group("scorecard.read_reasons"))),
    ]


def _lesson(gaps: GapReport, words: Words) -> str:
    counts = gaps.table["verdict"].value_counts()
    facts = {
        name: numbers.count(int(counts.get(name, 0))) for name in ("cause", "unexplained", "cannot_tell", "no_gap")
    }
    return words("scorecard.reasons.lesson", units=numbers.count(len(gaps.table)), **facts)


def _gap_grid(table: pd.DataFrame, gaps: GapReport, words: Words) -> Grid:
    level = f"{numbers.given(100 * gaps.level)}%"
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("unit")),
        *_group(table, words),
        (Column(words("column.own_level"), numeric=True), fixed_cell("outcome", 2)),
        (Column(words("column.peer_level"), numeric=True), fixed_cell("peers", 2)),
        (
            Column(words("column.gap", level=level), numeric=True),
            signed_interval_cell(("gap", "low", "high"), words, 2),
        ),
        (Column(words("column.verdict")), word_cell("verdict", "scorecard.gap_verdict", words)),
        (Column(words("column.main_cause")), _cause("main", "certainty", words)),
        (Column(words("column.drag")), _cause("drag", "drag_certainty", words)),
    ]
    return grid_of(table, words("scorecard.reasons.caption"), columns, words("scorecard.reasons.note"))


def _cause(name: str, certainty: str, words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        if not row[name]:
            return numbers.NOTHING
        cause, sure = cause_text(str(row[name]))[words.lang], numbers.percent(numbers.real(row[certainty]), 0)
        return words("label.with_id", label=cause, id=sure)

    return cell


def _group(table: pd.DataFrame, words: Words) -> list[tuple[Column, Cell]]:
    """Return the column of the group where there are several."""
    return [(Column(words("column.grouping")), text_cell("group"))] if len(table["group"].unique()) > 1 else []


def _effects(gaps: GapReport, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.cause")), lambda row: cause_text(str(row["cause"]))[words.lang]),
        (Column(words("column.effect"), numeric=True), signed_interval_cell(("effect", "low", "high"), words, 2)),
    ]
    return grid_of(gaps.causes, words("scorecard.reasons.effects_caption"), columns)


def _parts(gaps: GapReport, table: pd.DataFrame, words: Words) -> Grid:
    causes = list(dict.fromkeys(gaps.parts["cause"].astype(str)))
    known = {(row["unit"], row["cause"]): row for row in gaps.parts.to_dict("records")}
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("unit")),
        (Column(words("column.gap_short"), numeric=True), lambda row: numbers.signed(numbers.real(row["gap"]), 2)),
    ]
    columns += [
        (Column(cause_text(cause)[words.lang], numeric=True), _part_of(known, cause, words)) for cause in causes
    ]
    return grid_of(table, words("scorecard.reasons.parts_caption"), columns)


def _part_of(known: Mapping[tuple[Any, Any], Mapping[Any, Any]], cause: str, words: Words) -> Cell:
    write = signed_interval_cell(("part", "low", "high"), words, 2)

    def cell(row: Mapping[Any, Any]) -> Any:
        found = known.get((row["unit"], cause))
        return numbers.NOTHING if found is None else write(found)

    return cell


def _improvements(found: Improvements, result: StudyResult, words: Words) -> list[Block]:
    if found.table.empty:
        return []
    first = found.table.drop_duplicates("unit").head(2 * SHOWN)
    most = found.table.groupby("unit", sort=True).head(TOP).sort_values(["unit", "gain"], ascending=[True, False])
    columns = _gain_columns(found, result, words)
    units = numbers.count(found.table["unit"].nunique())
    whole = grid_of(most, words("scorecard.improvements.caption_all", n=numbers.count(TOP)), columns)
    return [
        Heading(words("scorecard.improvements.title")),
        Paragraph(words("scorecard.improvements.text")),
        grid_of(_posts(found), words("scorecard.improvements.posts_caption"), _post_columns(result, words)),
        grid_of(first, words("scorecard.improvements.caption", n=numbers.count(len(first))), columns),
        Folded(words("scorecard.all", n=units), (whole,)),
    ]


def _posts(found: Improvements) -> pd.DataFrame:
    return found.posts[found.posts["units"] > 0].head(SHOWN)


def _post_columns(result: StudyResult, words: Words) -> list[tuple[Column, Cell]]:
    return [
        (Column(words("column.indicator")), lambda row: indicator_label(result, str(row["indicator"]), words)),
        (Column(words("column.post")), _post(result, words)),
        (Column(words("column.surely_below"), numeric=True), count_cell("units")),
        (Column(words("column.gain_points"), numeric=True), fixed_cell("gain", 1)),
    ]


def _post(result: StudyResult, words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        post = str(row["post"])
        if not post or result.workload.table.empty:
            return post or numbers.NOTHING
        return result.workload.named("post", post, words.lang)

    return cell


def _gain_columns(found: Improvements, result: StudyResult, words: Words) -> list[tuple[Column, Cell]]:
    level = f"{numbers.given(100 * found.level)}%"
    return [
        (Column(words("column.unit")), text_cell("unit")),
        *_group(found.table, words),
        (Column(words("column.indicator")), lambda row: indicator_label(result, str(row["indicator"]), words)),
        (
            Column(words("column.gain_interval_points", level=level), numeric=True),
            interval_cell(("gain", "low", "high"), words, lambda value: numbers.fixed(value, 1)),
        ),
        (Column(words("column.chance_below"), numeric=True), percent_cell("chance", 0)),
        (Column(words("column.points_now"), numeric=True), fixed_cell("level", 1)),
        (Column(words("column.benchmark"), numeric=True), fixed_cell("benchmark", 1)),
    ]
