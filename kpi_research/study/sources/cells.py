"""Cells as text: how a native value is written, which texts mean missing, and how full-width signs become plain."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MISSING: tuple[str, ...] = ("", "na", "n/a", "#n/a", "nan", "null", "<na>", "缺失")
"""Cells that mean "missing" in a column of numbers, dates or yes/no, compared without regard to case."""

AMBIGUOUS: tuple[str, ...] = (
    "-",
    "--",
    "---",
    "—",
    "——",
    "–",
    "/",
    "\\",
    "无",
    "*",
    "…",
    "……",
    "...",
    "none",
    "未知",
    "不详",
)
"""Cells that may mean zero, none or missing; in a typed column they are errors, never a guess."""

_WHOLE_FLOAT = 1e15
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS: dict[int, str | int] = {**_FULL_WIDTH, 0x3000: " ", 0xA0: " ", 0x2212: "-"}


@dataclass(frozen=True, eq=False, slots=True)
class Distinct:
    """A column by its distinct texts, so that each is read only once.

    Attributes
    ----------
    codes : array of int, shape (n,)
        Number of each cell's text; -1 where the cell is missing.
    texts : tuple of str
        The distinct texts as written.
    """

    codes: NDArray[np.intp]
    texts: tuple[str, ...]

    def positions(self, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the positions of the cells whose text is chosen.

        Parameters
        ----------
        chosen : array of bool, shape (len(texts),)
            Which texts.

        Returns
        -------
        array of int
        """
        return np.flatnonzero(np.append(chosen, False)[self.codes])

    def found(self, positions: NDArray[np.intp]) -> list[str]:
        """Return the texts of the first few cells at the positions given.

        Parameters
        ----------
        positions : array of int
            Positions of cells that are not missing.

        Returns
        -------
        list of str
        """
        return [self.texts[self.codes[position]] for position in positions[:10]]


def distinct(column: pd.Series) -> Distinct:
    """Return a column of any type by its distinct texts.

    Parameters
    ----------
    column : pandas.Series
        Cells.

    Returns
    -------
    Distinct
    """
    codes, texts = pd.factorize(to_text(column)[0])
    return Distinct(np.asarray(codes, dtype=np.intp), tuple(texts))


def normalized(text: str) -> str:
    """Return a text with full-width digits, letters and signs as plain ones, without surrounding white space.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    str

    Examples
    --------
    >>> normalized("\uff11\uff12\uff0e\uff15\uff05")
    '12.5%'
    """
    return text.translate(_SIGNS).strip()


def is_missing(text: str) -> bool:
    """Return whether a normalized text is one of ``MISSING``.

    Parameters
    ----------
    text : str
        A text that ``normalized`` returned.

    Returns
    -------
    bool
    """
    return text.casefold() in MISSING


def is_ambiguous(text: str) -> bool:
    """Return whether a normalized text is one of ``AMBIGUOUS``.

    Parameters
    ----------
    text : str
        A text that ``normalized`` returned.

    Returns
    -------
    bool
    """
    return text.casefold() in AMBIGUOUS


def to_text(column: pd.Series) -> tuple[pd.Series, tuple[()]]:
    """Return a column as text, for identifiers and names: ``001`` keeps its zeros, 1.0 from Excel becomes ``1``.

    Parameters
    ----------
    column : pandas.Series
        Cells of any type.

    Returns
    -------
    column : pandas.Series of str
        Missing stays missing; texts are as they were.
    findings : tuple
        Always empty: every cell has a text.

    Examples
    --------
    >>> to_text(pd.Series([1.0, 2.5]))[0].tolist()
    ['1', '2.5']
    """
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str"), ()
    texts = [cell_text(value) for value in column.astype(object)]
    return pd.Series(texts, index=column.index, name=column.name, dtype="str"), ()


def cell_text(value: object) -> str | None:
    """Return how a cell is written: whole floats without point, dates as ISO 8601, TRUE and FALSE as Excel does.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    str or None
        None for a missing cell.

    Examples
    --------
    >>> cell_text(datetime.datetime(2026, 1, 31))
    '2026-01-31'
    """
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < _WHOLE_FLOAT else repr(number)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if _is_date(value) else value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _is_date(value: datetime.datetime) -> bool:
    return value.tzinfo is None and value.time() == datetime.time()
