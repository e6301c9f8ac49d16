"""DuckDB files, ``duckdb:bureau.db#table``: opened read-only and without access to anything outside the file."""

from __future__ import annotations

import os

import duckdb
import pyarrow as pa
from sqlglot.expressions import select, table_

from kpi_research.study.findings import Where, finding
from kpi_research.study.sources.arrow_table import check_shape, part_from_arrow
from kpi_research.study.sources.files import (
    FileError,
    SourceFile,
    check_size,
    find_file,
    reason,
    sha256_of,
    unreadable,
)
from kpi_research.study.sources.limits import MAX_BINARY_FILE_BYTES
from kpi_research.study.sources.loaded import Part, Request
from kpi_research.study.suggest import did_you_mean

DUCKDB_FAULTS: tuple[type[BaseException], ...] = (
    duckdb.Error,
    pa.ArrowException,
    ValueError,
    TypeError,
    RuntimeError,
    OSError,
    MemoryError,
)
"""What DuckDB raises on damaged or locked files."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "threads": 1,
}


def read_duckdb(rest: str, request: Request) -> tuple[Part, ...]:
    """Return a table or view of a DuckDB file.

    Parameters
    ----------
    rest : str
        ``path/file.db#table`` or ``path/file.db#schema.table``, the path relative to the study folder.
    request : Request
        ``folder`` and ``spec_where`` are used.

    Returns
    -------
    tuple of Part
        One part; columns with their own types, times with a zone in UTC, rows counted from 1 in storage order.
    """
    name = f"duckdb:{rest}"
    path, _, table = rest.rpartition("#")
    if not path or not table:
        return (Part(name, findings=(finding("duckdb-source-malformed", request.spec_where, found=name[:200]),)),)
    try:
        file = find_file(path, request.folder, request.spec_where)
        check_size(file, MAX_BINARY_FILE_BYTES)
        return (_read(SourceFile(name, file.path), path, table, request.spec_where),)
    except FileError as fault:
        return (Part(name, findings=(fault.found,)),)
    except OSError as error:
        return (Part(name, findings=(unreadable(name, error),)),)


def _read(file: SourceFile, shown: str, table: str, spec_where: Where) -> Part:
    if os.path.lexists(f"{file.path}.wal"):
        return Part(file.name, findings=(finding("duckdb-log-present", Where(file=file.name), log=f"{shown}.wal"),))
    digest = sha256_of(file.path)
    try:
        part = _query(file, table, digest, spec_where)
    except DUCKDB_FAULTS as error:
        damaged = finding("duckdb-damaged", Where(file=file.name), reason=reason(error).replace(str(file.path), shown))
        return Part(file.name, digest, findings=(damaged,))
    if sha256_of(file.path) != digest:
        return Part(file.name, digest, findings=(finding("source-changed", Where(file=file.name)),))
    return part


def _query(file: SourceFile, table: str, digest: str, spec_where: Where) -> Part:
    with duckdb.connect(str(file.path), read_only=True, config=_SETTINGS) as connection:
        known = _tables(connection)
        if table not in known:
            found = finding("duckdb-table-missing", spec_where, found=table, hint=did_you_mean(table, known))
            return Part(file.name, digest, findings=(found,))
        schema, name = known[table]
        query = select("*").from_(table_(name, db=schema, quoted=True))
        relation = connection.sql(query.sql("duckdb"))
        count = relation.count("*").fetchone()
        faults = check_shape(count[0] if count else 0, len(relation.columns), Where(file=file.name))
        if faults:
            return Part(file.name, digest, findings=faults)
        return part_from_arrow(_in_utc(relation.to_arrow_table()), file.name, digest)


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() ORDER BY table_schema, table_name"
    ).fetchall()
    return {(name if schema == "main" else f"{schema}.{name}"): (schema, name) for schema, name in rows}


def _in_utc(table: pa.Table) -> pa.Table:
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            kind = pa.timestamp(field.type.unit, "UTC")
            table = table.set_column(number, field.name, table.column(number).cast(kind))
    return table
