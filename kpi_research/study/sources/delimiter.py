"""Which sign separates the cells of a text file: read off the header row, and only if it leaves no choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.phrases import join

DELIMITERS: dict[str, dict[str, str]] = {
    ",": {"en": "comma", "zh": "逗号"},
    "\t": {"en": "tab", "zh": "制表符"},
    ";": {"en": "semicolon", "zh": "分号"},
    "\uff0c": {"en": "full-width comma", "zh": "全角逗号"},
}
"""Signs that may separate cells, with their names."""

MAX_HEADER_LINES = 100
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def find_delimiter(lines: Iterator[str], where: Where) -> tuple[str | None, tuple[Finding, ...]]:
    """Return the delimiter of a text file from its first row that is not blank.

    Parameters
    ----------
    lines : iterator of str
        Lines of the file. A file name that ends in ``.tsv`` means tab.
    where : Where
        The file.

    Returns
    -------
    delimiter : str or None
        None where the header holds several of ``DELIMITERS`` outside quotation marks; a comma where it holds none (one column).
    findings : tuple of Finding
        The delimiters found, where there are several.

    Examples
    --------
    >>> find_delimiter(iter(['unit;"score, points"']), Where("a.csv"))
    (';', ())
    """
    if where.file.lower().endswith(".tsv"):
        return "\t", ()
    row, text = _header_text(lines)
    found = [sign for sign in DELIMITERS if sign in _QUOTED.sub("", text)]
    if len(found) > 1:
        place = Where(file=where.file, row=row)
        return None, (finding("delimiter-ambiguous", place, found=join([DELIMITERS[sign] for sign in found])),)
    return (found[0] if found else ","), ()


def _header_text(lines: Iterator[str]) -> tuple[int, str]:
    row, text = 1, ""
    for line in islice(lines, MAX_HEADER_LINES):
        if not text and not line.strip("\r\n"):
            row += 1
            continue
        text += line
        if text.count('"') % 2 == 0:
            break
    return row, text
