"""How one text reads as a date: ISO 8601, the Chinese forms, Excel's serial numbers, and the forms that may be read two ways."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kpi_research.study.sources.cells import is_missing, normalized

Kind = Literal["date", "serial", "two_way", "two_digit_year", "missing", "text"]

SERIAL_FIRST, SERIAL_LAST = 18264, 73050
"""Excel serial numbers of 1950-01-01 and 2099-12-31; numbers outside are not taken as dates."""

EXCEL_DAY_ZERO = datetime.datetime(1899, 12, 30)

_CLOCK = (
    r"(?:(?:T| ?)(?P<half>上午|下午)? ?(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})"
    r"(?:[:分](?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?秒?|分)?"
    r"(?: ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_TIME = _CLOCK.replace("(?:T| ?)", "(?:T| )", 1)
_MONTH_DAY = r"(?P<month>\d{1,2})(?P<sep>[-/.])(?P<day>\d{1,2})"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_TIME}",
        rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_TIME}",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})",
        rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号]?{_CLOCK}",
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?:份)?",
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
        r"(?P<year>\d{4})(?:年第?|第)(?P<quarter>[1-4一二三四])季度?",
        r"(?P<year>\d{4})[- ]?[Qq](?P<quarter>[1-4])",
        r"(?P<year>\d{4})年?",
    )
)
_TWO_WAY = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<sep>[-/.])(?P<second_number>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}){_TIME}", re.ASCII
)
_TWO_DIGIT_YEAR = re.compile(rf"\d{{1,2}}(?P<sep>[-/.])\d{{1,2}}(?P=sep)\d{{2}}{_TIME}", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_QUARTERS = {sign: number for number, sign in enumerate("一二三四", 1)}


@dataclass(frozen=True, slots=True)
class DateCell:
    """How one text reads as a date.

    Attributes
    ----------
    kind : str
        ``date``; ``serial`` (a number Excel counts days with); ``two_way`` (day and month may be exchanged); ``two_digit_year``;
        ``missing``; ``text`` (no date).
    value : datetime.datetime or None
        The date, with a zone where one is written; for ``two_way`` read day first.
    month_first : datetime.datetime or None
        For ``two_way``: the date read month first. A reading that does not exist is None.
    """

    kind: Kind
    value: datetime.datetime | None = None
    month_first: datetime.datetime | None = None


def parse_date(text: str) -> DateCell:
    """Return how a text reads as a date; a month, quarter or year is its first day.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    DateCell

    Examples
    --------
    >>> parse_date("2026年第3季度").value
    datetime.datetime(2026, 7, 1, 0, 0)
    >>> parse_date("01/02/2026").kind
    'two_way'
    """
    plain = " ".join(normalized(text).split())
    if is_missing(plain):
        return DateCell("missing")
    for form in _FORMS:
        match = form.fullmatch(plain)
        if match:
            value = _moment(match.groupdict())
            return DateCell("date", value) if value else DateCell("text")
    if _SERIAL.fullmatch(plain) and SERIAL_FIRST <= float(plain) < SERIAL_LAST + 1:
        return DateCell("serial", from_serial(float(plain)))
    match = _TWO_WAY.fullmatch(plain)
    if match:
        return _two_way(match.groupdict())
    return DateCell("two_digit_year" if _TWO_DIGIT_YEAR.fullmatch(plain) else "text")


def from_serial(days: float) -> datetime.datetime:
    """Return the date of an Excel serial number, to the nearest second.

    Parameters
    ----------
    days : float
        Days since 1899-12-30.

    Returns
    -------
    datetime.datetime

    Examples
    --------
    >>> from_serial(46053.5)
    datetime.datetime(2026, 1, 31, 12, 0)
    """
    return EXCEL_DAY_ZERO + datetime.timedelta(seconds=round(days * 86400))


def _two_way(parts: Mapping[str, str | None]) -> DateCell:
    first, second = parts["first"], parts["second_number"]
    day_first = _moment({**parts, "day": first, "month": second})
    month_first = _moment({**parts, "day": second, "month": first})
    return DateCell("two_way", day_first, month_first) if day_first or month_first else DateCell("text")


def _moment(parts: Mapping[str, str | None]) -> datetime.datetime | None:
    try:
        value = datetime.datetime(
            int(parts["year"] or 0),
            _month(parts),
            int(parts.get("day") or 1),
            _hour(parts),
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int((parts.get("fraction") or "0").ljust(6, "0")[:6]),
            _zone(parts.get("zone")),
        )
        return value if value.tzinfo is None or value.astimezone(datetime.UTC) else None
    except (ValueError, OverflowError):
        return None


def _month(parts: Mapping[str, str | None]) -> int:
    quarter = parts.get("quarter")
    if quarter:
        return 3 * (_QUARTERS.get(quarter) or int(quarter)) - 2
    return int(parts.get("month") or 1)


def _hour(parts: Mapping[str, str | None]) -> int:
    hour, half = int(parts.get("hour") or 0), parts.get("half")
    if half == "下午":
        return hour if hour >= 12 else hour + 12
    if half == "上午" and hour > 12:
        raise ValueError(f"{hour} o'clock in the morning")
    return hour % 12 if half else hour


def _zone(zone: str | None) -> datetime.tzinfo | None:
    if not zone:
        return None
    if zone in ("Z", "UTC"):
        return datetime.UTC
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return datetime.timezone(sign * datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
