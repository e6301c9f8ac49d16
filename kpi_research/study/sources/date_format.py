"""The date format a study file may give where dates can be read two ways, e.g. ``dates = "%d/%m/%Y"``."""

from __future__ import annotations

import datetime
import re
from collections import Counter

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.cells import is_missing, normalized
from kpi_research.study.sources.date_cells import DateCell

DIRECTIVES = "YymdHMSfz"
"""Directives that mean the same on every machine; names of months and AM/PM depend on its language."""

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def check_format(dates: str | None, where: Where) -> tuple[Finding, ...]:
    """Return a finding if a date format cannot be used.

    Parameters
    ----------
    dates : str or None
        Format as in the study file; it needs a year and a month, each directive at most once.
    where : Where
        Its place.

    Returns
    -------
    tuple of Finding

    Examples
    --------
    >>> check_format("%d/%m/%Y", Where("study.toml"))
    ()
    """
    if dates is None:
        return ()
    counts = Counter(sign for sign in _DIRECTIVE.findall(dates) if sign != "%")
    years = counts["Y"] + counts["y"]
    if (
        set(counts) <= set(DIRECTIVES)
        and years == 1
        and counts["m"] == 1
        and max(counts.values()) == 1
        and "\0" not in dates
    ):
        return ()
    allowed = " ".join(f"%{sign}" for sign in DIRECTIVES)
    return (finding("date-format", where, found=dates[:60], allowed=allowed),)


def parse_as(text: str, dates: str) -> DateCell:
    """Return how a text reads as a date in a given format.

    Parameters
    ----------
    text : str
        A cell.
    dates : str
        A format that ``check_format`` accepts.

    Returns
    -------
    DateCell
        Of kind ``date``, ``missing`` or ``text``.

    Examples
    --------
    >>> parse_as("01/02/2026", "%d/%m/%Y").value
    datetime.datetime(2026, 2, 1, 0, 0)
    """
    plain = normalized(text)
    if is_missing(plain):
        return DateCell("missing")
    try:
        value = datetime.datetime.strptime(plain, normalized(dates))
        if value.tzinfo is not None:
            value.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return DateCell("text")
    return DateCell("date", value)
