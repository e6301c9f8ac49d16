"""Columns of numbers as offices write them: full-width digits, percent signs, thousands separators; nothing is guessed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, finding
from kpi_research.study.sources.cells import Distinct, distinct, is_ambiguous, is_missing, normalized
from kpi_research.study.sources.phrases import Locate, cells, locator

Kind = Literal["number", "percent", "missing", "ambiguous", "unit", "text"]

UNITS: tuple[str, ...] = ("万亿", "千万", "百万", "十万", "亿", "万", "千", "百")
"""Chinese powers of ten after a number; they are errors, since whether the header already counts in them is not known."""

_WHOLE = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)"
_NUMBER = re.compile(rf"[+-]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?")
_WITH_UNIT = re.compile(rf"(.*[0-9.]) *(?:{'|'.join(UNITS)})[一-鿿]*")


@dataclass(frozen=True, slots=True)
class NumberCell:
    """How one text reads as a number.

    Attributes
    ----------
    kind : str
        ``number``, ``percent`` (value already divided by 100), ``missing``, ``ambiguous`` (may be zero or missing), ``unit`` (a
        number with a Chinese unit such as 万) or ``text``.
    value : float
        The number; NaN unless the kind is ``number`` or ``percent``.
    """

    kind: Kind
    value: float = math.nan


def parse_number(text: str) -> NumberCell:
    """Return how a text reads as a number.

    Parameters
    ----------
    text : str
        A cell; full-width signs are allowed, commas only between groups of three digits.

    Returns
    -------
    NumberCell

    Examples
    --------
    >>> parse_number("1,234.5").value, parse_number("85%").value, parse_number("12,34").kind
    (1234.5, 0.85, 'text')
    """
    plain = normalized(text)
    if is_missing(plain):
        return NumberCell("missing")
    percent = plain.endswith("%")
    digits = plain.removesuffix("%").rstrip() if percent else plain
    if _is_number(digits, percent):
        value = float(digits.replace(",", "") + ("e-2" if percent else ""))
        if math.isfinite(value):
            return NumberCell("percent" if percent else "number", value)
    if is_ambiguous(plain):
        return NumberCell("ambiguous")
    unit = _WITH_UNIT.fullmatch(plain)
    return NumberCell("unit" if unit and _is_number(unit[1].rstrip()) else "text")


def to_number(column: pd.Series, locate: Locate | None = None) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return a column as numbers.

    Parameters
    ----------
    column : pandas.Series
        Text as read from a file, or native numbers.
    locate : callable, optional
        From the position of a cell to its place, e.g. ``loaded.locate("score")``; default: row 1 is position 0.

    Returns
    -------
    column : pandas.Series of float64
        Missing cells and cells with a fault are NaN. ``85%`` is 0.85, but only where every cell has the sign.
    findings : tuple of Finding
        One error per kind of fault: cells that are no numbers, that may be zero or missing (—, 无, /), that carry 万 or 亿, percent
        signs in some cells only; a single ``number-column-is-text`` where fewer than half of the cells are numbers.

    Examples
    --------
    >>> to_number(pd.Series(["1,200", "n/a", "3"]))[0].tolist()
    [1200.0, nan, 3.0]
    """
    locate = locate or locator(column=str(column.name))
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _native(column, locate)
    texts = distinct(column)
    parsed = [parse_number(text) for text in texts.texts]
    values = np.array([item.value for item in parsed] + [np.nan])[texts.codes]
    findings, faulty = _faults(texts, parsed, locate)
    values[faulty] = np.nan
    return pd.Series(values, index=column.index, name=column.name), findings


def _is_number(digits: str, percent: bool = False) -> bool:
    return bool(_NUMBER.fullmatch(digits)) and not (percent and "e" in digits.lower())


def _native(column: pd.Series, locate: Locate) -> tuple[pd.Series, tuple[Finding, ...]]:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan).copy()
    faulty = np.flatnonzero(np.isinf(values))
    findings = (
        (_listed("number-cells", [str(values[at]) for at in faulty[:10]], faulty, locate),) if len(faulty) else ()
    )
    values[faulty] = np.nan
    return pd.Series(values, index=column.index, name=column.name), findings


def _faults(texts: Distinct, parsed: list[NumberCell], locate: Locate) -> tuple[tuple[Finding, ...], NDArray[np.intp]]:
    kinds = np.array([item.kind for item in parsed], dtype=object)
    places = {kind: texts.positions(kinds == kind) for kind in ("number", "percent", "ambiguous", "unit", "text")}
    good = len(places["number"]) + len(places["percent"])
    bad = np.sort(np.concatenate([places["ambiguous"], places["unit"], places["text"]]))
    if len(bad) and good < len(bad):
        found = cells(texts.found(bad), bad.tolist(), locate)
        whole = finding("number-column-is-text", locate(int(bad[0])), cells=found, good=good, total=good + len(bad))
        return (whole,), np.arange(len(texts.codes))
    groups = (("text", "number-cells"), ("ambiguous", "number-or-missing"), ("unit", "number-with-unit"))
    findings = [
        _listed(code, texts.found(places[kind]), places[kind], locate) for kind, code in groups if len(places[kind])
    ]
    mixed, minority = _percent(texts, places["number"], places["percent"], locate)
    return (*findings, *mixed), minority


def _percent(
    texts: Distinct, without: NDArray[np.intp], signed: NDArray[np.intp], locate: Locate
) -> tuple[tuple[Finding, ...], NDArray[np.intp]]:
    if not len(without) or not len(signed):
        return (), np.empty(0, dtype=np.intp)
    fewer = without if len(without) < len(signed) else signed
    listed = cells(texts.found(fewer), fewer.tolist(), locate)
    facts = {"signed": len(signed), "unsigned": len(without), "cells": listed}
    return (finding("number-percent-mixed", locate(int(fewer[0])), **facts),), np.concatenate([without, signed])


def _listed(code: str, found: list[str], positions: NDArray[np.intp], locate: Locate) -> Finding:
    return finding(code, locate(int(positions[0])), cells=cells(found, positions.tolist(), locate))
