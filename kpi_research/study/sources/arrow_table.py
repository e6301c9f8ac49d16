"""Typed tables (parquet, DuckDB) as frames: native types kept, whole numbers exact, nested columns left out with a finding."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.header import check_names
from kpi_research.study.sources.limits import MAX_BINARY_CELLS, MAX_COLUMNS
from kpi_research.study.sources.loaded import Part
from kpi_research.study.sources.phrases import join, quoted


def check_shape(rows: int, columns: int, where: Where) -> tuple[Finding, ...]:
    """Return findings if a table declares more rows or columns than can be read.

    Parameters
    ----------
    rows, columns : int
        Shape as declared.
    where : Where
        The file.

    Returns
    -------
    tuple of Finding
    """
    if columns > MAX_COLUMNS:
        return (finding("source-too-wide", where, found=columns, limit=MAX_COLUMNS),)
    if rows * columns > MAX_BINARY_CELLS:
        return (finding("source-too-many-cells", where, found=f"{rows * columns:,}", limit=f"{MAX_BINARY_CELLS:,}"),)
    return ()


def part_from_arrow(table: pa.Table, name: str, digest: str) -> Part:
    """Return an Arrow table as a part; its rows are counted from 1.

    Parameters
    ----------
    table : pyarrow.Table
        The table.
    name : str
        The source as the user knows it.
    digest : str
        SHA-256 of the file.

    Returns
    -------
    Part
        Whole numbers with missing values are ``Int64``, decimals ``float64``, dates and times ``datetime64``, text ``str``.

    Raises
    ------
    pyarrow.ArrowException, ValueError
        If the table breaks its own declared types.
    """
    where = Where(file=name)
    if not table.num_columns:
        return Part(name, digest, findings=(finding("source-empty", where),))
    faults = check_names([str(item) for item in table.column_names], list(range(1, table.num_columns + 1)), where)
    if faults:
        return Part(name, digest, findings=faults)
    table.validate(full=True)
    series = {field.name: _series(table.column(field.name)) for field in table.schema}
    kept = {column: values for column, values in series.items() if values is not None}
    frame = pd.DataFrame(kept, index=pd.RangeIndex(table.num_rows))
    rows = np.arange(1, len(frame) + 1, dtype=np.int64)
    return Part(name, digest, frame, rows, 1, _left_out(table, frozenset(kept), where))


def _left_out(table: pa.Table, kept: frozenset[str], where: Where) -> tuple[Finding, ...]:
    items = [quoted(f"{field.name}: {field.type}") for field in table.schema if field.name not in kept]
    return (finding("column-type-left-out", where, columns=join(items)),) if items else ()


def _series(column: pa.ChunkedArray) -> pd.Series | None:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _series(column.cast(kind.value_type))
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_pandas()
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas()
    if pa.types.is_integer(kind) and column.null_count:
        return column.to_pandas(types_mapper={kind: _NULLABLE[str(kind)]}.get)
    if pa.types.is_boolean(kind) and column.null_count:
        return column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get)
    if pa.types.is_null(kind):
        return pd.Series([None] * len(column), dtype="str")
    return column.to_pandas() if _plain(kind) else None


def _plain(kind: pa.DataType) -> bool:
    tests = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_boolean,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_timestamp,
    )
    return any(test(kind) for test in tests)


_NULLABLE = {
    "int8": pd.Int8Dtype(),
    "int16": pd.Int16Dtype(),
    "int32": pd.Int32Dtype(),
    "int64": pd.Int64Dtype(),
    "uint8": pd.UInt8Dtype(),
    "uint16": pd.UInt16Dtype(),
    "uint32": pd.UInt32Dtype(),
    "uint64": pd.UInt64Dtype(),
}
