"""Checks of frames and options at the border of the evaluators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean


def check_frame(frame: pd.DataFrame, name: str, columns: Mapping[str, str | None]) -> None:
    """Raise unless every column that an argument names is in the frame, once, and the frame has rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    name : str
        What the caller calls it.
    columns : mapping of str to str or None
        Argument to the column it names; None is left out.

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If it is empty, or a column is missing or stands twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame, found {type(frame).__name__}")
    known = [str(column) for column in frame.columns]
    for argument, column in columns.items():
        if column is not None and known.count(str(column)) != 1:
            count = known.count(str(column))
            if count:
                raise ValueError(f"{argument}: {name} has {count} columns named '{column}'; one is allowed")
            raise ValueError(f"{argument}: {name} has no column '{column}'.{did_you_mean(str(column), known)['en']}")
    if frame.empty:
        raise ValueError(f"{name} has no rows")


def check_level(level: float) -> None:
    """Raise unless a confidence level is possible.

    Parameters
    ----------
    level : float
        Confidence level.

    Raises
    ------
    ValueError
        If it is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; allowed: above 0 and below 1, e.g. 0.95")


def check_choice(value: object, name: str, allowed: Iterable[str]) -> None:
    """Raise unless a value is one of those allowed.

    Parameters
    ----------
    value : object
        What was given.
    name : str
        The argument.
    allowed : iterable of str
        Allowed values.

    Raises
    ------
    ValueError
        If it is not.
    """
    choices = [str(item) for item in allowed]
    if value not in choices:
        raise ValueError(
            f"{name} is {value!r}; allowed: {', '.join(choices)}.{did_you_mean(str(value), choices)['en']}"
        )


def numbers(frame: pd.DataFrame, column: str, *, low: float = -np.inf) -> NDArray[np.float64]:
    """Return a column as finite floats, NaN where missing.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    column : str
        Name of the column; text that reads as numbers is taken as such.
    low : float
        Smallest value allowed.

    Returns
    -------
    numpy.ndarray, shape (rows,)

    Raises
    ------
    ValueError
        If a value is no number, infinite or too small.
    """
    try:
        values = pd.to_numeric(frame[column]).to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise ValueError(f"column '{column}' holds a value that is no number: {error}") from error
    wrong = np.isinf(values) | (values < low)
    if wrong.any():
        row = int(np.argmax(wrong))
        kind = "a finite number" if np.isinf(low) else f"a finite number, {low:g} or above"
        raise ValueError(f"column '{column}', row {row + 1}: {values[row]:g}; allowed: {kind}")
    return np.asarray(values, dtype=np.float64)
