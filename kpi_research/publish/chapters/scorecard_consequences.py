"""Scorecard: what follows from scores, whom each rule hits, how often it is wrong, and what would be needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Cell, Column, Folded, Grid, Heading, Pair, Paragraph, Points, grid_of
from kpi_research.publish.cells import count_cell, fixed_cell, percent_cell, text_cell, word_cell
from kpi_research.publish.chapters.validity import picture
from kpi_research.publish.words import Words
from kpi_research.scorecard.consequences.words import scheme_text

if TYPE_CHECKING:
    from kpi_research.result import StudyResult
    from kpi_research.scorecard import StudyConsequences


def consequence_blocks(result: StudyResult, words: Words, pictures: frozenset[str]) -> list[Block]:
    """Return the section on rules and whom they hit.

    Parameters
    ----------
    result : StudyResult
    words : Words
    pictures : frozenset of str
        Names of the figures that exist.

    Returns
    -------
    list of Block
        Empty where the study has no rules that fit its scores.
    """
    found = result.scorecard.consequences
    if found is None or found.table.empty:
        return []
    first = first_scheme(found)
    scheme = scheme_text(first)[words.lang]
    return [
        Heading(words("scorecard.rules.title")),
        Paragraph(words("scorecard.rules.text", scheme=scheme)),
        *picture("consequences", words, pictures),
        _hits(found.table[found.table["scheme"] == first], words, scheme),
        Points(words("how_to_read"), tuple(text for _, text in words.group("scorecard.read_rules"))),
        Heading(words("scorecard.rules.instead")),
        Paragraph(words("scorecard.rules.instead_text")),
        *_alternatives(found, first, words, scheme),
        *_schemes(found.table, words),
    ]


def first_scheme(found: StudyConsequences) -> str:
    """Return the scheme of weights whose consequences are shown: the current one where there is one."""
    schemes = list(dict.fromkeys(found.table["scheme"].astype(str)))
    return "current" if "current" in schemes else schemes[0]


def wrong_text(row: Mapping[Any, Any], name: str = "wrong") -> str:
    """Return an expected number of wrong hits, or the share of a budget that goes wrong."""
    value = numbers.real(row[name])
    return numbers.percent(value) if row["kind"] == "proportional" else numbers.fixed(value, 1)


def _hits(table: pd.DataFrame, words: Words, scheme: str) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        *_rule(table, words),
        (Column(words("column.link")), word_cell("link", "scorecard.link", words)),
        (Column(words("column.hits"), numeric=True), _hit_count(words)),
        (Column(words("column.wrong"), numeric=True), _wrong(words)),
        (Column(words("column.missed"), numeric=True), _missed),
        (Column(words("column.right_by_design"), numeric=True), percent_cell("right_by_design", 0)),
        (Column(words("column.needed_periods"), numeric=True), _needed(words)),
    ]
    return grid_of(table, words("scorecard.rules.caption", scheme=scheme), columns, words("scorecard.rules.note"))


def _rule(table: pd.DataFrame, words: Words) -> list[tuple[Column, Cell]]:
    """Return the columns that name a rule and, where there are several, its group."""
    named: list[tuple[Column, Cell]] = [(Column(words("column.rule")), text_cell(f"label_{words.lang}"))]
    return named + (
        [(Column(words("column.grouping")), text_cell("group"))] if len(table["group"].unique()) > 1 else []
    )


def _hit_count(words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        if row["kind"] == "proportional":
            return words("scorecard.rules.budget")
        return words("front.of", part=numbers.count(numbers.real(row["hits"])), whole=numbers.count(row["units"]))

    return cell


def _wrong(words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> Pair | str:
        if not numbers.real(row["hits"]):
            return numbers.NOTHING
        low, high = wrong_text(row, "wrong_low"), wrong_text(row, "wrong_high")
        if row["kind"] != "proportional":
            low, high = (numbers.count(numbers.real(row[name])) for name in ("wrong_low", "wrong_high"))
        return Pair(wrong_text(row), numbers.between(low, high, words("to")))

    return cell


def _missed(row: Mapping[Any, Any]) -> str:
    single = row["kind"] in ("proportional", "grades")
    return numbers.NOTHING if single else numbers.fixed(numbers.real(row["missed"]), 1)


def _needed(words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> Pair | str:
        factor, periods = (numbers.real(row[name]) for name in ("needed_factor", "needed_periods"))
        if factor != factor:
            return words("scorecard.rules.never")
        if factor <= 1:
            return words("scorecard.rules.enough")
        if periods != periods:
            return words("scorecard.rules.times", factor=numbers.number(factor, 2))
        return Pair(numbers.count(periods), words("scorecard.rules.now", n=numbers.count(periods / factor)))

    return cell


def _alternatives(found: StudyConsequences, first: str, words: Words, scheme: str) -> list[Block]:
    kinds = found.table.drop_duplicates(["group", "rule"])[["group", "rule", "kind", "label_en", "label_zh"]]
    parts = [part.alternatives.assign(group=group) for group, part in found.groups.items()]
    if not parts:
        return []
    whole = pd.concat(parts, ignore_index=True).merge(kinds, on=["group", "rule"])
    whole = whole[(whole["scheme"] == first) & whole["alternative"].isin(["sets", "threshold", "shrunk"])]
    sets = whole[whole["alternative"] == "sets"]
    named = _rule(whole, words)
    columns: list[tuple[Column, Cell]] = [
        *named,
        (Column(words("column.sure_hits"), numeric=True), count_cell("hits")),
        (Column(words("column.wrong"), numeric=True), fixed_cell("wrong", 1)),
        (Column(words("column.undecided"), numeric=True), count_cell("undecided")),
    ]
    more: list[tuple[Column, Cell]] = [
        *named,
        (Column(words("column.alternative")), word_cell("alternative", "scorecard.alternative", words)),
        (Column(words("column.sure_hits"), numeric=True), _of_units("hits")),
        (Column(words("column.wrong"), numeric=True), wrong_text),
        columns[-1],
        (Column(words("column.cut"), numeric=True), fixed_cell("cut", 1)),
    ]
    caption = words("scorecard.rules.sets_caption", scheme=scheme)
    all_of_them = grid_of(whole, words("scorecard.rules.alternatives_caption", scheme=scheme), more)
    return [
        *([grid_of(sets, caption, columns)] if len(sets) else []),
        Folded(words("scorecard.rules.all_alternatives", n=numbers.count(len(whole))), (all_of_them,)),
    ]


def _of_units(name: str) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        return numbers.NOTHING if row["kind"] == "proportional" else numbers.count(numbers.real(row[name]))

    return cell


def _schemes(table: pd.DataFrame, words: Words) -> list[Block]:
    schemes = list(dict.fromkeys(table["scheme"].astype(str)))
    if len(schemes) < 2:
        return []
    rows = [_across(part, schemes) for _, part in table.groupby("rule", sort=False)]
    columns: list[tuple[Column, Cell]] = [(Column(words("column.rule")), lambda row: str(row[f"label_{words.lang}"]))]
    columns += [(Column(scheme_text(name)[words.lang], numeric=True), _in_scheme(name, words)) for name in schemes]
    return [
        Heading(words("scorecard.rules.schemes")),
        grid_of(
            pd.DataFrame(rows), words("scorecard.rules.schemes_caption"), columns, words("scorecard.rules.schemes_note")
        ),
    ]


def _across(part: pd.DataFrame, schemes: list[str]) -> dict[str, Any]:
    """Return expected wrong hits and hits of one rule over all groups, scheme by scheme."""
    one = part.iloc[0]
    found: dict[str, Any] = {name: one[name] for name in ("label_en", "label_zh", "kind")}
    for scheme in schemes:
        own = part[part["scheme"] == scheme]
        wrong = own["wrong"].mean() if one["kind"] == "proportional" else own["wrong"].sum()
        found[scheme] = (float(wrong), float(own["hits"].sum())) if len(own) else None
    return found


def _in_scheme(scheme: str, words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> Pair | str:
        if row[scheme] is None:
            return numbers.NOTHING
        wrong, hits = row[scheme]
        if row["kind"] == "proportional":
            return numbers.percent(wrong)
        if not hits:
            return words("scorecard.rules.nobody")
        return Pair(numbers.fixed(wrong, 1), words("scorecard.rules.of_hits", n=numbers.count(hits)))

    return cell
