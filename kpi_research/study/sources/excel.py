"""Excel files (xlsx): one sheet as a table, with its header of one to four rows and all it cannot tell as findings."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.columns import assemble
from kpi_research.study.sources.excel_columns import typed
from kpi_research.study.sources.excel_notes import cell_faults, hidden_parts, layout_notes
from kpi_research.study.sources.files import reason
from kpi_research.study.sources.layout import Layout, find_layout, header_names
from kpi_research.study.sources.limits import MAX_EXCEL_CELLS, MAX_HEADER_ROWS
from kpi_research.study.sources.loaded import Part, Request
from kpi_research.study.sources.merged import Fills, fill_merged
from kpi_research.study.sources.sheet import Sheet, SheetTooLargeError, read_sheet
from kpi_research.study.sources.sheet_choice import choose_sheet
from kpi_research.study.sources.workbook import EXCEL_FAULTS, check_archive, open_workbook


def read_excel(data: bytes, name: str, request: Request) -> Part:
    """Return a sheet of an xlsx file as a table.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        The file as the user knows it.
    request : Request
        ``sheet``, ``header_rows`` and ``spec_where`` are used.

    Returns
    -------
    Part
        Columns with the type their cells share, else text; ``rows`` are Excel's row numbers.
    """
    digest = hashlib.sha256(data).hexdigest()
    where = Where(file=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            part = _parse(data, where, request)
    except SheetTooLargeError:
        part = Part(name, findings=(finding("excel-too-many-cells", where, limit=f"{MAX_EXCEL_CELLS:,}"),))
    except EXCEL_FAULTS as error:
        part = Part(name, findings=(finding("excel-damaged", where, reason=reason(error)),))
    return Part(name, digest, part.frame, part.rows, part.first_row, part.findings)


def _parse(data: bytes, where: Where, request: Request) -> Part:
    faults = check_archive(data, where)
    if faults:
        return Part(where.file, findings=faults)
    book = open_workbook(data)
    entry, notes = choose_sheet(book, request.sheet, where, request.where("sheet"))
    if entry is None:
        return Part(where.file, findings=notes)
    sheet = read_sheet(book, entry)
    if not sheet.rows:
        empty = finding("sheet-empty", where, sheet=entry.name)
        return Part(where.file, findings=(*notes, empty, *cell_faults(sheet, {}, where)))
    part = _table(sheet, where, request.header_rows)
    return Part(where.file, "", part.frame, part.rows, part.first_row, (*notes, *part.findings))


def _table(sheet: Sheet, where: Where, header_rows: int | None) -> Part:
    layout = find_layout(sheet, header_rows)
    if layout.deep:
        place = Where(file=where.file, row=layout.header[0])
        return Part(where.file, findings=(finding("header-too-deep", place, limit=MAX_HEADER_ROWS),))
    if (layout.right - layout.left + 1) * len(layout.data) > MAX_EXCEL_CELLS:
        raise SheetTooLargeError
    names = header_names(sheet, layout, header_rows)
    fills = fill_merged(sheet, layout, where)
    columns = _columns(sheet, layout, fills)
    used = [
        number for number, values in enumerate(columns) if names[number] or any(item is not None for item in values)
    ]
    frame = pd.DataFrame({number: typed(columns[number]) for number in used}, index=range(len(layout.data)))
    labels = [get_column_letter(layout.left + number) for number in used]
    place = Where(file=where.file, row=layout.header[0])
    rows = np.array(layout.data, dtype=np.int64)
    part = assemble(frame, rows, [names[number] for number in used], labels, place)
    found = _findings(sheet, layout, names, fills, where)
    return Part(where.file, "", part.frame, part.rows, layout.header[-1] + 1, (*found, *part.findings))


def _columns(sheet: Sheet, layout: Layout, fills: Fills) -> list[list[object]]:
    lists = [sheet.rows[row] for row in layout.data]
    columns = [
        [cells[column] if column < len(cells) else None for cells in lists]
        for column in range(layout.left - 1, layout.right)
    ]
    index = {row: position for position, row in enumerate(layout.data)}
    for (row, column), value in fills.values.items():
        columns[column - layout.left][index[row]] = value
    return columns


def _findings(sheet: Sheet, layout: Layout, names: list[str], fills: Fills, where: Where) -> tuple[Finding, ...]:
    by_column = dict(zip(range(layout.left, layout.right + 1), names, strict=True))
    notes = layout_notes(sheet, layout, names, where)
    return (*notes, *hidden_parts(sheet, layout, where), *fills.findings, *cell_faults(sheet, by_column, where))
