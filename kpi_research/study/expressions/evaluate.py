"""Values of expressions on data frames, computed by an in-memory DuckDB that can reach nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pandas as pd
import pyarrow as pa

from kpi_research.study.expressions.arrow import arrow_table, column_kinds, series_of
from kpi_research.study.expressions.model import Expression
from kpi_research.study.expressions.parse import parse_expression
from kpi_research.study.findings import Finding, StudyError, finding
from kpi_research.study.suggest import did_you_mean

_CLOSED_IN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "threads": 1,
}


def connect(time_zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """Return a new in-memory DuckDB that cannot read or write files, load extensions or see Python variables.

    Parameters
    ----------
    time_zone : str
        Zone in which times with a zone are taken apart, e.g. ``"Asia/Shanghai"``.

    Returns
    -------
    duckdb.DuckDBPyConnection
        One thread, locked settings; a context manager that closes it.
    """
    connection = duckdb.connect(":memory:", config=dict(_CLOSED_IN))
    connection.execute("SET TimeZone = $zone", {"zone": time_zone})
    connection.execute("SET lock_configuration = true")
    return connection


def filter_frame(frame: pd.DataFrame, expression: Expression) -> pd.Series:
    """Return which rows of a frame meet a condition.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows to judge; it must have the columns the condition reads.
    expression : Expression
        A condition, parsed with ``expect="boolean"``.

    Returns
    -------
    pandas.Series of bool
        Index of the frame; False where the condition is NULL.

    Raises
    ------
    ValueError
        If the expression is no condition per row, or the frame lacks a column.
    StudyError
        If DuckDB cannot compute it, e.g. a text that is no number is cast to one.

    Examples
    --------
    >>> rows = pd.DataFrame({"minutes": [5.0, 12.0, None]})
    >>> late, _ = parse_expression("minutes > 10", columns=column_kinds(rows), expect="boolean")
    >>> filter_frame(rows, late).tolist()
    [False, True, False]
    """
    if expression.kind not in {"boolean", "unknown"}:
        raise ValueError(f"expression: '{expression.text}' is a {expression.kind}, allowed is a condition")
    sql = f"coalesce(CAST({expression.sql()} AS BOOLEAN), FALSE)"
    (values,) = _run(frame, [(expression, sql)])
    return values.astype(bool)


def evaluate(frame: pd.DataFrame, expressions: Mapping[str, Expression]) -> pd.DataFrame:
    """Return the values of expressions for each row of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows; it must have the columns the expressions read.
    expressions : mapping of str to Expression
        Expressions without aggregates, by the name of the column to make.

    Returns
    -------
    pandas.DataFrame
        One column per expression in their order, rows and index of the frame: int64 or float64 (a number that is not
        finite is missing), nullable boolean, text, or time with microseconds.

    Raises
    ------
    ValueError
        If an expression holds an aggregate or the frame lacks a column.
    StudyError
        If DuckDB cannot compute an expression; one finding for each of these.

    Examples
    --------
    >>> rows = pd.DataFrame({"cleared": [3, 0], "reported": [4, 0]})
    >>> share, _ = parse_expression("cleared / reported", columns=column_kinds(rows))
    >>> evaluate(rows, {"share": share})["share"].tolist()
    [0.75, nan]
    """
    values = _run(frame, [(expression, _typed(expression)) for expression in expressions.values()])
    return pd.DataFrame(dict(zip(expressions, values, strict=True)), index=frame.index)


def select(frame: pd.DataFrame, where_text: str) -> pd.Series:
    """Return which rows of a frame meet a condition given as text.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows to judge.
    where_text : str
        A condition over its columns, e.g. ``"module = 'business' AND NOT banned"``.

    Returns
    -------
    pandas.Series of bool
        Index of the frame; False where the condition is NULL.

    Raises
    ------
    ValueError
        If the condition has a fault; the message lists all of them.

    Examples
    --------
    >>> select(pd.DataFrame({"module": ["business", "team"]}), "module = 'business'").tolist()
    [True, False]
    """
    expression, faults = parse_expression(where_text, columns=column_kinds(frame), expect="boolean")
    if expression is None:
        raise ValueError("; ".join(item.line() for item in faults))
    return filter_frame(frame, expression)


def register_frame(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, columns: Iterable[str] | None = None
) -> None:
    """Enter a frame as a view of a connection, with the types that the SQL of expressions is made for.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The connection, see `connect`.
    name : str
        Name of the view.
    frame : pandas.DataFrame
        The rows.
    columns : iterable of str, optional
        Columns to enter; all whose name is a text by default.
    """
    wanted = [column for column in frame.columns if isinstance(column, str)] if columns is None else columns
    connection.register(name, arrow_table(frame, wanted))


def time_zone_of(frame: pd.DataFrame, columns: Iterable[str]) -> str:
    """Return the zone of the first column with a time zone, e.g. ``"Asia/Shanghai"``, or ``"UTC"``."""
    zones = (getattr(frame[name].dtype, "tz", None) for name in columns)
    return next((str(zone) for zone in zones if zone is not None), "UTC")


def _typed(expression: Expression) -> str:
    types = {"text": "VARCHAR", "boolean": "BOOLEAN"}
    sql = expression.sql()
    return f"CAST({sql} AS {types[expression.kind]})" if expression.kind in types else sql


def _run(frame: pd.DataFrame, queries: list[tuple[Expression, str]]) -> list[pd.Series]:
    for expression, _ in queries:
        _check_frame(frame, expression)
    columns = sorted(set().union(*(expression.columns for expression, _ in queries)))
    with connect(time_zone_of(frame, columns)) as connection:
        register_frame(connection, "frame", frame, columns)
        try:
            table = _fetch(connection, [sql for _, sql in queries])
        except duckdb.Error:
            raise StudyError(_failures(connection, queries)) from None
    return [series_of(column, frame.index) for column in table.columns]


def _check_frame(frame: pd.DataFrame, expression: Expression) -> None:
    if expression.aggregate:
        raise ValueError(f"expression: '{expression.text}' holds an aggregate, allowed is one value per row")
    names = [str(name) for name in frame.columns]
    for column in sorted(expression.columns):
        if names.count(column) != 1:
            number = names.count(column)
            hint = did_you_mean(column, names)["en"]
            raise ValueError(f"frame: column '{column}' is in it {number} times, allowed is once.{hint}")


def _fetch(connection: duckdb.DuckDBPyConnection, queries: list[str]) -> pa.Table:
    if not queries:
        return pa.table({})
    named = ", ".join(f'{sql} AS "value {number}"' for number, sql in enumerate(queries))
    return connection.execute(f"SELECT {named} FROM frame").to_arrow_table()  # noqa: S608


def _failures(connection: duckdb.DuckDBPyConnection, queries: list[tuple[Expression, str]]) -> list[Finding]:
    faults = []
    for expression, sql in queries:
        try:
            _fetch(connection, [sql])
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            faults.append(finding("expression-failed", expression.where, found=expression.text, reason=reason))
    return faults
