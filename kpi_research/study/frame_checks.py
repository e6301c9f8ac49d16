"""Checks of a frame at the border of this room's public functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kpi_research.study.suggest import did_you_mean


def require_columns(frame: pd.DataFrame, argument: str, columns: Mapping[str, str | Sequence[str] | None]) -> None:
    """Raise unless every column that is named stands in the frame, once.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    argument : str
        What the caller calls the frame.
    columns : mapping of str to str, sequence of str or None
        Argument name to the column or columns it was given; None was not given.

    Raises
    ------
    TypeError
        If the argument is no frame.
    ValueError
        If the frame has no rows, or a column is missing or stands twice; the message has the nearest name.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{argument} must be a pandas DataFrame, found {type(frame).__name__}")
    if frame.empty:
        raise ValueError(f"{argument} has no rows")
    known = [str(name) for name in frame.columns]
    for key, given in columns.items():
        for name in [given] if isinstance(given, str) else list(given or ()):
            if name not in frame.columns:
                raise ValueError(f"{key}: {argument} has no column '{name}'.{did_you_mean(str(name), known)['en']}")
            if known.count(str(name)) > 1:
                raise ValueError(f"{key}: {argument} has {known.count(str(name))} columns named '{name}'")


def require_choice(argument: str, found: object, allowed: Sequence[str]) -> None:
    """Raise unless a choice is one of those allowed.

    Parameters
    ----------
    argument : str
        Name of the argument.
    found : object
        What was given.
    allowed : sequence of str
        The choices.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if found not in allowed:
        raise ValueError(
            f"{argument} is {found!r}; allowed: {', '.join(allowed)}.{did_you_mean(str(found), allowed)['en']}"
        )


def require_share(argument: str, found: float, *, closed: bool = False) -> None:
    """Raise unless a number lies between 0 and 1.

    Parameters
    ----------
    argument : str
        Name of the argument.
    found : float
        What was given.
    closed : bool
        Whether 0 and 1 themselves are allowed.

    Raises
    ------
    ValueError
        If it does not.
    """
    inside = 0.0 <= found <= 1.0 if closed else 0.0 < found < 1.0
    if not inside:
        kind = "from 0 to 1" if closed else "above 0 and below 1"
        raise ValueError(f"{argument} is {found!r}; it must be a number {kind}")


def require_filled(frame: pd.DataFrame, argument: str, column: str) -> None:
    """Raise where a key column has gaps.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    argument : str
        What the caller calls the frame.
    column : str
        Column that must be filled.

    Raises
    ------
    ValueError
        If a row has no value.
    """
    gaps = int(frame[column].isna().sum())
    if gaps:
        raise ValueError(f"{argument}: {gaps} rows have no '{column}'; every row needs one")
