"""Which functions and aggregates an expression may call, with what arguments and what result."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from kpi_research.study.expressions.check import KIND_NAMES, Check, quote, rule

TRUNC_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
EXTRACT_UNITS = (*TRUNC_UNITS, "DOW", "ISODOW", "DOY")
_SYNONYMS = {"DAYOFWEEK": "DOW", "DAYOFWEEKISO": "ISODOW", "DAYOFWEEK_ISO": "ISODOW", "DAYOFYEAR": "DOY"}


@dataclass(frozen=True)
class Signature:
    """Kinds of the arguments of a function, by their names in sqlglot, and the kind of its result.

    Arguments named in ``optional`` may be left out; arguments named in ``whole`` are whole-number literals in the
    range given there.
    """

    needs: dict[str, str]
    result: str
    whole: dict[str, tuple[int, int]]
    optional: frozenset[str] = frozenset()


def _of(result: str, optional: str = "", whole: dict[str, tuple[int, int]] | None = None, **needs: str) -> Signature:
    return Signature(needs, result, whole or {}, frozenset(optional.split()))


SIGNATURES: dict[type[exp.Expression], Signature] = {
    exp.Abs: _of("number", this="number"),
    exp.Round: _of("number", "decimals", {"decimals": (-15, 15)}, this="number"),
    exp.Floor: _of("number", this="number"),
    exp.Ceil: _of("number", this="number"),
    exp.Ln: _of("number", this="number"),
    exp.Exp: _of("number", this="number"),
    exp.Sqrt: _of("number", this="number"),
    exp.Pow: _of("number", this="number", expression="number"),
    exp.Lower: _of("text", this="text"),
    exp.Upper: _of("text", this="text"),
    exp.Trim: _of("text", this="text"),
    exp.Length: _of("number", this="text"),
    exp.Substring: _of("text", "length", {"start": (1, 10_000), "length": (0, 10_000)}, this="text"),
    exp.StartsWith: _of("boolean", this="text", expression="text"),
}


def _call(check: Check, node: exp.Func) -> str:
    signature = SIGNATURES[type(node)]
    for name, kind in signature.needs.items():
        check.need(node, node.args.get(name), kind)
    for name, (low, high) in signature.whole.items():
        _whole_argument(check, node, name, low, high)
    missing = (
        {*signature.needs, *signature.whole} - signature.optional - {key for key, item in node.args.items() if item}
    )
    return check.fault("expression-argument", found=quote(node)) if missing else signature.result


for _type, _signature in SIGNATURES.items():
    rule(_type, parts=" ".join([*_signature.needs, *_signature.whole]))(_call)


def _whole_argument(check: Check, node: exp.Func, name: str, low: int, high: int) -> None:
    part = node.args.get(name)
    if part is None:
        return
    check.kind(part)
    number = whole_literal(part)
    if number is None or not low <= number <= high:
        check.fault("expression-whole", part=quote(part), whole=quote(node), low=low, high=high)


def whole_literal(node: exp.Expression) -> int | None:
    """Return the value of a whole-number literal, with or without a minus sign, or None for anything else."""
    sign, inner = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
    if isinstance(inner, exp.Literal) and not inner.is_string and inner.name.isascii() and inner.name.isdigit():
        return sign * int(inner.name)
    return None


@rule(exp.Log)
def _log10(check: Check, node: exp.Log) -> str:
    if node.expression is None or whole_literal(node.this) != 10:
        return check.fault("expression-argument", found=quote(node))
    check.need(node, node.expression, "number")
    return "number"


@rule(exp.Coalesce, exp.Least, exp.Greatest, parts="this expressions")
def _choice(check: Check, node: exp.Func) -> str:
    if node.this is None or not node.expressions:
        return check.fault("expression-argument", found=quote(node))
    kind = check.same(node, [node.this, *node.expressions])
    if not isinstance(node, exp.Coalesce) and kind in {"boolean", "calendar", "duration"}:
        return check.fault("expression-not-ordered", found=quote(node), kind=KIND_NAMES[kind])
    return kind


@rule(exp.Nullif)
def _nullif(check: Check, node: exp.Nullif) -> str:
    if node.this is None or node.expression is None:
        return check.fault("expression-argument", found=quote(node))
    return check.same(node, [node.this, node.expression])


@rule(exp.Concat, parts="expressions")
def _concat(check: Check, node: exp.Concat) -> str:
    if len(node.expressions) < 2:
        return check.fault("expression-argument", found=quote(node))
    for part in node.expressions:
        check.need(node, part, "text")
    return "text"


@rule(exp.DateDiff, parts="this expression unit")
def _date_diff(check: Check, node: exp.DateDiff) -> str:
    _unit(check, node, time_unit(node.args.get("unit")), TRUNC_UNITS)
    for part in (node.expression, node.this):
        if part is None:
            return check.fault("expression-argument", found=quote(node))
        check.need(node, part, "time")
    return "number"


@rule(exp.TimestampTrunc, exp.DateTrunc, parts="this unit")
def _date_trunc(check: Check, node: exp.Func) -> str:
    _unit(check, node, time_unit(node.args.get("unit")), TRUNC_UNITS)
    check.need(node, node.this, "time")
    return "time"


@rule(exp.Extract)
def _extract(check: Check, node: exp.Extract) -> str:
    _unit(check, node, time_unit(node.this), EXTRACT_UNITS)
    check.need(node, node.expression, "time")
    return "number"


def time_unit(node: exp.Expression | None) -> str:
    """Return the unit of a function of time in capitals, as ``MINUTE``; empty where it is no plain unit."""
    plain = isinstance(node, exp.Var) or (isinstance(node, exp.Literal) and node.is_string)
    name = node.name.upper() if node is not None and plain else ""
    return _SYNONYMS.get(name, name)


def _unit(check: Check, node: exp.Expression, unit: str, allowed: tuple[str, ...]) -> None:
    if unit not in allowed:
        check.fault("expression-unit", found=quote(node), units=", ".join(name.lower() for name in allowed))


AGGREGATE_KINDS: dict[type[exp.Expression], tuple[frozenset[str], str]] = {
    exp.Sum: (frozenset({"number"}), "number"),
    exp.Avg: (frozenset({"number"}), "number"),
    exp.Median: (frozenset({"number"}), "number"),
    exp.StddevSamp: (frozenset({"number"}), "number"),
    exp.Min: (frozenset({"number", "text", "time"}), ""),
    exp.Max: (frozenset({"number", "text", "time"}), ""),
}


def _enter(check: Check, node: exp.Expression, part: exp.Expression | None) -> str:
    """Return the kind of the argument of an aggregate; note a fault for an aggregate where none may be."""
    if check.inside:
        check.fault("expression-nested-aggregate", found=quote(node))
    elif not check.aggregates:
        check.fault("expression-aggregate", found=quote(node), position=node.meta.get("start", 0) + 1)
    check.aggregate = True
    outer, check.inside = check.inside, True
    kind = check.kind(part)
    check.inside = outer
    return kind


@rule(*AGGREGATE_KINDS, parts="this")
def _aggregate(check: Check, node: exp.AggFunc) -> str:
    if node.this is None:
        return check.fault("expression-argument", found=quote(node))
    allowed, result = AGGREGATE_KINDS[type(node)]
    kind = _enter(check, node, node.this)
    if kind not in allowed and kind != "unknown":
        check.fault("expression-aggregate-kind", found=quote(node), kind=KIND_NAMES[kind])
    return result or kind


@rule(exp.Count, parts="this")
def _count(check: Check, node: exp.Count) -> str:
    inner = node.this
    if inner is None:
        return check.fault("expression-argument", found=quote(node))
    if isinstance(inner, exp.Distinct):
        if len(inner.expressions) != 1 or set(inner.args) - {"expressions"}:
            return check.fault("expression-argument", found=quote(node))
        inner = inner.expressions[0]
    plain_star = isinstance(inner, exp.Star) and inner is node.this and not any(inner.args.values())
    _enter(check, node, exp.Null() if plain_star else inner)
    return "number"


@rule(exp.PercentileCont)
def _quantile(check: Check, node: exp.PercentileCont) -> str:
    return _quantile_of(check, node, node.this, node.expression)


@rule(exp.WithinGroup)
def _within_group(check: Check, node: exp.WithinGroup) -> str:
    inner, order = node.this, node.expression
    by = order.expressions[0] if isinstance(order, exp.Order) and len(order.expressions) == 1 else None
    plain = isinstance(by, exp.Ordered) and not by.args.get("desc") and by.args.get("with_fill") is None
    if not isinstance(inner, exp.PercentileCont) or inner.expression is not None or by is None or not plain:
        return check.fault("expression-argument", found=quote(node))
    return _quantile_of(check, node, by.this, inner.this)


def _quantile_of(
    check: Check, node: exp.Expression, values: exp.Expression | None, share: exp.Expression | None
) -> str:
    if values is None or share is None:
        return check.fault("expression-argument", found=quote(node))
    kind = _enter(check, node, values)
    if kind not in {"number", "unknown"}:
        check.fault("expression-aggregate-kind", found=quote(node), kind=KIND_NAMES[kind])
    check.kind(share)
    if not share.is_number or isinstance(share, exp.Neg) or not 0 <= float(share.name) <= 1:
        check.fault("expression-share", found=quote(node))
    return "number"


_FILTERED: tuple[type[exp.Expression], ...] = (*AGGREGATE_KINDS, exp.Count, exp.PercentileCont, exp.WithinGroup)


@rule(exp.Filter)
def _filter(check: Check, node: exp.Filter) -> str:
    if not isinstance(node.this, _FILTERED):
        return check.fault("expression-argument", found=quote(node))
    kind = check.kind(node.this)
    outer, check.inside = check.inside, True
    check.need(node, node.expression.this, "boolean")
    check.inside = outer
    return kind
