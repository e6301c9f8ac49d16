"""Which parts an expression may have besides functions: comparisons, logic, arithmetic, literals, CASE, CAST."""

from __future__ import annotations

import math
from datetime import date, datetime

from sqlglot import exp

from kpi_research.study.expressions.check import KIND_NAMES, Check, quote, rule

DataType = exp.DataType.Type

CASTS = {
    DataType.DOUBLE: "number",
    DataType.FLOAT: "number",
    DataType.INT: "number",
    DataType.BIGINT: "number",
    DataType.TEXT: "text",
    DataType.VARCHAR: "text",
    DataType.DATE: "time",
    DataType.TIMESTAMP: "time",
    DataType.TIMESTAMPNTZ: "time",
}
_CAST_FROM = {
    "number": {"number", "text", "boolean", "unknown"},
    "text": {"number", "text", "boolean", "time", "unknown"},
    "time": {"text", "time", "unknown"},
}
DURATION_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK")
CALENDAR_UNITS = ("MONTH", "QUARTER", "YEAR")


@rule(exp.Paren, parts="this")
def _paren(check: Check, node: exp.Paren) -> str:
    return check.kind(node.this)


@rule(exp.And, exp.Or)
def _connector(check: Check, node: exp.Binary) -> str:
    check.need(node, node.this, "boolean")
    check.need(node, node.expression, "boolean")
    return "boolean"


@rule(exp.Not, parts="this")
def _not(check: Check, node: exp.Not) -> str:
    check.need(node, node.this, "boolean")
    return "boolean"


@rule(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
def _comparison(check: Check, node: exp.Binary) -> str:
    if any(isinstance(side.unnest(), exp.Null) for side in (node.this, node.expression)):
        check.fault("expression-null", found=quote(node))
        return "boolean"
    if any(_bare_is(side) for side in (node.this, node.expression)):
        check.fault("expression-ambiguous", found=quote(node))
    kind = check.same(node, [node.this, node.expression])
    ordered = not isinstance(node, (exp.EQ, exp.NEQ))
    if kind == "calendar" or (kind == "boolean" and ordered):
        check.fault("expression-not-ordered", found=quote(node), kind=KIND_NAMES[kind])
    return "boolean"


def _bare_is(node: exp.Expression) -> bool:
    """Return whether a side of a comparison is IS without parentheses: sqlglot binds IS closer, databases looser."""
    return isinstance(node.this if isinstance(node, exp.Not) else node, exp.Is)


@rule(exp.Between, parts="this low high")
def _between(check: Check, node: exp.Between) -> str:
    kind = check.same(node, [node.this, node.args["low"], node.args["high"]])
    if kind in {"calendar", "boolean"}:
        check.fault("expression-not-ordered", found=quote(node), kind=KIND_NAMES[kind])
    return "boolean"


@rule(exp.In, parts="this expressions")
def _in(check: Check, node: exp.In) -> str:
    check.same(node, [node.this, *node.expressions])
    if not node.expressions or not all(_is_literal(item) for item in node.expressions):
        check.fault("expression-list", found=quote(node))
    return "boolean"


def _is_literal(node: exp.Expression) -> bool:
    inner = node.this if isinstance(node, (exp.Neg, exp.Cast)) else node
    return isinstance(inner, (exp.Literal, exp.Boolean))


@rule(exp.Is)
def _is(check: Check, node: exp.Is) -> str:
    if isinstance(node.this, (exp.Is, exp.Not)):
        check.fault("expression-ambiguous", found=quote(node))
    check.kind(node.this)
    if isinstance(node.expression, exp.Boolean):
        check.need(node, node.this, "boolean")
    elif not isinstance(node.expression, exp.Null):
        check.kind(node.expression)
        check.fault("expression-is", found=quote(node))
    return "boolean"


@rule(exp.Like)
def _like(check: Check, node: exp.Like) -> str:
    check.need(node, node.this, "text")
    check.need(node, node.expression, "text")
    pattern = node.expression
    if not pattern.is_string or "\\" in pattern.name:
        check.fault("expression-pattern", found=quote(pattern))
    return "boolean"


@rule(exp.Mul, exp.Div, exp.Mod)
def _product(check: Check, node: exp.Binary) -> str:
    # sqlglot reads 7 % 4 * 2 as 7 % (4 * 2), databases as (7 % 4) * 2.
    if isinstance(node, exp.Mod) and isinstance(node.expression, (exp.Mul, exp.Div)):
        check.fault("expression-ambiguous", found=quote(node))
    check.need(node, node.this, "number")
    check.need(node, node.expression, "number")
    return "number"


@rule(exp.Neg, parts="this")
def _negative(check: Check, node: exp.Neg) -> str:
    check.need(node, node.this, "number")
    return "number"


@rule(exp.Add, exp.Sub)
def _sum(check: Check, node: exp.Binary) -> str:
    left, right = check.kind(node.this), check.kind(node.expression)
    spans = {"duration", "calendar"}
    if left in {"time", "unknown"} and right in spans:
        return "time"
    if left in spans and right == "time" and isinstance(node, exp.Add):
        return "time"
    if isinstance(node, exp.Sub) and "time" in {left, right} and {left, right} <= {"time", "unknown"}:
        return "duration"
    if {left, right} <= {"number", "unknown"}:
        return "number"
    if "unknown" in {left, right} and check.faults:
        return "unknown"
    sign = "+" if isinstance(node, exp.Add) else "-"
    return check.fault("expression-sum", found=quote(node), sign=sign, left=KIND_NAMES[left], right=KIND_NAMES[right])


@rule(exp.DPipe)
def _join(check: Check, node: exp.DPipe) -> str:
    check.need(node, node.this, "text")
    check.need(node, node.expression, "text")
    return "text"


@rule(exp.Case, parts="this ifs default")
def _case(check: Check, node: exp.Case) -> str:
    conditions = [branch.this for branch in node.args["ifs"]]
    if node.this is not None:
        check.same(node, [node.this, *conditions])
    else:
        for condition in conditions:
            check.need(node, condition, "boolean")
    default = node.args.get("default")
    return check.same(node, [branch.args["true"] for branch in node.args["ifs"]] + ([default] if default else []))


@rule(exp.Literal, parts="this")
def _literal(check: Check, node: exp.Literal) -> str:
    if node.is_string:
        return "text"
    try:
        finite = math.isfinite(float(node.name)) and node.name.isascii() and "_" not in node.name
    except ValueError:
        finite = False
    return "number" if finite else check.fault("expression-number", found=node.name[:40])


@rule(exp.Boolean, parts="this")
def _boolean(check: Check, node: exp.Boolean) -> str:
    return "boolean"


@rule(exp.Null, parts="")
def _null(check: Check, node: exp.Null) -> str:
    return "unknown"


@rule(exp.Interval, parts="this unit")
def _interval(check: Check, node: exp.Interval) -> str:
    unit = interval_unit(node)
    amount = node.this
    whole = isinstance(amount, exp.Literal) and amount.name.isascii() and amount.name.isdigit() and len(amount.name) < 7
    if not whole or unit not in DURATION_UNITS + CALENDAR_UNITS:
        units = ", ".join(name.lower() for name in DURATION_UNITS + CALENDAR_UNITS)
        return check.fault("expression-interval", found=quote(node), units=units)
    return "duration" if unit in DURATION_UNITS else "calendar"


def interval_unit(node: exp.Interval) -> str:
    """Return the unit of an interval in the singular and in capitals, as ``MINUTE``; empty where it has none."""
    unit = node.args.get("unit")
    return unit.name.upper().removesuffix("S") if isinstance(unit, exp.Var) else ""


@rule(exp.Cast, parts="this to")
def _cast(check: Check, node: exp.Cast) -> str:
    target = node.to
    kind = CASTS.get(target.this)
    if kind is None or target.expressions or target.args.get("nested"):
        check.kind(node.this)
        return check.fault("expression-cast", found=quote(target))
    if node.this.is_string and kind == "time":
        return _time_literal(check, node)
    found = check.kind(node.this)
    if found not in _CAST_FROM[kind]:
        facts = {"part": quote(node.this), "found": KIND_NAMES[found], "needed": KIND_NAMES[kind]}
        return check.fault("expression-cast-kind", **facts)
    return kind


def _time_literal(check: Check, node: exp.Cast) -> str:
    reader = date if node.to.this == DataType.DATE else datetime
    try:
        moment = reader.fromisoformat(node.this.name)
    except ValueError:
        return check.fault("expression-date", found=node.this.name[:40])
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return check.fault("expression-date", found=node.this.name[:40])
    return "time"
