"""Checks of frames at the border of the functions on fairness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.suggest import did_you_mean


def check_share(name: str, value: float) -> None:
    """Raise unless a number lies above 0 and below 1.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : float
        What it was given.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}; it must lie between 0 and 1")


def codes_of(column: pd.Series) -> NDArray[np.int64]:
    """Return codes from 0 for the values of a column, in the order of their text."""
    return pd.factorize(column.astype("str"), sort=True)[0].astype(np.int64)


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or say what is there instead.

    Parameters
    ----------
    frame : pandas.DataFrame
    name : str

    Returns
    -------
    pandas.Series

    Raises
    ------
    ValueError
        If the frame has no such column.
    """
    if name not in frame.columns:
        hint = did_you_mean(name, [str(column) for column in frame.columns])["en"]
        raise ValueError(f"the frame has no column '{name}'.{hint}")
    return frame[name]


def number_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as floats.

    Parameters
    ----------
    frame : pandas.DataFrame
    name : str

    Returns
    -------
    pandas.Series of float64
        Missing stays missing.

    Raises
    ------
    ValueError
        If the column is missing, not numeric or infinite.
    """
    column = column_of(frame, name)
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise ValueError(f"column '{name}' holds {column.dtype}; numbers are needed")
    values = column.astype("float64")
    if np.isinf(values).any():
        raise ValueError(f"column '{name}' is infinite in row {int(np.flatnonzero(np.isinf(values))[0])}")
    return values


def read_score(
    frame: pd.DataFrame, scores: Sequence[str], groups: Sequence[str], cluster: str | None
) -> tuple[pd.DataFrame, int]:
    """Return the columns that a comparison of groups needs, without rows in which one is missing.

    Parameters
    ----------
    frame : pandas.DataFrame
    scores : sequence of str
        Columns of numbers with a positive mean.
    groups : sequence of str
        Columns of groups, each with two groups at least.
    cluster : str or None
        Column of clusters.

    Returns
    -------
    pandas.DataFrame, int
        The rows kept, and the number of rows left out.

    Raises
    ------
    ValueError
        If a column is missing or of the wrong kind, or nothing can be compared.
    """
    if not groups:
        raise ValueError("groups is empty; name one column at least")
    columns: dict[str, pd.Series] = {name: number_column(frame, name) for name in scores}
    columns |= {name: column_of(frame, name) for name in [*groups, *([cluster] if cluster else [])]}
    clean = pd.DataFrame(columns).dropna()
    for name in groups:
        if clean[name].nunique() < 2:
            raise ValueError(f"column '{name}' has {clean[name].nunique()} group(s) with a score; two are needed")
    for name in scores:
        if not clean[name].mean() > 0:
            raise ValueError(f"column '{name}' has the mean {clean[name].mean():g}; relative gaps need a positive mean")
    return clean, len(frame) - len(clean)
