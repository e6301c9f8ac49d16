"""What a place that holds tables can do: name its columns and answer a query."""

from __future__ import annotations

import os
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

    def unchanged(self) -> bool:
        """Return whether the files it reads are as they were when it was opened; True where it cannot tell."""


def file_states(paths: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return size and time of change of files, to notice that they changed while they were read.

    Raises
    ------
    BackendError
        If a file is not there.
    """
    try:
        return tuple((state.st_size, state.st_mtime_ns) for state in map(os.stat, paths))
    except OSError as error:
        raise BackendError(f"a file is not there any more: {error.filename}") from error


def same_states(paths: tuple[str, ...], states: tuple[tuple[int, int], ...]) -> bool:
    """Return whether files are there and have the states they had."""
    try:
        return file_states(paths) == states
    except BackendError:
        return False


def quoted(name: str) -> str:
    """Return a column or table name as a quoted SQL identifier of DuckDB and PostgreSQL.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
