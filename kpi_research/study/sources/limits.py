"""How large an input may be; everything above is a finding, not a crash."""

from __future__ import annotations

GIBIBYTE = 1024**3

MAX_TEXT_BYTES = 2 * GIBIBYTE
"""Bytes of a csv, tsv or txt file, after decompression where a package ships it compressed."""

MAX_EXCEL_FILE_BYTES = GIBIBYTE
"""Bytes of an xlsx file on disk."""

MAX_EXCEL_UNPACKED_BYTES = GIBIBYTE
"""Bytes of all parts of an xlsx file together, as its zip directory declares them."""

MAX_EXCEL_CELLS = 100_000_000
"""Cells of one sheet, counted up to the last used cell of each row."""

MAX_EXCEL_ROW = 1_048_576
MAX_EXCEL_COLUMN = 16_384
"""The last row and column that Excel itself has."""

MAX_BINARY_FILE_BYTES = 16 * GIBIBYTE
"""Bytes of a parquet or DuckDB file."""

MAX_BINARY_CELLS = 1_000_000_000
"""Rows times columns of a parquet file or DuckDB table."""

MAX_COLUMNS = 20_000
"""Columns of any table."""

MAX_FILES = 10_000
"""Files that one glob may match."""

MAX_HEADER_ROWS = 4
"""Rows that a header may have."""


def megabytes(size: int) -> str:
    """Return a number of bytes as whole mebibytes with thousands separators.

    Parameters
    ----------
    size : int
        Bytes, >= 0.

    Returns
    -------
    str

    Examples
    --------
    >>> megabytes(2 * GIBIBYTE)
    '2,048'
    """
    return f"{size / 1024**2:,.0f}"
