"""What expressions mean: values worked out by hand, kinds, columns, and the SQL of three databases."""

from __future__ import annotations

import math
import sys
import threading
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import sqlglot

from kpi_research.study.expressions import (
    Expression,
    column_kinds,
    connect,
    evaluate,
    filter_frame,
    parse_expression,
    register_frame,
    select,
)
from kpi_research.study.findings import StudyError, Where

CASES = pd.DataFrame(
    {
        "type": ["burglary", "robbery", "theft", None],
        "outcome": ["cleared", "open", "cleared", "open"],
        "minutes": [4.0, 10.0, 12.5, np.nan],
        "n": [7, -7, 0, 2],
        "banned": pd.Series([True, False, None, False], dtype="boolean"),
        "reported_at": pd.to_datetime(
            ["2026-01-04 10:00:59", "2026-01-31 23:50:00", "2025-12-31 12:00:00", "2026-03-01 00:00:00"]
        ),
        "arrived_at": pd.to_datetime(["2026-01-04 10:01:01", "2026-02-01 00:05:00", "2026-01-01 11:59:59", None]),
        "群众满意度": [0.95, 0.9, 0.85, np.nan],
    }
)
KINDS = column_kinds(CASES)
NO = None


def parsed(text: str, columns=KINDS, **options) -> Expression:
    expression, faults = parse_expression(text, columns=columns, where=Where("indicators.csv", 3), **options)
    assert expression is not None, [item.line() for item in faults]
    assert faults == ()
    return expression


def faults_of(text: str, columns=KINDS, **options) -> list[str]:
    expression, faults = parse_expression(text, columns=columns, where=Where("indicators.csv", 3), **options)
    assert expression is None
    assert all(item.severity == "error" and item.where == Where("indicators.csv", 3) for item in faults)
    assert all(item.text("zh")[0] and item.text("zh")[1] for item in faults)
    return [item.code.removeprefix("expression-") for item in faults]


def values_of(text: str, frame: pd.DataFrame = CASES) -> list:
    series = evaluate(frame, {"value": parsed(text, column_kinds(frame))})["value"]
    return [None if pd.isna(value) else value for value in series]


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


@pytest.mark.parametrize(("text", "expected"), SEMANTICS, ids=[text for text, _ in SEMANTICS])
def test_values_are_those_worked_out_by_hand(text: str, expected: list) -> None:
    found = values_of(text)
    for one, other in zip(found, expected, strict=True):
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


@pytest.mark.parametrize(("text", "expected"), AGGREGATES, ids=[text for text, _ in AGGREGATES])
def test_aggregates_are_those_worked_out_by_hand(text: str, expected: object) -> None:
    expression = parsed(text, aggregates=True)
    assert expression.aggregate
    with connect() as connection:
        register_frame(connection, "frame", CASES)
        (value,) = connection.execute(f"SELECT {expression.sql()} FROM frame").fetchone()
    assert value == (pytest.approx(expected) if isinstance(expected, float) else expected)


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
def test_kind_and_columns(text: str, kind: str, columns: set[str]) -> None:
    expression = parsed(text)
    assert expression.kind == kind
    assert expression.columns == columns
    assert expression.text == text
    assert expression.where == Where("indicators.csv", 3)


REFUSED = [
    ("", ["empty"]),
    ("   ", ["empty"]),
    ("minute <= 10", ["column"]),
    ("minute <= 10 AND kind = 'x'", ["column", "column"]),
    ("Minutes <= 10", ["column"]),
    ('outcome = "cleared"', ["column"]),
    ('"no such" = 1', ["column"]),
    ("log(n)", ["function"]),
    ("rond(n) + absolut(n)", ["function", "function"]),
    ("read_csv('/etc/passwd')", ["function"]),
    ('"lower"(type)', ["function"]),
    ("(SELECT 1)", ["construct"]),
    ("n IN (SELECT 1)", ["construct"]),
    ("n OVER ()", ["construct"]),
    ("EXISTS (n)", ["construct"]),
    ("n = ANY (minutes)", ["construct"]),
    ("(n, minutes)", ["construct"]),
    ("(n, 1) IN ((1, 1))", ["construct", "construct", "list"]),
    ("*", ["construct"]),
    ("e'a' = 'a'", ["construct"]),
    ("type ILIKE 'a%'", ["construct"]),
    ("lower(type) COLLATE nocase", ["construct"]),
    ("now() > reported_at", ["clock"]),
    ("current_date > reported_at", ["clock"]),
    ("n; DROP TABLE x", ["semicolon"]),
    ("n -- all of them", ["comment"]),
    ("n /* all */ > 1", ["comment"]),
    ("n /* open", ["comment"]),
    ("panel.n", ["qualified"]),
    ("n[1]", ["operator", "operator"]),
    ("{'a': 1}", ["operator", "operator", "operator"]),
    ("n ^ 2", ["operator"]),
    ("n ** 2", ["operator"]),
    ("n // 2", ["operator"]),
    ("n => 2", ["operator"]),
    ("n -> 2", ["operator"]),
    ("$1", ["operator"]),
    ("?", ["operator"]),
    (":n", ["operator"]),
    ("@n", ["operator"]),
    ("$$a$$", ["operator"]),
    ("type = 'a", ["unclosed"]),
    ("(n", ["unclosed"]),
    ("n)", ["unclosed"]),
    ("n（1）", ["full-width", "full-width"]),
    ("type ＝ ‘a’， 1", ["full-width"] * 4),
    ("n　> 1", ["full-width"]),
    ("n\u00a0> 1", ["character"]),
    ("n > ٣", ["character"]),
    ("n²", ["column"]),
    ("² > 1", ["character"]),
    ("n > 1\u202e", ["hidden-character"]),
    ("n\u200b > 1", ["hidden-character"]),
    ("n > 1\x00", ["hidden-character"]),
    ("type = 'a\x07'", ["hidden-character"]),
    ("n > 1 n", ["syntax"]),
    ("n >", ["syntax"]),
    ("'a' 'b'", ["syntax"]),
    ("AND", ["syntax"]),
    ("n = 'a'", ["kinds-differ"]),
    ("type > 1", ["kinds-differ"]),
    ("banned = 1", ["kinds-differ"]),
    ("reported_at > '2026-01-01'", ["kinds-differ"]),
    ("1 < n < 5", ["kinds-differ"]),
    ("n IN (1, 'a')", ["kinds-differ"]),
    ("CASE WHEN banned THEN 1 ELSE 'a' END", ["kinds-differ"]),
    ("n AND banned", ["kind-needed"]),
    ("type || n", ["kind-needed"]),
    ("ln(type)", ["kind-needed"]),
    ("n * type", ["kind-needed"]),
    ("CASE WHEN n THEN 1 END", ["kind-needed"]),
    ("banned < TRUE", ["not-ordered"]),
    ("least(banned, TRUE)", ["not-ordered"]),
    ("n = NULL", ["null"]),
    ("n <> (NULL)", ["null"]),
    ("n IS 3", ["is"]),
    ("n IN ()", ["list"]),
    ("n IN (minutes)", ["list"]),
    ("n IN (1, NULL)", ["list"]),
    ("type LIKE outcome", ["pattern"]),
    ("type LIKE 'a\\_'", ["pattern"]),
    ("n + type", ["sum"]),
    ("reported_at + arrived_at", ["sum"]),
    ("reported_at - 1", ["sum"]),
    ("INTERVAL '1 day' - reported_at", ["sum"]),
    ("arrived_at - reported_at", ["duration"]),
    ("INTERVAL '1 day'", ["duration"]),
    ("INTERVAL '1 day 2 hours' < arrived_at - reported_at", ["interval"]),
    ("reported_at + INTERVAL '1 century' > arrived_at", ["interval"]),
    ("1e400", ["number"]),
    ("1_000", ["number"]),
    ("DATE '2026-02-30' < reported_at", ["date"]),
    ("TIMESTAMP '2026-01-01 10:00:00+08:00' < reported_at", ["date"]),
    ("CAST(n AS DECIMAL(3, 1))", ["cast"]),
    ("CAST(n AS DECIMAL)", ["cast"]),
    ("CAST(n AS INT[])", ["operator", "operator"]),
    ("CAST(type AS BLOB)", ["cast"]),
    ("CAST(type AS JSON)", ["cast"]),
    ("CAST(reported_at AS DOUBLE)", ["cast-kind"]),
    ("CAST(n AS DATE)", ["cast-kind"]),
    ("date_diff('fortnight', reported_at, arrived_at)", ["unit"]),
    ("date_diff(reported_at, arrived_at)", ["syntax"]),
    ("extract(epoch FROM reported_at)", ["unit"]),
    ("round(n, n)", ["whole"]),
    ("substring(type, 0, 2)", ["whole"]),
    ("nullif(n)", ["syntax"]),
    ("concat(type)", ["argument"]),
    ("sum(n)", ["aggregate"]),
    ("count(*)", ["aggregate"]),
]


@pytest.mark.parametrize(("text", "codes"), REFUSED, ids=[repr(text) for text, _ in REFUSED])
def test_refusals_name_their_reason(text: str, codes: list[str]) -> None:
    assert faults_of(text) == codes


REFUSED_AGGREGATES = [
    ("sum(sum(n))", ["nested-aggregate"]),
    ("sum(n) FILTER (WHERE count(*) > 1)", ["nested-aggregate"]),
    ("sum(n) / n", ["loose-column"]),
    ("sum(banned)", ["aggregate-kind"]),
    ("median(type)", ["aggregate-kind"]),
    ("count(DISTINCT n, minutes)", ["argument"]),
    ("sum(n) OVER ()", ["construct"]),
    ("sum(DISTINCT n)", ["construct"]),
    ("sum(n ORDER BY minutes)", ["construct"]),
    ("quantile_cont(n, 1.5)", ["share"]),
    ("quantile_cont(n, minutes)", ["share", "loose-column"]),
    ("lower(type) FILTER (WHERE banned)", ["argument"]),
    ("percentile_cont(0.5) WITHIN GROUP (ORDER BY n DESC)", ["argument"]),
    ("percentile_cont(0.5)", ["argument"]),
    ("count(*) FILTER (WHERE n)", ["kind-needed"]),
    ("first(n)", ["function"]),
]


@pytest.mark.parametrize(("text", "codes"), REFUSED_AGGREGATES, ids=[text for text, _ in REFUSED_AGGREGATES])
def test_refused_aggregates_name_their_reason(text: str, codes: list[str]) -> None:
    assert faults_of(text, aggregates=True) == codes


def test_messages_quote_the_place_and_the_nearest_name() -> None:
    _, faults = parse_expression("outcom = 'cleared' AND minuts > 5", columns=KINDS)
    assert [item.message.split(" Known")[0] for item in faults] == [
        "there is no column 'outcom' at character 1. Did you mean 'outcome'?",
        "there is no column 'minuts' at character 24. Did you mean 'minutes'?",
    ]


def test_a_name_in_other_case_is_an_error_with_the_right_name() -> None:
    _, (fault,) = parse_expression("MINUTES > 5", columns=KINDS)
    assert "write minutes" in fault.message
    assert "请写作 minutes" in fault.text("zh")[0]


def test_columns_that_differ_in_case_only_are_refused() -> None:
    assert faults_of("Unit = 'a'", columns={"Unit": "text", "unit": "text"}) == ["column-case"]
    assert parsed("minutes > 1", columns={"Unit": "text", "unit": "text", "minutes": "number"})


def test_text_in_double_quotes_gets_the_hint_about_single_ones() -> None:
    _, (fault,) = parse_expression('outcome = "cleared"', columns=KINDS)
    assert "single quotes" in fault.message


def test_full_width_signs_are_named_with_their_half_width_ones() -> None:
    _, faults = parse_expression("type IN（'a'，'b'）", columns=KINDS)
    assert [(item.facts["found"], item.facts["half"]) for item in faults] == [("（", "("), ("，", ","), ("）", ")")]


def test_full_width_signs_inside_text_and_quoted_names_are_data() -> None:
    frame = pd.DataFrame({"满意度（%）": [95.0], "备注": ["好，很好。"]})
    assert select(frame, '"满意度（%）" > 90 AND 备注 = \'好，很好。\'').tolist() == [True]


def test_what_the_value_must_be() -> None:
    assert faults_of("minutes", expect="boolean") == ["result"]
    assert faults_of("minutes > 1", expect="number") == ["result"]
    assert faults_of("type", expect="number") == ["result"]
    assert parsed("minutes > 1", expect="scalar").kind == "boolean"
    assert parsed("NULL", expect="boolean").kind == "unknown"


WORDS = """unit period type value count table order group role rank date year month day hour minute second time timestamp
interval select using cross any all some desc asc end row rows by limit offset left right natural window values user
key index level name status position filter over exists map struct list current_date json text double union with set
if localtime array object variant lateral pivot describe show copy""".split()


@pytest.mark.parametrize("word", WORDS)
def test_columns_named_like_words_of_sql_work_unquoted(word: str) -> None:
    frame = pd.DataFrame({word: [1.0, 5.0], "a b": [True, True]})
    for text in (f"{word} > 2", f"2 < {word}", f'"{word}" > 2', f"({word}) > 2", f'"a b" AND {word} - 1 > 2'):
        assert select(frame, text).tolist() == [False, True]


@pytest.mark.parametrize("word", ["and", "or", "not", "in", "is", "like", "between", "null", "true", "case", "when"])
def test_columns_named_like_words_that_hold_an_expression_together_work_quoted(word: str) -> None:
    frame = pd.DataFrame({word: [1.0, 5.0]})
    assert select(frame, f'"{word}" > 2').tolist() == [False, True]


@pytest.mark.parametrize("word", ["where", "from", "distinct", "case", "and", "like"])
def test_unquoted_words_that_hold_an_expression_together_get_the_hint_to_quote(word: str) -> None:
    _, (fault,) = parse_expression(f"{word} > 2", columns={word: "number"})
    assert f'double quotes: "{word}"' in fault.message


def test_words_keep_their_meaning_in_sql_beside_columns_of_that_name() -> None:
    frame = pd.DataFrame({"date": pd.to_datetime(["2026-05-01"]), "year": [2026], "minute": [3], "interval": [1]})
    assert select(frame, "date >= DATE '2026-01-01' AND extract(year FROM date) = year").tolist() == [True]
    assert select(frame, "date + INTERVAL '5' minute > CAST(date AS date) AND minute > interval").tolist() == [True]


def test_kinds_of_columns() -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int8"),
            "object_number": pd.Series([1, 2.5], dtype=object),
            "category": pd.Categorical(["a", None]),
            "rank": pd.Categorical([2, 1]),
            "flag": pd.Series([True, None], dtype=object),
            "zoned": pd.to_datetime(["2026-01-01", None]).tz_localize("Asia/Shanghai"),
            "day": [datetime(2026, 1, 1).date(), None],
            "mixed": pd.Series([1, "a"], dtype=object),
            "nothing": pd.Series([None, None], dtype=object),
            3: [1, 2],
        }
    )
    kinds = ["number", "number", "text", "number", "boolean", "time", "time", "unknown", "unknown"]
    assert list(column_kinds(frame).values()) == kinds
    assert 3 not in column_kinds(frame)


def test_small_integers_do_not_overflow() -> None:
    frame = pd.DataFrame({"year": np.array([81, 87], dtype="int8"), "big": np.array([2**63, 1], dtype="uint64")})
    assert values_of("year * year + 1900", frame) == [81 * 81 + 1900, 87 * 87 + 1900]
    assert values_of("big", frame) == [2.0**63, 1.0]


def test_results_keep_the_index_and_have_plain_types() -> None:
    frame = CASES.set_index(pd.Index([9, 3, 3, 1], name="case"))
    texts = {"late": "minutes > 10", "n2": "n * 2", "share": "n / 2", "kind": "upper(type)", "day": "CAST(arrived_at AS DATE)"}
    table = evaluate(frame, {name: parsed(text) for name, text in texts.items()})
    assert table.index.equals(frame.index)
    assert [str(dtype) for dtype in table.dtypes] == ["boolean", "int64", "float64", "str", "datetime64[us]"]
    assert filter_frame(frame, parsed("minutes > 10")).index.equals(frame.index)


def test_a_condition_that_is_null_selects_nothing() -> None:
    mask = filter_frame(CASES, parsed("minutes > 10"))
    assert mask.dtype == bool
    assert mask.tolist() == [False, False, True, False]


def test_empty_frames_and_expressions_without_columns() -> None:
    assert filter_frame(CASES.iloc[:0], parsed("minutes > 10")).tolist() == []
    assert filter_frame(CASES, parsed("1 = 1")).tolist() == [True] * 4
    assert evaluate(CASES.iloc[:0], {"share": parsed("n / 2")}).shape == (0, 1)
    assert evaluate(CASES, {}).shape == (4, 0)
    assert filter_frame(pd.DataFrame(), parsed("1 = 1")).tolist() == []


def test_hours_are_those_of_the_zone_of_the_column() -> None:
    times = pd.to_datetime(["2026-01-01 00:30", "2026-06-30 17:00"]).tz_localize("UTC")
    for zone, hours in {"Asia/Shanghai": [8, 1], "UTC": [0, 17], "Europe/London": [0, 18]}.items():
        frame = pd.DataFrame({"at": times.tz_convert(zone)})
        assert values_of("extract(hour FROM at)", frame) == hours
    fixed = pd.DataFrame({"at": pd.to_datetime(["2026-01-01T08:30:00+08:00"])})
    assert values_of("extract(hour FROM at)", fixed) == [8]


def test_durations_over_the_change_of_the_clock_are_true_durations() -> None:
    zone = "Europe/London"
    frame = pd.DataFrame(
        {
            "start": pd.to_datetime(["2026-03-29 00:30"]).tz_localize(zone),
            "end": pd.to_datetime(["2026-03-29 02:30"]).tz_localize(zone),
        }
    )
    assert values_of("date_diff('minute', start, \"end\")", frame) == [60]
    result = evaluate(frame, {"at": parsed("start", column_kinds(frame))})["at"]
    assert result[0] == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_mixed_columns_are_compared_as_text_and_failures_are_findings() -> None:
    frame = pd.DataFrame({"mixed": pd.Series([1, "n/a"], dtype=object), "code": ["12", "x"]})
    assert values_of("mixed = 'n/a'", frame) == [False, True]
    kinds = column_kinds(frame)
    broken = {"a": parsed("CAST(code AS DOUBLE)", kinds), "b": parsed("length(code)", kinds), "c": parsed("mixed + 1", kinds)}
    with pytest.raises(StudyError) as error:
        evaluate(frame, broken)
    assert [item.facts["found"] for item in error.value.findings] == ["CAST(code AS DOUBLE)", "mixed + 1"]
    assert error.value.findings[0].where == Where("indicators.csv", 3)


def test_misuse_is_refused_with_names() -> None:
    with pytest.raises(ValueError, match="holds an aggregate"):
        evaluate(CASES, {"n": parsed("count(*)", aggregates=True)})
    with pytest.raises(ValueError, match="allowed is a condition"):
        filter_frame(CASES, parsed("minutes"))
    with pytest.raises(ValueError, match="column 'minutes' is in it 0 times"):
        filter_frame(CASES.rename(columns={"minutes": "minute"}), parsed("minutes > 1"))
    with pytest.raises(ValueError, match="in it 2 times"):
        filter_frame(CASES[["minutes", "minutes"]], parsed("minutes > 1"))
    with pytest.raises(ValueError, match="Did you mean 'minutes'"):
        select(CASES, "minuts > 1")
    with pytest.raises(ValueError, match="duckdb, postgres, spark"):
        parsed("minutes").sql("oracle")  # type: ignore[arg-type]


def test_expressions_are_equal_by_text_and_hashable() -> None:
    assert parsed("minutes > 1") == parsed("minutes > 1")
    assert len({parsed("minutes > 1"), parsed("minutes > 1"), parsed("minutes > 2")}) == 2


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_every_expression_is_sql_of_each_database(dialect: str) -> None:
    rows = [parsed(text) for text, _ in SEMANTICS]
    groups = [parsed(text, aggregates=True) for text, _ in AGGREGATES]
    for expression in (*rows, *groups):
        sql = expression.sql(dialect)  # type: ignore[arg-type]
        tree = sqlglot.parse_one(f"SELECT {sql}", read=dialect)
        assert not list(tree.find_all(sqlglot.exp.Command))


def test_each_database_quotes_names_and_text_its_own_way() -> None:
    expression = parsed("\"a\"\"b\" = 'it''s \\'", columns={'a"b': "text"})
    assert expression.sql("duckdb") == "\"a\"\"b\" = 'it''s \\'"
    assert expression.sql("postgres") == "\"a\"\"b\" = 'it''s \\'"
    assert expression.sql("spark") == "`a\"b` = 'it\\'s \\\\'"


def test_parsing_does_not_depend_on_the_depth_of_the_caller_and_keeps_the_limit() -> None:
    limit = sys.getrecursionlimit()

    def below(depth: int) -> str:
        return below(depth - 1) if depth else parsed("(" * 50 + "n" + ")" * 50).sql()

    assert below(600) == '"n"'
    threads = [threading.Thread(target=below, args=(300,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.getrecursionlimit() == limit
