"""Excel sheets: cells keep their type and row, and what a sheet cannot tell is named by its cell."""

from __future__ import annotations

import datetime
import zipfile
from io import BytesIO

import numpy as np
import openpyxl
import pytest

from kpi_research.study.findings import Where

HEADER = ["单位", "破案数", "日期", "代码"]


def rebuilt(data: bytes, part: str, old: str, new: str) -> bytes:
    """Return an xlsx file in which one part has other text."""
    source, target = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            archive.writestr(entry, content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_keep_their_types(read, workbook) -> None:
    day = datetime.datetime(2026, 1, 31, 8, 30)
    rows = [HEADER, ["城关所", 1, day, "001"], ["东关所", 2, None, "002"], ["西关所", None, day, "003"]]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows)})
    frame = loaded.frame
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "单位": "str",
        "破案数": "float64",
        "日期": "datetime64[us]",
        "代码": "str",
    }
    assert frame["代码"].tolist() == ["001", "002", "003"]
    assert frame["日期"][0] == np.datetime64("2026-01-31T08:30")
    assert (loaded.first_row, loaded.row_numbers, loaded.findings) == (2, None, ())


def test_numbers_booleans_and_mixed_cells(read, workbook) -> None:
    rows = [["n", "yes", "some", "mixed", "none"], [1, True, True, 1.5, None], [2, False, None, "—", None]]
    frame = read("a.xlsx", {"a.xlsx": workbook(rows)}).frame
    assert [str(kind) for kind in frame.dtypes] == ["int64", "bool", "boolean", "str", "str"]
    assert frame["mixed"].tolist() == ["1.5", "—"]


def test_empty_rows_and_columns_are_left_out_and_rows_keep_their_number(read, workbook) -> None:
    rows = [
        [],
        [None, *HEADER[:2], None, "x"],
        [None, "A", 1, None, 2],
        [],
        [None, "B", 2, None, 3],
        [None, " ", None, None, "　"],
    ]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows)})
    assert loaded.frame.columns.tolist() == ["单位", "破案数", "x"]
    assert loaded.row_numbers == (3, 5)
    assert loaded.where(1, "破案数") == Where("a.xlsx", 5, "破案数")


def test_error_cells_and_formulas_without_result_are_named_by_address(read, workbook) -> None:
    def touch(sheet):
        sheet["B3"], sheet["B4"] = "#DIV/0!", "#N/A"
        for address in ("B3", "B4"):
            sheet[address].data_type = "e"
        sheet["C2"] = "=B2*2"

    loaded = read("a.xlsx", {"a.xlsx": workbook([["u", "n", "f"], ["A", 1, 2], ["B", 2, 3], ["C", 3, 4]], touch=touch)})
    errors, formulas = loaded.findings
    assert (errors.code, errors.where) == ("cell-holds-error", Where("a.xlsx", 3, "n"))
    assert "B3 #DIV/0!, B4 #N/A" in errors.message
    assert (formulas.code, formulas.where, formulas.facts["cells"]["en"]) == (
        "formula-uncomputed",
        Where("a.xlsx", 2, "f"),
        "C2",
    )
    assert loaded.frame["n"].isna().tolist() == [False, True, True]


def test_formulas_with_a_stored_result_are_read(read, workbook) -> None:
    data = workbook([["u", "n", "t"], ["A", 1, "=1"], ["B", "=2", "=3"]])
    data = rebuilt(
        data,
        SHEET,
        "<f>2</f><v></v>" if "<f>2</f><v></v>" in sheet_text(data) else "<f>2</f><v />",
        "<f>1+1</f><v>2</v>",
    )
    loaded = read("a.xlsx", {"a.xlsx": data})
    assert loaded.frame["n"].tolist() == [1, 2]
    assert [item.facts["cells"]["en"] for item in loaded.findings] == ["C2, C3"]


def sheet_text(data: bytes) -> str:
    """Return the XML of the first sheet."""
    return zipfile.ZipFile(BytesIO(data)).read(SHEET).decode()


def test_hidden_rows_and_columns_are_read_and_noted(read, workbook) -> None:
    def touch(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True

    loaded = read("a.xlsx", {"a.xlsx": workbook([["u", "n"], ["A", 1], ["B", 2]], touch=touch)})
    assert len(loaded.frame) == 2
    rows, columns = loaded.findings
    assert (rows.code, rows.severity, rows.where.row) == ("rows-hidden", "note", 3)
    assert (columns.code, columns.facts["columns"]["en"]) == ("columns-hidden", "B")


def book_of(*sheets: tuple[str, str, list]) -> bytes:
    """Return a workbook of (name, state, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, state, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_sheet_is_chosen_by_name_number_or_by_being_the_only_one_with_data(read, codes) -> None:
    table = [["u", "n"], ["A", 1]]
    data = book_of(
        ("空", "visible", []), ("一月", "visible", table), ("旧", "hidden", table), ("Sheet3", "visible", [])
    )
    loaded = read("a.xlsx", {"a.xlsx": data})
    assert codes(loaded) == ["sheets-hidden"]
    assert len(loaded.frame) == 1
    assert codes(read("a.xlsx", sheet="旧")) == ["sheet-hidden-read"]
    assert codes(read("a.xlsx", sheet=2)) == []
    assert codes(read("a.xlsx", sheet=1)) == ["sheet-empty"]
    (found,) = read("a.xlsx", sheet="一月份").findings
    assert "Did you mean '一月'?" in found.message
    assert found.where.column == "tables.panel.sheet"
    assert codes(read("a.xlsx", sheet=9)) == ["sheet-unknown"]


def test_several_sheets_with_data_are_a_caution(read) -> None:
    table = [["u", "n"], ["A", 1]]
    data = book_of(("一月", "visible", table), ("二月", "visible", table), ("三月", "visible", table))
    (found,) = read("a.xlsx", {"a.xlsx": data}).findings
    assert (found.code, found.severity) == ("sheet-chosen", "caution")
    assert "'二月', '三月'" in found.message


def test_date_formats_of_excel_in_chinese_are_dates(read, workbook) -> None:
    def touch(sheet):
        sheet["A2"].number_format = 'yyyy"年"m"月"d"日"'

    data = workbook([["d"], [46053]], touch=touch)
    assert read("a.xlsx", {"a.xlsx": data}).frame["d"][0] == np.datetime64("2026-01-31")
    styles = zipfile.ZipFile(BytesIO(data)).read("xl/styles.xml").decode()
    custom = styles[styles.index("<numFmts") : styles.index("</numFmts>") + len("</numFmts>")]
    bare = rebuilt(data, "xl/styles.xml", custom, "")
    bare = rebuilt(bare, "xl/styles.xml", 'numFmtId="164"', 'numFmtId="31"')
    assert read("b.xlsx", {"b.xlsx": bare}).frame["d"][0] == np.datetime64("2026-01-31")


def test_broken_styles_of_other_programs_do_not_matter(read, workbook) -> None:
    data = rebuilt(workbook([["a"], [1]]), "xl/styles.xml", "<fills", "<wrong/><fills")
    assert read("a.xlsx", {"a.xlsx": data}).frame["a"].tolist() == [1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "source-empty"),
        (b"unit,score\nA,1\n", "source-not-excel"),
        (b"<html><table></table></html>", "source-not-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "excel-old-or-locked"),
        (b"PK\x03\x04" + b"\0" * 100, "excel-damaged"),
    ],
)
def test_what_is_no_workbook_is_named(read, codes, content, code) -> None:
    assert codes(read("a.xlsx", {"a.xlsx": content})) == [code]


def test_a_truncated_workbook_a_zip_of_something_else_and_an_empty_workbook(read, codes, workbook) -> None:
    data = workbook([["a"], [1]])
    assert codes(read("a.xlsx", {"a.xlsx": data[: len(data) // 2]})) == ["excel-damaged"]
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("note.txt", "x")
    assert codes(read("b.xlsx", {"b.xlsx": stream.getvalue()})) == ["excel-damaged"]
    assert codes(read("c.xlsx", {"c.xlsx": workbook([])})) == ["workbook-empty"]


def test_a_zip_bomb_is_refused_before_it_unpacks(read, workbook, monkeypatch) -> None:
    monkeypatch.setattr("kpi_research.study.sources.workbook.MAX_EXCEL_UNPACKED_BYTES", 32 * 1024**2)
    stream = BytesIO(workbook([["a"], [1]]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", bytes(40 * 1024**2))
    assert len(stream.getvalue()) < 100_000
    (found,) = read("a.xlsx", {"a.xlsx": stream.getvalue()}).findings
    assert (found.code, found.facts["found"], found.facts["limit"]) == ("source-too-large", "40", "32")


def test_a_zip_directory_that_understates_its_sizes_is_not_believed(read, codes, workbook) -> None:
    stream = BytesIO(rebuilt(workbook([["a"], ["b"]]), SHEET, "<sheetData>", "<sheetData>" + " " * 100_000))
    data = bytearray(stream.getvalue())
    for entry in zipfile.ZipFile(stream).infolist():
        if entry.filename == SHEET:
            size = entry.file_size.to_bytes(4, "little")
            data = data.replace(size, (5000).to_bytes(4, "little"))
    assert codes(read("a.xlsx", {"a.xlsx": bytes(data)})) == ["excel-damaged"]


def test_an_entity_bomb_is_refused(read, codes, workbook) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><worksheet'
    data = rebuilt(workbook([["a"], ["b"]]), SHEET, "<worksheet", bomb)
    data = rebuilt(data, SHEET, "<sheetData>", "<sheetData><row r='9'><c r='A9' t='str'><v>&a11;</v></c></row>")
    assert codes(read("a.xlsx", {"a.xlsx": data})) == ["excel-damaged"]


@pytest.mark.parametrize("reference", ["XFE1", "A1048577", "ZZZZZ1"])
def test_cells_outside_excel_are_refused(read, codes, workbook, reference) -> None:
    digits = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    row = f"<row r='{digits}'><c r='{reference}'><v>1</v></c></row></sheetData>"
    data = rebuilt(workbook([["a"], [1]]), SHEET, "</sheetData>", row)
    assert codes(read("a.xlsx", {"a.xlsx": data}))[0] in ("excel-too-many-cells", "excel-damaged")


def test_one_cell_far_away_does_not_fill_the_memory(read, workbook) -> None:
    row = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
    data = rebuilt(workbook([["a"], [1]]), SHEET, "</sheetData>", row)
    (found,) = read("a.xlsx", {"a.xlsx": data}).findings
    assert (found.code, found.facts["columns"]["en"]) == ("header-empty-cells", "XFD")
