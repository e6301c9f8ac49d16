"""No bytes, however damaged, make reading raise: what comes out is a table or an error that names the file."""

from __future__ import annotations

import io
import random
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_research.study.findings import has_errors
from kpi_research.study.sources import Loaded
from kpi_research.study.sources.values import infer, to_boolean, to_date, to_number, to_text

SETTINGS = settings(
    deadline=None, derandomize=True, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

CSV = '单位,破案数,"备注"\n城关所,12,"第一\n季度"\n东关所,"1,234",85%\n'
SEEDS = [CSV.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")]
PIECES = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xfe",
    b";",
    b"\t",
    b"\xef\xbb\xbf",
    b"\x81",
    b"\xe4",
    b"''",
    b"=1+1",
]
XML_PIECES = [
    b"<",
    b">",
    b'"',
    b"<c r='A1'",
    b"</row>",
    b"1e999",
    b"nan",
    b"-1",
    b"99999999999",
    b"t='s'",
    b"<v>9999</v>",
    b"&x;",
    b"\0",
]


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes], pieces: list[bytes]) -> bytes:
    """Draw one of the seeds with up to six cuts, overwritten bytes, inserted or repeated pieces."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["byte", "piece", "cut", "end", "repeat"]))
        if kind == "byte" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == "piece":
            data[at:at] = draw(st.sampled_from(pieces))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "end":
            del data[at:]
        elif kind == "repeat":
            data[at:at] = data[at : at + 30]
    return bytes(data)


def check(loaded: Loaded) -> None:
    """Fail unless what was loaded is consistent, and every typing of its columns too."""
    assert loaded.frame is not None or has_errors(loaded.findings)
    for item in loaded.findings:
        assert item.line("en")
        assert item.line("zh")
    if loaded.frame is None:
        return
    assert sum(item.rows for item in loaded.inputs) == len(loaded.frame)
    assert loaded.frame.columns.is_unique
    for name in loaded.frame.columns:
        for function in (to_number, to_date, to_boolean, infer):
            values, findings = function(loaded.frame[name], loaded.locate(name))
            assert len(values) == len(loaded.frame)
            assert all(item.line("zh") for item in findings)
        to_text(loaded.frame[name])


@given(mutated(SEEDS, PIECES))
@SETTINGS
def test_mutated_text_files(read, data) -> None:
    check(read("a.csv", {"a.csv": data}))


@given(st.binary(max_size=300), st.sampled_from(["csv", "tsv", "txt", "xlsx", "parquet"]))
@SETTINGS
def test_random_bytes(read, data, ending) -> None:
    check(read(f"a.{ending}", {f"a.{ending}": data}))


@given(
    mutated(SEEDS, PIECES),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "gbk", "big5", "latin-1", "ascii"]),
    st.integers(1, 4),
)
@SETTINGS
def test_mutated_text_files_with_options(read, data, encoding, rows) -> None:
    check(read("a.txt", {"a.txt": data}, encoding=encoding, header_rows=rows))


@pytest.fixture(scope="module")
def excel() -> bytes:
    """Return a workbook with all that the reader looks at."""
    import datetime

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["某市公安局考核表"])
    sheet.append(["单位", "业务", None, "日期"])
    sheet.append([None, "破案数", "满意度", None])
    for number in range(4):
        sheet.append([f"所{number}", number, 0.5 * number, datetime.datetime(2026, 1, number + 1)])
    sheet["B6"] = "=B5+1"
    for area in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "A4:A5"):
        sheet.merge_cells(area)
    sheet.row_dimensions[5].hidden = True
    book.create_sheet("二月").append([1, "x"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@given(st.data())
@SETTINGS
def test_mutated_workbooks(read, excel, data) -> None:
    check(read("a.xlsx", {"a.xlsx": data.draw(mutated([excel], PIECES))}))


@given(st.data())
@SETTINGS
def test_workbooks_with_mutated_parts(read, excel, data) -> None:
    source, target = zipfile.ZipFile(io.BytesIO(excel)), io.BytesIO()
    part = data.draw(st.sampled_from(source.namelist()))
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, data.draw(mutated([content], XML_PIECES)) if name == part else content)
    options = data.draw(st.sampled_from([{}, {"sheet": "Sheet"}, {"header_rows": 2}, {"sheet": 2}]))
    check(read("a.xlsx", {"a.xlsx": target.getvalue()}, **options))


@pytest.fixture(scope="module")
def parquets() -> list[bytes]:
    """Return parquet files of several encodings."""
    table = pa.table(
        {
            "unit": ["城关所", "东关所", None] * 5,
            "n": list(range(15)),
            "x": [0.5, None, 2.0] * 5,
            "flag": [True, None, False] * 5,
        }
    )
    files = []
    for options in (
        {},
        {"compression": "none", "use_dictionary": False},
        {"compression": "zstd", "data_page_version": "2.0"},
    ):
        stream = pa.BufferOutputStream()
        pq.write_table(table, stream, **options)
        files.append(stream.getvalue().to_pybytes())
    return files


@given(st.data())
@SETTINGS
def test_mutated_parquet_files(read, parquets, data) -> None:
    check(read("a.parquet", {"a.parquet": data.draw(mutated(parquets, PIECES))}))


def test_duckdb_files_with_overwritten_blocks(read, tmp_path) -> None:
    import duckdb

    path = tmp_path / "seed.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE panel AS SELECT i AS n, 'unit ' || i AS unit FROM range(500) t(i)")
    seed, chance = path.read_bytes(), random.Random(1)
    for _ in range(60):
        data = bytearray(seed)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        check(read("duckdb:a.db#panel", {"a.db": bytes(data)}))
