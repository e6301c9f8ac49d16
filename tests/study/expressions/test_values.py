"""Values worked out by hand, and the SQL of three databases."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import sqlglot

from kpi_research.study.expressions import connect, evaluate, register_frame

NO = None
SEMANTICS = [
    ("outcome = 'cleared' AND type IN ('burglary','robbery')", [True, False, False, False]),
    ("type IN ('burglary','robbery')", [True, True, False, NO]),
    ("type NOT IN ('burglary')", [False, True, True, NO]),
    ("minutes <= 10", [True, True, False, NO]),
    ("NOT minutes <= 10", [False, False, True, NO]),
    ("minutes BETWEEN 4 AND 10", [True, True, False, NO]),
    ("minutes IS NULL", [False, False, False, True]),
    ("banned OR minutes > 11", [True, False, True, NO]),
    ("banned AND minutes > 11", [False, False, NO, False]),
    ("banned IS TRUE", [True, False, False, False]),
    ("banned = FALSE", [False, True, NO, True]),
    ("type LIKE '%r_'", [True, True, False, NO]),
    ("type LIKE '%b%'", [True, True, False, NO]),
    ("starts_with(type, 'b')", [True, False, False, NO]),
    ('"群众满意度" >= 0.9', [True, True, False, NO]),
    ("群众满意度 >= 0.9", [True, True, False, NO]),
    ("CASE WHEN banned THEN 1 ELSE 0 END", [1, 0, 0, 0]),
    ("CASE type WHEN 'theft' THEN 'small' ELSE upper(type) END", ["BURGLARY", "ROBBERY", "small", NO]),
    ("CAST(banned AS DOUBLE)", [1.0, 0.0, NO, 0.0]),
    ("coalesce(minutes, 0)", [4.0, 10.0, 12.5, 0.0]),
    ("nullif(n, 0)", [7, -7, NO, 2]),
    ("1 / n", [1 / 7, -1 / 7, NO, 0.5]),
    ("7 / 2", [3.5] * 4),
    ("n / 2", [3.5, -3.5, 0.0, 1.0]),
    ("0 / 0", [NO] * 4),
    ("n % 4", [3, -3, 0, 2]),
    ("n % 0", [NO] * 4),
    ("n + 1900", [1907, 1893, 1900, 1902]),
    ("n - 1 - 1", [5, -9, -2, 0]),
    ("n - (1 - 1)", [7, -7, 0, 2]),
    ("2 * -n", [-14, 14, 0, -4]),
    ("- -n", [7, -7, 0, 2]),
    ("8 / 2 / 2", [2.0] * 4),
    ("60 * 60 * 24 * 365 * 100", [3_153_600_000] * 4),
    ("0.1 + 0.2 > 0.3", [True] * 4),
    ("abs(n)", [7, 7, 0, 2]),
    ("round(minutes / 5, 1)", [0.8, 2.0, 2.5, NO]),
    ("round(minutes)", [4.0, 10.0, 13.0, NO]),
    ("round(n, -1)", [10.0, -10.0, 0.0, 0.0]),
    ("floor(minutes)", [4.0, 10.0, 12.0, NO]),
    ("ceil(minutes)", [4.0, 10.0, 13.0, NO]),
    ("CAST(minutes AS INTEGER)", [4, 10, 12, NO]),
    ("ln(n)", [math.log(7), NO, NO, math.log(2)]),
    ("log10(n * n * n * 0 + 1000)", [3.0] * 4),
    ("log10(n)", [math.log10(7), NO, NO, math.log10(2)]),
    ("sqrt(n)", [math.sqrt(7), NO, 0.0, math.sqrt(2)]),
    ("exp(n * 0)", [1.0] * 4),
    ("exp(1000)", [NO] * 4),
    ("power(n, 2)", [49.0, 49.0, 0.0, 4.0]),
    ("power(n, 0.5)", [math.sqrt(7), NO, 0.0, math.sqrt(2)]),
    ("power(n, 0.5) > 0", [True, NO, False, True]),
    ("least(n, 1)", [1, -7, 0, 1]),
    ("greatest(n, minutes)", [7.0, 10.0, 12.5, 2.0]),
    ("length(type)", [8, 7, 5, NO]),
    ("length('入室盗窃')", [4] * 4),
    ("substring(type, 1, 3) || '.'", ["bur.", "rob.", "the.", NO]),
    ("concat(type, '!')", ["burglary!", "robbery!", "theft!", "!"]),
    ("trim('  a b ') || lower('C')", ["a bc"] * 4),
    ("'it''s' = 'it''s'", [True] * 4),
    ("date_diff('minute', reported_at, arrived_at)", [1, 15, 1439, NO]),
    ("date_diff('second', reported_at, arrived_at) / 60", [2 / 60, 15.0, 86399 / 60, NO]),
    ("datediff('month', reported_at, arrived_at)", [0, 1, 1, NO]),
    ("date_diff('year', reported_at, arrived_at)", [0, 0, 1, NO]),
    ("date_diff('week', reported_at, DATE '2026-01-05')", [1, -3, 1, -7]),
    ("arrived_at - reported_at <= INTERVAL '10 minutes'", [True, False, False, NO]),
    ("arrived_at <= reported_at + INTERVAL 15 MINUTE", [True, True, False, NO]),
    ("reported_at >= DATE '2026-01-31'", [False, True, False, True]),
    ("reported_at < TIMESTAMP '2026-01-31 23:50:00'", [True, False, True, False]),
    ("CAST(reported_at AS DATE) - DATE '2026-01-01' < INTERVAL '4 days'", [True, False, True, False]),
    ("extract(year FROM reported_at)", [2026, 2026, 2025, 2026]),
    ("extract(dow FROM reported_at)", [0, 6, 3, 0]),
    ("extract(isodow FROM reported_at)", [7, 6, 3, 7]),
    ("extract(second FROM reported_at)", [59, 0, 0, 0]),
    ("extract(quarter FROM arrived_at)", [1, 1, 1, NO]),
    ("date_trunc('month', reported_at) = DATE '2026-01-01'", [True, True, False, False]),
    ("DATE '2026-01-31' + INTERVAL '1 month' = DATE '2026-02-28'", [True] * 4),
    ("CAST('12.5' AS DOUBLE) + n", [19.5, 5.5, 12.5, 14.5]),
    ("CAST(n AS TEXT) || '%'", ["7%", "-7%", "0%", "2%"]),
    ("NULL IS NULL", [True] * 4),
    ("NOT banned = TRUE AND n < 0 OR n = 7", [True, True, False, False]),
]


@pytest.fixture(scope="module")
def found(cases, parsed) -> pd.DataFrame:
    return evaluate(cases, {text: parsed(text) for text, _ in SEMANTICS})


@pytest.mark.parametrize(("text", "expected"), SEMANTICS, ids=[text for text, _ in SEMANTICS])
def test_values_are_those_worked_out_by_hand(found, text: str, expected: list) -> None:
    for one, other in zip(found[text], expected, strict=True):
        if other is None:
            assert pd.isna(one)
        else:
            assert one == (pytest.approx(other, rel=1e-15) if isinstance(other, float) else other)


AGGREGATES = [
    ("count(*)", 4),
    ("count(minutes)", 3),
    ("count(DISTINCT outcome)", 2),
    ("count(*) FILTER (WHERE outcome = 'cleared')", 2),
    ("sum(n)", 2),
    ("sum(minutes) FILTER (WHERE type = 'none')", NO),
    ("avg(minutes)", 26.5 / 3),
    ("min(type)", "burglary"),
    ("max(minutes)", 12.5),
    ("median(minutes)", 10.0),
    ("quantile_cont(minutes, 0.25)", 7.0),
    ("percentile_cont(0.25) WITHIN GROUP (ORDER BY minutes)", 7.0),
    ("stddev_samp(n)", float(np.std([7, -7, 0, 2], ddof=1))),
    ("count(*) FILTER (WHERE minutes <= 10) / count(minutes)", 2 / 3),
    ("100 * sum(n) / (count(*) - 4)", NO),
]


@pytest.fixture(scope="module")
def totals(cases, parsed) -> dict:
    expressions = {text: parsed(text, aggregates=True) for text, _ in AGGREGATES}
    assert all(expression.aggregate for expression in expressions.values())
    with connect() as connection:
        register_frame(connection, "frame", cases)
        values = ", ".join(expression.sql() for expression in expressions.values())
        row = connection.execute(f"SELECT {values} FROM frame").fetchone()
    return dict(zip(expressions, row, strict=True))


@pytest.mark.parametrize(("text", "expected"), AGGREGATES, ids=[text for text, _ in AGGREGATES])
def test_aggregates_are_those_worked_out_by_hand(totals, text: str, expected: object) -> None:
    assert totals[text] == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_expressions_are_equal_by_text_and_hashable(parsed) -> None:
    assert parsed("minutes > 1") == parsed("minutes > 1")
    assert len({parsed("minutes > 1"), parsed("minutes > 1"), parsed("minutes > 2")}) == 2


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_every_expression_is_sql_of_each_database(parsed, dialect: str) -> None:
    rows = [parsed(text) for text, _ in SEMANTICS]
    groups = [parsed(text, aggregates=True) for text, _ in AGGREGATES]
    for expression in (*rows, *groups):
        sql = expression.sql(dialect)
        tree = sqlglot.parse_one(f"SELECT {sql}", read=dialect)
        assert not list(tree.find_all(sqlglot.exp.Command))


def test_each_database_quotes_names_and_text_its_own_way(parsed) -> None:
    expression = parsed("\"a\"\"b\" = 'it''s \\'", columns={'a"b': "text"})
    assert expression.sql("duckdb") == "\"a\"\"b\" = 'it''s \\'"
    assert expression.sql("postgres") == "\"a\"\"b\" = 'it''s \\'"
    assert expression.sql("spark") == "`a\"b` = 'it\\'s \\\\'"
