"""Checks of frames and options at the border of the functions on reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean


def check_columns(frame: pd.DataFrame, arguments: Mapping[str, Sequence[str]], name: str = "frame") -> None:
    """Raise unless every column that an argument names is in the frame, once.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    arguments : mapping of str to sequence of str
        Argument to the columns it was given.
    name : str
        What the frame is called in messages.

    Raises
    ------
    TypeError
        If ``frame`` is not a frame.
    ValueError
        If a column is missing or stands twice, or there is no row.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame, found {type(frame).__name__}")
    known = [str(column) for column in frame.columns]
    for argument, columns in arguments.items():
        for column in columns:
            if known.count(str(column)) == 0:
                raise ValueError(f"{argument}: there is no column '{column}'.{did_you_mean(str(column), known)['en']}")
            if known.count(str(column)) > 1:
                raise ValueError(f"{argument}: {name} has {known.count(str(column))} columns named '{column}'")
    if frame.empty:
        raise ValueError(f"{name} has no rows")


def numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as floats.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    column : str
        A numeric or boolean column.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        NaN where missing.

    Raises
    ------
    ValueError
        If the column does not hold numbers, or holds an infinite one.
    """
    data = frame[column]
    if not (pd.api.types.is_numeric_dtype(data) or pd.api.types.is_bool_dtype(data)):
        raise ValueError(f"column '{column}' holds {data.dtype}; it must hold numbers")
    values = data.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"column '{column}' is infinite in {int(np.isinf(values).sum())} rows; only finite numbers")
    return values


def labels(frame: pd.DataFrame, column: str, argument: str) -> pd.Series:
    """Return a column of labels as text.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    column : str
        The column.
    argument : str
        The argument that names it, for messages.

    Returns
    -------
    pandas.Series of str

    Raises
    ------
    ValueError
        If a label is missing.
    """
    missing = frame[column].isna()
    if missing.any():
        raise ValueError(f"{argument}: column '{column}' is missing in {int(missing.sum())} rows; every row needs one")
    return frame[column].astype("str")


def check_choice(argument: str, found: object, allowed: Sequence[str]) -> None:
    """Raise unless an option is one of the allowed ones.

    Parameters
    ----------
    argument : str
        Name of the argument.
    found : object
        What was given.
    allowed : sequence of str
        What may be given.

    Raises
    ------
    ValueError
        With the nearest allowed choice.
    """
    if found not in allowed:
        hint = did_you_mean(str(found), allowed)["en"]
        raise ValueError(f"{argument} is {found!r}; allowed: {', '.join(allowed)}.{hint}")


def check_share(argument: str, found: float) -> None:
    """Raise unless a number lies strictly between 0 and 1.

    Parameters
    ----------
    argument : str
        Name of the argument.
    found : float
        What was given.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 < found < 1:
        raise ValueError(f"{argument} is {found}; allowed: above 0 and below 1")


def check_whole(argument: str, found: int, least: int) -> None:
    """Raise unless a whole number is large enough.

    Parameters
    ----------
    argument : str
        Name of the argument.
    found : int
        What was given.
    least : int
        Smallest allowed number.

    Raises
    ------
    ValueError
        If it is smaller or not whole.
    """
    if isinstance(found, bool) or int(found) != found or found < least:
        raise ValueError(f"{argument} is {found!r}; allowed: a whole number from {least}")
