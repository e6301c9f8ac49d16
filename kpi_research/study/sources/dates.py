"""Columns of dates: what is unambiguous is read, what could be read two ways is an error that asks for a format."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.cells import Distinct, distinct
from kpi_research.study.sources.date_cells import DateCell, parse_date
from kpi_research.study.sources.date_format import check_format, parse_as
from kpi_research.study.sources.phrases import Locate, cells, locator

_PLAIN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?"


def to_date(
    column: pd.Series, locate: Locate | None = None, *, format: str | None = None
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return a column as dates and times; months, quarters and years are their first day.

    Parameters
    ----------
    column : pandas.Series
        Texts (ISO 8601, ``2026/1/31``, ``20260131``, ``2026年1月31日 8时5分``, ``2026年1月``, ``2026年第1季度``, ``2026Q1``), native dates, or
        Excel's serial numbers.
    locate : callable, optional
        From the position of a cell to its place; default: row 1 is position 0.
    format : str, optional
        Format of the texts, e.g. ``"%d/%m/%Y"``; needed where day and month could be exchanged or years have two digits.

    Returns
    -------
    column : pandas.Series of datetime64
        Without zone as written; with the zone where all cells have the same; in UTC where zones differ. Missing cells and cells
        with a fault are NaT.
    findings : tuple of Finding
        Errors for cells that are no dates, for dates that could be read two ways, that mix day first and month first, that
        have a zone in some rows only; notes where serial numbers, day first or month first were read.

    Raises
    ------
    ValueError
        If ``format`` is not a usable format.

    Examples
    --------
    >>> to_date(pd.Series(["2026年1月31日", "2026/2/1"]))[0].dt.day.tolist()
    [31, 1]
    """
    locate = locate or locator(column=str(column.name))
    faults = check_format(format, Where())
    if faults:
        raise ValueError(f"format: {faults[0].message}")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column, ()
    quick = None if format else _iso(column)
    if quick is not None:
        return quick, ()
    texts = distinct(column)
    parsed = [parse_as(text, format) if format else parse_date(text) for text in texts.texts]
    values, findings = _resolved(texts, parsed, locate)
    result, more = _with_zone(values, texts, locate)
    return pd.Series(result.array, index=column.index, name=column.name), (*findings, *more)


def _iso(column: pd.Series) -> pd.Series | None:
    if not isinstance(column.dtype, pd.StringDtype) or not column.str.fullmatch(_PLAIN).fillna(value=True).all():
        return None
    values = pd.to_datetime(column, format="ISO8601", errors="coerce").astype("datetime64[us]")
    return values if values.isna().equals(column.isna()) else None


def _resolved(
    texts: Distinct, parsed: Sequence[DateCell], locate: Locate
) -> tuple[list[datetime.datetime | None], tuple[Finding, ...]]:
    kinds = np.array([item.kind for item in parsed], dtype=object)
    values = [item.value if item.kind in ("date", "serial") else None for item in parsed]
    findings: list[Finding] = []
    for kind, code in (("text", "date-cells"), ("two_digit_year", "date-two-digit-year")):
        findings.extend(_listed(code, texts, kinds == kind, locate))
    findings.extend(_serials(texts, kinds, values, locate))
    findings.extend(_orders(texts, parsed, values, locate))
    return values, tuple(findings)


def _serials(
    texts: Distinct, kinds: NDArray[np.object_], values: list[datetime.datetime | None], locate: Locate
) -> tuple[Finding, ...]:
    serial = kinds == "serial"
    if not serial.any():
        return ()
    if set(kinds) <= {"serial", "missing"}:
        return _listed("date-serial", texts, serial, locate)
    for number in np.flatnonzero(serial):
        values[number] = None
    return _listed("date-serial-mixed", texts, serial, locate)


def _orders(
    texts: Distinct, parsed: Sequence[DateCell], values: list[datetime.datetime | None], locate: Locate
) -> tuple[Finding, ...]:
    two_way = np.array([item.kind == "two_way" for item in parsed], dtype=bool)
    day = np.array([item.kind == "two_way" and item.month_first is None for item in parsed], dtype=bool)
    month = np.array([item.kind == "two_way" and item.value is None for item in parsed], dtype=bool)
    same = np.array([item.value == item.month_first for item in parsed], dtype=bool)
    if day.any() and month.any():
        counts = {"day": len(texts.positions(day)), "month": len(texts.positions(month))}
        fewer = day if counts["day"] < counts["month"] else month
        return _listed("date-mixed-order", texts, fewer, locate, **counts)
    if not day.any() and not month.any() and (two_way & ~same).any():
        return _listed("date-two-ways", texts, two_way & ~same, locate)
    for number, item in enumerate(parsed):
        if item.kind == "two_way":
            values[number] = item.month_first if month.any() else item.value
    if not day.any() and not month.any():
        return ()
    return _listed("date-day-first" if day.any() else "date-month-first", texts, day | month, locate)


def _with_zone(
    values: Sequence[datetime.datetime | None], texts: Distinct, locate: Locate
) -> tuple[pd.Series, tuple[Finding, ...]]:
    aware = np.array([value is not None and value.tzinfo is not None for value in values], dtype=bool)
    naive = np.array([value is not None and value.tzinfo is None for value in values], dtype=bool)
    if not aware.any():
        return _series(values, texts), ()
    if naive.any():
        fewer = aware if len(texts.positions(aware)) < len(texts.positions(naive)) else naive
        return _series([None] * len(values), texts), _listed("date-zone-missing", texts, fewer, locate)
    zones = {value.utcoffset(): value.tzinfo for value in values if value is not None}
    in_utc = [value.astimezone(datetime.UTC).replace(tzinfo=None) if value is not None else None for value in values]
    result = _series(in_utc, texts).dt.tz_localize("UTC")
    if len(zones) == 1:
        return result.dt.tz_convert(next(iter(zones.values()))), ()
    return result, _listed("date-zones-differ", texts, aware, locate)


def _series(values: Sequence[datetime.datetime | None], texts: Distinct) -> pd.Series:
    moments = np.array([*values, None], dtype="datetime64[us]")
    return pd.Series(moments[texts.codes])


def _listed(
    code: str, texts: Distinct, chosen: NDArray[np.bool_], locate: Locate, **facts: object
) -> tuple[Finding, ...]:
    positions = texts.positions(chosen)
    if not len(positions):
        return ()
    listed = cells(texts.found(positions), positions.tolist(), locate)
    return (finding(code, locate(int(positions[0])), cells=listed, count=len(positions), **facts),)
