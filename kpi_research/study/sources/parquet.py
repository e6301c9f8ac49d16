"""Parquet files: read with their own types; the file is hashed before and after."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kpi_research.study.findings import Where, finding
from kpi_research.study.sources.arrow_table import check_shape, part_from_arrow
from kpi_research.study.sources.files import FileError, SourceFile, check_size, reason, sha256_of, unreadable
from kpi_research.study.sources.limits import MAX_BINARY_FILE_BYTES
from kpi_research.study.sources.loaded import Part, Request

PARQUET_FAULTS: tuple[type[BaseException], ...] = (
    pa.ArrowException,
    ValueError,
    OSError,
    LookupError,
    TypeError,
    ArithmeticError,
    NotImplementedError,
    MemoryError,
)
"""What pyarrow raises on damaged bytes, as seen on mutated files."""


def read_parquet(file: SourceFile, request: Request) -> Part:
    """Return the table of a parquet file.

    Parameters
    ----------
    file : SourceFile
        The file.
    request : Request
        Nothing of it is used: the file says all itself.

    Returns
    -------
    Part
        Columns with their own types; ``rows`` counts from 1.
    """
    del request
    try:
        check_size(file, MAX_BINARY_FILE_BYTES)
        digest = sha256_of(file.path)
        part = _parse(file, digest)
        after = sha256_of(file.path)
    except FileError as fault:
        return Part(file.name, findings=(fault.found,))
    except OSError as error:
        return Part(file.name, findings=(unreadable(file.name, error),))
    if after != digest:
        return Part(file.name, digest, findings=(finding("source-changed", Where(file=file.name)),))
    return part


def _parse(file: SourceFile, digest: str) -> Part:
    where = Where(file=file.name)
    if not file.path.stat().st_size:
        return Part(file.name, digest, findings=(finding("source-empty", where),))
    try:
        return _table(file.path, file.name, digest)
    except PARQUET_FAULTS as error:
        return Part(file.name, digest, findings=(finding("parquet-damaged", where, reason=reason(error)),))


def _table(path: Path, name: str, digest: str) -> Part:
    with pq.ParquetFile(path) as content:
        shape = content.metadata
        faults = check_shape(shape.num_rows, shape.num_columns, Where(file=name))
        if faults:
            return Part(name, digest, findings=faults)
        return part_from_arrow(content.read(use_threads=False), name, digest)
