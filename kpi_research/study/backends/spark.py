"""Tables that Apache Spark reads: parquet files or tables of its catalogue; an optional extra of the installation."""

from __future__ import annotations

import importlib
import os
import warnings
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpi_research.study.backends.backend import BackendError
from kpi_research.study.expressions import Dialect, Kind

MASTER_VARIABLE = "KPI_RESEARCH_SPARK_MASTER"
"""Environment variable with the master of the cluster, e.g. ``spark://host:7077``; default ``local[*]``."""

_KINDS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("boolean",), "boolean"),
    (("tinyint", "smallint", "int", "bigint", "float", "double", "decimal"), "number"),
    (("string", "char", "varchar"), "text"),
    (("date", "timestamp"), "time"),
)


@dataclass(frozen=True)
class SparkTable:
    """Parquet files or a catalogue table, read by Spark.

    Attributes
    ----------
    paths : tuple of str
        Parquet files or folders; empty for a catalogue table.
    table : str
        Name of the catalogue table; empty for files.
    time_zone : str
        Zone in which times are taken apart.
    """

    paths: tuple[str, ...] = ()
    table: str = ""
    time_zone: str = "UTC"

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""
        return "spark"

    @property
    def relation(self) -> str:
        """The table as it stands after FROM."""
        return ".".join(f"`{part.replace('`', '``')}`" for part in self.table.split(".")) if self.table else "source"

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each column."""
        session, errors = _session(self.time_zone)
        try:
            types = (session.table(self.table) if self.table else session.read.parquet(*self.paths)).dtypes
        except errors as error:
            raise BackendError(str(error).strip().splitlines()[0][:300]) from error
        return {name: _kind(kind) for name, kind in types}

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query."""
        session, errors = _session(self.time_zone)
        try:
            if self.paths:
                session.read.parquet(*self.paths).createOrReplaceTempView("source")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                frame: pd.DataFrame = session.sql(sql).toArrow().to_pandas()
        except errors as error:
            raise BackendError(str(error).strip().splitlines()[0][:300]) from error
        return frame

    def unchanged(self) -> bool:
        """Return True: a cluster does not tell."""
        return True


def _kind(name: str) -> Kind:
    for starts, kind in _KINDS:
        if name.startswith(starts):
            return kind
    return "unknown"


def _session(time_zone: str) -> tuple[Any, tuple[type[BaseException], ...]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            sql = importlib.import_module("pyspark.sql")
            errors = importlib.import_module("pyspark.errors")
            java = importlib.import_module("py4j.protocol")
    except ImportError as error:
        raise BackendError("Apache Spark is not installed: pip install 'kpi-research[spark]' and Java 17") from error
    builder = sql.SparkSession.builder.master(os.environ.get(MASTER_VARIABLE, "local[*]")).appName("kpi_research")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.sql.ansi.enabled": "false",
    }.items():
        builder = builder.config(name, value)
    known = (errors.PySparkException, java.Py4JError, OSError, RuntimeError)
    try:
        session = builder.getOrCreate()
    except known as error:
        raise BackendError(f"Spark cannot start: {str(error)[:200]}") from error
    session.conf.set("spark.sql.session.timeZone", time_zone)
    return session, known
