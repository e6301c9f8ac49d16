"""From a source to files: globs, missing files, unreadable ones, and what the checksum covers."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kpi_research.study.findings import Where
from kpi_research.study.sources import limits, read_source

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")


def test_a_missing_file_names_the_nearest_one(read) -> None:
    (found,) = read("tables/panell.csv", {"tables/panel.csv": b"a\n1\n", "tables/other.csv": b"a\n1\n"}).findings
    assert found.code == "source-missing"
    assert "Did you mean 'tables/panel.csv'?" in found.message
    assert found.where == Where("study.toml", column="tables.panel.source")


def test_a_missing_folder_names_the_nearest_one(read) -> None:
    (found,) = read("tabels/panel.csv", {"tables/panel.csv": b"a\n1\n"}).findings
    assert "Did you mean 'tables'?" in found.message


def test_files_of_a_glob_are_stacked_in_sorted_order_and_rows_keep_their_file(read) -> None:
    files = {
        "m/2026-02.csv": b"unit,n\nA,3\nB,4\n",
        "m/2026-01.csv": b"unit,n\nA,1\n",
        "m/2026-03.csv": b"n,unit\n5,A\n",
    }
    loaded = read("m/*.csv", files)
    assert loaded.frame["n"].tolist() == ["1", "3", "4", "5"]
    assert [item.name for item in loaded.inputs] == ["m/2026-01.csv", "m/2026-02.csv", "m/2026-03.csv"]
    assert [item.rows for item in loaded.inputs] == [1, 2, 1]
    assert loaded.row_numbers == (2, 2, 3, 2)
    assert loaded.where(2, "n") == Where("m/2026-02.csv", 3, "n")
    assert loaded.locate("n")(3) == Where("m/2026-03.csv", 2, "n")


def test_files_with_other_columns_are_named_with_the_columns(read) -> None:
    files = {"1.csv": b"unit,n\nA,1\n", "2.csv": b"unit,m\nA,1\n", "3.csv": b"unit,n\nA,1\n"}
    loaded = read("*.csv", files)
    assert loaded.frame is None
    lacks, more = loaded.findings
    assert (lacks.code, lacks.where.file, lacks.where.column) == ("source-lacks-columns", "2.csv", "n")
    assert (more.code, more.where.file, more.where.column) == ("source-has-more-columns", "2.csv", "m")


def test_lock_files_of_open_workbooks_are_passed_over(read, workbook) -> None:
    loaded = read("*.xlsx", {"a.xlsx": workbook([["a"], [1]]), "~$a.xlsx": b"\x05owner"})
    assert [item.name for item in loaded.inputs] == ["a.xlsx"]
    assert loaded.findings == ()


def test_an_empty_file_of_a_glob_is_named(read, codes) -> None:
    assert codes(read("*.csv", {"1.csv": b"a\n1\n", "2.csv": b""})) == ["source-empty"]
    loaded = read("*.csv", {"2.csv": b"a\n"})
    assert [(item.code, item.where.file) for item in loaded.findings] == [("source-no-rows", "2.csv")]
    assert loaded.frame["a"].tolist() == ["1"]


def test_a_column_that_is_numbers_in_one_file_and_text_in_another_is_text(read, workbook) -> None:
    files = {
        "1.xlsx": workbook([["unit", "n", "d"], ["A", 1, None]]),
        "2.xlsx": workbook([["unit", "n", "d"], ["B", "—", 2.5]]),
    }
    loaded = read("*.xlsx", files)
    assert loaded.frame["n"].tolist() == ["1", "—"]
    assert str(loaded.frame["d"].dtype) == "float64"


def test_no_match_unknown_ending_and_unknown_prefix_are_named(read, codes) -> None:
    assert codes(read("*.csv", {"a.xlsx": b""})) == ["source-no-match"]
    (found,) = read("a.xlxs", {"a.xlxs": b"x"}).findings
    assert "Did you mean '.xlsx'?" in found.message
    (found,) = read("duckbd:a.db#t").findings
    assert "Did you mean 'duckdb'?" in found.message
    assert codes(read("postgresql://server/base#t")) == ["source-unknown-prefix"]


def test_paths_outside_the_study_folder_and_names_with_brackets_are_allowed(read, tmp_path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.csv"
    outside.write_bytes(b"a\n1\n")
    assert read(f"../{outside.name}").frame["a"].tolist() == ["1"]
    assert read(str(outside)).frame["a"].tolist() == ["1"]
    assert read("t[1].csv", {"t[1].csv": b"a\n2\n"}).frame["a"].tolist() == ["2"]


@POSIX
@pytest.mark.parametrize(
    "name", ["loop.csv", "folder.csv", "pipe.csv", "a\0b.csv", "x" * 5000 + ".csv", "", "\ud800.csv"]
)
def test_links_to_themselves_folders_pipes_and_impossible_names_are_findings(read, tmp_path, name) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    loaded = read(name)
    (found,) = loaded.findings
    assert found.severity == "error"
    assert loaded.frame is None
    assert found.line("zh")


@POSIX
def test_a_pattern_that_meets_pipes_and_loops_reports_each(read, tmp_path, codes) -> None:
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    found = codes(read("*.csv", {"a.csv": b"a\n1\n"}))
    assert found == ["source-unreadable", "source-not-a-file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows may read everything")
def test_a_file_without_permission_is_a_finding(read, tmp_path, codes) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    (tmp_path / "a.csv").chmod(0)
    assert codes(read("a.csv")) == ["source-unreadable"]


def test_the_checksum_is_that_of_the_bytes(read, workbook) -> None:
    files = {"a.csv": "单位\n甲\n".encode("gb18030"), "b.xlsx": workbook([["a"], [1]])}
    for name, content in files.items():
        (item,) = read(name, files).inputs
        assert item.sha256 == hashlib.sha256(content).hexdigest()
    (item,) = read("c.csv", {"c.csv": b"a,a\n"}).inputs
    assert (item.sha256, item.rows) == (hashlib.sha256(b"a,a\n").hexdigest(), 0)


def test_a_file_above_the_cap_is_refused_by_size(monkeypatch, read) -> None:
    monkeypatch.setattr("kpi_research.study.sources.read.MAX_TEXT_BYTES", 1024**2)
    (found,) = read("a.csv", {"a.csv": b"a\n" + b"1\n" * 1024**2}).findings
    assert (found.code, found.facts["found"], found.facts["limit"]) == ("source-too-large", "2", "1")


def test_options_are_checked_and_those_without_effect_are_named(read, codes) -> None:
    files = {"a.csv": b"a\n1\n"}
    wrong = read("a.csv", files, header_rows=9, encoding="utf-9", dates="%d/%Q/%Y")
    assert codes(wrong) == ["encoding-unknown", "date-format", "header-rows-outside"]
    assert [item.where.column for item in wrong.findings] == [
        "tables.panel.encoding",
        "tables.panel.dates",
        "tables.panel.header_rows",
    ]
    (found,) = read("a.csv", files, sheet="一月").findings
    assert (found.code, found.severity, found.facts["option"]) == ("source-option-unused", "caution", "sheet")
    assert read("a.csv", files, dates="%d/%m/%Y").dates == "%d/%m/%Y"


def test_too_many_files_are_not_read(monkeypatch, read, codes) -> None:
    monkeypatch.setattr("kpi_research.study.sources.files.MAX_FILES", 2)
    assert codes(read("*.csv", {f"{number}.csv": b"a\n1\n" for number in range(3)})) == ["source-too-many-files"]


def test_the_caps_are_those_that_are_documented() -> None:
    assert limits.MAX_TEXT_BYTES == 2 * 1024**3
    assert limits.MAX_EXCEL_UNPACKED_BYTES == 1024**3
    assert limits.MAX_COLUMNS > 5000


def test_the_folder_may_be_given_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    assert read_source("a.csv", folder=str(tmp_path), table="t", spec_where=Where("study.toml")).frame.shape == (1, 1)
