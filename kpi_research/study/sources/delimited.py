"""Text files: csv, tsv, txt with comma, tab, semicolon or full-width comma; every row keeps its line in the file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from itertools import islice

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.columns import assemble
from kpi_research.study.sources.decode import decide_encoding
from kpi_research.study.sources.delimiter import find_delimiter
from kpi_research.study.sources.header import clean_name, join_levels, spread_parents
from kpi_research.study.sources.limits import MAX_COLUMNS
from kpi_research.study.sources.loaded import Part, Request
from kpi_research.study.sources.phrases import join
from kpi_research.study.sources.records import BrokenRecordError, Record, records
from kpi_research.study.sources.text_columns import Body, collect

_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "xlsx/zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"PAR1", "parquet"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
)


def read_delimited(data: bytes, name: str, request: Request) -> Part:
    """Return the table of a text file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        The file as the user knows it; the ending ``.tsv`` means tab.
    request : Request
        ``encoding`` and ``header_rows`` are used.

    Returns
    -------
    Part
        Text columns; rows without any text are left out. ``rows`` is the line on which each record begins.
    """
    digest = hashlib.sha256(data).hexdigest()
    where = Where(file=name)
    early = _not_text(data, where)
    if early:
        return Part(name, digest, findings=early)
    decision = decide_encoding(data, request.encoding, where)
    if decision.encoding is None:
        return Part(name, digest, findings=decision.findings)
    delimiter, doubts = find_delimiter(_lines(data, decision.encoding), where)
    if delimiter is None:
        return Part(name, digest, findings=(*decision.findings, *doubts))
    stream = records(_lines(data, decision.encoding), delimiter)
    part = _table(stream, name, digest, request.header_rows or 1)
    return Part(name, digest, part.frame, part.rows, part.first_row, (*decision.findings, *part.findings))


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    return iter(io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""))


def _not_text(data: bytes, where: Where) -> tuple[Finding, ...]:
    if not data.strip():
        return (finding("source-empty", where),)
    for start, kind in _OTHER_FORMATS:
        if data.startswith(start):
            return (finding("source-not-text", where, kind=kind),)
    return ()


def _table(stream: Iterator[Record], name: str, digest: str, header_rows: int) -> Part:
    where = Where(file=name)
    try:
        head = list(islice(stream, header_rows))
        if not head:
            return Part(name, digest, findings=(finding("source-empty", where),))
        width = max(len(record.cells) for record in head)
        if width > MAX_COLUMNS:
            return Part(name, digest, findings=(finding("source-too-wide", where, found=width, limit=MAX_COLUMNS),))
        body = collect(stream, width)
    except BrokenRecordError as error:
        return Part(name, digest, findings=(_broken(error, name),))
    names = _names(head, width)
    place = Where(file=name, row=head[0].row)
    labels = list(range(1, width + 1))
    part = assemble(body.frame, body.rows, names, labels, place)
    return Part(name, digest, part.frame, part.rows, head[-1].row + 1, (*_ragged(body, name, width), *part.findings))


def _names(head: list[Record], width: int) -> list[str]:
    levels = [[clean_name(text) for text in record.cells] + [""] * (width - len(record.cells)) for record in head]
    return join_levels(spread_parents(levels))


def _ragged(body: Body, name: str, width: int) -> tuple[Finding, ...]:
    if not body.ragged_count:
        return ()
    rows = [
        {"en": f"row {row} (found {found})", "zh": f"第{row}行（{found}个单元格）"} for row, found in body.ragged_first
    ]
    place = Where(file=name, row=body.ragged_first[0][0])
    return (finding("row-ragged", place, rows=join(rows, body.ragged_count), width=width),)


def _broken(error: BrokenRecordError, name: str) -> Finding:
    place = Where(file=name, row=error.row)
    return finding(error.code, place, row=error.row, line=error.line, limit=f"{error.limit:,}")
