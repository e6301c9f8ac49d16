"""Nothing that is written as an expression can do anything but be computed or refused, and soon."""

from __future__ import annotations

import time

import pandas as pd
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from kpi_research.study.expressions import (
    Expression,
    column_kinds,
    evaluate,
    parse_expression,
    select,
)
from kpi_research.study.expressions.check import RULES
from kpi_research.study.expressions.model import deep_stack
from kpi_research.study.findings import StudyError

FRAME = pd.DataFrame({"x": [1.0, 2.0], "n": [1, 2], "a": [True, False], "type": ["theft", None], "指标": [0.1, 0.2]})
FRAME["t"] = pd.to_datetime(["2026-01-01", "2026-01-02"])
KINDS = column_kinds(FRAME)
SECONDS = 2.0


def compute(expression: Expression) -> None:
    """Evaluate an expression; the only error it may raise is a finding about itself."""
    try:
        evaluate(FRAME, {"value": expression})
    except StudyError as error:
        codes = [item.code for item in error.findings]
    else:
        codes = ["expression-failed"]
    assert codes == ["expression-failed"]


def read(text: str, **options) -> Expression | None:
    """Parse a text twice, as a row value and as an aggregate; it must take less than two seconds and raise nothing."""
    start = time.process_time()
    expression, faults = parse_expression(text, columns=KINDS, **options)
    parse_expression(text, columns=KINDS, aggregates=True)
    assert time.process_time() - start < SECONDS
    assert (expression is None) == bool(faults)
    assert all(item.message and item.remedy and all(item.text("zh")) for item in faults)
    if expression is not None:
        for dialect in ("duckdb", "postgres", "spark"):
            with deep_stack():
                sqlglot.parse_one(f"SELECT {expression.sql(dialect)}", read=dialect)
        assert {type(node) for node in expression.tree.walk()} <= {
            *RULES,
            exp.Identifier,
            exp.If,
            exp.Var,
            exp.DataType,
        }
        start = time.process_time()
        compute(expression)
        assert time.process_time() - start < SECONDS
    return expression


HOSTILE = [
    "x; DROP TABLE frame",
    "x); DROP TABLE frame; --",
    "1; COPY frame TO 'out.csv'",
    "COPY frame TO 'out.csv'",
    "ATTACH 'somewhere/other.db'",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "SELECT * FROM frame",
    "(SELECT content FROM read_text('/etc/passwd'))",
    "read_csv('/etc/passwd')",
    "read_parquet('/etc/passwd')",
    "read_text('/etc/passwd') = 'a'",
    "x IN (SELECT x FROM '/etc/passwd')",
    "x IN (FROM frame)",
    "(FROM frame SELECT x)",
    "(VALUES (1))",
    "(TABLE frame)",
    "(WITH q AS (SELECT 1) SELECT * FROM q)",
    "EXISTS (SELECT 1)",
    "x = ANY (SELECT 1)",
    "count(*) OVER (PARTITION BY type)",
    "row_number() OVER ()",
    "getenv('HOME')",
    "current_setting('threads')",
    "pg_sleep(10)",
    "pg_read_file('/etc/passwd')",
    "java_method('java.lang.System', 'exit')",
    "query('SELECT 1')",
    "unnest([1, 2])",
    "range(1000000000)",
    "repeat('a', 1000000000)",
    "list_transform([1], y -> y + 1)",
    "[y FOR y IN [1]]",
    "{'a': 1}.a",
    "struct_pack(a := 1)",
    "type->'$.a'",
    "type::JSON",
    "x::INTEGER[]",
    "type::STRUCT(a INTEGER)",
    "CAST(x AS ENUM('a'))",
    "COLUMNS('.*')",
    "COLUMNS(*)",
    "* EXCLUDE (x)",
    "frame.x",
    "main.frame.x",
    "information_schema.tables",
    "x AS y",
    "x, n",
    "x y",
    "DISTINCT x",
    "x FROM frame",
    "x WHERE a",
    "x ORDER BY x",
    "x UNION SELECT 1",
    "x LIMIT 1",
    "?",
    "$1",
    ":x",
    "@x",
    "%s",
    "{x}",
    "{{ x }}",
    "{% if a %}",
    "`x`",
    "x'41'",
    "e'\\x41'",
    "U&'\\0041'",
    "b'1'",
    "$$text$$",
    "$tag$text$tag$",
    "/* x */ x",
    "x -- y",
    "x # y",
    "x // y",
    "--",
    "/*",
    "*/",
    "x /*",
    "'",
    '"',
    "'x",
    '"x',
    "''' OR 1 = 1",
    "\\",
    "\x00",
    "x\x00y",
    "x\x1b[31m",
    "x\u2028> 1",
    "\ufeffx",
    "x\u200b",
    "\u202ex > 1",
    "x\u00a0= 1",
    "x ； 1",
    "x；DROP TABLE frame",
    "х = 1",
    "ｓｅｌｅｃｔ 1",
    "x ﹥ 1",
    "x ≥ 1",
    "x ≠ 1",
    "x × 2",
    "x − 1",
    "x ∧ a",
    "\ud800",
    "'\ud800'",
    "😀 = 1",
    "x = 😀",
    "e\u0301 = 1",
    "INTERVAL x MINUTE",
    "t AT TIME ZONE 'UTC'",
    "t + INTERVAL '1' YEAR TO MONTH",
    "x IS DISTINCT FROM n",
    "x SIMILAR TO 'a'",
    "type ~ 'a'",
    "type GLOB 'a*'",
    "type LIKE 'a' ESCAPE 'b'",
    "x BETWEEN SYMMETRIC 1 AND 2",
    "NEXT VALUE FOR s",
    "GROUPING(x)",
    "x IS JSON",
    "MATCH_RECOGNIZE",
    "x PIVOT",
    "CASE",
    "CASE END",
    "CASE WHEN END",
    "CAST(x)",
    "CAST(x AS)",
    "CAST(x AS DOUBLE FORMAT 'a')",
    "TRY_CAST(x AS DOUBLE)",
    "EXTRACT(x)",
    "EXTRACT(year t)",
    "TRIM(BOTH 'a' FROM type)",
    "SUBSTRING(type FROM 'a')",
    "date_diff()",
    "date_trunc()",
    "round()",
    "ln()",
    "log10()",
    "coalesce()",
    "least()",
    "power(x)",
    "abs(x, x)",
    "count(x, x)",
    "count(DISTINCT)",
    "count(DISTINCT *)",
    "count(type.*)",
    "sum()",
    "median(DISTINCT x)",
    "sum(x) IGNORE NULLS",
    "sum(x) FILTER (a)",
    "sum(x) FILTER (WHERE sum(x) > 1)",
    "percentile_cont(0.5, x) WITHIN GROUP (ORDER BY x)",
    "percentile_cont(x) WITHIN GROUP (ORDER BY x, n)",
    "quantile_cont(x, [0.1, 0.9])",
    "1.2.3",
    "1..2",
    "1e",
    "0x1F",
    "1_0",
    "9" * 400,
    "9" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:40])
def test_hostile_texts_are_refused(text: str) -> None:
    assert read(text) is None


def test_minus_signs_and_quotes_inside_text_are_data() -> None:
    for text in ("-- x", "/* x */", "; DROP TABLE frame", "（；）", "'", '"', "\\", "$$", "{x}"):
        frame = pd.DataFrame({"note": [text, "other"]})
        assert select(frame, "note = '{}'".format(text.replace("'", "''"))).tolist() == [True, False]


NESTED = {
    "parentheses": ("(", "x", ")"),
    "not": ("NOT ", "a", ""),
    "minus": ("- ", "x", ""),
    "case": ("CASE WHEN a THEN ", "x", " END"),
    "simple case": ("CASE ", "x", " WHEN 1 THEN 2 WHEN 3 THEN 4 END"),
    "nullif": ("nullif(", "x", ", 1)"),
    "division": ("x / (", "x", ")"),
    "remainder": ("x % (", "x", ")"),
    "logarithm": ("ln(", "x", ")"),
    "power": ("power(", "x", ", 2)"),
    "cast": ("CAST(", "x", " AS DOUBLE)"),
    "casts": ("", "x", "::DOUBLE"),
    "between": ("CAST((", "x", ") BETWEEN 1 AND 2 AS DOUBLE)"),
    "coalesce": ("coalesce(1, ", "x", ")"),
    "sum": ("x + ", "x", ""),
    "quotients": ("", "x", " / x"),
    "equals": ("a = ", "a", ""),
    "and": ("a AND ", "a", ""),
    "join": ("type || ", "type", ""),
    "concat": ("concat(type, ", "type", ")"),
    "days": ("date_trunc('day', ", "t", ")"),
    "open parentheses": ("(", "", ""),
    "open functions": ("coalesce((", "", ""),
    "open casts": ("CAST(", "", ""),
    "intervals": ("INTERVAL ", "'1 day'", ""),
    "list": ("x IN (", "1", ")"),
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("depth", [12, 49, 190, 700, 100_000])
def test_nesting_is_computed_or_refused_in_time(name: str, depth: int) -> None:
    before, inner, after = NESTED[name]
    expression = read(before * depth + inner + after * depth)
    assert expression is None or depth < 700


LONG = {
    "1 MB": "x" * 1_000_000,
    "long text": "type = '" + "a" * 9_900 + "'",
    "long list": "n IN (" + ", ".join(map(str, range(1_500))) + ")",
    "unknown columns": "coalesce(" + ", ".join(f"c{number}" for number in range(1_500)) + ")",
    "unknown functions": "coalesce(" + ", ".join(f"f{number}(x)" for number in range(900)) + ")",
    "branches": "CASE " + "WHEN a THEN 1 " * 600 + "END",
    "wrong branches": "CASE " + "WHEN x THEN 1 " * 600 + "END",
    "wrong list": "x IN (" + "'a', " * 1_900 + "1)",
    "quotes": "'" * 9_999,
    "double quotes": '"' * 9_999,
    "comments": "/*" * 5_000,
    "commas": "," * 10_000,
    "blanks": " " * 10_000,
    "words": "x " * 5_000,
    "operators": "= " * 5_000,
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_are_computed_or_refused_in_time(name: str) -> None:
    expression = read(LONG[name])
    assert (expression is not None) == (name in {"long text", "long list", "branches"})


VALID = [
    "x <= 10 AND type IN ('a', 'b') OR NOT a",
    "CASE WHEN x > 1 THEN coalesce(n, 0) ELSE round(x / n, 1) END",
    "date_diff('minute', t, t + INTERVAL '5 minutes') < 10",
    "指标 >= 0.9 AND lower(type) LIKE 'a%'",
    "count(*) FILTER (WHERE a) / sum(x)",
    "extract(year FROM t) BETWEEN 2020 AND 2026",
    "substring(type, 1, 2) || concat(type, 'x') = CAST(n AS TEXT)",
]
PIECES = [
    *"();,.'\"-+*/%<>=!?:$@#&|^~\\[]{}`_",
    *"；（），。‘’“”＝＞　\u00a0\u200b\u202e\ufeff\x00",
    "--", "/*", "*/", "::", "->", "=>", "**", "''", '""', "copy ", " select ", " from ", "read_csv('/etc/passwd')",
    " attach 'x'", " over ()", " union ", "е", "х", "\u0301", "²", "١", " NULL ", " DISTINCT ", " AS ", " END ", " CASE ",
    "e'", "x'", "0x", "1e", "INTERVAL ", "DATE ", " WITHIN GROUP ", " FILTER ", " WHERE ", " ORDER BY ", "sum(", "cast(",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[start + draw(st.integers(0, 4)) :]
    return text


@given(text=damaged())
@settings(deadline=None, derandomize=True, max_examples=250)
def test_damaged_expressions_are_computed_or_refused(text: str) -> None:
    read(text)


@given(text=st.lists(st.sampled_from([*PIECES, *" xnat01", "type", "指标", " AND ", " IN "]), max_size=14).map("".join))
@settings(deadline=None, derandomize=True, max_examples=250)
def test_pieces_in_any_order_are_computed_or_refused(text: str) -> None:
    read(text)


@given(text=st.text(max_size=40))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_any_text_is_computed_or_refused(text: str) -> None:
    read(text)


@given(names=st.lists(st.text(min_size=1, max_size=12), min_size=1, unique_by=str.casefold))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_any_column_name_works_quoted_or_is_refused(names: list[str]) -> None:
    frame = pd.DataFrame({name: [number] for number, name in enumerate(names)})
    parsed = {}
    for name in names:
        expression, faults = parse_expression('"{}"'.format(name.replace('"', '""')), columns=column_kinds(frame))
        if expression is None:
            assert {item.code for item in faults} <= {"expression-hidden-character"}
        else:
            parsed[name] = expression
    assert evaluate(frame, parsed).equals(frame[list(parsed)])


@given(values=st.lists(st.text(max_size=12), min_size=1))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_any_text_literal_is_that_text_or_refused(values: list[str]) -> None:
    parsed = {}
    for value in values:
        expression, faults = parse_expression("'{}'".format(value.replace("'", "''")), columns={})
        if expression is None:
            assert {item.code for item in faults} <= {"expression-hidden-character"}
        else:
            parsed[value] = expression
    table = evaluate(pd.DataFrame(index=[0]), parsed)
    assert table.iloc[0].tolist() == list(parsed)
