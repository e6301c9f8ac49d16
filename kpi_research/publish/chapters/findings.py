"""What the study found: every finding in plain words, cautions first, grouped by stage."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_research.publish.blocks import Block, Chapter, Folded, Heading, Notice, Notices, Paragraph
from kpi_research.publish.own_findings import own_findings
from kpi_research.publish.words import Words
from kpi_research.study.findings import SEVERITIES, Finding

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

FIRST = (
    "no-positive-validity", "reference-weights-do-as-well", "weights-relation-unstable", "wrong-sign",
    "cannot-be-told-apart", "impossible-value", "low-reliability", "weak-instruments", "jump-common", "jump",
    "weights-on-wrong-sign",
)  # fmt: skip
"""Kinds of findings in the order in which a reader should meet them on the first page; other kinds follow."""

SHOWN_OF_ONE_KIND = 4
"""How many findings of one kind are shown before the rest is folded."""

STRENGTH = {"wrong-sign": "correlation", "impossible-value": "count"}
"""The fact that tells which of several findings of one kind is the weightiest."""


def findings_chapter(result: StudyResult, words: Words) -> Chapter:
    """Return the chapter that lists all findings.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    Chapter
    """
    blocks: list[Block] = [Paragraph(words("found.intro"))]
    for stage, findings in by_stage(result):
        if findings:
            blocks += [
                Heading(words("found.stage", stage=words(f"stage.{stage}"), counted=counted(findings, words))),
                *_notices(findings, words),
            ]
    if len(blocks) == 1:
        blocks = [Paragraph(words("found.nothing"))]
    return Chapter("found", words("found.title"), tuple(blocks))


def by_stage(result: StudyResult) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Yield ``"data"`` with the findings of loading, then each stage with its own, last those of the report itself."""
    yield "data", result.study.findings
    for stage, found in result.stages():
        yield stage, found.findings
    yield "publish", own_findings(result)


def top_cautions(result: StudyResult, words: Words, limit: int = 4) -> tuple[Notice, ...]:
    """Return the first finding of each kind that changes how a result may be read, the weightiest kinds first.

    Parameters
    ----------
    result : StudyResult
    words : Words
    limit : int
        How many at most.

    Returns
    -------
    tuple of Notice
    """
    kinds: dict[str, list[Finding]] = {}
    for item in _by_severity(result.findings):
        if item.severity != "note":
            kinds.setdefault(item.code, []).append(item)
    ordered = sorted(kinds, key=lambda code: FIRST.index(code) if code in FIRST else len(FIRST))
    return tuple(_with_more(sorted(kinds[code], key=_strength, reverse=True), words) for code in ordered[:limit])


def _strength(item: Finding) -> float:
    """Return how weighty a finding is among those of its kind, by the fact that says so."""
    found = re.fullmatch(r"[+-]?(\d+(?:\.\d+)?)", str(item.facts.get(STRENGTH.get(item.code, ""), "")))
    return float(found[1]) if found else 0.0


def _with_more(items: list[Finding], words: Words) -> Notice:
    """Return the first of several findings of one kind, with the number of the others beside its place."""
    shown = notice(items[0], words)
    if len(items) == 1:
        return shown
    more = words("found.and_more", n=len(items) - 1)
    return replace(shown, place=f"{shown.place}{words('found.place_join')}{more}" if shown.place else more)


def notice(item: Finding, words: Words) -> Notice:
    """Return a finding as it is shown."""
    message, remedy = item.text(words.lang)
    return Notice(
        item.severity,
        words(f"severity.{item.severity}"),
        item.where.text(words.lang),
        _opening(message, item) if words.lang == "en" else message,
        remedy,
    )


def counted(findings: Iterable[Finding], words: Words) -> str:
    """Return how many findings of each severity there are, e.g. ``"2 cautions, 1 note"``."""
    numbers = Counter(item.severity for item in findings)
    parts = [
        words(f"count.{name}" if numbers[name] > 1 else f"count_one.{name}", n=numbers[name])
        for name in SEVERITIES
        if numbers[name]
    ]
    return words("list.comma").join(parts)


def _notices(findings: Iterable[Finding], words: Words) -> list[Block]:
    """Show the first few of each kind and fold the rest, so that one repeated fault hides no other."""
    shown: list[Notice] = []
    folded: list[Notice] = []
    seen: Counter[str] = Counter()
    for item in _by_severity(findings):
        seen[item.code] += 1
        (shown if seen[item.code] <= SHOWN_OF_ONE_KIND else folded).append(notice(item, words))
    rest = [Folded(words("found.more", n=len(folded)), (Notices(tuple(folded)),))] if folded else []
    return [Notices(tuple(shown)), *rest]


def _by_severity(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda item: SEVERITIES.index(item.severity))


def _opening(message: str, item: Finding) -> str:
    """Begin a message with a capital, unless its first word is a name from the data."""
    first = message.split(" ", 1)[0].strip("'“”,:;")
    named = "_" in first or first in (item.where.column, item.where.unit, item.where.file)
    return message if named or not message[:1].islower() else message[0].upper() + message[1:]
