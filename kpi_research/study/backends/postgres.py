"""Tables of a PostgreSQL database, read through Arrow (ADBC); an optional extra of the installation."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpi_research.study.backends.backend import BackendError, quoted
from kpi_research.study.expressions import Dialect, Kind

_KINDS: dict[str, Kind] = {
    "boolean": "boolean",
    "smallint": "number",
    "integer": "number",
    "bigint": "number",
    "numeric": "number",
    "real": "number",
    "double precision": "number",
    "text": "text",
    "character varying": "text",
    "character": "text",
    "uuid": "text",
    "date": "time",
    "timestamp without time zone": "time",
    "timestamp with time zone": "time",
}
_SECRET = re.compile(r"(://[^:/@]*):[^@]*@")


@dataclass(frozen=True)
class PostgresTable:
    """A table or view of a PostgreSQL database.

    Attributes
    ----------
    url : str
        ``postgresql://user@host:port/database``; the password comes from ``PGPASSWORD`` or the user's ``.pgpass``.
    table : str
        Name of the table, with schema where it is not ``public``.
    time_zone : str
        Zone in which times are taken apart.
    """

    url: str
    table: str
    time_zone: str = "UTC"

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""
        return "postgres"

    @property
    def relation(self) -> str:
        """The table as it stands after FROM."""
        return ".".join(quoted(part) for part in self._names())

    def _names(self) -> tuple[str, str]:
        schema, _, name = self.table.rpartition(".")
        return schema or "public", name

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column."""
        schema, name = ("'" + part.replace("'", "''") + "'" for part in self._names())
        frame = self.query(
            "SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns "  # noqa: S608
            f"WHERE table_schema = {schema} AND table_name = {name} ORDER BY ordinal_position"
        )
        if frame.empty:
            raise BackendError(f"there is no table '{self.table}' in the database")
        return {name: _KINDS.get(kind, "unknown") for name, kind in zip(frame["name"], frame["type"], strict=True)}

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query, read in a transaction that cannot write."""
        dbapi = _driver()
        try:
            with dbapi.connect(self.url) as connection, connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                cursor.execute("SELECT set_config('TimeZone', $1, true)", (self.time_zone,))
                cursor.execute(sql)
                frame: pd.DataFrame = cursor.fetch_arrow_table().to_pandas()
        except (dbapi.Error, OSError) as error:
            raise BackendError(_SECRET.sub(r"\1:***@", str(error))[:300]) from error
        return frame

    def unchanged(self) -> bool:
        """Return True: a database does not tell."""
        return True


def _driver() -> Any:
    try:
        return importlib.import_module("adbc_driver_postgresql.dbapi")
    except ImportError as error:
        raise BackendError("the PostgreSQL driver is not installed: pip install 'kpi-research[postgres]'") from error
