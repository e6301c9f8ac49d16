"""Indicator values per unit and period, computed where the rows live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
from sqlglot import exp

from kpi_research.study.expressions import Dialect, Expression
from kpi_research.study.relation import Relation

KEYS = ["unit", "period"]
ROWS_PER_PART = 20_000_000
"""Rows per query where an aggregate must hold all values of a group (median, quantile, distinct count)."""

_DOUBLE: Mapping[Dialect, str] = {"duckdb": "DOUBLE", "postgres": "DOUBLE PRECISION", "spark": "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Formula:
    """How one indicator is computed: a value, or a numerator with or without a denominator.

    Attributes
    ----------
    indicator : str
        Id in the catalogue.
    table : str
        Name of the table it is computed from.
    value, numerator, denominator : Expression or None
        The parsed expressions.
    """

    indicator: str
    table: str
    value: Expression | None
    numerator: Expression | None
    denominator: Expression | None

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions that are given."""
        return tuple(part for part in (self.value, self.numerator, self.denominator) if part is not None)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the table that the formula reads."""
        return frozenset().union(*(part.columns for part in self.parts))

    @property
    def holistic(self) -> bool:
        """Whether an aggregate needs all values of a group at once."""
        kinds = (exp.Median, exp.PercentileCont, exp.WithinGroup, exp.Distinct)
        return any(part.tree.find(*kinds) is not None for part in self.parts)

    def sql(self, dialect: Dialect = "duckdb") -> str:
        """Return the aggregate in the SQL of a database, as a floating-point number.

        Parameters
        ----------
        dialect : {"duckdb", "postgres", "spark"}
            The database.

        Returns
        -------
        str
        """
        double = _DOUBLE[dialect]
        if self.value is not None:
            inner = self.value.sql(dialect)
            return f"CAST({inner if self.value.aggregate else _single(self.value, inner)} AS {double})"
        above = _total(self.numerator, dialect) if self.numerator is not None else "NULL"
        if self.denominator is None:
            return f"CAST({above} AS {double})"
        below = _total(self.denominator, dialect)
        return f"CAST({above} AS {double}) / nullif(CAST({below} AS {double}), 0)"


def _single(part: Expression, sql: str) -> str:
    return f"max(CASE WHEN {sql} THEN 1 WHEN NOT ({sql}) THEN 0 END)" if part.kind == "boolean" else f"max({sql})"


def _total(part: Expression, dialect: Dialect) -> str:
    sql = part.sql(dialect)
    if part.aggregate:
        return f"({sql})"
    return f"count(*) FILTER (WHERE {sql})" if part.kind == "boolean" else f"sum({sql})"


def indicator_values(
    formulas: tuple[Formula, ...], relations: Mapping[str, Relation], who: str = "unit"
) -> pd.DataFrame:
    """Compute every indicator for every unit and period; only these aggregates come back.

    Parameters
    ----------
    formulas : tuple of Formula
        The formulas.
    relations : mapping of str to Relation
        Tables with the columns ``who`` and ``period``.
    who : {"unit", "officer"}
        Column of those whose values are computed.

    Returns
    -------
    pandas.DataFrame
        ``who``, ``period``, then one float column per indicator in the order of ``formulas``; NaN where the formula
        has no value; sorted by both.

    Raises
    ------
    BackendError
        If a table cannot be read.
    """
    names = list(dict.fromkeys(formula.table for formula in formulas))
    keys = [who, "period"]
    parts = [_table_values([item for item in formulas if item.table == name], relations[name], keys) for name in names]
    if not parts:
        return pd.DataFrame({who: pd.Series(dtype="str"), "period": pd.Series(dtype="int64")})
    whole = reduce(lambda left, right: left.merge(right, on=keys, how="outer"), parts)
    return whole[[*keys, *(formula.indicator for formula in formulas)]].sort_values(keys, ignore_index=True)


def _table_values(formulas: list[Formula], relation: Relation, keys: list[str]) -> pd.DataFrame:
    parts = _unit_parts(relation) if any(item.holistic for item in formulas) else [None]
    if len(parts) == 1:
        frame = _query(formulas, relation, None, keys)
    else:
        whole = [item for item in formulas if not item.holistic]
        split = [item for item in formulas if item.holistic]
        frame = pd.concat([_query(split, relation, units, keys) for units in parts])
        frame = frame.merge(_query(whole, relation, None, keys), on=keys, how="outer") if whole else frame
    frame = frame.dropna(subset=keys)
    types = {keys[0]: "str", **{item.indicator: "float64" for item in formulas}}
    period = "int64" if pd.api.types.is_numeric_dtype(frame["period"]) else "str"
    return frame.astype({**types, "period": period})


def _query(formulas: list[Formula], relation: Relation, units: tuple[str, ...] | None, keys: list[str]) -> pd.DataFrame:
    dialect = relation.backend.dialect
    measures = {item.indicator: item.sql(dialect) for item in formulas}
    reads = frozenset().union(*(item.columns for item in formulas))
    return relation.aggregate(keys, measures, reads, units=units)


def _unit_parts(relation: Relation) -> list[tuple[str, ...] | None]:
    """Return groups of units small enough that the values of all their rows fit into memory; None means all."""
    if relation.backend.dialect == "spark" or (rows := relation.count()) <= ROWS_PER_PART:
        return [None]
    units = relation.aggregate(["unit"], {}, [])["unit"].dropna().astype("str")
    parts = np.array_split(units.to_numpy(dtype=object), min(len(units), -(-rows // ROWS_PER_PART)))
    return [tuple(part) for part in parts]
