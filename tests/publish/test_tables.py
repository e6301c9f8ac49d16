"""Result tables open right in Excel, run nothing there, and read back exactly."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.publish.clean import clean_text
from kpi_research.publish.tables import csv_text, safe_cell, table_files

DANGEROUS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(frame), newline="")))


@pytest.mark.parametrize("start", DANGEROUS)
def test_each_start_of_a_formula_is_made_harmless(start):
    for text in (f"{start}1+1", start, f" {start}cmd|' /C calc'!A0", f"\ufeff{start}HYPERLINK(1)"):
        assert safe_cell(text).startswith("'")


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_no_text_reaches_a_cell_as_a_formula_and_no_text_is_lost(texts):
    frame = pd.DataFrame({"=name": texts, "value": np.arange(len(texts)) - 2.5})
    head, *rows = cells(frame)
    assert head == ["'=name", "value"]
    assert len(rows) == len(texts)
    for (shown, number), text in zip(rows, texts, strict=True):
        assert not shown.lstrip(" \u3000").startswith(tuple(DANGEROUS))
        assert shown.removeprefix("'") == clean_text(text).removeprefix("'")
        assert float(number) in frame["value"].to_numpy()


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_numbers_stay_numbers_and_read_back_exactly(values):
    _, *rows = cells(pd.DataFrame({"value": values}))
    assert [float(row[0]) for row in rows] == values


def test_negative_numbers_are_not_quoted_even_beside_text():
    frame = pd.DataFrame({"mixed": pd.Series([-1.5, "-1.5", None, True], dtype=object)})
    assert csv_text(frame) == 'mixed\n-1.5\n\'-1.5\n""\nTrue\n'


def test_files_carry_the_byte_order_mark_and_empty_frames_are_left_out():
    files = table_files([("a", pd.DataFrame({"单位": ["第一所"]})), ("skipped", pd.DataFrame())])
    assert files == {"a.csv": "\ufeff单位\n第一所\n".encode()}


def test_the_frame_itself_is_not_changed():
    frame = pd.DataFrame({"a": ["=1"]})
    csv_text(frame)
    assert frame["a"].tolist() == ["=1"]
