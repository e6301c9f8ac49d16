"""Columns of data frames as Arrow columns of the few types that expressions know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from kpi_research.study.expressions.model import Kind

_INFERRED: Mapping[str, Kind] = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "datetime64": "time",
    "datetime": "time",
    "date": "time",
}


def column_kinds(frame: pd.DataFrame) -> dict[str, Kind]:
    """Return the kind of each column of a frame whose name is a text.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any frame. Columns of mixed or no values are ``unknown``; categories have the kind of their values.

    Returns
    -------
    dict of str to {"number", "text", "boolean", "time", "unknown"}
        In the order of the columns.

    Examples
    --------
    >>> column_kinds(pd.DataFrame({"type": ["theft"], "minutes": [7.5], "closed": [True], "note": [None]}))
    {'type': 'text', 'minutes': 'number', 'closed': 'boolean', 'note': 'unknown'}
    """
    named = enumerate(frame.columns)
    return {name: _kind(frame.iloc[:, position]) for position, name in named if isinstance(name, str)}


def _kind(values: pd.Series) -> Kind:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _kind(dtype.categories.to_series())
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if pd.api.types.is_numeric_dtype(dtype):
        return "unknown" if pd.api.types.is_complex_dtype(dtype) else "number"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "time"
    if isinstance(dtype, pd.StringDtype):
        return "text"
    return _INFERRED.get(pd.api.types.infer_dtype(values, skipna=True), "unknown")


def arrow_table(frame: pd.DataFrame, columns: Iterable[str]) -> pa.Table:
    """Return columns of a frame as an Arrow table with the same number of rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any frame.
    columns : iterable of str
        Names of the columns to take; each must be in the frame once.

    Returns
    -------
    pyarrow.Table
        Whole numbers have 64 bits, other numbers are double, times have microseconds, missing values and NaN are
        null, columns of mixed values are text. A first column, of the number of each row, keeps the row count.
    """
    names = list(columns)
    rows = "row"
    while rows in {name.casefold() for name in names}:
        rows += "_"
    arrays = [pa.array(np.arange(len(frame))), *(_array(frame[name]) for name in names)]
    return pa.table(dict(zip([rows, *names], arrays, strict=True)))


def _array(values: pd.Series) -> pa.Array:
    kind = _kind(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if kind == "number":
        return _number_array(values)
    if kind == "boolean":
        return pa.array(values, type=pa.bool_(), from_pandas=True)
    if kind == "time":
        times = pd.to_datetime(values)
        return pa.Array.from_pandas(times.dt.as_unit("us"))
    if kind == "unknown" and values.isna().all():
        return pa.nulls(len(values))
    texts = values if kind == "text" else values.map(str, na_action="ignore")
    return pa.array(texts.astype(object), type=pa.string(), from_pandas=True)


def _number_array(values: pd.Series) -> pa.Array:
    numbers = pd.to_numeric(values)
    if pd.api.types.is_integer_dtype(numbers.dtype) and not _beyond_64_bits(numbers):
        return pa.array(numbers, type=pa.int64(), from_pandas=True)
    return pa.array(numbers.to_numpy(dtype="float64", na_value=np.nan), from_pandas=True)


def _beyond_64_bits(numbers: pd.Series) -> bool:
    return bool(pd.api.types.is_unsigned_integer_dtype(numbers.dtype) and (numbers > np.iinfo("int64").max).any())


def series_of(column: pa.ChunkedArray, index: pd.Index) -> pd.Series:
    """Return a result column as a series: int64, float64 (NaN missing), nullable boolean, text or time.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        One value per row.
    index : pandas.Index
        Index of the series.

    Returns
    -------
    pandas.Series
        A number that is not finite is missing.
    """
    kind = column.type
    if pa.types.is_boolean(kind):
        return pd.Series(column.to_pylist(), index=index, dtype="boolean")
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        times = column.cast(pa.timestamp("us")) if pa.types.is_date(kind) else column
        return times.to_pandas().set_axis(index)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(column.to_pylist(), index=index, dtype="str")
    if pa.types.is_integer(kind) and column.null_count == 0:
        return pd.Series(column.to_numpy().astype("int64"), index=index)
    numbers: Any = column.cast(pa.float64()).to_numpy()
    return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan), index=index, dtype="float64")
