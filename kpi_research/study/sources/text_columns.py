"""Records gathered into text columns, chunk by chunk, so that large files stay small in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kpi_research.study.sources.phrases import LISTED
from kpi_research.study.sources.records import Record

CHUNK_CELLS = 1_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Body:
    """The records below the header.

    Attributes
    ----------
    frame : pandas.DataFrame
        Text columns named ``"0"``, ``"1"``, ...; only records of the right width.
    rows : array of int64, shape (rows of frame,)
        Line of each record.
    ragged_first : tuple of (int, int)
        Line and number of cells of the first few records that have another width.
    ragged_count : int
        How many such records there are.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    ragged_first: tuple[tuple[int, int], ...]
    ragged_count: int


def collect(stream: Iterator[Record], width: int) -> Body:
    """Return the records of a text as columns of text.

    Parameters
    ----------
    stream : iterator of Record
        Records below the header.
    width : int
        Number of columns of the header.

    Returns
    -------
    Body
        Surrounding white space of cells (full-width too) is cut, an empty cell is missing.
    """
    tables, rows, ragged, chunk = [], [], [], []
    for record in stream:
        if len(record.cells) != width:
            ragged.append((record.row, len(record.cells)))
            continue
        rows.append(record.row)
        chunk.append(record.cells)
        if len(chunk) * width >= CHUNK_CELLS:
            tables.append(_columns(chunk, width))
            chunk = []
    tables.append(_columns(chunk, width))
    frame = pa.concat_tables(tables).to_pandas()
    return Body(frame, np.array(rows, dtype=np.int64), tuple(ragged[:LISTED]), len(ragged))


def _columns(chunk: list[list[str]], width: int) -> pa.Table:
    columns = list(zip(*chunk, strict=True)) if chunk else [()] * width
    return pa.table({str(number): _cleaned(column) for number, column in enumerate(columns)})


def _cleaned(column: tuple[str, ...]) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(pa.array(column, type=pa.large_string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed)
