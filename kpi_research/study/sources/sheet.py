"""One sheet as rows of cells, with what openpyxl's own reading leaves out: merged ranges, hidden rows, formulas without value."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import (
    CELL_TAG,
    COL_TAG,
    FORMULA_TAG,
    MERGE_TAG,
    ROW_TAG,
    WorkSheetParser,
)
from openpyxl.xml.functions import iterparse

from kpi_research.study.sources.limits import MAX_EXCEL_CELLS, MAX_EXCEL_COLUMN, MAX_EXCEL_ROW
from kpi_research.study.sources.workbook import SheetEntry, Workbook


class SheetTooLargeError(ValueError):
    """A sheet with more cells than ``MAX_EXCEL_CELLS`` or a cell outside Excel's own bounds."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range.

    Attributes
    ----------
    top, left, bottom, right : int
        First row and column, last row and column, counted from 1.
    """

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell without a usable value.

    Attributes
    ----------
    row, column : int
        Its place, counted from 1.
    text : str
        The error, such as ``#DIV/0!``; empty for a formula that was never computed.
    """

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet.

    Attributes
    ----------
    rows : dict of int to list
        Row number to its cells from column 1 to its last used one; None = empty. Only rows with a value.
    merged : tuple of Merged
        Merged ranges.
    hidden_rows, hidden_columns : tuple of int
        Hidden rows that hold a value; hidden columns as first and last of each run.
    faults : tuple of CellFault
        Cells without a usable value.
    """

    rows: dict[int, list[object]] = field(default_factory=dict)
    merged: tuple[Merged, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    faults: tuple[CellFault, ...] = ()


class _Cells(WorkSheetParser):
    """Openpyxl's reader of cells, which also keeps the cells that have no usable value."""

    def __init__(self, book: Workbook) -> None:
        super().__init__(None, book.texts, True, book.epoch, book.dates, book.durations)
        self.faults: list[CellFault] = []

    def parse_cell(self, element: Element) -> dict[str, object]:
        """Return the cell as openpyxl reads it; error cells and formulas without a value come back empty."""
        cell: dict[str, object] = super().parse_cell(element)
        uncomputed = cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None
        if cell["data_type"] == "e" or uncomputed:
            text = "" if uncomputed else str(cell["value"])
            self.faults.append(CellFault(int(str(cell["row"])), int(str(cell["column"])), text))
            cell["value"] = None
        return cell


def read_sheet(book: Workbook, entry: SheetEntry) -> Sheet:
    """Return the cells of a sheet.

    Parameters
    ----------
    book : Workbook
        The opened file.
    entry : SheetEntry
        One of its sheets.

    Returns
    -------
    Sheet

    Raises
    ------
    SheetTooLargeError
        If there are more cells than allowed.
    Exception
        One of ``workbook.EXCEL_FAULTS`` where the file is damaged.
    """
    cells = _Cells(book)
    merged: list[Merged] = []
    columns: list[tuple[int, int]] = []
    rows = _Rows()
    with book.archive.open(entry.part) as stream:
        for _, element in iterparse(stream):
            if element.tag == ROW_TAG:
                rows.add(*cells.parse_row(element))
            elif element.tag == MERGE_TAG:
                merged.extend(_range(child.get("ref", "")) for child in element)
            elif element.tag == COL_TAG and element.get("hidden") in ("1", "true"):
                columns.append((int(element.get("min", 1)), int(element.get("max", 1))))
            if element.tag in (ROW_TAG, MERGE_TAG, COL_TAG):
                element.clear()
    hidden = (int(row) for row, state in cells.row_dimensions.items() if state.get("hidden") in ("1", "true"))
    shown = tuple(row for row in hidden if row in rows.found)
    return Sheet(rows.found, tuple(merged), shown, tuple(columns), tuple(cells.faults))


def has_cells(book: Workbook, entry: SheetEntry) -> bool:
    """Return whether any cell of a sheet holds a value or a formula.

    Parameters
    ----------
    book : Workbook
        The opened file.
    entry : SheetEntry
        One of its sheets.

    Returns
    -------
    bool
    """
    with book.archive.open(entry.part) as stream:
        for _, element in iterparse(stream):
            if element.tag == CELL_TAG and len(element):
                return True
            if element.tag == ROW_TAG:
                element.clear()
    return False


class _Rows:
    """Rows gathered so far, with a running count of their cells."""

    def __init__(self) -> None:
        self.found: dict[int, list[object]] = {}
        self.total = 0

    def add(self, number: int, cells: list[dict[str, object]]) -> None:
        """Add a row if it holds a value; raise SheetTooLargeError outside the bounds."""
        values = {int(str(cell["column"])): _trimmed(cell["value"]) for cell in cells}
        placed = {column: value for column, value in values.items() if value is not None}
        if not placed:
            return
        width = max(placed)
        self.total += width
        if width > MAX_EXCEL_COLUMN or not 1 <= number <= MAX_EXCEL_ROW or self.total > MAX_EXCEL_CELLS:
            raise SheetTooLargeError
        self.found[number] = [placed.get(column) for column in range(1, width + 1)]


def _trimmed(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _range(reference: str) -> Merged:
    left, top, right, bottom = range_boundaries(reference)
    if None in (left, top, right, bottom):
        raise ValueError(f"merged range {reference!r}")
    return Merged(int(top or 0), int(left or 0), int(bottom or 0), int(right or 0))
