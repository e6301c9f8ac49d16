"""Validity: how steady each indicator is, and whether it goes with the outcome as it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    Pair,
    Paragraph,
    Picture,
    Points,
    grid_of,
)
from kpi_research.publish.chapters.labels import column_label, indicator_label, model_label, outcome_label
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def validity_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter on reliability and validity.

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
    blocks: list[Block] = [Paragraph(words("validity.intro"))]
    blocks += picture("validity", words, pictures)
    blocks += [Heading(words("validity.reliability")), _reliability(result, words)]
    blocks += [Points(words("how_to_read"), tuple(text for _, text in words.group("validity.read_reliability")))]
    if result.study.spec.validity.outcome is not None:
        blocks += [Heading(words("validity.association")), *_association(result, words)]
    if not result.validity.effects.empty:
        blocks += [Heading(words("validity.effects")), *_effects(result, words, pictures)]
    return Chapter("validity", words("validity.title"), tuple(blocks))


def picture(name: str, words: Words, pictures: frozenset[str]) -> list[Block]:
    """Return the picture block of a figure, or nothing where the figure does not exist."""
    return [Picture(name, words(f"picture.{name}"), words(f"picture_text.{name}"))] if name in pictures else []


def wrong_signs(result: StudyResult) -> list[str]:
    """Return the ids of indicators that go with the outcome against the expected direction."""
    table = result.validity.table
    if "wrong_sign" not in table:
        return []
    return [str(name) for name, wrong in zip(table["indicator"], table["wrong_sign"], strict=True) if _is_true(wrong)]


def _is_true(value: Any) -> bool:
    return bool(pd.notna(value) and value)


def _reliability(result: StudyResult, words: Words) -> Grid:
    columns = [
        (Column(words("column.indicator")), lambda row: column_label(result, str(row["indicator"]), words)),
        (Column(words("column.units"), numeric=True), lambda row: numbers.count(numbers.real(row["units"]))),
        (Column(words("column.periods"), numeric=True), lambda row: numbers.count(numbers.real(row["periods"]))),
        (Column(words("column.missing"), numeric=True), lambda row: numbers.percent(numbers.real(row["missing"]))),
        (Column(words("column.icc1"), numeric=True), _fixed("icc1")),
        (Column(words("column.interval"), numeric=True), _interval("icc1_low", "icc1_high", words)),
        (Column(words("column.stability"), numeric=True), _fixed("stability")),
        (Column(words("column.interval"), numeric=True), _interval("stability_low", "stability_high", words)),
    ]
    return grid_of(result.validity.table, words("validity.reliability_caption"), columns)


def _association(result: StudyResult, words: Words) -> list[Block]:
    columns = [
        (Column(words("column.indicator")), lambda row: column_label(result, str(row["indicator"]), words)),
        (Column(words("column.expected_sign")), lambda row: _sign(row["expected_sign"], words)),
        (Column(words("column.rank_correlation"), numeric=True), _signed("outcome_rank_correlation")),
        (Column(words("column.interval"), numeric=True), _interval("outcome_low", "outcome_high", words)),
        (Column(words("column.verdict")), lambda row: words(f"verdict.{_verdict(row)}")),
    ]
    known = result.validity.table.loc[result.validity.table["outcome_rank_correlation"].notna()]
    facts = {"outcome": outcome_label(result, words)}
    caption = words("validity.association_caption", **facts)
    return [grid_of(known, caption, columns), _sign_lesson(result, words, facts)]


def _verdict(row: Mapping[str, Any]) -> str:
    if _is_true(row["wrong_sign"]):
        return "wrong"
    sign, low, high = (numbers.real(row[name]) for name in ("expected_sign", "outcome_low", "outcome_high"))
    return "expected" if min(sign * low, sign * high) > 0 else "open"


def _sign_lesson(result: StudyResult, words: Words, facts: Mapping[str, str]) -> Paragraph:
    names = [indicator_label(result, name, words) for name in wrong_signs(result)]
    if not names:
        return Paragraph(words("validity.signs_right"))
    key = "validity.signs_wrong_one" if len(names) == 1 else "validity.signs_wrong_many"
    return Paragraph(words(key, names=words.listed(names), **facts), "lesson")


def _effects(result: StudyResult, words: Words, pictures: frozenset[str]) -> list[Block]:
    effects = result.validity.effects
    form = "validity.effects_logs" if result.study.spec.validity.logs else "validity.effects_levels"
    blocks: list[Block] = [Paragraph(words(form, outcome=outcome_label(result, words)))]
    blocks += picture("effects", words, pictures)
    blocks += [_side_by_side(effects, result, words)]
    blocks += [Points(words("how_to_read"), tuple(text for _, text in words.group("validity.read_effects")))]
    whole = _all_effects(effects, result, words)
    return [*blocks, Folded(words("validity.all_effects", n=numbers.count(len(whole.rows))), (whole,))]


def _side_by_side(effects: pd.DataFrame, result: StudyResult, words: Words) -> Grid:
    models = list(dict.fromkeys(effects["model"]))
    terms = indicator_terms(effects, result)
    cells = {(row["model"], row["term"]): row for row in effects.to_dict("records")}
    rows: list[tuple[str | Pair, ...]] = [
        (column_label(result, term, words), *(_estimate(cells.get((model, term)), words) for model in models))
        for term in terms
    ]
    first = [next(row for row in cells.values() if row["model"] == model) for model in models]
    rows += [(words("effects.n"), *(numbers.count(numbers.real(row["n"])) for row in first))]
    rows += [(words("effects.r2"), *(numbers.fixed(numbers.real(row["r2"]), 3) for row in first))]
    columns = (
        Column(words("column.term")),
        *(Column(model_label(str(model), words), numeric=True) for model in models),
    )
    return Grid(words("validity.effects_caption"), columns, tuple(rows), words("validity.effects_note"))


def indicator_terms(effects: pd.DataFrame, result: StudyResult) -> list[str]:
    """Return the terms that are indicators, in catalogue order; all terms where none is."""
    terms = list(dict.fromkeys(effects["term"]))
    chosen = [str(name) for name in result.study.indicators["id"] if name in terms]
    return chosen or [str(term) for term in terms]


def _estimate(row: Mapping[Any, Any] | None, words: Words) -> str | Pair:
    if row is None:
        return numbers.NOTHING
    low, high = numbers.number(numbers.real(row["low"])), numbers.number(numbers.real(row["high"]))
    return Pair(numbers.number(numbers.real(row["estimate"])), numbers.between(low, high, words("to")))


def _all_effects(effects: pd.DataFrame, result: StudyResult, words: Words) -> Grid:
    columns = [
        (Column(words("column.model")), lambda row: model_label(str(row["model"]), words)),
        (Column(words("column.term")), lambda row: column_label(result, str(row["term"]), words)),
        (Column(words("column.estimate"), numeric=True), lambda row: numbers.number(numbers.real(row["estimate"]))),
        (Column(words("column.se"), numeric=True), lambda row: numbers.number(numbers.real(row["se"]))),
        (Column(words("column.interval"), numeric=True), _interval("low", "high", words, numbers.number)),
        (Column(words("column.p"), numeric=True), lambda row: numbers.probability(numbers.real(row["p"]))),
    ]
    return grid_of(effects, words("validity.all_effects_caption"), columns)


def _sign(value: float, words: Words) -> str:
    return words("sign.positive" if value > 0 else "sign.negative")


def _fixed(name: str) -> Cell:
    return lambda row: numbers.fixed(numbers.real(row[name]), 3)


def _signed(name: str) -> Cell:
    return lambda row: numbers.signed(numbers.real(row[name]), 3)


def _interval(low: str, high: str, words: Words, write: Any = None) -> Cell:
    shown = write or (lambda value: numbers.fixed(value, 3))
    return lambda row: numbers.between(shown(numbers.real(row[low])), shown(numbers.real(row[high])), words("to"))
