"""Workload: coefficients with intervals, the rule beside them, fairness on held-out periods, threats and officers needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Cell, Chapter, Column, Folded, Grid, Heading, Paragraph, Points, grid_of
from kpi_research.publish.cells import count_cell, fixed_cell, interval_cell, percent_cell, text_cell, word_cell
from kpi_research.publish.chapters.other_stages import stage_chapter
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from kpi_research.result import StudyResult
    from kpi_research.workload import Workload

FACTORS = ("task", "post", "rank")


def workload_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter on workload.

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
    found = result.workload
    if found.table.empty:
        return stage_chapter("workload", found, words, pictures)
    blocks: list[Block] = [
        Paragraph(words("workload.intro")),
        Paragraph(words("workload.estimand"), "lesson"),
        *picture("workload", words, pictures),
        *(_coefficients(found, factor, words) for factor in FACTORS if (found.table["factor"] == factor).any()),
        Points(words("how_to_read"), tuple(text for _, text in words.group("workload.read"))),
        *_ladder(found, words, pictures),
        *_fairness(found, words, pictures),
        *_threats(found, words),
        *_staffing(found, words),
    ]
    return Chapter("workload", words("stage.workload"), tuple(blocks))


def _coefficients(found: Workload, factor: str, words: Words) -> Grid:
    level = f"{numbers.given(100 * found.level)}%"
    columns: list[tuple[Column, Cell]] = [
        (Column(words(f"workload.factor.{factor}")), _named(found, words)),
        (
            Column(words("column.coefficient", level=level), numeric=True),
            interval_cell(("coefficient", "low", "high"), words, lambda value: numbers.fixed(value, 2)),
        ),
        (Column(words("column.records"), numeric=True), count_cell("n")),
    ]
    if factor == "task":
        columns.insert(2, (Column(words("column.minutes"), numeric=True), fixed_cell("standard_minutes", 0)))
    rows = found.table[found.table["factor"] == factor]
    return grid_of(rows, words(f"workload.caption_{factor}"), columns)


def _named(found: Workload, words: Words) -> Cell:
    return lambda row: found.named(str(row["factor"]), str(row["level"]), words.lang)


def _ladder(found: Workload, words: Words, pictures: frozenset[str]) -> list[Block]:
    if found.ladder.empty:
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.level")), _named(found, words)),
        (Column(words("column.rule_says"), numeric=True), fixed_cell("fiat", 2)),
        (
            Column(words("column.measured"), numeric=True),
            interval_cell(("measured", "low", "high"), words, lambda value: numbers.fixed(value, 2)),
        ),
        (Column(words("column.verdict")), word_cell("verdict", "workload.ladder", words)),
    ]
    return [
        Heading(words("workload.ladder_title")),
        Paragraph(words("workload.ladder_text")),
        *picture("ladder", words, pictures),
        grid_of(found.ladder, words("workload.ladder_caption"), columns),
    ]


def _fairness(found: Workload, words: Words, pictures: frozenset[str]) -> list[Block]:
    if found.fairness is None:
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.grouping")), _group(found, words)),
        (Column(words("column.persons"), numeric=True), count_cell("n")),
        (Column(words("column.gap_before"), numeric=True), _gap(("gap_before", "low_before", "high_before"), words)),
        (Column(words("column.gap_after"), numeric=True), _gap(("gap_after", "low", "high"), words)),
        (Column(words("column.verdict")), word_cell("verdict", "workload.gap", words)),
    ]
    margin = f"±{numbers.percent(found.fairness.margin, 0)}"
    return [
        Heading(words("workload.fairness_title")),
        Paragraph(words("workload.fairness_text", margin=margin)),
        *picture("fairness", words, pictures),
        grid_of(found.fairness.table, words("workload.fairness_caption"), columns),
        *_ratios(found, words),
    ]


def _group(found: Workload, words: Words) -> Cell:
    known = dict(words.group("workload.factor"))

    def cell(row: Mapping[Any, Any]) -> str:
        grouping = str(row["grouping"])
        return f"{known.get(grouping, grouping)}{words('colon')}{found.named(grouping, str(row['group']), words.lang)}"

    return cell


def _gap(columns: tuple[str, str, str], words: Words) -> Cell:
    return interval_cell(
        columns, words, lambda value: f"{numbers.signed(100 * value, 0)}%" if value == value else numbers.NOTHING
    )


def _ratios(found: Workload, words: Words) -> list[Block]:
    if found.ratios.empty:
        return []
    first = found.ratios["grouping"] == found.ratios["grouping"].iloc[0]
    whole = found.ratios[first & (found.ratios["group"] == "all")]
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.measure")), word_cell("measure", "workload.measure", words)),
        (Column(words("column.scheme")), word_cell("scheme", "workload.scheme", words)),
        (
            Column(words("column.estimate"), numeric=True),
            interval_cell(("estimate", "low", "high"), words, lambda value: numbers.fixed(value, 2)),
        ),
        (Column(words("column.limits"), numeric=True), _limits(words)),
        (Column(words("column.verdict")), word_cell("verdict", "workload.within", words)),
    ]
    rows = whole.sort_values(["measure", "scheme"], kind="stable")
    return [grid_of(rows, words("workload.ratios_caption"), columns)]


def _limits(words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        low, high = (numbers.fixed(numbers.real(row[name]), 2) for name in ("limit_low", "limit_high"))
        return numbers.between(low, high, words("to"))

    return cell


def _threats(found: Workload, words: Words) -> list[Block]:
    blocks: list[Block] = []
    if not found.sensitivity.empty:
        rows = found.sensitivity.assign(size=found.sensitivity["change"].abs())
        worst = rows.sort_values("size", ascending=False, kind="stable").groupby("doubt", sort=False).head(1)
        columns: list[tuple[Column, Cell]] = [
            (Column(words("column.doubt")), word_cell("doubt", "workload.doubt", words)),
            (Column(words("column.level")), _named(found, words)),
            (Column(words("column.measured"), numeric=True), fixed_cell("measured", 2)),
            (Column(words("column.without"), numeric=True), fixed_cell("without", 2)),
        ]
        blocks.append(grid_of(worst, words("workload.sensitivity_caption"), columns))
    if not found.selection.empty:
        blocks.append(_selection(found, words))
    if not found.support.empty:
        blocks.append(Folded(words("workload.support_fold"), (_support(found.support, words),)))
    return (
        [Heading(words("workload.threats_title")), Paragraph(words("workload.threats_text")), *blocks] if blocks else []
    )


def _selection(found: Workload, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("workload.factor.post")), lambda row: found.named("post", str(row["post"]), words.lang)),
        (Column(words("column.persons"), numeric=True), count_cell("persons")),
        (
            Column(words("column.ability"), numeric=True),
            interval_cell(("difference", "low", "high"), words, lambda value: numbers.fixed(value, 2)),
        ),
        (Column(words("column.shift"), numeric=True), percent_cell("shift")),
    ]
    return grid_of(found.selection, words("workload.selection_caption"), columns)


def _support(support: pd.DataFrame, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("group")),
        (Column(words("column.support"), numeric=True), percent_cell("share")),
    ]
    return grid_of(support, words("workload.support_caption"), columns)


def _staffing(found: Workload, words: Words) -> list[Block]:
    if found.staffing.empty:
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("unit")),
        (
            Column(words("column.needed"), numeric=True),
            interval_cell(("needed", "low", "high"), words, lambda value: numbers.fixed(value, 1)),
        ),
        (Column(words("column.present"), numeric=True), count_cell("present")),
        (
            Column(words("column.overload"), numeric=True),
            interval_cell(("overload", "overload_low", "overload_high"), words, lambda value: numbers.fixed(value, 2)),
        ),
        (Column(words("column.verdict")), word_cell("verdict", "workload.staffing", words)),
    ]
    rows = found.staffing.sort_values("overload", ascending=False, kind="stable")
    return [
        Heading(words("workload.staffing_title")),
        Paragraph(words("workload.staffing_text")),
        grid_of(rows, words("workload.staffing_caption"), columns),
    ]
