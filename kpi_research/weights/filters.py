"""Filters over the indicator catalogue: which indicators conditions select."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from sqlglot import exp

from kpi_research.study.expressions import Expression, column_kinds, evaluate, parse_expression
from kpi_research.study.findings import StudyError
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Flags


def selections(indicators: pd.DataFrame, texts: Iterable[str | None]) -> tuple[dict[str | None, Flags], dict[str, str]]:
    """Return which indicators each filter selects, and what is wrong with the filters that cannot be used.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue in canonical order.
    texts : iterable of str or None
        SQL conditions over its columns, such as ``"module = 'business' AND NOT banned"``; None selects all.

    Returns
    -------
    selected : dict of str or None to ndarray of bool, shape (indicators,)
        The sound filters.
    faults : dict of str to str
        Filters that cannot be read, name an unknown column or a text that no indicator has, or select nothing.
    """
    parsed: dict[str, Expression] = {}
    faults: dict[str, str] = {}
    kinds = column_kinds(indicators)
    for text in dict.fromkeys(texts):
        if text is None:
            continue
        expression, found = parse_expression(text, columns=kinds, expect="boolean")
        if expression is None:
            faults[text] = "; ".join(item.line() for item in found)
        elif (unknown := next(_unknown_texts(indicators, expression), None)) is not None:
            faults[text] = unknown
        else:
            parsed[text] = expression
    selected = _evaluated(indicators, parsed, faults)
    for text in [text for text, chosen in selected.items() if not chosen.any()]:
        faults[str(text)] = f"the filter selects no indicator: {text}"
        del selected[text]
    return selected, faults


def _evaluated(
    indicators: pd.DataFrame, parsed: dict[str, Expression], faults: dict[str, str]
) -> dict[str | None, Flags]:
    if not parsed:
        return {None: np.ones(len(indicators), dtype=bool)}
    try:
        values = _values(_Question(*_key(indicators, parsed), indicators, parsed))
    except StudyError as error:
        faults.update({item.facts["found"]: item.line() for item in error.findings})
        return _evaluated(indicators, {text: item for text, item in parsed.items() if text not in faults}, faults)
    everything: dict[str | None, Flags] = {None: np.ones(len(indicators), dtype=bool)}
    return everything | {text: chosen.copy() for text, chosen in values.items()}


@dataclass(frozen=True)
class _Question:
    """Filters on the columns they read; equal where texts, types and values of these columns are."""

    texts: tuple[str, ...]
    types: tuple[str, ...]
    values: str
    indicators: pd.DataFrame = field(compare=False)
    parsed: Mapping[str, Expression] = field(compare=False)


def _key(indicators: pd.DataFrame, parsed: Mapping[str, Expression]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    columns = sorted(set().union(*(expression.columns for expression in parsed.values())))
    read = indicators[columns]
    types = (str(len(read)), *(f"{name} {dtype}" for name, dtype in read.dtypes.items()))
    return tuple(parsed), types, read.to_csv(index=False, na_rep="\0", quoting=csv.QUOTE_ALL)


@lru_cache(maxsize=64)
def _values(question: _Question) -> dict[str, Flags]:
    """Evaluate filters once: a study asks the same ones when it optimizes, checks and prices, and in every what-if."""
    values = evaluate(question.indicators, question.parsed)
    return {text: values[text].fillna(False).to_numpy(dtype=bool) for text in question.parsed}


def _unknown_texts(indicators: pd.DataFrame, expression: Expression) -> Iterator[str]:
    """Yield a sentence for each comparison with a text that stands nowhere in its column."""
    for node in expression.tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = [node.this, *(node.expressions if isinstance(node, exp.In) else [node.expression])]
        columns = [side.name for side in sides if isinstance(side, exp.Column)]
        if len(columns) != 1 or not pd.api.types.is_string_dtype(indicators[columns[0]]):
            continue
        known = sorted(set(indicators[columns[0]].dropna()) - {""})
        for side in sides:
            if isinstance(side, exp.Literal) and side.is_string and side.this not in known:
                yield f"no indicator has {columns[0]} = '{side.this}'.{did_you_mean(side.this, known)['en']}"
