"""Headers of several rows, titles, footnotes and merged cells, as office tables have them."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest

TITLE = "某市公安局2026年第一季度绩效考核汇总表"
ROWS = [
    ["单位", "业务工作", None, None, "队伍建设", "总分"],
    [None, "破案数", "发案数", "满意度", None, None],
    ["城关所", 12, 30, 0.95, 18, 88.5],
    ["东关所", 7, 21, 0.91, 17.5, 84],
]
MERGED = ["A1:A2", "B1:D1", "E1:E2", "F1:F2"]
NAMES = ["单位", "业务工作/破案数", "业务工作/发案数", "业务工作/满意度", "队伍建设", "总分"]


def shifted(ranges: list[str], by: int) -> list[str]:
    """Return merged ranges some rows lower."""
    return ["".join(sign if not sign.isdigit() else str(int(sign) + by) for sign in area) for area in ranges]


def test_a_merged_header_of_two_rows_is_joined(read, workbook) -> None:
    loaded = read("a.xlsx", {"a.xlsx": workbook(ROWS, MERGED)})
    assert loaded.frame.columns.tolist() == NAMES
    assert (loaded.first_row, loaded.row_numbers) == (3, None)
    assert loaded.frame["业务工作/破案数"].tolist() == [12, 7]
    (note,) = loaded.findings
    assert (note.code, note.severity, note.facts["rows"]) == ("header-joined", "note", 2)


def test_titles_above_and_footnotes_below_are_left_out_with_a_note(read, workbook) -> None:
    rows = [[TITLE], ["填报单位：研究室"], *ROWS, ["注：满意度为电话抽样"]]
    merged = ["A1:F1", "A2:F2", *shifted(MERGED, 2), "A7:F7"]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows, merged)})
    assert loaded.frame.columns.tolist() == NAMES
    assert loaded.frame["单位"].tolist() == ["城关所", "东关所"]
    assert loaded.first_row == 5
    title, footnote, joined = loaded.findings
    assert (title.code, footnote.code, joined.code) == ("title-skipped", "footnote-skipped", "header-joined")
    assert TITLE in title.message
    assert "填报单位：研究室" in title.message
    assert "row 7" in footnote.message


def test_a_title_over_two_rows_and_a_blank_row_below_it(read, workbook) -> None:
    rows = [[TITLE], [], [], ["单位", "得分"], ["A", 1]]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows, ["A1:B2"])})
    assert loaded.frame.columns.tolist() == ["单位", "得分"]
    assert loaded.first_row == 5


def test_headers_of_three_and_four_rows(read, workbook) -> None:
    three = [["u", "a", None, None], [None, "b", None, "c"], [None, "d", "e", None], ["A", 1, 2, 3]]
    loaded = read("3.xlsx", {"3.xlsx": workbook(three, ["A1:A3", "B1:D1", "B2:C2", "D2:D3"])})
    assert loaded.frame.columns.tolist() == ["u", "a/b/d", "a/b/e", "a/c"]
    four = [["u", "a"], [None, "b"], [None, "c"], [None, "d"], ["A", 1]]
    loaded = read("4.xlsx", {"4.xlsx": workbook(four, ["A1:A4"])})
    assert loaded.frame.columns.tolist() == ["u", "a/b/c/d"]


def test_a_header_deeper_than_four_rows_is_refused(read, workbook, codes) -> None:
    rows = [["u", "a"], [None, "b"], [None, "c"], [None, "d"], [None, "e"], ["A", 1]]
    assert codes(read("a.xlsx", {"a.xlsx": workbook(rows, ["A1:A5"])})) == ["header-too-deep"]


def test_the_number_of_header_rows_can_be_given(read, workbook) -> None:
    rows = [["单位", "业务", None, "总分"], [None, "破案数", "发案数", None], ["A", 1, 2, 3]]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows)}, header_rows=2)
    assert loaded.frame.columns.tolist() == ["单位", "业务/破案数", "业务/发案数", "总分"]
    flat = read("b.xlsx", {"b.xlsx": workbook([["a", None, "b"], ["x", 1, 2]], ["A1:B1"])}, header_rows=1)
    assert [item.code for item in flat.findings] == ["header-repeated-names"]


def test_a_title_that_is_not_merged_is_not_guessed(read, workbook) -> None:
    (found,) = read("a.xlsx", {"a.xlsx": workbook([[TITLE], ["单位", "得分"], ["A", 1]])}).findings
    assert (found.code, found.facts["columns"]["en"]) == ("header-empty-cells", "B")


def test_merged_texts_among_the_data_stand_for_every_row(read, workbook) -> None:
    rows = [["片区", "单位", "n"], ["城区", "A", 1], [None, "B", 2], [None, "C", 3], ["乡镇", "D", 4]]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows, ["A2:A4"])})
    assert loaded.frame["片区"].tolist() == ["城区", "城区", "城区", "乡镇"]
    (note,) = loaded.findings
    assert (note.code, note.severity, note.facts["ranges"]["en"]) == ("merged-filled", "note", "A2:A4")


@pytest.mark.parametrize("number", [5, "85%", "1,200"])
def test_merged_numbers_are_not_given_to_every_row(read, workbook, number) -> None:
    rows = [["u", "n"], ["A", number], ["B", None], ["C", 1]]
    loaded = read("a.xlsx", {"a.xlsx": workbook(rows, ["B2:B3"])})
    (found,) = loaded.findings
    assert (found.code, found.severity, found.facts["ranges"]["en"]) == ("merged-numbers", "error", "B2:B3")
    assert loaded.frame["n"].isna().tolist() == [False, True, False]


def test_subheadings_merged_across_the_data_are_an_error(read, workbook) -> None:
    rows = [["u", "n", "m"], ["一、城区", None, None], ["A", 1, 2], ["B", 3, 4]]
    (found,) = read("a.xlsx", {"a.xlsx": workbook(rows, ["A2:C2"])}).findings
    assert (found.code, found.where.row, found.facts["ranges"]["en"]) == ("merged-across", 2, "A2:C2")


def test_line_breaks_in_header_cells_become_spaces_and_numbers_become_text(read, workbook) -> None:
    loaded = read("a.xlsx", {"a.xlsx": workbook([["破案数\n（起）", 2025, 2026.0], [1, 2, 3]])})
    assert loaded.frame.columns.tolist() == ["破案数 （起）", "2025", "2026"]


def test_repeated_names_give_their_columns_as_letters(read, workbook) -> None:
    (found,) = read("a.xlsx", {"a.xlsx": workbook([["u", "n", "n"], ["A", 1, 2]])}).findings
    assert "'n' (columns B, C)" in found.message
    assert "“n”（第B、C列）" in found.text("zh")[0]


def test_overlapping_merged_ranges_are_refused(read, workbook, codes) -> None:
    rows = [["u", "n"], *[[f"A{number}", number] for number in range(20)]]
    data, target = workbook(rows, ["A2:A9"]), BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            twice = b'<mergeCell ref="A2:A9"/><mergeCell ref="A2:A8"/>'
            archive.writestr(entry, re.sub(rb'<mergeCell ref="A2:A9" ?/>', twice, source.read(entry)))
    assert codes(read("a.xlsx", {"a.xlsx": target.getvalue()})) == ["excel-damaged"]
