"""Scorecard: what the public and raters say of units, and the errors that this has; never of one officer or one rater."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Block, Cell, Column, Folded, Grid, Heading, Paragraph, grid_of
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
from kpi_research.publish.words import Words
from kpi_research.scorecard.published import rater_kinds, unit_evaluators

if TYPE_CHECKING:
    from kpi_research.result import StudyResult
    from kpi_research.scorecard import StudyEvaluators


def evaluator_blocks(result: StudyResult, words: Words) -> list[Block]:
    """Return the section on survey and ratings.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    list of Block
        Empty where the study has neither, or neither could be read.
    """
    found = result.scorecard.evaluators
    if found is None or found.compared.empty:
        return []
    level = f"{numbers.given(100 * result.study.spec.scorecard.level)}%"
    return [
        Heading(words("scorecard.raters.title")),
        Paragraph(words("scorecard.raters.text")),
        _compared(found, result, words),
        *_survey(found, result, words, level),
        *_modes(found, result, words),
        *_ratings(found, words, level),
    ]


def _compared(found: StudyEvaluators, result: StudyResult, words: Words) -> Grid:
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.evaluator")), _source(result, words)),
        (Column(words("column.target_kind")), word_cell("target_kind", "scorecard.target_kind", words)),
        (Column(words("column.targets"), numeric=True), count_cell("targets")),
        (Column(words("column.answers"), numeric=True), count_cell("answers")),
        (Column(words("column.reliability"), numeric=True), fixed_cell("reliability", 2)),
        (Column(words("column.unresolved"), numeric=True), percent_cell("unresolved", 0)),
        (Column(words("column.answers_needed"), numeric=True), count_cell("needed")),
    ]
    return grid_of(found.compared, words("scorecard.raters.compared_caption"), columns)


def _source(result: StudyResult, words: Words) -> Cell:
    def cell(row: Mapping[Any, Any]) -> str:
        name = words(f"scorecard.evaluator.{row['evaluator']}")
        if row["item"] == "all":
            return name
        return f"{name}{words('colon')}{indicator_label(result, str(row['item']), words)}"

    return cell


def _survey(found: StudyEvaluators, result: StudyResult, words: Words, level: str) -> list[Block]:
    rows = unit_evaluators(found)
    rows = rows[rows["evaluator"] == "survey"]
    if found.survey is None or rows.empty:
        return []
    shared = found.survey.statistic == "share"
    write = _percent if shared else _two
    items = list(dict.fromkeys(rows["item"].astype(str)))
    known = {(row["unit"], row["item"]): row for row in rows.to_dict("records")}
    first = rows.groupby("unit", sort=True)["response"].median().reset_index()
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.unit")), text_cell("unit")),
        (Column(words("column.response"), numeric=True), percent_cell("response", 0)),
    ]
    columns += [
        (Column(indicator_label(result, item, words), numeric=True), _of_item(known, item, words, write))
        for item in items
    ]
    caption = words("scorecard.raters.survey_share" if shared else "scorecard.raters.survey_mean", level=level)
    text = words(
        "scorecard.raters.survey_text",
        response=_percent(float(first["response"].median())),
        low=_percent(float(first["response"].min())),
        high=_percent(float(first["response"].max())),
    )
    fold = Folded(words("scorecard.all", n=numbers.count(len(first))), (grid_of(first, caption, columns),))
    return [Paragraph(text), fold]


def _percent(value: float) -> str:
    return numbers.percent(value, 0)


def _two(value: float) -> str:
    return numbers.fixed(value, 2)


def _of_item(known: Mapping[tuple[Any, Any], Mapping[Any, Any]], item: str, words: Words, write: Any) -> Cell:
    cell_of = interval_cell(("estimate", "low", "high"), words, write)

    def cell(row: Mapping[Any, Any]) -> Any:
        found = known.get((row["unit"], item))
        return numbers.NOTHING if found is None else cell_of(found)

    return cell


def _modes(found: StudyEvaluators, result: StudyResult, words: Words) -> list[Block]:
    if found.modes is None or found.modes.table.empty:
        return []
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.item")), lambda row: indicator_label(result, str(row["item"]), words)),
        (Column(words("column.mode")), _mode(words)),
        (Column(words("column.points_more"), numeric=True), lambda row: numbers.signed(numbers.real(row["points"]), 2)),
        (Column(words("column.latent"), numeric=True), interval_cell(("latent", "low", "high"), words, _two)),
    ]
    return [
        Paragraph(words("scorecard.raters.mode_text")),
        grid_of(found.modes.table, words("scorecard.raters.mode_caption"), columns),
    ]


def _mode(words: Words) -> Cell:
    known = dict(words.group("scorecard.mode"))

    def cell(row: Mapping[Any, Any]) -> str:
        mode, reference = (known.get(str(row[name]), str(row[name])) for name in ("mode", "reference"))
        return words("scorecard.raters.mode_pair", mode=mode, reference=reference)

    return cell


def _ratings(found: StudyEvaluators, words: Words, level: str) -> list[Block]:
    kinds = rater_kinds(found)
    rated = unit_evaluators(found)
    rated = rated[rated["evaluator"] == "ratings"].sort_values("unit")
    blocks: list[Block] = []
    if len(kinds):
        blocks += [Paragraph(words("scorecard.raters.kinds_text")), *_inflation(kinds, words, level)]
        blocks.append(_kinds(kinds, words))
    if len(rated):
        columns: list[tuple[Column, Cell]] = [
            (Column(words("column.unit")), text_cell("unit")),
            (Column(words("column.answers"), numeric=True), count_cell("answers")),
            (Column(words("column.rating"), numeric=True), interval_cell(("estimate", "low", "high"), words, _two)),
        ]
        grid = grid_of(rated, words("scorecard.raters.units_caption", level=level), columns)
        blocks.append(Folded(words("scorecard.all", n=numbers.count(len(rated))), (grid,)))
    return blocks


def _inflation(kinds: pd.DataFrame, words: Words, level: str) -> list[Block]:
    own = kinds[(kinds["kind"] == "self") & kinds["leniency"].notna()]
    known = dict(words.group("scorecard.rater_kind"))
    return [
        Paragraph(
            words(
                "scorecard.raters.self_text",
                points=_two(numbers.real(row["leniency"])),
                interval=numbers.between(_two(float(row["low"])), _two(float(row["high"])), words("to")),
                reference=known.get(str(row["reference"]), str(row["reference"])),
                level=level,
            ),
            "lesson",
        )
        for row in own.to_dict("records")
    ]


def _kinds(kinds: pd.DataFrame, words: Words) -> Grid:
    known = dict(words.group("scorecard.rater_kind"))
    columns: list[tuple[Column, Cell]] = [
        (Column(words("column.rater_kind")), lambda row: known.get(str(row["kind"]), str(row["kind"]))),
        (Column(words("column.target_kind")), word_cell("target_kind", "scorecard.target_kind", words)),
        (Column(words("column.raters"), numeric=True), count_cell("raters")),
        (Column(words("column.targets"), numeric=True), count_cell("targets")),
        (Column(words("column.leniency"), numeric=True), _leniency(words)),
        (Column(words("column.severity_sd"), numeric=True), fixed_cell("severity_sd", 2)),
        (Column(words("column.target_sd"), numeric=True), fixed_cell("target_sd", 2)),
        (Column(words("column.agreement"), numeric=True), fixed_cell("agreement", 2)),
    ]
    return grid_of(kinds, words("scorecard.raters.kinds_caption"), columns, words("scorecard.raters.kinds_note"))


def _leniency(words: Words) -> Cell:
    write = signed_interval_cell(("leniency", "low", "high"), words, 2)

    def cell(row: Mapping[Any, Any]) -> Any:
        return words("scorecard.raters.reference") if row["kind"] == row["reference"] else write(row)

    return cell
