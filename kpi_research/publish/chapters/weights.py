"""Weights: what the evidence would change, under which rules, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Bar, Block, Cell, Chapter, Column, Grid, Heading, Paragraph, Points, grid_of
from kpi_research.publish.chapters.labels import column_label, outcome_label
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

WITHOUT_TETHER = ("closest_evenly", "experts", "experts_evenly")
"""Objectives of closeness, which need no limit on the moves."""

VISIBLE = 0.005
"""Points by which a soft rule must be broken to be called broken."""


def weights_chapter(result: StudyResult, words: Words, pictures: frozenset[str]) -> Chapter:
    """Return the chapter on weights.

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
    weights = result.weights
    blocks: list[Block] = [Paragraph(_aim(result, words))]
    blocks += picture("weights", words, pictures)
    blocks += [Heading(words("weights.change")), _change(result, words)]
    blocks += [Points(words("how_to_read"), tuple(text for _, text in words.group("weights.read")))]
    if not weights.rules.empty:
        blocks += [
            Heading(words("weights.rules")),
            Paragraph(words("weights.rules_intro")),
            _rules(weights.rules, words, weights.aim),
        ]
    if not math.isnan(weights.validity_of("optimized")):
        blocks += [Heading(words("weights.gain")), Paragraph(_gain(result, words)), _validity(result, words)]
    blocks += [Heading(words("weights.certificate")), Paragraph(_certificate(result, words))]
    return Chapter("weights", words("weights.title"), tuple(blocks))


def no_better_than_current(result: StudyResult) -> bool:
    """Return whether the current weights do as well on units that were not used to choose the new ones."""
    weights = result.weights
    return weights.validity_of("optimized_cross_validated") <= weights.validity_reference


def moved_points(table: pd.DataFrame) -> float:
    """Return how many of 100 points change hands between the current and the new weights; NaN without current ones."""
    change = table["weight"] - table["current"]
    return float(change.abs().sum() / 2) if change.notna().any() else float("nan")


def _aim(result: StudyResult, words: Words) -> str:
    aim = result.weights.aim
    if aim == "closest":
        return words("weights.intro_closest")
    if aim in WITHOUT_TETHER:
        return words("weights.intro_other", objective=words(f"weights.objective.{aim}"))
    tether = numbers.given(result.study.spec.weights.tether)
    if aim == "validity":
        return words("weights.intro_validity", outcome=outcome_label(result, words), tether=tether)
    return words("weights.intro_tethered", objective=words(f"weights.objective.{aim}"), tether=tether)


def _change(result: StudyResult, words: Words) -> Grid:
    table = result.weights.table
    full = float(table[["current", "weight", "low", "high"]].max().max())
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.indicator")), lambda row: column_label(result, str(row["id"]), words)),
        (Column(words("column.module")), lambda row: str(row["module"])),
        (Column(words("column.current"), numeric=True), lambda row: numbers.fixed(numbers.real(row["current"]), 1)),
        (Column(words("column.new"), numeric=True), lambda row: numbers.fixed(numbers.real(row["weight"]), 1)),
        (
            Column(words("column.change"), numeric=True),
            lambda row: numbers.signed(numbers.real(row["weight"]) - numbers.real(row["current"]), 1),
        ),
        (Column(words("column.range"), numeric=True), lambda row: _range(row, "low", "high", words)),
        (Column(words("column.resampled"), numeric=True), lambda row: _range(row, "boot_low", "boot_high", words)),
        (Column(words("column.bar")), lambda row: _bar(row, full)),
    ]
    return grid_of(table, words("weights.caption"), columns, words("weights.bar_note"))


def _range(row: Mapping[str, Any], low: str, high: str, words: Words) -> str:
    return numbers.between(
        numbers.fixed(numbers.real(row[low]), 1), numbers.fixed(numbers.real(row[high]), 1), words("to")
    )


def _bar(row: Mapping[str, Any], full: float) -> Bar:
    current, weight, low, high = (numbers.real(row[name]) for name in ("current", "weight", "low", "high"))
    return Bar(0.0 if pd.isna(current) else current, weight, low, high, full if full > 0 else 1.0)


def _rules(rules: pd.DataFrame, words: Words, aim: str) -> Grid:
    columns = [
        (Column(words("column.rule")), lambda row: _rule_label(row, words.lang)),
        (Column(words("column.allowed"), numeric=True), lambda row: _allowed(row, words)),
        (Column(words("column.value"), numeric=True), lambda row: _limit(numbers.real(row["value"]), row["kind"])),
        (Column(words("column.binding")), lambda row: _state(row, words)),
        (Column(words("column.price_minus_5"), numeric=True), lambda row: _price(row, "price_minus_5")),
        (Column(words("column.price_minus"), numeric=True), lambda row: _price(row, "price_minus_1")),
        (Column(words("column.price_plus"), numeric=True), lambda row: _price(row, "price_plus_1")),
        (Column(words("column.price_plus_5"), numeric=True), lambda row: _price(row, "price_plus_5")),
        (Column(words("column.source")), lambda row: _given(row["source"]) or numbers.NOTHING),
    ]
    measured = words("weights.rules_measure", objective=words(f"weights.objective.{aim}"))
    return grid_of(
        rules, words("weights.rules_caption"), columns, words("weights.rules_note") + words("list.sentence") + measured
    )


def _validity(result: StudyResult, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.weights")), lambda row: words(f"weights.kind.{row['weights']}")),
        (Column(words("column.correlation"), numeric=True), lambda row: numbers.fixed(numbers.real(row["correlation"]), 3)),
        (Column(words("column.interval"), numeric=True), lambda row: _between(row, "low", "high", words)),
        (Column(words("column.gain"), numeric=True), lambda row: numbers.signed(numbers.real(row["gain"]), 3)),
        (Column(words("column.gain_interval"), numeric=True), lambda row: _between(row, "gain_low", "gain_high", words)),
    ]  # fmt: skip
    return grid_of(result.weights.validity, words("weights.validity_caption"), columns, words("weights.validity_note"))


def _between(row: Mapping[str, Any], low: str, high: str, words: Words) -> str:
    least, most = numbers.real(row[low]), numbers.real(row[high])
    if math.isnan(least) or math.isnan(most):
        return numbers.NOTHING
    return numbers.between(numbers.signed(least, 2), numbers.signed(most, 2), words("to"))


def _rule_label(row: Mapping[str, Any], lang: Language) -> str:
    return _given(row[f"label_{lang}"]) or _given(row["label_en"]) or str(row["rule"])


def _given(text: Any) -> str:
    return "" if pd.isna(text) else str(text)


def _allowed(row: Mapping[str, Any], words: Words) -> str:
    low, high = (_limit(numbers.real(row[name]), row["kind"]) for name in ("min", "max"))
    if high == numbers.NOTHING:
        return numbers.NOTHING if low == numbers.NOTHING else words("allowed.at_least", value=low)
    return words("allowed.at_most", value=high) if low == numbers.NOTHING else numbers.between(low, high, words("to"))


def _limit(value: float, kind: str) -> str:
    """Write a limit or the value it limits: a share as a percentage, points with at most one decimal."""
    if pd.isna(value):
        return numbers.NOTHING
    return f"{numbers.given(round(100 * value, 1))}%" if kind == "share" else numbers.given(round(value, 1))


def _state(row: Mapping[str, Any], words: Words) -> str:
    if numbers.real(row["violation"]) > VISIBLE:
        return words("rule.broken", points=numbers.fixed(numbers.real(row["violation"]), 1))
    return words("yes" if row["binding"] else "no")


def _price(row: Mapping[str, Any], name: str) -> str:
    price = numbers.real(row[name])
    return "0" if price == 0 else numbers.signed(price, 4)


def _gain(result: StudyResult, words: Words) -> str:
    weights = result.weights
    facts = {
        "outcome": outcome_label(result, words),
        "optimized": numbers.fixed(weights.validity_of("optimized"), 3),
        "current": numbers.fixed(weights.validity_reference, 3),
    }
    if math.isnan(weights.validity_of("optimized_cross_validated")):
        return words("weights.gain_in_sample", **facts)
    key = "weights.gain_none" if no_better_than_current(result) else "weights.gain_some"
    return words(key, validated=numbers.fixed(weights.validity_of("optimized_cross_validated"), 3), **facts)


def _certificate(result: StudyResult, words: Words) -> str:
    certificate = result.weights.certificate
    violation, gap = (
        numbers.number(max(float(value), 0.0)) for value in (certificate.primal_violation, certificate.duality_gap)
    )
    return words("weights.certificate_text", violation=violation, gap=gap)
