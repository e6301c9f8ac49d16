"""Parquet and DuckDB: native types, read-only, and a file that changes under the reader."""

from __future__ import annotations

import datetime
import hashlib
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def parquet(table: pa.Table) -> bytes:
    """Return a table as the bytes of a parquet file."""
    stream = pa.BufferOutputStream()
    pq.write_table(table, stream)
    return stream.getvalue().to_pybytes()


TABLE = pa.table(
    {
        "unit": ["城关所", "东关所", None],
        "whole": pa.array([9007199254740993, 2, None], pa.int64()),
        "n": pa.array([1, 2, 3], pa.int32()),
        "share": [0.5, None, 1.0],
        "flag": [True, None, False],
        "day": pa.array([datetime.date(2026, 1, 31)] * 3),
        "at": pa.array([datetime.datetime(2026, 1, 31, 8)] * 3, pa.timestamp("us", "Asia/Shanghai")),
        "money": [Decimal("1.25"), None, Decimal("2.50")],
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
        "nothing": pa.nulls(3),
    }
)


def test_native_types_are_kept_and_whole_numbers_stay_exact(read) -> None:
    loaded = read("a.parquet", {"a.parquet": parquet(TABLE)})
    assert loaded.findings == ()
    assert {name: str(kind) for name, kind in loaded.frame.dtypes.items()} == {
        "unit": "str",
        "whole": "Int64",
        "n": "int32",
        "share": "float64",
        "flag": "boolean",
        "day": "datetime64[us]",
        "at": "datetime64[us, Asia/Shanghai]",
        "money": "float64",
        "kind": "str",
        "nothing": "str",
    }
    assert loaded.frame["whole"][0] == 9007199254740993
    assert loaded.first_row == 1


def test_columns_of_nested_types_are_left_out_with_a_caution(read) -> None:
    table = pa.table({"a": [1], "b": [[1, 2]], "c": [{"x": 1}], "d": [b"x"], "e": pa.array([1], pa.duration("s"))})
    loaded = read("a.parquet", {"a.parquet": parquet(table)})
    (found,) = loaded.findings
    assert (found.code, found.severity) == ("column-type-left-out", "caution")
    assert loaded.frame.columns.tolist() == ["a"]
    assert all(f"{name}: " in found.message for name in "bcde")


def test_the_index_that_pandas_hides_in_a_file_is_an_ordinary_column(read, tmp_path) -> None:
    pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="unit")).to_parquet(tmp_path / "a.parquet")
    assert read("a.parquet").frame["unit"].tolist() == ["x", "y"]


@pytest.mark.parametrize("cut", [0, 1, 4, 100, -1, -8, -200])
def test_truncated_parquet_files_are_named(read, codes, cut) -> None:
    data = parquet(TABLE)
    expected = "source-empty" if cut == 0 else "parquet-damaged"
    assert codes(read("a.parquet", {"a.parquet": data[:cut]})) == [expected]


def test_repeated_and_missing_columns_of_parquet(read, codes) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert codes(read("a.parquet", {"a.parquet": parquet(twice)})) == ["header-repeated-names"]
    assert codes(read("b.parquet", {"b.parquet": parquet(pa.table({}))})) == ["source-empty"]


def test_more_cells_than_allowed_are_refused_before_reading(read, monkeypatch, codes) -> None:
    monkeypatch.setattr("kpi_research.study.sources.arrow_table.MAX_BINARY_CELLS", 20)
    assert codes(read("a.parquet", {"a.parquet": parquet(TABLE)})) == ["source-too-many-cells"]


def test_a_file_that_changes_while_it_is_read_is_named(read, monkeypatch, codes) -> None:
    path = "kpi_research.study.sources.parquet"
    original = pq.ParquetFile

    def touched(file):
        content = original(file)
        with open(file, "ab") as stream:
            stream.write(b"more")
        return content

    monkeypatch.setattr(f"{path}.pq.ParquetFile", touched)
    assert codes(read("a.parquet", {"a.parquet": parquet(TABLE)})) == ["source-changed"]


@pytest.fixture
def base(tmp_path):
    """Return the path of a DuckDB file with tables and views."""
    path = tmp_path / "data" / "bureau.db"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """CREATE TABLE panel AS SELECT * FROM (VALUES
               ('城关所', 1, 2.5::DECIMAL(10, 2), DATE '2026-01-31', TIMESTAMPTZ '2026-01-31 08:00:00+08', 1::HUGEINT),
               ('东关所', NULL, NULL, NULL, NULL, 2)) AS t("单位", n, money, "day", "at", big)"""
        )
        connection.execute('CREATE VIEW cleared AS SELECT "单位" FROM panel WHERE n = 1')
        connection.execute("CREATE SCHEMA old; CREATE TABLE old.panel AS SELECT 1 AS a")
        connection.execute(f"CREATE VIEW outside AS SELECT * FROM read_csv('{write_csv(tmp_path)}')")
    return path


def write_csv(folder):
    """Return the path of a csv file that lies beside a database."""
    path = folder / "beside.csv"
    path.write_bytes(b"a,b\n1,2\n")
    return path


def test_tables_and_views_of_duckdb_are_read_with_their_types(read, base) -> None:
    loaded = read("duckdb:data/bureau.db#panel")
    assert loaded.findings == ()
    assert loaded.frame["单位"].tolist() == ["城关所", "东关所"]
    assert {name: str(kind) for name, kind in loaded.frame.dtypes.items()} == {
        "单位": "str",
        "n": "Int32",
        "money": "float64",
        "day": "datetime64[us]",
        "at": "datetime64[us, UTC]",
        "big": "float64",
    }
    assert loaded.frame["at"][0] == pd.Timestamp("2026-01-31 00:00", tz="UTC")
    assert loaded.inputs[0].sha256 == hashlib.sha256(base.read_bytes()).hexdigest()
    assert loaded.where(1).row == 2
    assert read("duckdb:data/bureau.db#cleared").frame["单位"].tolist() == ["城关所"]
    assert read("duckdb:data/bureau.db#old.panel").frame["a"].tolist() == [1]


def test_reading_does_not_change_the_database(read, base) -> None:
    before = base.read_bytes()
    read("duckdb:data/bureau.db#panel")
    assert base.read_bytes() == before
    assert sorted(item.name for item in base.parent.iterdir()) == ["bureau.db"]


def test_a_view_of_files_outside_the_database_is_refused(read, base, codes) -> None:
    loaded = read("duckdb:data/bureau.db#outside")
    assert codes(loaded) == ["duckdb-damaged"]
    assert "disabled by configuration" in loaded.findings[0].message


def test_faults_of_duckdb_sources_are_named(read, base, codes) -> None:
    assert "Did you mean 'panel'?" in read("duckdb:data/bureau.db#pannel").findings[0].message
    assert codes(read("duckdb:data/bureau.db")) == ["duckdb-source-malformed"]
    assert codes(read("duckdb:data/buro.db#panel")) == ["source-missing"]
    assert codes(read("duckdb:text.db#a", {"text.db": b"not a database" * 1000})) == ["duckdb-damaged"]
    assert codes(read("duckdb:short.db#a", {"short.db": base.read_bytes()[:5000]})) == ["duckdb-damaged"]


def test_changes_that_lie_outside_the_file_are_refused(read, base, codes) -> None:
    with duckdb.connect(str(base)) as connection:
        connection.execute("INSERT INTO panel VALUES ('西关所', 3, 1, NULL, NULL, 3)")
        assert codes(read("duckdb:data/bureau.db#panel")) == ["duckdb-log-present"]
    assert len(read("duckdb:data/bureau.db#panel").frame) == 3


def test_a_database_that_is_open_elsewhere_in_this_program_is_a_finding(read, base, codes) -> None:
    with duckdb.connect(str(base)):
        assert codes(read("duckdb:data/bureau.db#panel")) == ["duckdb-damaged"]


def test_text_of_parquet_that_is_no_utf8_is_named(read, codes) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe")]
    )
    assert codes(read("a.parquet", {"a.parquet": parquet(pa.table({"a": broken}))})) == ["parquet-damaged"]


def test_floats_keep_every_bit(read) -> None:
    values = np.random.default_rng(1).normal(size=50)
    frame = read("a.parquet", {"a.parquet": parquet(pa.table({"x": values}))}).frame
    assert np.array_equal(frame["x"].to_numpy(), values)
