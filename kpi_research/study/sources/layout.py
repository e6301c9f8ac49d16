"""Where a table lies in a sheet: titles above, header rows with merged cells, data, footnotes below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpi_research.study.sources.cells import cell_text
from kpi_research.study.sources.header import clean_name, join_levels, spread_parents
from kpi_research.study.sources.limits import MAX_HEADER_ROWS
from kpi_research.study.sources.sheet import Merged, Sheet


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of a sheet by their purpose.

    Attributes
    ----------
    titles, header, data, footnotes : tuple of int
        Row numbers; titles and footnotes are rows merged over the whole width above and below the table.
    left, right : int
        First and last column of the table.
    deep : bool
        Whether the merged header cells reach below ``MAX_HEADER_ROWS`` rows.
    """

    titles: tuple[int, ...]
    header: tuple[int, ...]
    data: tuple[int, ...]
    footnotes: tuple[int, ...]
    left: int
    right: int
    deep: bool = False


def find_layout(sheet: Sheet, header_rows: int | None) -> Layout:
    """Return the layout of a sheet that holds at least one value.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    header_rows : int or None
        Number of header rows below the titles; None = as deep as the merged cells that begin in the header reach.

    Returns
    -------
    Layout
    """
    numbers = sorted(sheet.rows)
    wide = {item.top: item for item in sheet.merged if item.right > item.left}
    titles = _full_width(sheet, numbers, wide)
    rest = numbers[len(titles) :]
    footnotes = _full_width(sheet, rest[::-1][:-1], wide) if len(rest) > 1 else ()
    rest = rest[: len(rest) - len(footnotes)]
    first = rest[0]
    depth = header_rows or header_depth(first, sheet.merged)
    header = tuple(range(first, first + min(depth, MAX_HEADER_ROWS)))
    left, right = _span(sheet, rest)
    data = tuple(row for row in rest if row > header[-1])
    return Layout(titles, header, data, footnotes[::-1], left, right, depth > MAX_HEADER_ROWS)


def header_depth(first: int, merged: Iterable[Merged]) -> int:
    """Return how many rows a header has: a cell merged over columns has children below it, one merged over rows reaches down.

    Parameters
    ----------
    first : int
        First row of the header.
    merged : iterable of Merged
        Merged ranges of the sheet.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> header_depth(1, [Merged(1, 1, 2, 1), Merged(1, 2, 1, 3)])
    2
    """
    last = first
    for item in sorted(merged, key=lambda item: item.top):
        if first <= item.top <= last:
            last = max(last, item.bottom + (1 if item.right > item.left else 0))
    return last - first + 1


def header_names(sheet: Sheet, layout: Layout, header_rows: int | None) -> list[str]:
    """Return the column names of a table, parents and children joined by ``/``.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    layout : Layout
        Its layout.
    header_rows : int or None
        As given in the study file; where it is given and no header cell is merged, a parent also stands over the children right of it.

    Returns
    -------
    list of str
        One name per column from ``left`` to ``right``; empty text where the header is empty.
    """
    columns = range(layout.left, layout.right + 1)
    cells = {(row, column): _header_cell(sheet, row, column) for row in layout.header for column in columns}
    inside = [item for item in sheet.merged if item.top in layout.header]
    if len(inside) > len(cells):
        raise ValueError("merged ranges overlap")
    for item in inside:
        text = _header_cell(sheet, item.top, item.left)
        for row in range(item.top, min(item.bottom, layout.header[-1]) + 1):
            for column in range(max(item.left, layout.left), min(item.right, layout.right) + 1):
                cells[row, column] = text
    levels = [[cells[row, column] for column in columns] for row in layout.header]
    return join_levels(spread_parents(levels) if header_rows and not inside else levels)


def _header_cell(sheet: Sheet, row: int, column: int) -> str:
    return clean_name(cell_text(value_at(sheet, row, column)) or "")


def value_at(sheet: Sheet, row: int, column: int) -> object:
    """Return the value of a cell, None where it is empty.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    row, column : int
        Its place, counted from 1.

    Returns
    -------
    object
    """
    cells = sheet.rows.get(row, [])
    return cells[column - 1] if column <= len(cells) else None


def _span(sheet: Sheet, rows: Iterable[int]) -> tuple[int, int]:
    kept = [sheet.rows[row] for row in rows]
    left = min(next(number for number, value in enumerate(cells, 1) if value is not None) for cells in kept)
    return left, max(map(len, kept))


def _full_width(sheet: Sheet, rows: list[int], wide: dict[int, Merged]) -> tuple[int, ...]:
    candidates = []
    for row in rows:
        if row not in wide or not _alone(sheet, row):
            break
        candidates.append(row)
    others = sheet.rows.keys() - set(candidates)
    if not others:
        return ()
    left, right = _span(sheet, others)
    covering = []
    for row in candidates:
        if wide[row].left > left or wide[row].right < right:
            break
        covering.append(row)
    return tuple(covering)


def _alone(sheet: Sheet, row: int) -> bool:
    return sum(value is not None for value in sheet.rows[row]) == 1
