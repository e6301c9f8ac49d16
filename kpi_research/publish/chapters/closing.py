"""The closing chapters: methods with sources, glossary, and how to get the same numbers again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Chapter, Code, Column, Grid, Heading, Paragraph, Terms
from kpi_research.publish.manifest import public_name, versions
from kpi_research.publish.words import Words
from kpi_research.publish.words import words as words_of

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def methods_chapter(words: Words) -> Chapter:
    """Return the chapter on methods: what was computed how, with the publications it rests on.

    Parameters
    ----------
    words : Words

    Returns
    -------
    Chapter
    """
    titles = dict(words.group("method_title"))
    methods = tuple((titles[name], text) for name, text in words.group("method"))
    sources = tuple((name, text) for name, text in words.group("source"))
    blocks = (Paragraph(words("methods.intro")), Terms(methods), Heading(words("methods.sources")), Terms(sources))
    return Chapter("methods", words("methods.title"), blocks)


def glossary_chapter(words: Words) -> Chapter:
    """Return the glossary with the terms of both languages side by side.

    Parameters
    ----------
    words : Words

    Returns
    -------
    Chapter
    """
    english, chinese = dict(words_of("en").group("term")), dict(words_of("zh").group("term"))
    meaning = dict(words.group("meaning"))
    first, second = (english, chinese) if words.lang == "en" else (chinese, english)
    columns = tuple(Column(words(f"glossary.{name}")) for name in ("term", "other", "meaning"))
    rows = tuple((first[name], second[name], meaning[name]) for name in first)
    return Chapter("glossary", words("glossary.title"), (Grid(words("glossary.caption"), columns, rows),))


def reproducibility_chapter(result: StudyResult, words: Words) -> Chapter:
    """Return the chapter that lets a reviewer run the study again.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    Chapter
    """
    study = result.study
    inputs = Grid(
        words("again.inputs"),
        (Column(words("column.input")), Column(words("column.rows"), numeric=True), Column("sha256")),
        tuple((public_name(item.name), numbers.count(item.rows), item.sha256) for item in study.inputs),
    )
    programs = Grid(
        words("again.programs"),
        (Column(words("column.program")), Column(words("column.version"))),
        tuple(versions().items()),
    )
    marks = Terms(
        (
            (words("front.seed"), str(study.spec.study.seed)),
            (words("again.study_digest"), study.digest),
            (words("again.result_digest"), result.digest),
        )
    )
    command = Code("kpi-research run study.toml --out reports")
    blocks = (Paragraph(words("again.intro")), command, marks, inputs, programs, Paragraph(words("again.files")))
    return Chapter("reproducibility", words("again.title"), blocks)
