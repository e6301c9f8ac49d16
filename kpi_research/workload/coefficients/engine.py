"""Cells of a work log too large for memory, grouped where its rows live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.expressions import parse_expression
from kpi_research.study.relation import Relation
from kpi_research.study.suggest import did_you_mean

MOST_LEVELS = 1000
WIDEST = 18
MOST_BITS = 62
"""Bounds of the search for bits of a hash that tell all levels apart."""


def log_cells(relation: Relation, *, by: Sequence[str], minutes: str, count: str | None = None) -> pd.DataFrame:
    """Group a work log to the sums that `coefficients_from_cells` needs.

    Parameters
    ----------
    relation : Relation
        The table, e.g. ``study.tables.relations["worklog"]``.
    by : sequence of str
        Columns of the factors, at least one.
    minutes : str
        Column of minutes, 0 or more.
    count : str, optional
        Column of pieces of work, above 0; one per row by default.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``; ``n`` (rows), ``weight`` (pieces of work), ``total`` (minutes), ``squares`` (sum of squared
        deviations of minutes per piece from the cell's mean, weighted by pieces). Rows without minutes or pieces are
        left out.

    Raises
    ------
    ValueError
        If a column is missing, or minutes or pieces are negative, or minutes stand beside no piece of work.
    BackendError
        If the table cannot be read.

    Notes
    -----
    DuckDB groups by one number faster than by several texts: each text is replaced by those bits of its hash that tell the
    levels at hand apart.
    """
    for name in (*by, minutes, *([count] if count else [])):
        if name not in relation.columns:
            raise ValueError(f"the table has no column '{name}'.{did_you_mean(name, relation.columns)['en']}")
    known = _known(relation, minutes, count)
    m = f"CAST({relation.quote(minutes)} AS DOUBLE PRECISION)"
    c = f"CAST({relation.quote(count)} AS DOUBLE PRECISION)" if count else "1.0"
    measures = {"n": "count(*)", "weight": f"sum({c})", "total": f"sum({m})", "raw": f"sum({m} * {m} / {c})"}
    frame = _grouped(relation, list(by), measures, known, [minutes, *([count] if count else [])])
    frame["squares"] = np.clip(frame.pop("raw") - frame["total"] ** 2 / frame["weight"], 0.0, None)
    return frame.astype({"n": "int64"})


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _known(relation: Relation, minutes: str, count: str | None) -> str | None:
    """Return the condition on complete rows, None where all are complete; refuse impossible numbers."""
    m, c = relation.quote(minutes), relation.quote(count or minutes)
    reads = [minutes, *([count] if count else [])]
    measures = {"m": f"min({m})", "c": f"min({c})", "n": "count(*)", "n_m": f"count({m})", "n_c": f"count({c})"}
    found = relation.aggregate([], measures, reads).iloc[0]
    for name, value in ((minutes, found["m"]), (count or minutes, found["c"])):
        if value < 0:
            raise ValueError(f"column '{name}' is {value:g} in some row; 0 or more is needed")
    if count and found["c"] == 0:
        ghost = {"n": f"sum(CASE WHEN {c} = 0 AND {m} > 0 THEN 1 ELSE 0 END)"}
        if number := relation.aggregate([], ghost, reads)["n"].iloc[0]:
            raise ValueError(f"{int(number)} row(s) have minutes but no piece of work in '{count}'")
    if found["n"] == found["n_m"] == found["n_c"] and not (count and found["c"] == 0):
        return None
    return f"{_quoted(minutes)} IS NOT NULL" + (f" AND {_quoted(count)} > 0" if count else "")


def _grouped(
    relation: Relation, by: list[str], measures: dict[str, str], known: str | None, reads: list[str]
) -> pd.DataFrame:
    plain = all(relation.columns[name] == "text" for name in by)
    keys: list[_Bits | None] = []
    if relation.backend.dialect == "duckdb" and relation.people is None and plain:
        keys = [_bits(relation, name) for name in by]
    places = [key for key in keys if key is not None]
    if not places or len(places) < len(by) or sum(key.width for key in places) > MOST_BITS:
        where = parse_expression(known, columns=relation.columns, expect="boolean")[0] if known else None
        return relation.aggregate(by, measures, reads, where=where)
    parts, offset = [], 0
    for key in places:
        parts.append(f"(((hash({relation.quote(key.name)}) >> {key.shift}) & {2**key.width - 1}) << {offset})")
        offset += key.width
    code = " | ".join(parts)
    sums = ", ".join(f"{sql} AS {name}" for name, sql in measures.items())
    rows = relation.rows_sql({*by, *reads})
    condition = f"WHERE {known} " if known else ""  # a filter costs a third of the time
    query = f"SELECT CAST({code} AS BIGINT) AS code, {sums} FROM {rows} {condition}GROUP BY 1"  # noqa: S608
    return _decoded(relation.backend.query(query), places)


@dataclass(frozen=True)
class _Bits:
    """Bits of the hash of a text that tell its levels apart: their place, their number, and the level of each value."""

    name: str
    shift: int
    width: int
    levels: pd.Series


def _bits(relation: Relation, name: str) -> _Bits | None:
    """Return bits under which all levels differ; None for many levels."""
    found = relation.aggregate([name], {"hash": f"hash({relation.quote(name)})"}, [name])
    if len(found) > MOST_LEVELS:
        return None
    hashes = found["hash"].to_numpy(np.uint64)
    for width in range(len(hashes).bit_length(), WIDEST + 1):
        for shift in range(64 - width):
            value = (hashes >> np.uint64(shift)) & np.uint64(2**width - 1)
            if len(np.unique(value)) == len(value):
                return _Bits(name, shift, width, pd.Series(found[name].to_numpy(), index=value.astype(np.int64)))
    return None


def _decoded(frame: pd.DataFrame, places: list[_Bits]) -> pd.DataFrame:
    code = frame.pop("code").to_numpy(np.int64)
    columns: dict[str, Any] = {}
    order = np.zeros(len(code), dtype=np.int64)
    for key in places:
        names = pd.Index(sorted(map(str, key.levels.dropna())))
        place = np.full(2**key.width, -1, dtype=np.int64)
        place[key.levels.index] = names.get_indexer(pd.Index(key.levels))
        here = place[code & (2**key.width - 1)]
        code = code >> key.width
        order = order * (len(names) + 1) + here
        columns[key.name] = pd.Categorical.from_codes(here, names)
    sort = np.argsort(order)
    return pd.DataFrame({name: column.take(sort) for name, column in columns.items()}).join(
        frame.take(sort).reset_index(drop=True)
    )
