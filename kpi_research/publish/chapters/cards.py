"""What each indicator is worth: the verdicts in one table, and a card per indicator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Chapter, Column, Folded, Grid, Heading, Paragraph, Points, grid_of
from kpi_research.publish.chapters.labels import column_label, indicator_label
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words
from kpi_research.validity.verdict.words import ASPECTS, GRADES, VERDICTS

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def cards_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter with the verdict on each indicator and the evidence that led to it.

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
    verdicts = result.validity.verdicts
    blocks: list[Block] = [Paragraph(words("cards.intro"))]
    if verdicts.empty:
        return Chapter("cards", words("cards.title"), (*blocks, Paragraph(words("cards.nothing"))))
    blocks += [Paragraph(words("list.sentence").join(_counted(verdicts, words)), "lesson")]
    blocks += picture("verdicts", words, pictures)
    blocks += [_verdicts(result, words)]
    blocks += [Points(words("how_to_read"), tuple(text for _, text in words.group("cards.read")))]
    blocks += [Heading(words("cards.each")), *(_card(result, row, words) for row in verdicts.to_dict("records"))]
    return Chapter("cards", words("cards.title"), tuple(blocks))


def usable(verdicts: pd.DataFrame) -> int:
    """Return how many indicators may be used, with or without care."""
    return int(verdicts["verdict"].isin(["use", "use_with_care"]).sum())


def _counted(verdicts: pd.DataFrame, words: Words) -> list[str]:
    counts = verdicts["verdict"].value_counts()
    return [
        words("cards.count", n=numbers.count(int(counts[verdict])), verdict=name[words.lang])
        for verdict, name in VERDICTS.items()
        if verdict in counts
    ]


def _verdicts(result: StudyResult, words: Words) -> Grid:
    columns = [
        (Column(words("column.indicator")), lambda row: column_label(result, str(row["indicator"]), words)),
        (Column(words("column.verdict")), lambda row: VERDICTS[row["verdict"]][words.lang]),
        (Column(words("cards.reason")), lambda row: str(row[f"reason_{words.lang}"])),
    ]
    return grid_of(result.validity.verdicts, words("cards.caption"), columns)


def _card(result: StudyResult, verdict: Mapping[Any, Any], words: Words) -> Folded:
    name = str(verdict["indicator"])
    rows = result.validity.card(name).table
    ordered = pd.concat([rows[rows["aspect"] == aspect] for aspect in ASPECTS])
    columns = [
        (Column(words("cards.question")), lambda row: ASPECTS[row["aspect"]][words.lang]),
        (Column(words("cards.check")), lambda row: str(row[f"name_{words.lang}"])),
        (Column(words("cards.grade")), lambda row: GRADES[row["grade"]][words.lang]),
        (Column(words("cards.found")), lambda row: str(row[f"reason_{words.lang}"])),
    ]
    label = indicator_label(result, name, words)
    summary = words("cards.summary", label=label, verdict=VERDICTS[verdict["verdict"]][words.lang])
    return Folded(summary, (grid_of(ordered, words("cards.evidence", label=label), columns),))
