"""What the user must know about a sheet: skipped titles, joined headers, hidden parts, cells without a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.cells import cell_text
from kpi_research.study.sources.header import JOINT
from kpi_research.study.sources.layout import Layout
from kpi_research.study.sources.phrases import cell, join, plain, quoted
from kpi_research.study.sources.sheet import CellFault, Sheet


def layout_notes(sheet: Sheet, layout: Layout, names: Sequence[str], where: Where) -> tuple[Finding, ...]:
    """Return notes on title and footnote rows that were left out, and on a header of several rows.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    layout : Layout
        Its layout.
    names : sequence of str
        The column names that came of the header.
    where : Where
        The file.

    Returns
    -------
    tuple of Finding
    """
    notes = []
    for code, rows in (("title-skipped", layout.titles), ("footnote-skipped", layout.footnotes)):
        if rows:
            texts = [cell(_only_text(sheet, row), Where(row=row)) for row in rows]
            notes.append(finding(code, Where(file=where.file, row=rows[0]), rows=join(texts)))
    if len(layout.header) > 1:
        example = next((name for name in names if JOINT in name), "")
        place = Where(file=where.file, row=layout.header[0])
        notes.append(finding("header-joined", place, rows=len(layout.header), example=quoted(example or names[0])))
    return tuple(notes)


def hidden_parts(sheet: Sheet, layout: Layout, where: Where) -> tuple[Finding, ...]:
    """Return notes on hidden rows and columns of the table; their data are used.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    layout : Layout
        Its layout.
    where : Where
        The file.

    Returns
    -------
    tuple of Finding
    """
    notes = []
    if sheet.hidden_rows:
        place = Where(file=where.file, row=sheet.hidden_rows[0])
        notes.append(finding("rows-hidden", place, rows=plain(sheet.hidden_rows)))
    runs = [(max(first, layout.left), min(last, layout.right)) for first, last in sheet.hidden_columns]
    inside = [_letters(first, last) for first, last in runs if first <= last]
    if inside:
        notes.append(finding("columns-hidden", where, columns=plain(inside)))
    return tuple(notes)


def _letters(first: int, last: int) -> str:
    letters = get_column_letter(first)
    return letters if first == last else f"{letters}:{get_column_letter(last)}"


def cell_faults(sheet: Sheet, names: Mapping[int, str], where: Where) -> tuple[Finding, ...]:
    """Return errors for cells that hold an error or a formula that was never computed, one per column and kind.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    names : mapping of int to str
        Column number to column name; a cell in no column of the table is named by its address alone.
    where : Where
        The file.

    Returns
    -------
    tuple of Finding
    """
    groups: dict[tuple[int, bool], list[CellFault]] = defaultdict(list)
    for item in sheet.faults:
        groups[item.column, bool(item.text)].append(item)
    return tuple(_fault(items, names.get(column), where) for (column, _), items in sorted(groups.items()))


def _fault(items: list[CellFault], name: str | None, where: Where) -> Finding:
    first = items[0]
    place = Where(file=where.file, row=first.row, column=name)
    addresses = [f"{get_column_letter(item.column)}{item.row}" for item in items]
    if not first.text:
        return finding("formula-uncomputed", place, cells=plain(addresses))
    texts = [
        {"en": f"{address} {item.text}", "zh": f"{address} {item.text}"}
        for address, item in zip(addresses, items, strict=True)
    ]
    return finding("cell-holds-error", place, cells=join(texts))


def _only_text(sheet: Sheet, row: int) -> str:
    return cell_text(next(value for value in sheet.rows[row] if value is not None)) or ""
