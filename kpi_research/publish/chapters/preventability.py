"""Preventability: shares of preventable cases with intervals, what is to be expected, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpi_research.publish import numbers
from kpi_research.publish.blocks import (
    Block,
    Cell,
    Chapter,
    Column,
    Folded,
    Grid,
    Heading,
    Pair,
    Paragraph,
    Points,
    grid_of,
)
from kpi_research.publish.chapters.other_stages import stage_chapter
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from kpi_research.preventability import Preventability
    from kpi_research.result import StudyResult

DIAGNOSTICS = ("labels", "model", "shift")
GROUPS_SHOWN = 12
"""Rows of agreement by type that are shown before the rest is folded."""


def preventability_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter on preventable cases.

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
    found = result.preventability
    if found.table.empty:
        return stage_chapter("preventability", found, words, pictures)
    blocks: list[Block] = [
        Paragraph(words("preventability.intro")),
        Paragraph(words(f"preventability.use_{found.use}"), "lesson"),
        *picture("preventability", words, pictures),
        _shares(found, words),
        *_methods(found, words),
        Points(words("how_to_read"), tuple(text for _, text in words.group("preventability.read"))),
        *_expected(found, words, pictures),
        *_panel(found, words),
        *_model(found, words, pictures),
        *_definitions(result, words),
        *_effect(result, words),
        *_indicator(found, words),
    ]
    return Chapter("preventability", words("stage.preventability"), tuple(blocks))


def _shares(found: Preventability, words: Words) -> Grid:
    level = f"{numbers.given(100 * found.level)}%"
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), lambda row: str(row["unit"])),
        (Column(words("column.cases"), numeric=True), _count("n")),
        (Column(words("column.labels"), numeric=True), _count("n_labels")),
        (Column(words("column.share", level=level), numeric=True), _share("estimate", "low", "high", words)),
        (
            Column(words("column.unshrunk", level=level), numeric=True),
            _share("design", "design_low", "design_high", words),
        ),
        (Column(words("column.remark")), lambda row: _flag(str(row["flag"]), words)),
    ]
    return grid_of(found.table, words("preventability.caption"), columns)


def _methods(found: Preventability, words: Words) -> list[Block]:
    """Return the shares by methods that rest on labels alone or on the model alone, folded."""
    if found.shares.empty:
        return []
    rows = found.table[["unit"]]
    for method in DIAGNOSTICS:
        own = found.shares.loc[found.shares["method"] == method, ["unit", "estimate", "low", "high"]]
        names = {name: f"{method}_{name}" for name in ("estimate", "low", "high")}
        rows = rows.merge(own.rename(columns=names), on="unit", how="left")
    columns: list[tuple[Column, Cell]] = [(Column(words("column.unit")), lambda row: str(row["unit"]))]
    for method in DIAGNOSTICS:
        cell = _share(f"{method}_estimate", f"{method}_low", f"{method}_high", words)
        columns.append((Column(words(f"preventability.method.{method}"), numeric=True), cell))
    whole = grid_of(rows, words("preventability.methods_caption"), columns, words("preventability.methods_note"))
    return [Folded(words("preventability.methods_fold"), (whole,))]


def _flag(flags: str, words: Words) -> str:
    known = dict(words.group("preventability.flag"))
    return words("list.comma").join(
        known.get(flag, flag) for flag in flags.replace(";", ",").split(",") if flag.strip()
    )


def _expected(found: Preventability, words: Words, pictures: frozenset[str]) -> list[Block]:
    if not found.table["expected"].notna().any():
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), lambda row: str(row["unit"])),
        (Column(words("column.observed"), numeric=True), _fixed("observed", 0)),
        (Column(words("column.expected"), numeric=True), _fixed("expected", 0)),
        (Column(words("column.ratio"), numeric=True), _fixed("ratio", 2)),
        (Column(words("column.p"), numeric=True), lambda row: numbers.probability(numbers.real(row["p"]))),
        (Column(words("column.q"), numeric=True), lambda row: numbers.probability(numbers.real(row["q"]))),
        (Column(words("column.verdict")), lambda row: _verdict(str(row["verdict"]), words)),
    ]
    return [
        Heading(words("preventability.expected")),
        Paragraph(words("preventability.expected_text")),
        *picture("funnel", words, pictures),
        grid_of(found.table, words("preventability.expected_caption"), columns),
    ]


def _verdict(verdict: str, words: Words) -> str:
    return dict(words.group("preventability.verdict")).get(verdict, numbers.NOTHING)


def _panel(found: Preventability, words: Words) -> list[Block]:
    if found.agreement.empty:
        return []
    blocks: list[Block] = [Heading(words("preventability.panel")), Paragraph(words("preventability.panel_text"))]
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.group")), lambda row: str(row["group"]) or words("preventability.all_cases")),
        (Column(words("column.cases"), numeric=True), _count("cases")),
        (Column(words("column.raw"), numeric=True), lambda row: numbers.percent(numbers.real(row["raw"]))),
        (Column(words("column.alpha"), numeric=True), _number("alpha", "low", "high", words)),
    ]
    whole = grid_of(found.agreement, words("preventability.agreement_caption"), columns)
    first = grid_of(found.agreement.head(GROUPS_SHOWN), words("preventability.agreement_caption"), columns)
    blocks.append(first)
    if len(found.agreement) > GROUPS_SHOWN:
        blocks.append(Folded(words("folded.rows", n=numbers.count(len(found.agreement))), (whole,)))
    if not found.raters.empty:
        blocks.append(_raters(found, words))
    return blocks


def _raters(found: Preventability, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.rater")), lambda row: str(row["rater"]) or words("preventability.all_raters")),
        (Column(words("column.e01"), numeric=True), _share("e01", "e01_low", "e01_high", words)),
        (Column(words("column.e10"), numeric=True), _share("e10", "e10_low", "e10_high", words)),
    ]
    return grid_of(found.raters.head(1), words("preventability.raters_caption"), columns)


def _model(found: Preventability, words: Words, pictures: frozenset[str]) -> list[Block]:
    if found.measures.empty:
        return []
    measure: list[tuple[Column, Cell]] = [
        (Column(words("column.measure")), lambda row: dict(words.group("preventability.measure"))[str(row["measure"])]),
        (Column(words("column.estimate"), numeric=True), _number("estimate", "low", "high", words)),
    ]
    importance: list[tuple[Column, Cell]] = [
        (Column(words("column.feature")), lambda row: str(row["feature"])),
        (Column(words("column.importance"), numeric=True), _fixed("importance", 4)),
    ]
    return [
        Heading(words("preventability.model")),
        Paragraph(words("preventability.model_text")),
        *picture("calibration", words, pictures),
        grid_of(found.measures, words("preventability.measures_caption"), measure),
        grid_of(found.importance, words("preventability.importance_caption"), importance),
    ]


def _definitions(result: StudyResult, words: Words) -> list[Block]:
    found = result.preventability
    if found.definitions.empty:
        return []
    labels = {item.id: item.label for item in result.study.spec.preventability.definitions}
    rows = found.definitions.groupby("definition", sort=False)[["n", "preventable", "unclear"]].sum().reset_index()
    rows["low"] = rows["preventable"] / rows["n"]
    rows["high"] = (rows["preventable"] + rows["unclear"]) / rows["n"]
    accuracy = found.accuracy.set_index(["definition", "measure"])["estimate"].to_dict()

    def named(row: Mapping[str, Any]) -> str:
        label = labels.get(str(row["definition"]))
        return label[words.lang] if label is not None else str(row["definition"])

    def held(measure: str) -> Cell:
        return lambda row: numbers.percent(float(accuracy.get((row["definition"], measure), float("nan"))), 0)

    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.definition")), named),
        (Column(words("column.bounds"), numeric=True), lambda row: _bounds(row, words)),
        (Column(words("column.found"), numeric=True), held("found")),
        (Column(words("column.spared"), numeric=True), held("spared")),
    ]
    if not found.sensitivity.empty:
        columns.append((Column(words("column.beyond"), numeric=True), _beyond(found.sensitivity, words)))
    return [
        Heading(words("preventability.definitions")),
        Paragraph(words("preventability.definitions_text")),
        grid_of(rows, words("preventability.definitions_caption"), columns),
    ]


def _beyond(table: pd.DataFrame, words: Words) -> Cell:
    """Write how many units lie beyond the level to expect under a definition, whatever its unclear cases are."""
    out = table.assign(out=table["verdict"].isin(["higher", "lower"])).groupby(["definition", "unclear"])["out"].sum()
    limits = out.groupby(level=0).agg(["min", "max"]).to_dict("index")

    def write(row: Mapping[str, Any]) -> str:
        found = limits.get(str(row["definition"]))
        if found is None:
            return numbers.NOTHING
        low, high = (numbers.count(float(found[side])) for side in ("min", "max"))
        return low if low == high else numbers.between(low, high, words("to"))

    return write


def _effect(result: StudyResult, words: Words) -> list[Block]:
    found = result.preventability
    if found.effect.empty:
        return []
    labels = {item.id: item.label for item in result.study.spec.preventability.definitions}
    terms = dict(words.group("preventability.term"))

    def named(row: Mapping[str, Any]) -> str:
        label = labels.get(str(row["definition"]))
        return label[words.lang] if label is not None else str(row["definition"])

    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.definition")), named),
        (Column(words("column.term")), lambda row: terms[str(row["term"])]),
        (Column(words("column.units"), numeric=True), _count("changed")),
        (Column(words("column.ratio"), numeric=True), _number("ratio", "low", "high", words)),
        (Column(words("column.p"), numeric=True), lambda row: numbers.probability(numbers.real(row["p"]))),
    ]
    return [
        Heading(words("preventability.effect")),
        Paragraph(words("preventability.effect_text")),
        grid_of(found.effect, words("preventability.effect_caption"), columns),
    ]


def _indicator(found: Preventability, words: Words) -> list[Block]:
    known = found.indicator.dropna(subset=["value"]) if len(found.indicator) else found.indicator
    if known.empty:
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), lambda row: str(row["unit"])),
        (Column(words("column.value"), numeric=True), _fixed("value", 2)),
        (Column(words("column.se"), numeric=True), _fixed("se", 2)),
        (Column(words("column.reliability"), numeric=True), _fixed("reliability", 2)),
    ]
    typical = numbers.fixed(float(known["reliability"].median()), 2)
    whole = grid_of(known, words("preventability.indicator_caption"), columns)
    return [
        Heading(words("preventability.indicator")),
        Paragraph(words("preventability.indicator_text", reliability=typical)),
        Folded(words("folded.rows", n=numbers.count(len(known))), (whole,)),
    ]


def _bounds(row: Mapping[str, Any], words: Words) -> str:
    low, high = (numbers.percent(numbers.real(row[side]), 0) for side in ("low", "high"))
    return low if low == high else numbers.between(low, high, words("to"))


def _count(name: str) -> Cell:
    return lambda row: numbers.count(numbers.real(row[name]))


def _fixed(name: str, decimals: int) -> Cell:
    return lambda row: numbers.fixed(numbers.real(row[name]), decimals)


def _share(estimate: str, low: str, high: str, words: Words) -> Cell:
    def write(row: Mapping[str, Any]) -> Pair:
        main, least, most = (numbers.percent(numbers.real(row[name]), 0) for name in (estimate, low, high))
        return Pair(main, numbers.between(least, most, words("to")))

    return write


def _number(estimate: str, low: str, high: str, words: Words) -> Cell:
    def write(row: Mapping[str, Any]) -> Pair:
        main, least, most = (numbers.fixed(numbers.real(row[name]), 2) for name in (estimate, low, high))
        return Pair(main, numbers.between(least, most, words("to")))

    return write
