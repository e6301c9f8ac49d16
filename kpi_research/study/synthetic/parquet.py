"""Parquet files with the same bytes for the same table, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

COMPRESSION_LEVEL = 12
_IDENTIFIERS = frozenset({"incident", "entry", "respondent", "event", "address"})


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table without notes on the library that made it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.

    Returns
    -------
    pyarrow.Table
        Texts as 32-bit strings; no metadata.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    texts = {pa.large_string(): pa.string()}
    return table.cast(pa.schema([field.with_type(texts.get(field.type, field.type)) for field in table.schema]))


def write_parquet(frame: pd.DataFrame, path: Path, level: int = COMPRESSION_LEVEL) -> None:
    """Write a table to a parquet file, whole or not at all.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    path : pathlib.Path
        The file; its folder must exist.
    level : int
        Level of zstd compression.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    table = arrow_table(frame)
    special = _encodings(table.schema)
    plain = [name for name in table.column_names if name not in special]
    pq.write_table(
        table, part, compression="zstd", compression_level=level, version="2.6", use_dictionary=plain,
        column_encoding=special,
    )  # fmt: skip
    os.replace(part, path)


def _encodings(schema: pa.Schema) -> dict[str, str]:
    """Return the encoding of columns for which a dictionary is no use: times and identifiers of rows."""
    times = {field.name: "DELTA_BINARY_PACKED" for field in schema if pa.types.is_timestamp(field.type)}
    return {**times, **{name: "DELTA_BYTE_ARRAY" for name in schema.names if name in _IDENTIFIERS}}


def write_text(text: str, path: Path) -> None:
    """Write a text file (UTF-8, line ends as in the text), whole or not at all.

    Parameters
    ----------
    text : str
        The text.
    path : pathlib.Path
        The file; its folder must exist.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(text.encode())
    os.replace(part, path)
