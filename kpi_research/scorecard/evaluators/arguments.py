"""Checks of frames and options at the border of the evaluators."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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
