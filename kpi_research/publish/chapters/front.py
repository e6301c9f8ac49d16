"""The first page: the question, the answer in one paragraph, key numbers, and what to beware of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Front, KeyNumber
from kpi_research.publish.chapters.cards import usable
from kpi_research.publish.chapters.findings import top_cautions
from kpi_research.publish.chapters.labels import indicator_label, outcome_label
from kpi_research.publish.chapters.scorecard import has_intervals, level_text, told_apart, typical_width
from kpi_research.publish.chapters.validity import wrong_signs
from kpi_research.publish.chapters.weights import moved_points, no_better_than_current
from kpi_research.publish.words import Words

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def front_page(result: StudyResult, words: Words) -> Front:
    """Return the first page.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    Front
    """
    spec = result.study.spec.study
    return Front(
        title=spec.title[words.lang],
        question=spec.question[words.lang] if spec.question else "",
        answer=words("list.sentence").join(_sentences(result, words)),
        numbers=tuple(_key_numbers(result, words)),
        cautions=top_cautions(result, words),
        facts=_facts(result, words),
    )


def data_size(result: StudyResult) -> dict[str, str]:
    """Return the numbers of units, periods and indicators and the first and last period, written out."""
    values = result.study.values
    periods = values["period"].drop_duplicates()
    return {
        "units": numbers.count(values["unit"].nunique()),
        "periods": numbers.count(len(periods)),
        "first": str(periods.min()),
        "last": str(periods.max()),
        "indicators": numbers.count(len(result.study.indicators)),
    }


def _sentences(result: StudyResult, words: Words) -> list[str]:
    return [
        words("front.data", **data_size(result)),
        *_on_validity(result, words),
        *_on_weights(result, words),
        *_on_ranks(result, words),
    ]


def _on_validity(result: StudyResult, words: Words) -> list[str]:
    if result.study.spec.validity.outcome is None or result.validity.table.empty:
        return []
    names = [indicator_label(result, name, words) for name in wrong_signs(result)]
    if not names:
        return [words("front.signs_right", outcome=outcome_label(result, words))]
    key = {1: "front.signs_wrong_one", 2: "front.signs_wrong_two"}.get(len(names), "front.signs_wrong_many")
    return [
        words(key, names=words.listed(names[:2]), n=numbers.count(len(names)), outcome=outcome_label(result, words))
    ]


def _on_weights(result: StudyResult, words: Words) -> list[str]:
    table = result.weights.table
    moved = moved_points(table) if len(table) else float("nan")
    if math.isnan(moved):
        return []
    if moved < 0.05:
        return [words("front.weights_stay")]
    change = (table["weight"] - table["current"]).set_axis(table["id"])
    return [
        words(
            "front.weights_move",
            moved=numbers.fixed(moved, 1),
            gain=indicator_label(result, str(change.idxmax()), words),
            more=numbers.signed(float(change.max()), 1),
            loss=indicator_label(result, str(change.idxmin()), words),
            less=numbers.signed(float(change.min()), 1),
        ),
        *([words("front.weights_no_better")] if no_better_than_current(result) else []),
    ]


def _on_ranks(result: StudyResult, words: Words) -> list[str]:
    table = result.scorecard.table
    if not has_intervals(table):
        return []
    facts = {"apart": numbers.count(told_apart(table)), "units": _ranked(table), "level": level_text(result)}
    return [words("front.ranks", width=numbers.given(typical_width(table)), **facts)]


def _key_numbers(result: StudyResult, words: Words) -> list[KeyNumber]:
    return [
        _faults_number(result, words),
        *_validity_numbers(result, words),
        *_weights_numbers(result, words),
        *_rank_numbers(result, words),
    ]


def _faults_number(result: StudyResult, words: Words) -> KeyNumber:
    faults = result.validity.faults
    impossible = int(faults.loc[faults["kind"] == "impossible-value", "rows"].sum()) if len(faults) else 0
    jumps = int((faults["kind"] == "jump").sum()) if len(faults) else 0
    note = words("front.faults_note", impossible=numbers.count(impossible), jumps=numbers.count(jumps))
    return KeyNumber(numbers.count(impossible + jumps), words("front.faults"), note)


def _validity_numbers(result: StudyResult, words: Words) -> list[KeyNumber]:
    table = result.validity.table
    if table.empty:
        return []
    value = words("front.of", part=numbers.count(usable(result.validity.verdicts)), whole=numbers.count(len(table)))
    found = [KeyNumber(value, words("front.usable"), words("front.usable_note"))]
    if result.study.spec.validity.outcome is not None:
        judged = int(table["outcome_rank_correlation"].notna().sum())
        value = words("front.of", part=numbers.count(len(wrong_signs(result))), whole=numbers.count(judged))
        found.append(KeyNumber(value, words("front.wrong_signs"), words("front.wrong_signs_note")))
    steady = table.loc[table["indicator"].isin(_not_banned(result)), "icc1"]
    low, high = (numbers.fixed(float(bound), 2) for bound in (steady.min(), steady.max()))
    found.append(
        KeyNumber(numbers.between(low, high, words("to")), words("front.reliability"), words("front.reliability_note"))
    )
    return found


def _not_banned(result: StudyResult) -> set[str]:
    catalogue = result.study.indicators
    banned = catalogue["banned"].astype(bool) if "banned" in catalogue else pd.Series(False, index=catalogue.index)
    return set(catalogue.loc[~banned, "id"])


def _weights_numbers(result: StudyResult, words: Words) -> list[KeyNumber]:
    table = result.weights.table
    moved = moved_points(table) if len(table) else float("nan")
    if math.isnan(moved):
        return []
    value = words("front.of", part=numbers.fixed(moved, 1), whole="100")
    return [KeyNumber(value, words("front.moved"), _moved_note(result, words))]


def _moved_note(result: StudyResult, words: Words) -> str:
    weights = result.weights
    validated, current = weights.validity_of("optimized_cross_validated"), weights.validity_reference
    if math.isnan(validated):
        return words("front.moved_note")
    return words("front.moved_note_validated", validated=numbers.fixed(validated, 2), current=numbers.fixed(current, 2))


def _rank_numbers(result: StudyResult, words: Words) -> list[KeyNumber]:
    table = result.scorecard.table
    if not has_intervals(table):
        return []
    value = words("front.of", part=numbers.count(told_apart(table)), whole=_ranked(table))
    return [KeyNumber(value, words("front.apart"), words("front.apart_note", level=level_text(result)))]


def _ranked(table: pd.DataFrame) -> str:
    return numbers.count(table["rank"].notna().sum())


def _facts(result: StudyResult, words: Words) -> tuple[tuple[str, str], ...]:
    spec = result.study.spec.study
    description = [(words("front.about"), spec.description[words.lang])] if spec.description else []
    size = words("front.size", **data_size(result))
    return (*description, (words("front.data_label"), size), (words("front.seed"), str(spec.seed)))
