"""Checks on a typed table: empty cells, ranges, choices, duplicated keys; all faults of all rows at once (pandera)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.schemas import Column, Schema
from kpi_research.study.suggest import did_you_mean

Place = Callable[[int | None, str | None], Where]
"""Gives the place of a cell from the row's position and the column's name."""

SHOWN = 5
"""Faults of one kind that are listed for a column; the rest is counted."""


def check_table(frame: pd.DataFrame, schema: Schema, place: Place) -> list[Finding]:
    """Check a typed table against its schema.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table with a RangeIndex.
    schema : Schema
        Its columns and key.
    place : callable
        Gives the place of a cell.

    Returns
    -------
    list of Finding
        Every fault; at most `SHOWN` cells of one kind per column are listed, the rest is counted.
    """
    present = {name: column for name, column in schema.columns.items() if name in frame}
    rules = pa.DataFrameSchema({name: _pandera_column(name, column, frame) for name, column in present.items()})
    faults: list[Finding] = []
    try:
        rules.validate(frame, lazy=True)
    except SchemaErrors as errors:
        faults += _cell_faults(errors.failure_cases, present, place)
    faults += _infinite(frame, place)
    if schema.key and set(schema.key) <= set(frame.columns):
        faults += list(_duplicates(frame, schema.key, place))
    return faults


def _pandera_column(name: str, column: Column, frame: pd.DataFrame) -> pa.Column:
    numeric = pd.api.types.is_numeric_dtype(frame[name])
    checks = []
    if numeric and column.low is not None:
        checks.append(pa.Check.ge(column.low))
    if numeric and column.high is not None:
        checks.append(pa.Check.le(column.high))
    if column.choices:
        checks.append(pa.Check.isin([*column.choices, ""]))
    return pa.Column(None, checks, nullable=column.nullable, required=False)


def _cell_faults(cases: pd.DataFrame, columns: dict[str, Column], place: Place) -> list[Finding]:
    faults: list[Finding] = []
    for (key, check), group in cases.groupby(["column", "check"], sort=False):
        name = str(key)
        column, positions = columns[name], [int(index) for index in group["index"]]
        if check == "not_nullable":
            facts = {"count": len(positions), "rows": _rows(positions, place)}
            faults.append(finding("empty-cell", place(positions[0], name), **facts))
            continue
        for position, cell in list(zip(positions, group["failure_case"], strict=True))[:SHOWN]:
            faults.append(_cell_fault(column, cell, place(position, name)))
        if len(positions) > SHOWN:
            faults.append(finding("more-faults", place(None, name), count=len(positions) - SHOWN))
    return faults


def _cell_fault(column: Column, cell: object, where: Where) -> Finding:
    if column.choices:
        return finding("bad-choice", where, found=cell, hint=did_you_mean(str(cell), column.choices))
    low = "−∞" if column.low is None else f"{column.low:g}"
    high = "∞" if column.high is None else f"{column.high:g}"
    return finding("out-of-range", where, found=cell, allowed=f"{low}–{high}")


def _infinite(frame: pd.DataFrame, place: Place) -> list[Finding]:
    faults = []
    for name in frame.select_dtypes("number").columns:
        bad = np.flatnonzero(np.isinf(frame[name].to_numpy(dtype=float, na_value=np.nan)))
        if bad.size:
            facts = {"count": bad.size, "rows": _rows(bad.tolist(), place)}
            faults.append(finding("infinite-values", place(int(bad[0]), str(name)), **facts))
    return faults


def _duplicates(frame: pd.DataFrame, key: tuple[str, ...], place: Place) -> Iterator[Finding]:
    names = list(key)
    repeated = frame[frame.duplicated(names, keep=False) & frame[names].notna().all(axis=1)]
    groups = repeated.groupby(names, sort=False).indices
    for values, positions in list(groups.items())[:SHOWN]:
        rows = [int(repeated.index[position]) for position in positions]
        shown = ", ".join(str(value) for value in (values if isinstance(values, tuple) else (values,)))
        facts = {"rows": _rows(rows, place), "key": ", ".join(names), "found": shown}
        yield finding("duplicate-rows", place(rows[-1], ", ".join(names)), **facts)
    if len(groups) > SHOWN:
        yield finding("more-faults", place(None, ", ".join(names)), count=len(groups) - SHOWN)


def _rows(positions: list[int], place: Place) -> str:
    shown = [str(place(position, None).row) for position in positions[:SHOWN]]
    return ", ".join(shown) + (", …" if len(positions) > SHOWN else "")
