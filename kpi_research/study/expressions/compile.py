"""SQL text of a checked expression for DuckDB, PostgreSQL and Spark, with one meaning in all three.

What is made equal, because the three differ:

- ``/`` is division of floating-point numbers; division by zero gives NULL. ``%`` by zero gives NULL too.
- Literals with a decimal point are floating-point numbers, whole-number literals have 64 bits.
- ``ln`` and ``log10`` of a number that is not positive and ``sqrt`` of a negative number give NULL.
- ``round`` rounds halves away from zero; a cast of a number to a whole number rounds halves to the even neighbor.
- ``date_diff`` counts the boundaries of the unit between two times; weeks begin on Monday. (DuckDB by itself counts
  boundaries of all units but the week, PostgreSQL has no such function, Spark counts whole units.)
- ``extract(dow …)`` is 0 on Sunday; ``extract(second …)`` is a whole number.
- ``median`` and ``quantile_cont`` interpolate linearly.
- A condition cast to a number is 1 or 0.

What is not: ``power`` of a negative number with a broken exponent gives NULL in DuckDB and Spark and stops a query in
PostgreSQL, as do results too large or too small for a floating-point number; texts are ordered by each database's
collation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from kpi_research.study.expressions.functions import time_unit, whole_literal
from kpi_research.study.expressions.model import Dialect, deep_stack
from kpi_research.study.expressions.nodes import as_double, as_type, call, closed, float_literal, null_if
from kpi_research.study.expressions.rules import interval_unit

DIALECTS: tuple[Dialect, ...] = ("duckdb", "postgres", "spark")

# Mean length of a unit in seconds. From the start of one month to that of another this is never off by more than
# a few days, so the quotient rounds to the exact number of months.
_SECONDS = {
    "SECOND": 1,
    "MINUTE": 60,
    "HOUR": 3600,
    "DAY": 86_400,
    "WEEK": 604_800,
    "MONTH": 2_629_746,
    "QUARTER": 7_889_238,
    "YEAR": 31_556_952,
}
_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In)
_CHAINS: tuple[tuple[type[exp.Expression], ...], ...] = ((exp.And,), (exp.Or,), (exp.Add, exp.Sub), (exp.DPipe,))

Writer = Callable[[Any, str], exp.Expression]


def to_sql(tree: exp.Expression, dialect: Dialect = "duckdb") -> str:
    """Return a checked expression as SQL.

    Parameters
    ----------
    tree : sqlglot.exp.Expression
        Tree of an `Expression`; it is left as it is.
    dialect : {"duckdb", "postgres", "spark"}
        The database.

    Returns
    -------
    str
        SQL with every name quoted and every nested operator in parentheses.

    Raises
    ------
    ValueError
        If the dialect is none of the three.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"dialect: found {dialect!r}, allowed are {', '.join(DIALECTS)}")
    with deep_stack():
        return _write(tree, dialect).sql(dialect=dialect, identify=True, unsupported_level=ErrorLevel.RAISE)


def _write(node: exp.Expression, dialect: str) -> exp.Expression:
    if isinstance(node, exp.Paren):
        return _write(node.this, dialect)
    writer = _WRITERS.get(type(node))
    if writer is not None:
        return writer(node, dialect)
    return _same(node, dialect)


def _same(node: exp.Expression, dialect: str) -> exp.Expression:
    """Return the node with its parts written anew, in parentheses where an operator holds an operator."""
    fresh = type(node)()
    for key, value in node.args.items():
        if isinstance(value, list):
            fresh.set(key, [_inner(node, item, dialect) for item in value])
        else:
            fresh.set(key, _inner(node, value, dialect))
    return fresh


def _inner(parent: exp.Expression, value: Any, dialect: str) -> Any:
    if not isinstance(value, exp.Expression):
        return value
    written = _write(value, dialect)
    if not isinstance(parent, _OPERATORS):
        return written
    chained = any(isinstance(parent, chain) and isinstance(written, chain) for chain in _CHAINS)
    return written if chained and value is parent.this else closed(written)


def _literal(node: exp.Literal, dialect: str) -> exp.Expression:
    if node.is_string:
        return exp.Literal.string(node.name)
    if not node.name.isdigit() or int(node.name) >= 2**63:
        return float_literal(repr(float(node.name)))
    number = exp.Literal.number(int(node.name))
    compared = isinstance(node.parent, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between))
    return number if compared else as_type(number, "BIGINT")


def _divide(node: exp.Div, dialect: str) -> exp.Expression:
    above, below = (as_double(_write(part, dialect)) for part in (node.this, node.expression))
    return exp.Div(this=above, expression=null_if(below, exp.Literal.number(0)), typed=True, safe=False)


def _remainder(node: exp.Mod, dialect: str) -> exp.Expression:
    parts = [_write(part, dialect) for part in (node.this, node.expression)]
    if dialect == "postgres":
        parts = [as_type(part, "DECIMAL") for part in parts]
    left, right = parts
    return exp.Mod(this=closed(left), expression=null_if(right, exp.Literal.number(0)))


def _logarithm(node: exp.Expression, dialect: str) -> exp.Expression:
    inner = node.expression if isinstance(node, exp.Log) else node.this
    above_zero = exp.Greatest(
        this=as_double(_write(inner, dialect)), expressions=[float_literal("0.0")], ignore_nulls=True
    )
    return call("LOG10" if isinstance(node, exp.Log) else "LN", null_if(above_zero, exp.Literal.number(0)))


def _root(node: exp.Sqrt, dialect: str) -> exp.Expression:
    below = "-2.2250738585072014e-308"
    not_below = exp.Greatest(
        this=as_double(_write(node.this, dialect)), expressions=[float_literal(below)], ignore_nulls=True
    )
    return exp.Sqrt(this=null_if(not_below, float_literal(below)))


def _power(node: exp.Pow, dialect: str) -> exp.Expression:
    power = call("POWER", *(as_double(_write(part, dialect)) for part in (node.this, node.expression)))
    return power if dialect == "postgres" else null_if(power, float_literal("NaN"))


def _exponential(node: exp.Exp, dialect: str) -> exp.Expression:
    return exp.Exp(this=as_double(_write(node.this, dialect)))


def _round(node: exp.Round, dialect: str) -> exp.Expression:
    digits = node.args.get("decimals")
    places = [exp.Literal.number(whole_literal(digits) or 0)] if digits is not None else []
    value = _write(node.this, dialect)
    if dialect == "postgres":
        return as_double(call("ROUND", as_type(value, "DECIMAL"), *places))
    return call("ROUND", as_double(value), *places)


def _substring(node: exp.Substring, dialect: str) -> exp.Expression:
    numbers = {
        key: exp.Literal.number(whole_literal(node.args[key])) for key in ("start", "length") if node.args.get(key)
    }
    return exp.Substring(this=_write(node.this, dialect), **numbers)


def _cast(node: exp.Cast, dialect: str) -> exp.Expression:
    wide = {"FLOAT": "DOUBLE", "INT": "BIGINT"}
    target = exp.DataType(this=exp.DataType.Type[wide.get(node.to.this.name, node.to.this.name)], nested=False)
    value, kind = _write(node.this, dialect), node.this.meta.get("kind")
    number = target.this.name in {"DOUBLE", "BIGINT"}
    if kind == "boolean" and number:
        pairs = ((exp.true(), "1"), (exp.false(), "0"))
        branches = [exp.If(this=truth, true=exp.Literal.number(digit)) for truth, digit in pairs]
        value = exp.Case(this=exp.Paren(this=value), ifs=branches)
    elif kind == "number" and target.this.name == "BIGINT" and dialect != "duckdb":
        value = as_double(value) if dialect == "postgres" else call("BROUND", as_double(value))
    return exp.Cast(this=value, to=target)


def _moment(node: exp.Expression, dialect: str) -> exp.Expression:
    """Return a time; a date becomes its first moment, so that differences and truncations are those of times."""
    written = _write(node, dialect)
    dated = isinstance(written, exp.Cast) and written.to.this.name == "DATE"
    return as_type(written, "TIMESTAMP") if dated or node.meta.get("kind") == "unknown" else written


def _add(node: exp.Binary, dialect: str) -> exp.Expression:
    parts = (node.this, node.expression)
    if not any(part.meta.get("kind") in {"time", "duration", "calendar"} for part in parts):
        return _same(node, dialect)
    left, right = (_moment(part, dialect) for part in parts)
    return type(node)(this=closed(left), expression=closed(right))


def _interval(node: exp.Interval, dialect: str) -> exp.Expression:
    unit, amount = interval_unit(node), int(node.this.name)
    if unit == "QUARTER":
        unit, amount = "MONTH", 3 * amount
    return exp.Interval(this=exp.Literal.string(str(amount)), unit=exp.var(unit))


def _date_diff(node: exp.DateDiff, dialect: str) -> exp.Expression:
    unit = time_unit(node.args["unit"])
    start, end = _moment(node.expression, dialect), _moment(node.this, dialect)
    if dialect == "duckdb" and unit in {"SECOND", "MINUTE"}:
        return as_type(exp.Sub(this=_count_since_1970(end, unit), expression=_count_since_1970(start, unit)), "BIGINT")
    start, end = (call("DATE_TRUNC", exp.Literal.string(unit), part) for part in (start, end))
    if dialect == "duckdb":
        return call("DATE_DIFF", exp.Literal.string(unit), start, end)
    if dialect == "spark":
        return exp.DateDiff(this=end, expression=start, unit=exp.var(unit))
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=exp.Sub(this=end, expression=start))
    quotient = exp.Div(this=seconds, expression=exp.Literal.number(_SECONDS[unit]), typed=True, safe=False)
    return as_type(call("ROUND", quotient), "BIGINT")


def _count_since_1970(moment: exp.Expression, unit: str) -> exp.Expression:
    """Return the whole seconds or minutes since 1970; DuckDB's calendar functions on times with a zone are ten times slower."""
    seconds = exp.Div(this=call("EPOCH", moment), expression=exp.Literal.number(_SECONDS[unit]), typed=True, safe=False)
    return exp.Floor(this=seconds)


def _date_trunc(node: exp.Expression, dialect: str) -> exp.Expression:
    return call("DATE_TRUNC", exp.Literal.string(time_unit(node.args["unit"])), _moment(node.this, dialect))


def _extract(node: exp.Extract, dialect: str) -> exp.Expression:
    unit, value = time_unit(node.this), _moment(node.expression, dialect)
    if dialect == "spark" and unit in {"DOW", "ISODOW"}:
        unit = {"DOW": "DAYOFWEEK", "ISODOW": "DAYOFWEEK_ISO"}[unit]
        part: exp.Expression = exp.Extract(this=exp.var(unit), expression=value)
        part = exp.Sub(this=part, expression=exp.Literal.number(1)) if unit == "DAYOFWEEK" else part
    else:
        part = exp.Extract(this=exp.var(unit), expression=value)
    return as_type(exp.Floor(this=part) if unit == "SECOND" else part, "BIGINT")


def _mean(node: exp.AggFunc, dialect: str) -> exp.Expression:
    return type(node)(this=as_double(_write(node.this, dialect)))


def _quantile(node: exp.Expression, dialect: str) -> exp.Expression:
    if isinstance(node, exp.Median):
        values, share = node.this, "0.5"
    elif isinstance(node, exp.WithinGroup):
        values, share = node.expression.expressions[0].this, node.this.this.name
    else:
        values, share = node.this, node.expression.name
    column, level = as_double(_write(values, dialect)), exp.Literal.number(repr(float(share)))
    if dialect == "postgres":
        order = exp.Order(expressions=[exp.Ordered(this=column, nulls_first=False)])
        return exp.WithinGroup(this=exp.PercentileCont(this=level), expression=order)
    return call("QUANTILE_CONT" if dialect == "duckdb" else "PERCENTILE", column, level)


def _count(node: exp.Count, dialect: str) -> exp.Expression:
    if isinstance(node.this, exp.Star):
        return exp.Count(this=exp.Star(), big_int=True)
    return exp.Count(this=_write(node.this, dialect), big_int=True)


_WRITERS: dict[type[exp.Expression], Writer] = {
    exp.Literal: _literal,
    exp.Div: _divide,
    exp.Mod: _remainder,
    exp.Add: _add,
    exp.Sub: _add,
    exp.Ln: _logarithm,
    exp.Log: _logarithm,
    exp.Sqrt: _root,
    exp.Pow: _power,
    exp.Exp: _exponential,
    exp.Round: _round,
    exp.Substring: _substring,
    exp.Cast: _cast,
    exp.Interval: _interval,
    exp.DateDiff: _date_diff,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    exp.Extract: _extract,
    exp.Avg: _mean,
    exp.StddevSamp: _mean,
    exp.Median: _quantile,
    exp.PercentileCont: _quantile,
    exp.WithinGroup: _quantile,
    exp.Count: _count,
}
