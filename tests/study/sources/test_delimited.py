"""Text files: columns, delimiters, and above all the row that a fault stands in."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_research.study.findings import Where

ROWS = [["单位", "破案数", "备注"], ["城关派出所", "12", "上半年"], ["东关派出所", "7", "下半年"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_encoding_and_line_end_gives_the_same_table(read, delimiter, encoding, end) -> None:
    text = end.join(delimiter.join(row) for row in ROWS) + end
    loaded = read("panel.csv", {"panel.csv": text.encode(encoding)})
    assert loaded.frame.columns.tolist() == ROWS[0]
    assert loaded.frame.to_numpy().tolist() == ROWS[1:]
    assert (loaded.first_row, loaded.row_numbers) == (2, None)


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cc", "Cs")) | st.just("\n"))


@given(st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=8))
@settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_table_written_by_the_csv_module_comes_back_with_its_lines(read, rows) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["id", "text"])
    lines = []
    for number, row in enumerate(rows):
        lines.append(stream.getvalue().count("\n") + 1)
        writer.writerow([f"r{number}", row[1]])
    loaded = read("panel.csv", {"panel.csv": stream.getvalue().encode()})
    assert loaded.frame["id"].tolist() == [f"r{number}" for number in range(len(rows))]
    assert [loaded.where(number).row for number in range(len(rows))] == lines
    for found, row in zip(loaded.frame["text"], rows, strict=True):
        assert (pd.isna(found) and not row[1].strip()) or found.strip() == row[1].strip()


def test_rows_below_blank_lines_and_cells_of_several_lines_keep_their_line(read) -> None:
    text = 'unit,note\n\nA,"first\nsecond"\n,\nB,x\n'
    loaded = read("panel.csv", {"panel.csv": text.encode()})
    assert loaded.frame["unit"].tolist() == ["A", "B"]
    assert loaded.row_numbers == (3, 6)
    assert loaded.where(1, "note") == Where("panel.csv", 6, "note")


def test_identifiers_keep_their_leading_zeros_and_white_space_around_cells_is_cut(read) -> None:
    loaded = read("a.csv", {"a.csv": "code,name\n001,\u3000城关 所 \n002,\n".encode()})
    assert loaded.frame["code"].tolist() == ["001", "002"]
    assert loaded.frame["name"][0] == "城关 所"
    assert loaded.frame["name"].isna().tolist() == [False, True]


def test_ragged_rows_are_listed_and_the_others_are_kept(read) -> None:
    lines = ["a,b", "1,2", "1", "1,2,3", "4,5", *["9"] * 10]
    loaded = read("a.csv", {"a.csv": "\n".join(lines).encode()})
    (found,) = loaded.findings
    assert (found.code, found.where.row) == ("row-ragged", 3)
    assert "row 3 (found 1), row 4 (found 3)" in found.message
    assert "12 in all" in found.message
    assert loaded.frame["a"].tolist() == ["1", "4"]
    assert loaded.row_numbers == (2, 5)


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ('a,b\n1,"2\n3,4\n', "quote-unclosed", 2),
        ('a,b\n1,2\n3,"4"x\n', "quote-followed-by-text", 3),
        ("a,b\n1," + "x" * 200_000 + "\n", "cell-too-long", 2),
        ("a;b,c\n1,2\n", "delimiter-ambiguous", 1),
        ("\n\na;b,c\n1,2\n", "delimiter-ambiguous", 3),
        ("a,b,a\n1,2,3\n", "header-repeated-names", 1),
        ("a,,b,\n1,2,3,4\n", "header-empty-cells", 1),
        ("\n \n\t\n", "source-empty", None),
        ("", "source-empty", None),
        (",,\n,,\n", "source-empty", None),
        ("PK\x03\x04 zipped", "source-not-text", None),
    ],
)
def test_what_is_no_table_is_named_with_its_row(read, text, code, row) -> None:
    loaded = read("a.csv", {"a.csv": text.encode()})
    (found,) = loaded.findings
    assert (found.code, found.where.row, found.severity) == (code, row, "error")
    assert loaded.frame is None


def test_repeated_and_empty_names_give_their_positions(read) -> None:
    (empty, repeated) = read("a.csv", {"a.csv": b"x,,y,x,\n1,2,3,4,5\n"}).findings
    assert "2, 5" in empty.message
    assert "'x' (columns 1, 4)" in repeated.message


def test_delimiters_inside_quotation_marks_do_not_count(read) -> None:
    loaded = read("a.csv", {"a.csv": '"发案数，起";"a,b"\n1;2\n'.encode()})
    assert loaded.frame.columns.tolist() == ["发案数，起", "a,b"]
    assert read("a.tsv", {"a.tsv": b"a,b\tc;d\n1\t2\n"}).frame.columns.tolist() == ["a,b", "c;d"]


def test_a_column_without_name_and_data_is_left_out(read) -> None:
    loaded = read("a.csv", {"a.csv": b"a,,b,\n1,,2,\n,,,\n3,,4,\n"})
    assert loaded.findings == ()
    assert loaded.frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}
    assert loaded.row_numbers == (2, 4)


def test_a_header_of_two_rows_is_joined_when_it_is_announced(read) -> None:
    data = "单位,业务,,总分\n,破案数,发案数,\nA,1,2,3\n".encode()
    loaded = read("a.csv", {"a.csv": data}, header_rows=2)
    assert loaded.frame.columns.tolist() == ["单位", "业务/破案数", "业务/发案数", "总分"]
    assert loaded.first_row == 3


def test_five_thousand_columns_are_fine_and_too_many_are_named(read, codes) -> None:
    wide = ",".join(f"c{number}" for number in range(6000))
    loaded = read("a.csv", {"a.csv": f"{wide}\n{','.join('1' * 6000)}\n".encode()})
    assert loaded.frame.shape == (1, 6000)
    assert codes(read("b.csv", {"b.csv": b"," * 30_000})) == ["source-too-wide"]


def test_large_files_are_read_in_chunks_without_losing_a_row(read) -> None:
    count = 70_000
    data = (
        b"a"
        + b",x%d" * 19 % tuple(range(19))
        + b"\n"
        + b"".join(b"%d" % number + b",1" * 19 + b"\n" for number in range(count))
    )
    loaded = read("a.csv", {"a.csv": data})
    assert loaded.frame["a"].tolist() == [str(number) for number in range(count)]
    assert loaded.inputs[0].rows == count
