"""Merged cells among the data: a text stands for all rows it spans; a number does not."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.layout import Layout, value_at
from kpi_research.study.sources.numbers import parse_number
from kpi_research.study.sources.phrases import plain
from kpi_research.study.sources.sheet import Merged, Sheet


@dataclass(frozen=True, slots=True)
class Fills:
    """What merged cells add to the data.

    Attributes
    ----------
    values : dict of (int, int) to object
        Row and column number to the value that the merged cell gives it.
    findings : tuple of Finding
        A note of what was filled; errors for merged numbers and for cells merged across columns.
    """

    values: dict[tuple[int, int], object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def fill_merged(sheet: Sheet, layout: Layout, where: Where) -> Fills:
    """Return the values that cells merged over rows give to the rows below their first.

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
    Fills

    Raises
    ------
    ValueError
        If merged ranges overlap, which Excel does not allow.
    """
    data = frozenset(layout.data)
    inside = [item for item in sheet.merged if item.top in data and value_at(sheet, item.top, item.left) is not None]
    across = [item for item in inside if item.right > item.left]
    down = [item for item in inside if item.right == item.left and item.bottom > item.top]
    numbers = [item for item in down if _is_number(value_at(sheet, item.top, item.left))]
    filled = [item for item in down if item not in numbers]
    values: dict[tuple[int, int], object] = {}
    for item in filled:
        _fill(values, sheet, layout, item)
    groups = (("merged-filled", filled), ("merged-numbers", numbers), ("merged-across", across))
    return Fills(values, tuple(_finding(code, items, where) for code, items in groups if items))


def _fill(values: dict[tuple[int, int], object], sheet: Sheet, layout: Layout, item: Merged) -> None:
    value = value_at(sheet, item.top, item.left)
    begin, end = bisect_right(layout.data, item.top), bisect_right(layout.data, item.bottom)
    for row in layout.data[begin:end]:
        if (row, item.left) in values:
            raise ValueError("merged ranges overlap")
        values[row, item.left] = value


def _finding(code: str, items: list[Merged], where: Where) -> Finding:
    addresses = [f"{_address(item.top, item.left)}:{_address(item.bottom, item.right)}" for item in items]
    return finding(code, Where(file=where.file, row=items[0].top), ranges=plain(addresses))


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return parse_number(value).kind in ("number", "percent", "unit")
    return isinstance(value, (int, float))


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"
