"""Banned counts are found behind formulas, whatever way they take."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlglot import exp, parse_one

from kpi_research.validity.use.sources import formula_sources, restrictions
from kpi_research.validity.use.trace import JOINT, trace


def tree(text: str) -> exp.Expression:
    return parse_one(text, read="duckdb")


def test_what_is_counted_tested_and_divided_by_is_told_apart() -> None:
    found = formula_sources(tree("(10.0 * detentions + sum(CASE WHEN kind = 'a' THEN fine END)) / officers"), {}, False)
    assert set(found.counted) == {"detentions", "fine"}
    assert set(found.tested) == {"kind"}
    assert set(found.divided_by) == {"officers"}
    assert found.conditions == ()


def test_derived_columns_are_followed_to_the_recorded_ones() -> None:
    derived = {"strikes": tree("arrests + fines / 1000"), "arrests": tree("detentions + warrants")}
    found = formula_sources(tree("strikes / officers"), derived, False)
    assert found.counted == {
        "detentions": ("strikes", "arrests"),
        "warrants": ("strikes", "arrests"),
        "fines": ("strikes",),
    }


def test_a_column_derived_from_itself_ends() -> None:
    found = formula_sources(tree("a"), {"a": tree("b + 1"), "b": tree("a + 1")}, False)
    assert set(found.counted) == {"a"}


CONDITIONS = [
    ("category = 'criminal' AND outcome = 'solved'", 2),
    ("(outcome IN ('solved') AND ('criminal' = category))", 2),
    ("category = 'criminal' AND (outcome = 'solved' AND type = 'burglary')", 3),
]


@pytest.mark.parametrize(("text", "parts"), CONDITIONS)
def test_conditions_are_compared_by_their_parts(text: str, parts: int) -> None:
    whole = formula_sources(tree("outcome = 'solved' AND category = 'criminal'"), {}, True).conditions[0]
    found = formula_sources(tree(text), {}, True).conditions[0]
    assert len(found) == parts
    assert whole <= found


AGGREGATES = [
    ("count(*) FILTER (WHERE solved)", 1),
    ("sum(CASE WHEN solved THEN 1 ELSE 0 END) / count(*)", 1),
    ("avg(CASE WHEN solved THEN minutes END)", 0),
]


@pytest.mark.parametrize(("text", "conditions"), AGGREGATES)
def test_only_conditions_whose_rows_are_counted_count(text: str, conditions: int) -> None:
    assert len(formula_sources(tree(text), {}, False).conditions) == conditions
    assert len(restrictions(tree(text))) == 1


def sources(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["indicator", "table", "use", "source", "via"])


SOLVED = f"category = 'criminal'{JOINT}outcome = 'solved'"


def test_a_part_of_banned_rows_is_banned_and_more_rows_are_not() -> None:
    given = sources(
        ("clearance", "incidents", "rows", SOLVED, ""),
        ("clearance", "incidents", "tested", "outcome", ""),
        ("burglary_cleared", "incidents", "rows", f"{SOLVED}{JOINT}type = 'burglary'", ""),
        ("handled", "incidents", "rows", "outcome = 'solved'", ""),
        ("handled", "incidents", "tested", "outcome", ""),
        ("other", "cases", "rows", SOLVED, ""),
    )
    found = trace(given, banned=["clearance"])
    assert set(found["indicator"]) == {"clearance", "burglary_cleared"}
    assert set(found["banned_by"]) == {"clearance"}


def test_what_a_banned_indicator_divides_by_is_not_banned() -> None:
    given = sources(
        ("fines", "panel", "counted", "fines", ""),
        ("fines", "panel", "divided_by", "officers", ""),
        ("visits", "panel", "counted", "visits", ""),
        ("visits", "panel", "divided_by", "officers", ""),
        ("lawful", "panel", "divided_by", "fines", ""),
    )
    found = trace(given, banned=["fines"])
    assert found[["indicator", "use"]].to_numpy().tolist() == [["fines", "counted"], ["lawful", "divided_by"]]


def test_further_columns_are_banned_by_name() -> None:
    given = sources(("index", "panel", "tested", "arrests", "busy"), ("index", "ledger", "counted", "arrests", ""))
    found = trace(given, banned=[], banned_columns=["panel.arrests"])
    assert found.to_dict("records") == [
        {"indicator": "index", "table": "panel", "use": "tested", "source": "arrests", "via": "busy", "banned_by": ""}
    ]


def test_no_source_no_trace() -> None:
    assert trace(sources(), banned=["fines"]).empty
    with pytest.raises(ValueError, match="there is no column 'use'"):
        trace(sources().drop(columns="use"), banned=[])
