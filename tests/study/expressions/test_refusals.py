"""What is refused, with what reason, and what the messages say."""

from __future__ import annotations

import pandas as pd
import pytest

from kpi_research.study.expressions import column_kinds, parse_expression, select

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
    ("n::TEXT", ["operator"]),
    ("n ≥ 2", ["operator"]),
    ("7 % 4 * 2", ["ambiguous"]),
    ("banned = n IS NULL", ["ambiguous"]),
    ("n IS NULL IS NULL", ["ambiguous"]),
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
def test_refusals_name_their_reason(faults_of, text: str, codes: list[str]) -> None:
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
def test_refused_aggregates_name_their_reason(faults_of, text: str, codes: list[str]) -> None:
    assert faults_of(text, aggregates=True) == codes


def test_messages_quote_the_place_and_the_nearest_name(cases) -> None:
    _, faults = parse_expression("outcom = 'cleared' AND minuts > 5", columns=column_kinds(cases))
    assert [item.message.split(" Known")[0] for item in faults] == [
        "there is no column 'outcom' at character 1. Did you mean 'outcome'?",
        "there is no column 'minuts' at character 24. Did you mean 'minutes'?",
    ]


def test_a_name_in_other_case_is_an_error_with_the_right_name(cases) -> None:
    _, (fault,) = parse_expression("MINUTES > 5", columns=column_kinds(cases))
    assert "write minutes" in fault.message
    assert "请写作 minutes" in fault.text("zh")[0]


def test_columns_that_differ_in_case_only_are_refused(parsed, faults_of) -> None:
    assert faults_of("Unit = 'a'", columns={"Unit": "text", "unit": "text"}) == ["column-case"]
    assert parsed("minutes > 1", columns={"Unit": "text", "unit": "text", "minutes": "number"})


def test_text_in_double_quotes_gets_the_hint_about_single_ones(cases) -> None:
    _, (fault,) = parse_expression('outcome = "cleared"', columns=column_kinds(cases))
    assert "single quotes" in fault.message


def test_full_width_signs_are_named_with_their_half_width_ones(cases) -> None:
    _, faults = parse_expression("type IN（'a'，'b'）", columns=column_kinds(cases))
    assert [(item.facts["found"], item.facts["half"]) for item in faults] == [("（", "("), ("，", ","), ("）", ")")]


def test_full_width_signs_inside_text_and_quoted_names_are_data() -> None:
    frame = pd.DataFrame({"满意度（%）": [95.0], "备注": ["好，很好。"]})
    assert select(frame, "\"满意度（%）\" > 90 AND 备注 = '好，很好。'").tolist() == [True]


def test_what_the_value_must_be(parsed, faults_of) -> None:
    assert faults_of("minutes", expect="boolean") == ["result"]
    assert faults_of("minutes > 1", expect="number") == ["result"]
    assert faults_of("type", expect="number") == ["result"]
    assert parsed("minutes > 1", expect="scalar").kind == "boolean"
    assert parsed("NULL", expect="boolean").kind == "unknown"
