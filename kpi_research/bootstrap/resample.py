"""Bootstrap samples of the periods of a panel and of its units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def draw_periods(periods: int, block: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Draw periods in blocks of neighbours, the first following the last.

    Parameters
    ----------
    periods : int
        Number of periods, at least 1.
    block : int
        Periods of a block, 1 to ``periods``.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    numpy.ndarray of int, shape (periods,)
        Numbers of the drawn periods.

    Notes
    -----
    The circular block bootstrap (Politis & Romano 1992, in LePage & Billard, Exploring the Limits of Bootstrap): every
    period is as likely as any other, and neighbours within a block keep their correlation.
    """
    starts = generator.integers(0, periods, -(-periods // block))
    drawn: NDArray[np.intp] = ((starts[:, None] + np.arange(block)) % periods).ravel()[:periods]
    return drawn


def take_periods(frame: pd.DataFrame, rows: list[NDArray[np.intp]], drawn: NDArray[np.intp]) -> pd.DataFrame:
    """Return the rows of the drawn periods; the n-th draw becomes period n, so that one drawn twice counts twice.

    Parameters
    ----------
    frame : pandas.DataFrame
        With a column ``period``.
    rows : list of numpy.ndarray
        Row numbers of each period, see `rows_by_period`.
    drawn : numpy.ndarray of int
        Numbers of the drawn periods.

    Returns
    -------
    pandas.DataFrame
    """
    picked = [rows[number] for number in drawn]
    numbers = np.repeat(np.arange(len(drawn)), [len(part) for part in picked])
    whole = np.concatenate(picked) if picked else np.array([], dtype=np.intp)
    return frame.iloc[whole].assign(period=numbers).reset_index(drop=True)


def rows_by_period(frame: pd.DataFrame, periods: pd.Index) -> list[NDArray[np.intp]]:
    """Return the row numbers of each period.

    Parameters
    ----------
    frame : pandas.DataFrame
        With a column ``period``.
    periods : pandas.Index
        Periods in order.

    Returns
    -------
    list of numpy.ndarray of int
    """
    places = frame.groupby("period").indices
    return [np.asarray(places.get(period, []), dtype=np.intp) for period in periods]


def draw_units(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Draw as many rows as there are, with repetition; a row drawn again gets a name of its own.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit, indexed by unit.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    pandas.DataFrame
    """
    drawn = frame.iloc[np.sort(generator.integers(0, len(frame), len(frame)))]
    again = drawn.groupby(level=0).cumcount()
    names = [f"{unit}#{number}" if number else str(unit) for unit, number in zip(drawn.index, again, strict=True)]
    return drawn.set_axis(names, axis=0)
