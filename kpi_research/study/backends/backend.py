"""What a place that holds tables can do: name its columns and answer a query."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from kpi_research.study.expressions import Dialect, Kind


class BackendError(Exception):
    """A place that holds tables cannot be reached or cannot answer; the message says why, without secrets."""


class Backend(Protocol):
    """A table where it lives; a frozen recipe without open handles, so that it can be copied to other processes."""

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""

    @property
    def relation(self) -> str:
        """The table as it stands after FROM in that SQL."""

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column, in order.

        Raises
        ------
        BackendError
            If the table cannot be read.
        """

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query made by this package.

        Raises
        ------
        BackendError
            If the table cannot be read or the query fails.
        """


def quoted(name: str) -> str:
    """Return a column or table name as a quoted SQL identifier of DuckDB and PostgreSQL.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
