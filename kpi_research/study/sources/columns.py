"""From positional columns to a named table: nothing that is wholly empty stays, every name is checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Where, finding
from kpi_research.study.sources.header import check_names
from kpi_research.study.sources.loaded import Part


def assemble(
    frame: pd.DataFrame, rows: NDArray[np.int64], names: Sequence[str], labels: Sequence[object], where: Where
) -> Part:
    """Return a table without its empty rows and without columns that have neither name nor data.

    Parameters
    ----------
    frame : pandas.DataFrame
        Cells; one column per name, in order.
    rows : array of int64, shape (rows of frame,)
        File row of each row.
    names : sequence of str
        Column names; empty text where the header cell is empty.
    labels : sequence
        What the user calls the position of each column: 1, 2, ... or A, B, ...
    where : Where
        File and header row.

    Returns
    -------
    Part
        Without a frame where names are empty or repeated, or where there is no column at all.
    """
    missing = frame.isna().to_numpy()
    used_columns = np.array([bool(name) for name in names], dtype=bool) | ~missing.all(axis=0)
    used_rows = ~missing.all(axis=1)
    kept = [number for number, used in enumerate(used_columns) if used]
    if not kept:
        return Part(where.file, findings=(finding("source-empty", Where(file=where.file)),))
    faults = check_names([names[number] for number in kept], [labels[number] for number in kept], where)
    if faults:
        return Part(where.file, findings=faults)
    table = frame.iloc[np.flatnonzero(used_rows), kept].reset_index(drop=True)
    table.columns = pd.Index([names[number] for number in kept])
    return Part(where.file, frame=table, rows=rows[used_rows])
