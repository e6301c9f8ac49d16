"""Checks of frames and options at the border of the functions on reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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
