"""Periods in one canonical writing, so that they sort and match across tables."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.sources.phrases import Locate

_YEAR = re.compile(r"(\d{1,4})年?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_QUARTER = re.compile(r"(\d{4})年?[-/ ]?(?:[Qq]|第)([1-4一二三四])(?:季度?)?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_HAN = {"一": "1", "二": "2", "三": "3", "四": "4"}
_SHOWN = 5


def to_period(column: pd.Series, locate: Locate, _dates: str | None = None) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Bring the periods of a table into one writing.

    Years become whole numbers; months ``2026-01``, quarters ``2026Q1`` and days ``2026-01-31`` become text, whether
    they were written ``2026/1``, ``2026年1月``, ``2026年第1季度`` or with full-width digits. Other texts (such as
    ``wave 3``) stay as they are.

    Parameters
    ----------
    column : pandas.Series
        The cells: whole numbers, timestamps or text.
    locate : callable
        Gives the place of the cell at a position.

    Returns
    -------
    pandas.Series, tuple of Finding
        Whole numbers or text; a finding ``mixed-periods`` where rows are written as different kinds of period.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").astype("str"), ()
    cells = column.dropna()
    read = {cell: _canonical(cell) for cell in cells.unique()}
    kinds = {kind for kind, _ in read.values()}
    if len(kinds) > 1:
        return column.astype("str"), (_mixed(column, read, locate),)
    texts = column.map(lambda cell: read[cell][1], na_action="ignore")
    if kinds == {"year"}:
        return texts.astype("Int64") if column.isna().any() else texts.astype("int64"), ()
    return texts.astype("str"), ()


def _canonical(cell: object) -> tuple[str, str | int]:
    if isinstance(cell, int | float) and float(cell).is_integer():
        return "year", int(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if match := _YEAR.fullmatch(text):
        return "year", int(match[1])
    if match := _QUARTER.fullmatch(text):
        return "quarter", f"{match[1]}Q{_HAN.get(match[2], match[2])}"
    if (match := _MONTH.fullmatch(text)) and 1 <= int(match[2]) <= 12:
        return "month", f"{match[1]}-{int(match[2]):02d}"
    if (match := _DAY.fullmatch(text)) and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31:
        return "day", f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    return "text", text


def _mixed(column: pd.Series, read: dict[object, tuple[str, str | int]], locate: Locate) -> Finding:
    first: dict[str, int] = {}
    for position, cell in enumerate(column):
        if cell in read:
            first.setdefault(read[cell][0], position)
    places = list(first.values())[:_SHOWN]
    cells = ", ".join(f"'{column.iloc[position]}' ({locate(position).row})" for position in places)
    return finding("mixed-periods", locate(places[-1]), cells=cells)
