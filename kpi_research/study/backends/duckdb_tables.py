"""Tables that DuckDB reads: data frames, parquet files, tables of a DuckDB file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from kpi_research.study.backends.backend import BackendError, quoted, same_states
from kpi_research.study.expressions import Dialect, Kind, column_kinds, connect, register_frame

MEMORY_LIMIT = "1GB"
"""Memory that DuckDB may take for one query, besides the pages of the files."""

_KINDS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("BOOLEAN",), "boolean"),
    (("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "FLOAT", "DOUBLE", "DECIMAL"), "number"),
    (("VARCHAR", "ENUM", "UUID"), "text"),
    (("DATE", "TIMESTAMP"), "time"),
)


def kind_of(type_name: str) -> Kind:
    """Return the kind of a DuckDB type.

    Examples
    --------
    >>> kind_of("TIMESTAMP WITH TIME ZONE"), kind_of("DECIMAL(18,3)"), kind_of("STRUCT(a INTEGER)")
    ('time', 'number', 'unknown')
    """
    for starts, kind in _KINDS:
        if type_name.startswith(starts) and "[" not in type_name and not type_name.startswith("UNION"):
            return kind
    return "unknown"


@dataclass(frozen=True)
class FrameTable:
    """A data frame in memory.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows.
    time_zone : str
        Zone in which times are taken apart.
    """

    frame: pd.DataFrame = field(repr=False, compare=False)
    time_zone: str = "UTC"

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""
        return "duckdb"

    @property
    def relation(self) -> str:
        """The table as it stands after FROM."""
        return "source"

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column."""
        return column_kinds(self.frame)

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query."""
        with connect(self.time_zone) as connection:
            register_frame(connection, "source", self.frame)
            return _rows(connection, sql)

    def unchanged(self) -> bool:
        """Return True: nobody else holds the frame."""
        return True


@dataclass(frozen=True)
class ParquetTable:
    """One or more parquet files with the same columns, also a hive-partitioned folder.

    Attributes
    ----------
    paths : tuple of str
        The files.
    time_zone : str
        Zone in which times are taken apart.
    states : tuple of (int, int)
        Size and time of change of each file when the table was opened.
    memory_limit : str
        What DuckDB may take for one query.
    threads : int
        Threads of one query.
    """

    paths: tuple[str, ...]
    time_zone: str = "UTC"
    states: tuple[tuple[int, int], ...] = ()
    memory_limit: str = MEMORY_LIMIT
    threads: int = 2

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""
        return "duckdb"

    @property
    def relation(self) -> str:
        """The table as it stands after FROM."""
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in self.paths)
        return f"read_parquet([{listed}], hive_partitioning = false)"

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column."""
        return _described(self.query(f"DESCRIBE SELECT * FROM {self.relation}"))  # noqa: S608

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query; DuckDB can reach these files and nothing else."""
        settings = _limits(self.memory_limit, self.threads)
        with _opened(":memory:", self.time_zone, {**settings, "allowed_paths": list(self.paths)}) as connection:
            return _rows(connection, sql)

    def unchanged(self) -> bool:
        """Return whether the files are as they were when the table was opened."""
        return same_states(self.paths, self.states)


@dataclass(frozen=True)
class DuckDBTable:
    """A table or view of a DuckDB file, opened read-only.

    Attributes
    ----------
    path : str
        The file.
    table : str
        Name of the table, with schema where it is not ``main``.
    time_zone : str
        Zone in which times are taken apart.
    states : tuple of (int, int)
        Size and time of change of the file when the table was opened.
    memory_limit : str
        What DuckDB may take for one query.
    threads : int
        Threads of one query.
    """

    path: str
    table: str
    time_zone: str = "UTC"
    states: tuple[tuple[int, int], ...] = ()
    memory_limit: str = MEMORY_LIMIT
    threads: int = 2

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""
        return "duckdb"

    @property
    def relation(self) -> str:
        """The table as it stands after FROM."""
        return ".".join(quoted(part) for part in self.table.split("."))

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column."""
        return _described(self.query(f"DESCRIBE SELECT * FROM {self.relation}"))  # noqa: S608

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query."""
        settings = _limits(self.memory_limit, self.threads)
        with _opened(self.path, self.time_zone, settings, read_only=True) as connection:
            return _rows(connection, sql)

    def unchanged(self) -> bool:
        """Return whether the file is as it was when the table was opened."""
        return same_states((self.path,), self.states)


def _limits(memory_limit: str, threads: int) -> dict[str, Any]:
    """Return the settings that bound one query; the order of rows is not kept, for grouping does not need it."""
    return {"memory_limit": memory_limit, "threads": threads, "preserve_insertion_order": False}


@contextmanager
def _opened(
    path: str, time_zone: str, settings: dict[str, Any], *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(path, read_only=read_only, config={"python_enable_replacements": False})
    except (duckdb.Error, OSError) as error:
        raise BackendError(_reason(error)) from error
    with connection:
        for name, value in settings.items():
            connection.execute(f"SET {name} = $value", {"value": value})
        connection.execute("SET TimeZone = $zone", {"zone": time_zone})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    try:
        with (
            warnings.catch_warnings()
        ):  # DuckDB drops columns of times with a zone in place, which pandas 3.1 deprecates
            warnings.filterwarnings("ignore", "The inplace keyword", DeprecationWarning)
            frame: pd.DataFrame = connection.execute(sql).df()
    except (duckdb.Error, OSError, RuntimeError) as error:
        raise BackendError(_reason(error)) from error
    return frame


def _described(frame: pd.DataFrame) -> dict[str, Kind]:
    return {
        str(name): kind_of(str(kind)) for name, kind in zip(frame["column_name"], frame["column_type"], strict=True)
    }


def _reason(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
