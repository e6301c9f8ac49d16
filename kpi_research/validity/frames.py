"""Checks of a frame at the border of this room's public functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean


def check_columns(frame: pd.DataFrame, arguments: Mapping[str, str | Sequence[str]]) -> None:
    """Raise unless every column that an argument names is in the frame, once.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    arguments : mapping of str to str or sequence of str
        Argument name to the column or columns it was given.

    Raises
    ------
    TypeError
        If ``frame`` is not a frame.
    ValueError
        If a column is missing or stands twice; the message has the nearest name.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a pandas DataFrame, found {type(frame).__name__}")
    known = [str(name) for name in frame.columns]
    for argument, given in arguments.items():
        for name in [given] if isinstance(given, str) else given:
            if name not in frame.columns:
                raise ValueError(f"{argument}: there is no column '{name}'.{did_you_mean(str(name), known)['en']}")
            if known.count(str(name)) > 1:
                raise ValueError(f"{argument}: the frame has {known.count(str(name))} columns named '{name}'")


def check_unit_period(frame: pd.DataFrame, unit: str, period: str) -> None:
    """Raise unless each unit-period pair stands once and no key is missing.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    unit, period : str
        Names of the key columns.

    Raises
    ------
    ValueError
        If unit and period are one column, a key is missing, a pair stands twice, or there is no row.
    """
    if unit == period:
        raise ValueError(f"unit and period both name the column '{unit}'; they must differ")
    if frame.empty:
        raise ValueError("frame has no rows")
    for name in (unit, period):
        if frame[name].isna().any():
            raise ValueError(
                f"column '{name}': {int(frame[name].isna().sum())} rows have no value; every row needs one"
            )
    double = frame.duplicated([unit, period], keep=False)
    if double.any():
        pairs = frame.loc[double, [unit, period]].drop_duplicates()
        first = places(pairs, unit, period)
        raise ValueError(
            f"{int(double.sum())} rows share their {unit} and {period} with another row: {first}; "
            "one row per pair is allowed"
        )


def numbers(frame: pd.DataFrame, column: str) -> pd.Series[float]:
    """Return a column as floats.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    column : str
        Name of a numeric or boolean column.

    Returns
    -------
    pandas.Series of float
        Same index; missing values are NaN.

    Raises
    ------
    ValueError
        If the column is not numeric.
    """
    data = frame[column]
    if not (pd.api.types.is_numeric_dtype(data) or pd.api.types.is_bool_dtype(data)):
        raise ValueError(f"column '{column}' holds {data.dtype}; it must hold numbers")
    return pd.Series(data.to_numpy(dtype=float, na_value=np.nan), index=frame.index, name=column)


def unit_period_table(
    frame: pd.DataFrame, unit: str, period: str, values: pd.Series[float]
) -> tuple[NDArray[np.float64], pd.Index, pd.Index]:
    """Lay values out with a row per unit and a column per period.

    Parameters
    ----------
    frame : pandas.DataFrame
        Each unit-period pair once.
    unit, period : str
        Names of the key columns.
    values : pandas.Series of float
        One value per row of the frame.

    Returns
    -------
    table : numpy.ndarray, shape (units, periods)
        NaN where a pair does not occur.
    units, periods : pandas.Index
        Sorted labels.
    """
    row, units = pd.factorize(frame[unit], sort=True)
    column, periods = pd.factorize(frame[period], sort=True)
    table = np.full((len(units), len(periods)), np.nan)
    table[row, column] = values.to_numpy()
    return table, pd.Index(units), pd.Index(periods)


def places(frame: pd.DataFrame, unit: str, period: str, limit: int = 3) -> str:
    """Return the unit and period of the first rows as text.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    unit, period : str
        Names of the key columns.
    limit : int
        Number of rows to name.

    Returns
    -------
    str

    Examples
    --------
    >>> places(pd.DataFrame({"county": [115, 185], "year": [83, 85]}), "county", "year")
    '115 in 83, 185 in 85'
    """
    shown = [f"{row[0]} in {row[1]}" for row in frame[[unit, period]].head(limit).itertuples(index=False, name=None)]
    more = f", ... ({len(frame)})" if len(frame) > limit else ""
    return ", ".join(shown) + more
