"""Small pieces of SQL trees that every database reads alike."""

from __future__ import annotations

from sqlglot import exp

_ATOMS = (exp.Func, exp.Literal, exp.Column, exp.Boolean, exp.Null, exp.Interval, exp.Paren)


def closed(node: exp.Expression) -> exp.Expression:
    """Return the node, in parentheses unless it binds by itself; AND and OR are functions to sqlglot."""
    atom = isinstance(node, _ATOMS) and not isinstance(node, exp.Connector)
    return node if atom else exp.Paren(this=node)


def as_type(node: exp.Expression, name: str) -> exp.Cast:
    """Return a cast to a type of sqlglot, e.g. ``"BIGINT"``."""
    return exp.Cast(this=node, to=exp.DataType(this=exp.DataType.Type[name], nested=False))


def as_double(node: exp.Expression) -> exp.Expression:
    """Return a cast to a floating-point number, unless the node is one for certain."""
    already = isinstance(node, exp.Div) or (isinstance(node, exp.Cast) and node.to.this.name == "DOUBLE")
    return node if already else as_type(node, "DOUBLE")


def float_literal(number: str) -> exp.Expression:
    """Return a floating-point literal; as text, so that every database reads all digits."""
    return as_type(exp.Literal.string(number), "DOUBLE")


def call(function: str, *arguments: exp.Expression) -> exp.Expression:
    """Return a call of a function by the name all databases have for it."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def null_if(node: exp.Expression, value: exp.Expression) -> exp.Expression:
    """Return NULL where a node equals a value, and the node elsewhere."""
    return exp.Nullif(this=node, expression=value)
