"""A table of the study where its rows live: renamed, with derived columns and periods, but not copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from kpi_research.study.backends.backend import Backend
from kpi_research.study.expressions import Dialect, Expression, Kind
from kpi_research.study.people import Pseudonymizer

_PERIODS: Mapping[str, Mapping[Dialect, str]] = {
    "day": {
        "duckdb": "strftime({time}, '%Y-%m-%d')",
        "postgres": "to_char({time}, 'YYYY-MM-DD')",
        "spark": "date_format({time}, 'yyyy-MM-dd')",
    },
    "month": {
        "duckdb": "strftime({time}, '%Y-%m')",
        "postgres": "to_char({time}, 'YYYY-MM')",
        "spark": "date_format({time}, 'yyyy-MM')",
    },
    "quarter": {
        "duckdb": "strftime({time}, '%Y') || 'Q' || CAST(extract(quarter FROM {time}) AS VARCHAR)",
        "postgres": """to_char({time}, 'YYYY"Q"Q')""",
        "spark": "concat(date_format({time}, 'yyyy'), 'Q', CAST(extract(QUARTER FROM {time}) AS STRING))",
    },
    "year": {
        "duckdb": "CAST(extract(year FROM {time}) AS BIGINT)",
        "postgres": "CAST(extract(year FROM {time}) AS BIGINT)",
        "spark": "CAST(extract(YEAR FROM {time}) AS BIGINT)",
    },
}

PERIODS = tuple(_PERIODS)
"""Periods that can be made from a time."""


@dataclass(frozen=True)
class Relation:
    """A table of a study, as a recipe of queries.

    Attributes
    ----------
    backend : Backend
        The place that holds the rows.
    columns : mapping of str to Kind
        Our column names and their kinds, in order.
    theirs : mapping of str to str
        Our name of a column to the name it has in the source.
    derived : mapping of str to Expression
        Columns computed from the others.
    period : tuple of (str, str) or None
        The time column and the kind of period that the column ``period`` is made from.
    people : Pseudonymizer or None
        Replaces the names of persons in everything that is fetched.
    """

    backend: Backend
    columns: Mapping[str, Kind]
    theirs: Mapping[str, str]
    derived: Mapping[str, Expression] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    people: Pseudonymizer | None = None

    def quote(self, name: str) -> str:
        """Return a column name as an identifier of the backend's SQL."""
        mark = "`" if self.backend.dialect == "spark" else '"'
        return f"{mark}{name.replace(mark, mark * 2)}{mark}"

    def rows_sql(self, columns: Iterable[str]) -> str:
        """Return the sub-query that gives our columns from the source's rows.

        Parameters
        ----------
        columns : iterable of str
            Our columns that are needed.

        Returns
        -------
        str
        """
        wanted = set(columns)
        made = {name: self.derived[name] for name in self.derived if name in wanted}
        from_time = self.period is not None and "period" in wanted
        needed = (wanted - set(self.derived)).union(*(expression.columns for expression in made.values()))
        if from_time and self.period is not None:
            needed = (needed - {"period"}) | {self.period[0]}
        plain = [f"{self.quote(self.theirs[name])} AS {self.quote(name)}" for name in self.theirs if name in needed]
        inner = f"SELECT {', '.join(plain) or '1 AS one'} FROM {self.backend.relation}"  # noqa: S608
        outer = [f"{made[name].sql(self.backend.dialect)} AS {self.quote(name)}" for name in made]
        if from_time and self.period is not None:
            time, length = self.period
            text = _PERIODS[length][self.backend.dialect].format(time=self.quote(time))
            outer.append(f"{text} AS {self.quote('period')}")
        return f"(SELECT *, {', '.join(outer)} FROM ({inner}) AS base) AS source" if outer else f"({inner}) AS source"  # noqa: S608

    def aggregate(
        self,
        by: Iterable[str],
        measures: Mapping[str, str],
        reads: Iterable[str],
        *,
        where: Expression | None = None,
        units: tuple[str, ...] | None = None,
    ) -> pd.DataFrame:
        """Group the rows where they live and fetch the groups.

        Parameters
        ----------
        by : iterable of str
            Our columns to group by.
        measures : mapping of str to str
            Name of each column to make and its aggregate in the backend's SQL.
        reads : iterable of str
            Our columns that the measures read.
        where : Expression, optional
            A condition on the rows.
        units : tuple of str, optional
            Only rows of these units.

        Returns
        -------
        pandas.DataFrame
            The grouping columns, then the measures; sorted by the grouping columns; persons pseudonymized.

        Raises
        ------
        BackendError
            If the table cannot be read.
        """
        keys = list(by)
        used = {*keys, *reads, *(where.columns if where is not None else ()), *(["unit"] if units is not None else [])}
        shown = [
            *(self.quote(key) for key in keys),
            *(f"{sql} AS {self.quote(name)}" for name, sql in measures.items()),
        ]
        query = f"SELECT {', '.join(shown)} FROM {self.rows_sql(used)}"  # noqa: S608
        conditions = [where.sql(self.backend.dialect)] if where is not None else []
        if units is not None:
            listed = ", ".join("'" + unit.replace("'", "''") + "'" for unit in units)
            conditions.append(f"{self.quote('unit')} IN ({listed})")
        query += f" WHERE {' AND '.join(f'({condition})' for condition in conditions)}" if conditions else ""
        query += f" GROUP BY {', '.join(self.quote(key) for key in keys)}" if keys else ""
        frame = self._safe(self.backend.query(query))
        return frame.sort_values(keys, ignore_index=True, kind="stable") if keys else frame

    def collect(self, columns: Iterable[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Fetch rows.

        Parameters
        ----------
        columns : iterable of str, optional
            Our columns; all by default.
        limit : int, optional
            Largest number of rows to fetch.

        Returns
        -------
        pandas.DataFrame
            In no particular order; persons pseudonymized.
        """
        names = list(self.columns if columns is None else columns)
        shown = ", ".join(self.quote(name) for name in names)
        query = f"SELECT {shown} FROM {self.rows_sql(names)}"  # noqa: S608
        return self._safe(self.backend.query(query + (f" LIMIT {int(limit)}" if limit is not None else "")))

    def count(self) -> int:
        """Return the number of rows."""
        frame = self.backend.query(f"SELECT count(*) AS n FROM {self.backend.relation}")  # noqa: S608
        return int(frame["n"].iloc[0])

    def _safe(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame if self.people is None else self.people.apply(frame)
