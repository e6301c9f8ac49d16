"""Expressions on data frames: types, index, time zones, failures, misuse."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.expressions import (
    column_kinds,
    evaluate,
    filter_frame,
    parse_expression,
    select,
)
from kpi_research.study.findings import StudyError, Where


def values_of(text: str, frame: pd.DataFrame) -> list:
    expression, faults = parse_expression(text, columns=column_kinds(frame))
    assert faults == ()
    series = evaluate(frame, {"value": expression})["value"]
    return [None if pd.isna(value) else value for value in series]


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


def test_results_keep_the_index_and_have_plain_types(cases, parsed) -> None:
    frame = cases.set_index(pd.Index([9, 3, 3, 1], name="case"))
    texts = {
        "late": "minutes > 10",
        "n2": "n * 2",
        "share": "n / 2",
        "kind": "upper(type)",
        "day": "CAST(arrived_at AS DATE)",
    }
    table = evaluate(frame, {name: parsed(text) for name, text in texts.items()})
    assert table.index.equals(frame.index)
    assert [str(dtype) for dtype in table.dtypes] == ["boolean", "int64", "float64", "str", "datetime64[us]"]
    assert filter_frame(frame, parsed("minutes > 10")).index.equals(frame.index)


def test_a_condition_that_is_null_selects_nothing(cases, parsed) -> None:
    mask = filter_frame(cases, parsed("minutes > 10"))
    assert mask.dtype == bool
    assert mask.tolist() == [False, False, True, False]


def test_empty_frames_and_expressions_without_columns(cases, parsed) -> None:
    assert filter_frame(cases.iloc[:0], parsed("minutes > 10")).tolist() == []
    assert filter_frame(cases, parsed("1 = 1")).tolist() == [True] * 4
    assert evaluate(cases.iloc[:0], {"share": parsed("n / 2")}).shape == (0, 1)
    assert evaluate(cases, {}).shape == (4, 0)
    assert filter_frame(pd.DataFrame(), parsed("1 = 1")).tolist() == []


def test_hours_are_those_of_the_zone_of_the_column() -> None:
    times = pd.to_datetime(["2026-01-01 00:30", "2026-06-30 17:00"]).tz_localize("UTC")
    for zone, hours in {"Asia/Shanghai": [8, 1], "UTC": [0, 17], "Europe/London": [0, 18]}.items():
        frame = pd.DataFrame({"at": times.tz_convert(zone)})
        assert values_of("extract(hour FROM at)", frame) == hours
    fixed = pd.DataFrame({"at": pd.to_datetime(["2026-01-01T08:30:00+08:00"])})
    assert values_of("extract(hour FROM at)", fixed) == [8]


def test_durations_over_the_change_of_the_clock_are_true_durations(parsed) -> None:
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


def test_mixed_columns_are_compared_as_text_and_failures_are_findings(parsed) -> None:
    frame = pd.DataFrame({"mixed": pd.Series([1, "n/a"], dtype=object), "code": ["12", "x"]})
    assert values_of("mixed = 'n/a'", frame) == [False, True]
    kinds = column_kinds(frame)
    broken = {
        "a": parsed("CAST(code AS DOUBLE)", kinds),
        "b": parsed("length(code)", kinds),
        "c": parsed("mixed + 1", kinds),
    }
    with pytest.raises(StudyError) as error:
        evaluate(frame, broken)
    assert [item.facts["found"] for item in error.value.findings] == ["CAST(code AS DOUBLE)", "mixed + 1"]
    assert error.value.findings[0].where == Where("indicators.csv", 3)


def test_misuse_is_refused_with_names(cases, parsed) -> None:
    with pytest.raises(ValueError, match="holds an aggregate"):
        evaluate(cases, {"n": parsed("count(*)", aggregates=True)})
    with pytest.raises(ValueError, match="allowed is a condition"):
        filter_frame(cases, parsed("minutes"))
    with pytest.raises(ValueError, match="column 'minutes' is in it 0 times"):
        filter_frame(cases.rename(columns={"minutes": "minute"}), parsed("minutes > 1"))
    with pytest.raises(ValueError, match="in it 2 times"):
        filter_frame(cases[["minutes", "minutes"]], parsed("minutes > 1"))
    with pytest.raises(ValueError, match="Did you mean 'minutes'"):
        select(cases, "minuts > 1")
    with pytest.raises(ValueError, match="duckdb, postgres, spark"):
        parsed("minutes").sql("oracle")  # type: ignore[arg-type]
