"""Studies without an outcome, without scores, with groups, vetoes and missing ranks get a report too."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kpi_research.publish.render import report_files
from kpi_research.publish.summary import summary_rows
from kpi_research.publish.words import words
from kpi_research.study.spec import ValiditySection

NAN = float("nan")


def page(result, lang="en") -> str:
    html = report_files(result, (lang,))["report.html" if lang == "en" else "report.zh.html"].decode()
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def without_outcome(result):
    spec = result.study.spec.model_copy(update={"validity": ValiditySection()})
    table = result.validity.table.assign(
        outcome_rank_correlation=NAN, outcome_low=NAN, outcome_high=NAN, wrong_sign=False
    )
    validity = replace(
        result.validity,
        table=table,
        findings=(),
        effects=result.validity.effects.iloc[:0],
        faults=result.validity.faults.iloc[:0],
    )
    weights = replace(
        result.weights,
        table=result.weights.table.assign(current=NAN, boot_sd=NAN, boot_low=NAN, boot_high=NAN, boot_share=NAN),
        aim="closest", validity=result.weights.validity.iloc[:0],
    )  # fmt: skip
    return replace(result, study=replace(result.study, spec=spec), validity=validity, weights=weights)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_an_outcome_nothing_is_said_about_one(result, quick, lang):
    text = page(without_outcome(result), lang)
    said = words(lang)
    assert said("validity.association") not in text
    assert said("validity.effects") not in text
    assert said("weights.gain") not in text
    assert said("front.wrong_signs") not in text
    assert said("front.moved") not in text
    assert said("weights.intro_closest") in text
    assert said("faults.nothing") in text
    assert "nan" not in re.findall(r"\b\w+\b", text)
    assert len(summary_rows(without_outcome(result), lang)) > 2


def test_without_scores_there_is_no_ranking(result, quick):
    empty = replace(
        result.scorecard, table=result.scorecard.table.iloc[:0], contributions=result.scorecard.contributions.iloc[:0]
    )
    none = replace(result, scorecard=empty)
    assert words("en")("scorecard.nothing") in page(none)
    assert json.loads(report_files(none, ())["weights.json"])["scales"] == {"all": {}}


def test_units_are_counted_and_shown_within_their_groups(result, quick):
    table = result.scorecard.table.head(20).copy()
    table.insert(1, "group", ["urban"] * 10 + ["rural"] * 10)
    rank = np.tile(np.arange(1, 11), 2)
    table = table.assign(rank=rank, low=np.where(rank <= 3, 1, 4), high=np.where(rank <= 3, 5, 10), veto=rank == 9)
    grouped = replace(
        result,
        scorecard=replace(result.scorecard, table=table.astype({"rank": "Int64", "low": "Int64", "high": "Int64"})),
    )
    text = page(grouped)
    assert "6 of 20" in text
    assert "Score and rank: urban" in text
    assert "Score and rank: rural" in text
    assert "Veto" in text
    assert set(json.loads(report_files(grouped, ())["weights.json"])["scales"]) == {"rural", "urban"}


def test_missing_ranks_and_intervals_are_dashes_and_are_not_counted(result, quick):
    table = result.scorecard.table.copy()
    table.loc[table.index[-5:], ["rank", "low", "high"]] = pd.NA
    table.loc[table.index[-5:], ["score", "se"]] = NAN
    some = replace(result, scorecard=replace(result.scorecard, table=table))
    assert "of 25" in page(some)
    none = replace(result, scorecard=replace(result.scorecard, table=table.assign(low=pd.NA, high=pd.NA)))
    text = page(none)
    assert words("en")("scorecard.no_intervals") in text
    assert words("en")("front.apart") not in text


@pytest.mark.parametrize(("current", "better"), [(0.36, True), (0.41, False), (0.5, False)])
def test_the_reader_is_told_when_new_weights_do_no_better(result, quick, current, better):
    table = result.weights.validity
    own = (table["weights"] == "current") | (table["weights"] == "equal")
    weights = replace(result.weights, validity=table.assign(correlation=table["correlation"].mask(own, current)))
    text = page(replace(result, weights=weights))
    assert (words("en")("front.weights_no_better") in text) != better
    assert ("gives no reason to change" in text) != better


def test_weights_that_stay_are_called_so(result, quick):
    table = result.weights.table.assign(weight=result.weights.table["current"])
    assert words("en")("front.weights_stay") in page(replace(result, weights=replace(result.weights, table=table)))


def test_one_fault_repeated_many_times_hides_no_other(result, quick):
    (caution,) = result.validity.findings
    many = tuple(replace(caution, message=f"fault number {number}.") for number in range(30))
    other = replace(caution, code="another", message="the other fault.")
    html = report_files(replace(result, validity=replace(result.validity, findings=(*many, other))), ("en",))[
        "report.html"
    ].decode()
    shown = html[html.index('id="found"') : html.index("<details>")]
    assert shown.count("ault number") == 4
    assert "The other fault." in shown
    assert "26 more of the same kinds" in html
    assert "and 29 more like this" in html
