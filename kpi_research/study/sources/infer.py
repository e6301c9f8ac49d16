"""Columns nobody said anything about: numbers where every cell is one, else text."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.sources.cells import distinct, normalized
from kpi_research.study.sources.numbers import NumberCell, parse_number, to_number
from kpi_research.study.sources.phrases import Locate, cells, locator

MAX_DIGITS = 15
"""Digits that a float holds exactly; longer ones are identifiers."""

_CODE = re.compile(rf"[+-]?0[0-9].*|[0-9]{{{MAX_DIGITS + 1},}}")
_WHOLE = re.compile(r"[+-]?[0-9]+")


def infer(column: pd.Series, locate: Locate | None = None) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return a column as numbers if every cell is one, unchanged if none is, unchanged with a caution if some are.

    Parameters
    ----------
    column : pandas.Series
        Text as read from a file; native types are returned as they are.
    locate : callable, optional
        From the position of a cell to its place; default: row 1 is position 0.

    Returns
    -------
    column : pandas.Series
        ``int64`` where all cells are whole numbers and none is missing, ``float64`` for other numbers, else the text. Digits with
        a leading zero (``001``) or more than ``MAX_DIGITS`` of them are codes, not numbers.
    findings : tuple of Finding
        A caution that lists the odd cells of a mixed column; the errors of ``to_number`` for percent signs in some cells only.

    Examples
    --------
    >>> infer(pd.Series(["81", "82"]))[0].dtype, infer(pd.Series(["001", "002"]))[0].tolist()
    (dtype('int64'), ['001', '002'])
    """
    locate = locate or locator(column=str(column.name))
    if not isinstance(column.dtype, pd.StringDtype):
        return column, ()
    texts = distinct(column)
    kinds = np.array([_read(text).kind for text in texts.texts], dtype=object)
    good = texts.positions(np.isin(kinds, ("number", "percent")))
    bad = texts.positions(np.isin(kinds, ("text", "unit", "ambiguous")))
    if len(good) and not len(bad):
        return _numbers(column, texts.texts, locate)
    if not len(good) or not len(bad):
        return column, ()
    fewer = good if len(good) < len(bad) else bad
    listed = cells(texts.found(fewer), fewer.tolist(), locate)
    place = locate(int(fewer[0]))
    return column, (finding("column-mixed", place, numbers=len(good), texts=len(bad), cells=listed),)


def _read(text: str) -> NumberCell:
    return NumberCell("text") if _CODE.fullmatch(normalized(text)) else parse_number(text)


def _numbers(column: pd.Series, texts: tuple[str, ...], locate: Locate) -> tuple[pd.Series, tuple[Finding, ...]]:
    values, findings = to_number(column, locate)
    whole = all(_WHOLE.fullmatch(normalized(text)) for text in texts)
    return (values.astype("int64") if whole and values.notna().all() else values), findings
