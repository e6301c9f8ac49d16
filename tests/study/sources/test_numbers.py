"""Columns of numbers as offices write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.findings import Where
from kpi_research.study.sources.numbers import parse_number
from kpi_research.study.sources.values import AMBIGUOUS, MISSING, infer, locator, to_boolean, to_number, to_text

AT = locator("panel.csv", "score", first_row=2)


def numbers(*cells: object) -> tuple[list[float], list[str]]:
    """Return the numbers of text cells and the codes of the findings."""
    values, findings = to_number(pd.Series(list(cells), dtype="str"), AT)
    assert values.dtype == np.float64
    return values.tolist(), [item.code for item in findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-12.50", -12.5),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("2.5E-3", 0.0025),
        ("1,234", 1234),
        ("12,345,678.9", 12345678.9),
        ("007", 7),
        ("１２３．４５", 123.45),
        ("－１，２３４", -1234),
        ("＋７", 7),
        ("\u22125", -5),
        ("\u3000 8 \u3000", 8),
        ("85%", 0.85),
        ("８５．５％", 0.855),
        ("85 %", 0.85),
        ("-0.3%", -0.003),
        ("1,200%", 12),
    ],
)
def test_what_reads_as_a_number(text, value) -> None:
    assert parse_number(text).value == value


@pytest.mark.parametrize(
    "text",
    ["1,23", "12,34,567", "1,2345", ",123", "0,123", "1,,234", "1_000", "0x10", "1e", "e5", "1e9999", "inf", "Infinity", "--5", "5-", "1 234",
     "١٢", "10²", "½", "(5)", "¥5", "5元", "12起", "85%%", "%", "1.2.3", ".", "+", "3.5e2%", "1，23", "5‰", "一百"],
)  # fmt: skip
def test_what_does_not_read_as_a_number(text) -> None:
    assert parse_number(text).kind == "text"
    assert np.isnan(parse_number(text).value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_every_float_comes_back_bit_by_bit_also_full_width(value) -> None:
    text = repr(value)
    assert parse_number(text).value == value
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in text)
    assert parse_number(wide).value == value


@given(st.integers(-(10**15), 10**15))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_thousands_separators_do_not_change_a_number(value) -> None:
    assert parse_number(f"{value:,}").value == value


@given(st.decimals(-100, 1000, places=3))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_a_percentage_is_the_float_nearest_to_its_hundredth(value) -> None:
    assert parse_number(f"{value}%").value == float(value / 100)


@given(st.text())
@settings(deadline=None, derandomize=True, max_examples=500)
def test_any_text_reads_as_a_finite_number_or_is_none(text) -> None:
    cell = parse_number(text)
    assert np.isfinite(cell.value) == (cell.kind in ("number", "percent"))


def test_missing_and_ambiguous_markers() -> None:
    assert numbers("1", "2", "3", *MISSING, "NA", "Null", "Ｎ/Ａ", None) == (
        [1, 2, 3] + [pytest.approx(np.nan, nan_ok=True)] * 12,
        [],
    )
    for mark in AMBIGUOUS:
        values, codes = numbers("1", "2", mark)
        assert codes == ["number-or-missing"], mark
        assert np.isnan(values[2])


def test_a_missing_marker_is_never_ambiguous() -> None:
    assert not set(MISSING) & set(AMBIGUOUS)


def test_cells_that_are_no_numbers_are_listed_with_row_and_count() -> None:
    cells = [*map(str, range(20)), *["x"] * 7]
    _, findings = to_number(pd.Series(cells), AT)
    (found,) = findings
    assert found.where == Where("panel.csv", 22, "score")
    assert found.message.count("'x'") == 5
    assert "7 in all" in found.message
    assert "“x”（第22行）" in found.text("zh")[0]


def test_chinese_units_are_never_multiplied_out() -> None:
    values, findings = to_number(pd.Series(["12000", "1.2万", "3亿元", "5"]), AT)
    (found,) = findings
    assert found.code == "number-with-unit"
    assert "'1.2万' (row 3), '3亿元' (row 4)" in found.message
    assert values.isna().tolist() == [False, True, True, False]


def test_percent_signs_hold_for_the_whole_column_or_not_at_all() -> None:
    assert numbers("85%", "n/a", "9.5%") == ([0.85, pytest.approx(np.nan, nan_ok=True), 0.095], [])
    values, findings = to_number(pd.Series(["85%", "0.9", "70%", None]), AT)
    (found,) = findings
    assert (found.code, found.where.row) == ("number-percent-mixed", 3)
    assert "2 cells have a percent sign and 1 have none: '0.9' (row 3)" in found.message
    assert values.isna().all()


def test_a_column_that_is_mostly_text_is_one_finding_and_half_numbers_list_the_others() -> None:
    assert numbers("a", "b", "1")[1] == ["number-column-is-text"]
    assert numbers("a", "1")[1] == ["number-cells"]
    assert numbers(None, "")[1] == []


def test_all_kinds_of_faults_are_reported_together() -> None:
    assert numbers("1", "2", "3", "85%", "x", "—", "2万")[1] == [
        "number-cells",
        "number-or-missing",
        "number-with-unit",
        "number-percent-mixed",
    ]


def test_native_columns() -> None:
    assert to_number(pd.Series([1, None], dtype="Int64"))[0].tolist() == [1, pytest.approx(np.nan, nan_ok=True)]
    assert to_number(pd.Series([True, False]))[0].tolist() == [1, 0]
    values, (found,) = to_number(pd.Series([1.0, np.inf]), AT)
    assert (found.code, found.where.row) == ("number-cells", 3)
    assert np.isnan(values[1])
    (found,) = to_number(pd.Series(pd.to_datetime(["2026-01-31"])), AT)[1]
    assert found.code == "number-column-is-text"


@given(st.lists(st.sampled_from(["1", "2.5", "85%", "x", "", "—", "1.2万", "n/a"]), max_size=12), st.randoms())
@settings(deadline=None, derandomize=True, max_examples=300)
def test_order_of_rows_does_not_change_what_a_cell_is(cells, random) -> None:
    order = list(range(len(cells)))
    random.shuffle(order)
    values, findings = to_number(pd.Series(cells, dtype="str"), AT)
    moved, other = to_number(pd.Series([cells[number] for number in order], dtype="str"), AT)
    np.testing.assert_array_equal(values.to_numpy()[order], moved.to_numpy())
    assert [item.code for item in findings] == [item.code for item in other]


def test_the_index_and_name_of_a_column_are_kept() -> None:
    column = pd.Series(["1", "是"], index=[7, 9], name="x")
    for function in (to_number, to_boolean, to_text, infer):
        result = function(column)[0]
        assert (result.index.tolist(), result.name) == ([7, 9], "x")


# --- yes and no


def test_yes_and_no_in_both_languages() -> None:
    cells = pd.Series(["1", "0", "TRUE", "false", "Yes", "no", "是", "否", "Y", "n", "１", "", "NA", None])
    values, findings = to_boolean(cells)
    assert findings == ()
    assert values[:11].tolist() == [True, False] * 5 + [True]
    assert values[11:].isna().all()


def test_native_yes_and_no() -> None:
    assert to_boolean(pd.Series([1.0, 0.0, np.nan]))[0].tolist() == [True, False, pd.NA]
    assert to_boolean(pd.Series([True, False]))[0].tolist() == [True, False]


def test_neither_yes_nor_no_is_listed() -> None:
    values, (found,) = to_boolean(pd.Series(["是", "有", "2", "—"]), AT)
    assert found.code == "boolean-cells"
    assert "'有' (row 3), '2' (row 4), '—' (row 5)" in found.message
    assert "'是/否'" in found.message
    assert values.isna().tolist() == [False, True, True, True]


# --- text


def test_identifiers_from_excel_lose_their_point_and_keep_their_zeros() -> None:
    assert to_text(pd.Series([1.0, 20.0, np.nan]))[0].tolist() == ["1", "20", pytest.approx(np.nan, nan_ok=True)]
    assert to_text(pd.Series(["001", "１", "无"]))[0].tolist() == ["001", "１", "无"]
    assert to_text(pd.Series([9007199254740993], dtype="Int64"))[0].tolist() == ["9007199254740993"]
    assert to_text(pd.Series(pd.to_datetime(["2026-01-31 00:00", "2026-01-31 08:00"])))[0].tolist() == [
        "2026-01-31",
        "2026-01-31 08:00:00",
    ]


# --- columns without expectation


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["81", "82"], "int64"),
        (["81", None], "float64"),
        (["81", "8.5"], "float64"),
        (["85%", "90%"], "float64"),
        (["甲", "乙"], "str"),
        (["001", "002"], "str"),
        (["110101199001011234", "110101199001011235"], "str"),
        ([None, None], "str"),
        (["-", "—"], "str"),
    ],
)
def test_columns_without_expectation(cells, kind) -> None:
    values, findings = infer(pd.Series(cells, dtype="str"), AT)
    assert (str(values.dtype), findings) == (kind, ())


def test_a_mixed_column_stays_text_with_a_caution() -> None:
    column = pd.Series(["1", "2", "x", "3", "—"])
    values, (found,) = infer(column, AT)
    assert values.tolist() == column.tolist()
    assert (found.code, found.severity) == ("column-mixed", "caution")
    assert "3 numbers and 2 texts" in found.message
    assert "'x' (row 4), '—' (row 6)" in found.message


def test_native_columns_are_left_as_they_are() -> None:
    column = pd.Series([1.5, 2.0])
    assert infer(column)[0] is column
