"""Dates as offices write them; what could be read two ways is never guessed."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.findings import Where
from kpi_research.study.sources.date_cells import from_serial, parse_date
from kpi_research.study.sources.date_format import check_format
from kpi_research.study.sources.values import locator, to_date

AT = locator("calls.csv", "reported", first_row=2)


def dates(*cells: object, **options: object) -> tuple[list[str], list[str]]:
    """Return the dates of text cells as ISO text and the codes of the findings."""
    values, findings = to_date(pd.Series(list(cells), dtype="str"), AT, **options)
    shown = ["" if pd.isna(value) else value.isoformat() for value in values]
    return shown, [item.code for item in findings]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", (2026, 1, 31)),
        ("2026/1/31", (2026, 1, 31)),
        ("2026.1.31", (2026, 1, 31)),
        ("20260131", (2026, 1, 31)),
        ("２０２６－０１－３１", (2026, 1, 31)),
        ("2026-01-31 08:05", (2026, 1, 31, 8, 5)),
        ("2026-01-31T08:05:30.25", (2026, 1, 31, 8, 5, 30, 250000)),
        ("2026/1/31 8:05:30", (2026, 1, 31, 8, 5, 30)),
        ("20260131 080530"[:8] + " 08:05:30", (2026, 1, 31, 8, 5, 30)),
        ("20260131080530", (2026, 1, 31, 8, 5, 30)),
        ("2026年1月31日", (2026, 1, 31)),
        ("2026年01月31日 08:05", (2026, 1, 31, 8, 5)),
        ("2026年1月31日8时5分", (2026, 1, 31, 8, 5)),
        ("2026年1月31日8时5分30秒", (2026, 1, 31, 8, 5, 30)),
        ("2026/1/31 下午 3:05:00", (2026, 1, 31, 15, 5)),
        ("2026/1/31 上午12:05", (2026, 1, 31, 0, 5)),
        ("2026/1/31 下午12:05", (2026, 1, 31, 12, 5)),
        ("2026年1月", (2026, 1, 1)),
        ("2026年1月份", (2026, 1, 1)),
        ("2026-1", (2026, 1, 1)),
        ("2026/12", (2026, 12, 1)),
        ("2026年第1季度", (2026, 1, 1)),
        ("2026年第三季度", (2026, 7, 1)),
        ("2026年4季度", (2026, 10, 1)),
        ("2026Q1", (2026, 1, 1)),
        ("2026-Q4", (2026, 10, 1)),
        ("2026年", (2026, 1, 1)),
        ("2026", (2026, 1, 1)),
    ],
)
def test_forms_that_have_one_reading(text, moment) -> None:
    cell = parse_date(text)
    assert (cell.kind, cell.value) == ("date", datetime.datetime(*moment))


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "2026年2月30日", "2026-01-31 24:00", "2026-01-31 08:60", "2026-1/31", "202601", "2026.1", "2026Q5", "31.1",
     "1月31日", "昨天", "2026-01-31 上午13:00", "99999999", "12345", "99999", "2026-01-31T08:00+99:00", "２０２６年", "20261季度"],
)  # fmt: skip
def test_what_is_no_date(text) -> None:
    if text == "２０２６年":
        assert parse_date(text).kind == "date"
    else:
        assert parse_date(text).kind == "text"


@given(st.datetimes(datetime.datetime(1000, 1, 1)))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_iso_dates_come_back(moment) -> None:
    assert dates(moment.isoformat()) == ([moment.isoformat()], [])
    assert dates(moment.isoformat(sep=" ")) == ([moment.isoformat()], [])
    chinese = f"{moment.year}年{moment.month}月{moment.day}日"
    assert dates(chinese)[0] == [datetime.datetime.combine(moment.date(), datetime.time()).isoformat()]


@given(st.text())
@settings(deadline=None, derandomize=True, max_examples=500)
def test_any_text_is_read_or_refused(text) -> None:
    cell = parse_date(text)
    assert (cell.value is not None or cell.month_first is not None) == (cell.kind in ("date", "serial", "two_way"))


def test_different_unambiguous_forms_may_stand_in_one_column() -> None:
    assert dates("2026-01-31", "2026年2月1日", "20260203", None, "2026/3/1 08:00") == (
        ["2026-01-31T00:00:00", "2026-02-01T00:00:00", "2026-02-03T00:00:00", "", "2026-03-01T08:00:00"],
        [],
    )


def test_days_that_all_could_be_months_are_an_error_that_asks_for_a_format() -> None:
    values, findings = to_date(pd.Series(["01/02/2026", "03/04/2026", "05/05/2026"]), AT)
    (found,) = findings
    assert (found.code, found.severity, found.where) == ("date-two-ways", "error", Where("calls.csv", 2, "reported"))
    assert "'01/02/2026' (row 2), '03/04/2026' (row 3)" in found.message
    assert 'dates = "%d/%m/%Y"' in found.remedy
    assert values.isna().all()


def test_a_day_above_twelve_settles_the_column_with_a_note() -> None:
    assert dates("01/02/2026", "31/01/2026") == (["2026-02-01T00:00:00", "2026-01-31T00:00:00"], ["date-day-first"])
    assert dates("01/02/2026", "01/31/2026") == (["2026-01-02T00:00:00", "2026-01-31T00:00:00"], ["date-month-first"])
    assert dates("05/05/2026") == (["2026-05-05T00:00:00"], [])


def test_day_first_and_month_first_in_one_column_is_an_error() -> None:
    values, findings = to_date(pd.Series(["31/01/2026", "30/01/2026", "01/30/2026", "02/02/2026"]), AT)
    (found,) = findings
    assert (found.code, found.where.row) == ("date-mixed-order", 4)
    assert "2 dates are written day first and 1 month first" in found.message
    assert values.isna().all()


def test_a_format_settles_what_could_be_read_two_ways() -> None:
    assert dates("01/02/2026", "3/4/2026", "NA", format="%d/%m/%Y") == (
        ["2026-02-01T00:00:00", "2026-04-03T00:00:00", ""],
        [],
    )
    assert dates("01/02/26", format="%m/%d/%y") == (["2026-01-02T00:00:00"], [])
    assert dates("01/02/2026", "2026-01-31", format="%d/%m/%Y") == (["2026-02-01T00:00:00", ""], ["date-cells"])
    assert dates("2026年01月", format="%Y年%m月") == (["2026-01-01T00:00:00"], [])


def test_years_of_two_digits_are_an_error() -> None:
    assert dates("01/02/26", "31/12/25") == (["", ""], ["date-two-digit-year"])


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "%d/%m",
        "%Y",
        "%Y-%m-%d %b",
        "%d/%d/%Y/%m",
        "%y %Y %m",
        "%Y-%m-%",
        "%Q",
        "%Y-%m-%d %p",
        "%Y%m\0",
        "%-d/%m/%Y",
    ],
)
def test_formats_that_cannot_be_used(wrong) -> None:
    (found,) = check_format(wrong, Where("study.toml"))
    assert found.code == "date-format"
    with pytest.raises(ValueError, match="format"):
        to_date(pd.Series(["2026"]), format=wrong)


@given(st.text(alphabet="%YymdHMSfzjbp-/ 年\0", max_size=14), st.text(max_size=12))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_a_format_is_refused_or_works(shape, cell) -> None:
    if not check_format(shape, Where("study.toml")):
        dates(cell, format=shape)


def test_serial_numbers_of_excel_are_dates_if_the_whole_column_is() -> None:
    assert dates("46053", "46053.5") == (["2026-01-31T00:00:00", "2026-01-31T12:00:00"], ["date-serial"])
    assert dates("46053", "2026-02-01") == (["", "2026-02-01T00:00:00"], ["date-serial-mixed"])
    values, findings = to_date(pd.Series([46053.0, np.nan]), AT)
    assert values[0] == pd.Timestamp("2026-01-31")
    assert [item.severity for item in findings] == ["note"]


def test_serial_numbers_agree_with_openpyxl() -> None:
    from openpyxl.utils.datetime import to_excel

    for moment in (
        datetime.datetime(1950, 1, 1),
        datetime.datetime(2026, 1, 31, 23, 59, 59),
        datetime.datetime(2099, 12, 31),
    ):
        assert from_serial(to_excel(moment)) == moment


def test_whole_numbers_as_dates() -> None:
    assert to_date(pd.Series([20260131, 20260201]))[0].dt.day.tolist() == [31, 1]
    assert to_date(pd.Series([1987, 1988]))[0].dt.year.tolist() == [1987, 1988]


def test_zones() -> None:
    same, findings = to_date(pd.Series(["2026-01-31T08:00+08:00", "2026-02-01 09:30:00 +0800", None]), AT)
    assert findings == ()
    assert same.dt.hour.tolist()[:2] == [8, 9]
    assert same[0] == pd.Timestamp("2026-01-31T00:00Z")
    mixed, (note,) = to_date(pd.Series(["2026-01-31T08:00+08:00", "2026-01-31T08:00Z"]), AT)
    assert (note.code, note.severity) == ("date-zones-differ", "note")
    assert mixed.tolist() == [pd.Timestamp("2026-01-31T00:00Z"), pd.Timestamp("2026-01-31T08:00Z")]
    values, (fault,) = to_date(pd.Series(["2026-01-31T08:00+08:00", "2026-01-31T09:00", "2026-01-31T09:00"]), AT)
    assert (fault.code, fault.severity, fault.where.row) == ("date-zone-missing", "error", 2)
    assert values.isna().all()


def test_native_dates_are_kept() -> None:
    column = pd.Series(pd.to_datetime(["2026-01-31"]))
    assert to_date(column)[0] is column


def test_cells_that_are_no_dates_are_listed() -> None:
    values, (found,) = to_date(pd.Series(["2026-01-31", "待定", "2026-02-30"]), AT)
    assert found.code == "date-cells"
    assert "'待定' (row 3), '2026-02-30' (row 4)" in found.message
    assert values.notna().tolist() == [True, False, False]


def test_the_fast_way_for_plain_iso_text_agrees_with_the_slow_one() -> None:
    plain = ["2026-01-31", "2026-01-31 08:05", "2026-01-31T08:05:30", None, "2024-02-29"]
    fast = to_date(pd.Series(plain, dtype="str"))[0]
    slow = to_date(pd.Series([*plain, "2026年1月1日"], dtype="str"))[0][:5]
    pd.testing.assert_series_equal(fast, slow)
    assert fast.dtype == np.dtype("datetime64[us]")
    assert dates("2026-02-30", "2026-01-01")[1] == ["date-cells"]


def test_the_index_and_name_are_kept() -> None:
    column = pd.Series(["2026-01-31", "x"], index=[4, 2], name="at")
    result = to_date(column)[0]
    assert (result.index.tolist(), result.name) == ([4, 2], "at")
