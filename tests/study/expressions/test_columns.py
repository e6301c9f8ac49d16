"""Kinds and columns of expressions, and columns named like words of SQL."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from kpi_research.study.expressions import column_kinds, evaluate, parse_expression, select
from kpi_research.study.findings import Where

KIND_OF = [
    ("minutes", "number", {"minutes"}),
    ("minutes <= n", "boolean", {"minutes", "n"}),
    ("lower(type)", "text", {"type"}),
    ("date_trunc('day', reported_at)", "time", {"reported_at"}),
    ("reported_at - INTERVAL '1 day'", "time", {"reported_at"}),
    ("NULL", "unknown", set()),
    ("coalesce(NULL, n)", "number", {"n"}),
]


@pytest.mark.parametrize(("text", "kind", "columns"), KIND_OF)
def test_kind_and_columns(parsed, text: str, kind: str, columns: set[str]) -> None:
    expression = parsed(text)
    assert expression.kind == kind
    assert expression.columns == columns
    assert expression.text == text
    assert expression.where == Where("indicators.csv", 3)


WORDS = """
unit period type value count table order group role rank date year month day hour minute second time timestamp interval
select using cross any all some desc asc end row rows by limit offset left right natural window values user key index
level name status position filter over exists map struct list current_date json text double union with set if localtime
array object variant lateral pivot describe show copy
"""
HOLDING = "and or not in is like between null true false case when then else as from where distinct"


@pytest.fixture(scope="module")
def named_like_sql() -> pd.DataFrame:
    return pd.DataFrame({word: [1.0, 5.0] for word in f"{WORDS} {HOLDING}".split()})


@pytest.mark.parametrize("form", ["{} > 2", "2 < {}", '"{}" > 2', "({}) > 2", "1 = 1 AND {} - 1 > 2", "abs({}) IN (5)"])
def test_columns_named_like_words_of_sql_work_unquoted(named_like_sql, parsed, form: str) -> None:
    kinds = column_kinds(named_like_sql)
    values = evaluate(named_like_sql, {word: parsed(form.format(word), kinds) for word in WORDS.split()})
    assert values.iloc[0].tolist() == [False] * len(WORDS.split())
    assert values.iloc[1].tolist() == [True] * len(WORDS.split())


def test_columns_named_like_words_that_hold_an_expression_together_work_quoted(named_like_sql, parsed) -> None:
    kinds = column_kinds(named_like_sql)
    values = evaluate(named_like_sql, {word: parsed(f'"{word}" > 2', kinds) for word in HOLDING.split()})
    assert values.to_numpy().tolist() == [[False] * len(HOLDING.split()), [True] * len(HOLDING.split())]


@pytest.mark.parametrize("word", ["where", "from", "distinct", "case", "and", "like"])
def test_unquoted_words_that_hold_an_expression_together_get_the_hint_to_quote(word: str) -> None:
    _, (fault,) = parse_expression(f"{word} > 2", columns={word: "number"})
    assert f'double quotes: "{word}"' in fault.message


def test_words_keep_their_meaning_in_sql_beside_columns_of_that_name() -> None:
    frame = pd.DataFrame({"date": pd.to_datetime(["2026-05-01"]), "year": [2026], "minute": [3], "interval": [1]})
    assert select(frame, "date >= DATE '2026-01-01' AND extract(year FROM date) = year").tolist() == [True]
    assert select(frame, "date + INTERVAL '5' minute > CAST(date AS date) AND minute > interval").tolist() == [True]


def test_parsing_does_not_depend_on_the_depth_of_the_caller_and_keeps_the_limit(parsed) -> None:
    limit = sys.getrecursionlimit()

    def below(depth: int) -> str:
        return below(depth - 1) if depth else parsed("(" * 50 + "n" + ")" * 50).sql()

    assert below(600) == '"n"'
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(below, [300] * 32)) == {'"n"'}
    assert sys.getrecursionlimit() == limit
