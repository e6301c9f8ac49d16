"""Result tables as CSV files that Excel opens right and that run nothing there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from kpi_research.publish.clean import clean_text

FORMULA_STARTS = tuple("=+-@\t\n\r\uff1d\uff0b\uff0d\uff20\u2212")
"""First characters that make a spreadsheet read a cell as a formula (OWASP, CSV Injection), and their wide forms."""


def safe_cell(value: Any) -> Any:
    """Return a text that no spreadsheet runs; anything that is no text comes back unchanged.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    object
        A text that could be read as a formula gets ``'`` in front; numbers stay numbers, negative ones too.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("第一所"), safe_cell(-0.5)
    ("'=1+1", '第一所', -0.5)
    """
    if not isinstance(value, str):
        return value
    text = clean_text(value)
    return f"'{text}" if text.lstrip(" \ufeff\u200b\u3000").startswith(FORMULA_STARTS) else text


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text with safe cells, floats written so that they read back exactly.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any tidy frame; its index is not written.

    Returns
    -------
    str
        RFC 4180 with line feeds; missing values are empty.
    """
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].astype(object).map(safe_cell, na_action="ignore")
    safe.columns = pd.Index([safe_cell(str(name)) for name in safe.columns])
    return str(safe.to_csv(index=False, lineterminator="\n"))


def table_files(tables: Iterable[tuple[str, pd.DataFrame]]) -> dict[str, bytes]:
    """Return frames as CSV files in UTF-8 with the byte order mark that Excel needs for Chinese.

    Parameters
    ----------
    tables : iterable of (str, pandas.DataFrame)
        Names without ending, and frames; frames without columns are left out.

    Returns
    -------
    dict of str to bytes
        Content by file name.
    """
    return {f"{name}.csv": csv_text(frame).encode("utf-8-sig") for name, frame in tables if len(frame.columns)}
