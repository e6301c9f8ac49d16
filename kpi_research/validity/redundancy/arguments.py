"""Checks of what the functions on redundancy and balance are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, check_unit_period, numbers
from kpi_research.validity.redundancy.levels import numeric

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


def checked_values(
    values: pd.DataFrame, unit: str, period: str | None, indicators: Sequence[str]
) -> tuple[list[str], Array, Codes, Codes | None]:
    """Return indicators, their columns, and codes of units and periods.

    Parameters
    ----------
    values : pandas.DataFrame
        The frame.
    unit : str
        Column of the unit.
    period : str or None
        Column of the period.
    indicators : sequence of str
        Numeric columns.

    Returns
    -------
    names : list of str
    columns : numpy.ndarray, shape (n, k)
        NaN for missing and infinite values.
    units : numpy.ndarray of int, shape (n,)
    periods : numpy.ndarray of int, shape (n,), or None

    Raises
    ------
    TypeError, ValueError
        If a column is missing, not numeric or named twice, keys are missing or double, or fewer than two are given.
    """
    if isinstance(indicators, str):
        raise TypeError("indicators is a text; give a list of column names")
    names = [str(name) for name in indicators]
    keys = {"unit": unit} | ({"period": period} if period is not None else {})
    check_columns(values, {**keys, "indicators": names})
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise ValueError(f"indicators: {', '.join(double)} stands twice")
    if len(names) < 2:
        raise ValueError(f"indicators has {len(names)} name(s); at least two are needed")
    if values.empty:
        raise ValueError("values has no rows")
    if period is not None:
        check_unit_period(values, unit, period)
    elif values[unit].isna().any():
        raise ValueError(f"column '{unit}': {int(values[unit].isna().sum())} rows have no value; every row needs one")
    for name in names:
        numbers(values, name)
    units = np.asarray(pd.factorize(values[unit])[0], dtype=np.intp)
    periods = np.asarray(pd.factorize(values[period])[0], dtype=np.intp) if period is not None else None
    return names, numeric(values, names), units, periods


def checked_share(argument: str, value: float) -> float:
    """Return a number above 0 and below 1.

    Parameters
    ----------
    argument : str
        Its name in messages.
    value : float
        What was given.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not.
    """
    number = float(value)
    if not 0.0 < number < 1.0:
        raise ValueError(f"{argument} is {value}; it must lie above 0 and below 1")
    return number


def checked_numbers(
    argument: str, given: Mapping[str, float] | None, names: Sequence[str], low: float = -np.inf, high: float = np.inf
) -> Array:
    """Return a number per name, NaN where none is given.

    Parameters
    ----------
    argument : str
        Its name in messages.
    given : mapping of str to float, or None
        Numbers by name; a pandas Series will do.
    names : sequence of str
        The names.
    low, high : float
        Allowed range.

    Returns
    -------
    numpy.ndarray, shape (k,)

    Raises
    ------
    ValueError
        If a name is unknown or a number lies outside the range.
    """
    found = np.full(len(names), np.nan)
    for name, value in dict(given if given is not None else {}).items():
        if name not in names:
            raise ValueError(f"{argument}: there is no indicator '{name}'.{did_you_mean(str(name), names)['en']}")
        number = float(value)
        if not (np.isnan(number) or low <= number <= high):
            raise ValueError(f"{argument} of '{name}' is {value}; it must lie from {low:g} to {high:g}")
        found[list(names).index(name)] = number
    return found
