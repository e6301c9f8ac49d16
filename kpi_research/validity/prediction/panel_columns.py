"""Columns of a panel as tables of units by periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.validity.frames import check_columns, check_unit_period, numbers, places

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PanelColumns:
    """Columns of a panel, a row per unit and a column per period.

    Attributes
    ----------
    tables : mapping of str to numpy.ndarray, shape (units, periods)
        Values, NaN where missing.
    units, periods : pandas.Index
        Labels in sorted order.
    """

    tables: Mapping[str, Array]
    units: pd.Index
    periods: pd.Index


def read_columns(
    frame: pd.DataFrame, arguments: Mapping[str, str | Sequence[str]], unit: str, period: str
) -> PanelColumns:
    """Return columns as tables, checked.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    arguments : mapping of str to str or sequence of str
        Argument name to the columns it was given.
    unit, period : str
        Key columns.

    Returns
    -------
    PanelColumns

    Raises
    ------
    ValueError
        If a column is missing, holds no numbers or an infinite one, or a unit-period pair stands twice.
    """
    check_columns(frame, {**arguments, "unit": unit, "period": period})
    check_unit_period(frame, unit, period)
    names = [name for given in arguments.values() for name in ([given] if isinstance(given, str) else given)]
    row, units = pd.factorize(frame[unit], sort=True)
    column, periods = pd.factorize(frame[period], sort=True)
    tables = {}
    for name in dict.fromkeys(names):
        tables[name] = np.full((len(units), len(periods)), np.nan)
        tables[name][row, column] = finite_numbers(frame, name, unit, period).to_numpy()
    return PanelColumns(tables, pd.Index(units), pd.Index(periods))


def finite_numbers(frame: pd.DataFrame, name: str, unit: str, period: str) -> pd.Series[float]:
    """Return a column as floats, refusing infinite ones.

    Parameters
    ----------
    frame : pandas.DataFrame
        The panel.
    name, unit, period : str
        The column, and the key columns for the message.

    Returns
    -------
    pandas.Series of float

    Raises
    ------
    ValueError
        If the column holds no numbers or an infinite one.
    """
    values = numbers(frame, name)
    wrong = np.isinf(values)
    if wrong.any():
        where = places(frame[wrong], unit, period)
        raise ValueError(f"column '{name}' is infinite in {int(wrong.sum())} rows: {where}; mend it or set it missing")
    return values


def check_level(level: float) -> None:
    """Raise unless a level of coverage lies between 0 and 1.

    Parameters
    ----------
    level : float
        Coverage asked for.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, e.g. 0.95")
