"""Cells of tables in the report, from the columns of a frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from kpi_research.publish import numbers
from kpi_research.publish.blocks import Cell, Pair
from kpi_research.publish.words import Words

Write = Callable[[float], str]


def text_cell(name: str) -> Cell:
    """Return the cell with the text of a column.

    Parameters
    ----------
    name : str

    Returns
    -------
    Cell
    """
    return lambda row: str(row[name])


def count_cell(name: str) -> Cell:
    """Return the cell with a whole number.

    Parameters
    ----------
    name : str

    Returns
    -------
    Cell
    """
    return lambda row: numbers.count(numbers.real(row[name]))


def fixed_cell(name: str, decimals: int) -> Cell:
    """Return the cell with a number of given decimals.

    Parameters
    ----------
    name : str
    decimals : int

    Returns
    -------
    Cell
    """
    return lambda row: numbers.fixed(numbers.real(row[name]), decimals)


def percent_cell(name: str, decimals: int = 1) -> Cell:
    """Return the cell with a share in percent.

    Parameters
    ----------
    name : str
    decimals : int

    Returns
    -------
    Cell
    """
    return lambda row: numbers.percent(numbers.real(row[name]), decimals)


def interval_cell(columns: tuple[str, str, str], words: Words, write: Write) -> Cell:
    """Return the cell with an estimate and its interval below.

    Parameters
    ----------
    columns : tuple of str
        Estimate, low, high.
    words : Words
    write : callable
        From a number to text.

    Returns
    -------
    Cell
    """

    def cell(row: Mapping[Any, Any]) -> Pair | str:
        main, low, high = (write(numbers.real(row[name])) for name in columns)
        return Pair(main, numbers.between(low, high, words("to"))) if low != numbers.NOTHING else main

    return cell


def signed_interval_cell(columns: tuple[str, str, str], words: Words, decimals: int) -> Cell:
    """Return the cell with a difference, its sign shown, and its interval below.

    Parameters
    ----------
    columns : tuple of str
        Difference, low, high.
    words : Words
    decimals : int

    Returns
    -------
    Cell
    """

    def cell(row: Mapping[Any, Any]) -> Pair | str:
        main, low, high = (numbers.real(row[name]) for name in columns)
        if math.isnan(main):
            return numbers.NOTHING
        interval = numbers.between(numbers.fixed(low, decimals), numbers.fixed(high, decimals), words("to"))
        return Pair(numbers.signed(main, decimals), interval)

    return cell


def word_cell(name: str, group: str, words: Words) -> Cell:
    """Return the cell with the word of the language for a code; nothing where there is none.

    Parameters
    ----------
    name : str
        Column of the code.
    group : str
        Section of the words.
    words : Words

    Returns
    -------
    Cell
    """
    known = dict(words.group(group))
    return lambda row: known.get(str(row[name]), numbers.NOTHING)
