"""What a formula counts, what it tests and what it divides by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

_TESTS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is, exp.Like, exp.ILike, exp.Not,
)  # fmt: skip
Path = tuple[str, ...]
"""Columns from the one a formula names down to a recorded one."""


@dataclass(frozen=True)
class Sources:
    """The recorded columns behind a formula, by what it does with them.

    Attributes
    ----------
    counted : mapping of str to tuple of str
        Columns whose numbers enter, each with the derived columns on the way to it.
    tested : mapping of str to tuple of str
        Columns that a condition looks at.
    divided_by : mapping of str to tuple of str
        Columns that it divides by.
    conditions : tuple of frozenset of str
        For each condition whose rows are counted, what must hold of a row, in SQL.
    """

    counted: Mapping[str, Path] = field(default_factory=dict)
    tested: Mapping[str, Path] = field(default_factory=dict)
    divided_by: Mapping[str, Path] = field(default_factory=dict)
    conditions: tuple[frozenset[str], ...] = ()


def formula_sources(tree: exp.Expression, derived: Mapping[str, exp.Expression], row_condition: bool) -> Sources:
    """Return the recorded columns behind a formula.

    Parameters
    ----------
    tree : sqlglot.exp.Expression
        The parsed formula.
    derived : mapping of str to sqlglot.exp.Expression
        Columns computed from others.
    row_condition : bool
        Whether the formula itself is a condition on rows, which are then counted.

    Returns
    -------
    Sources
    """
    found: dict[str, dict[str, Path]] = {"counted": {}, "tested": {}, "divided_by": {}}
    for use, path in _columns(tree, "tested" if row_condition else "counted", (), derived):
        found[use].setdefault(path[-1], path[:-1])
    conditions = [tree] if row_condition else list(_inner_conditions(tree))
    return Sources(**found, conditions=tuple(_parts(node, derived) for node in conditions))


def _columns(
    node: exp.Expression, use: str, path: Path, derived: Mapping[str, exp.Expression]
) -> Iterator[tuple[str, Path]]:
    if isinstance(node, exp.Column):
        name = node.name
        if name in derived and name not in path:
            yield from _columns(derived[name], use, (*path, name), derived)
        else:
            yield use, (*path, name)
        return
    for key, child in _children(node):
        yield from _columns(child, _use_of(node, key, use), path, derived)


def _use_of(node: exp.Expression, key: str, use: str) -> str:
    if use != "counted":
        return use
    if isinstance(node, exp.Div) and key == "expression":
        return "divided_by"
    if isinstance(node, (*_TESTS, exp.Where)):
        return "tested"
    if isinstance(node, exp.If) and key == "this":
        return "tested"
    return use


def _children(node: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    for key, value in node.args.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, exp.Expression):
                yield key, item


def _inner_conditions(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Return conditions whose rows an aggregate counts: ``count(...) FILTER (WHERE a)``, ``sum(CASE WHEN a THEN 1 END)``."""
    for filtered in tree.find_all(exp.Filter):
        if isinstance(filtered.this, exp.Count):
            yield filtered.expression.this
    for branch in tree.find_all(exp.If):
        if isinstance(branch.args.get("true"), (exp.Literal, exp.Boolean)):
            yield branch.this


def restrictions(tree: exp.Expression) -> tuple[exp.Expression, ...]:
    """Return all conditions under which rows enter an aggregate.

    Parameters
    ----------
    tree : sqlglot.exp.Expression
        The parsed formula.

    Returns
    -------
    tuple of sqlglot.exp.Expression
    """
    filters = [node.this for node in tree.find_all(exp.Where)]
    branches = [node.this for node in tree.find_all(exp.If) if not isinstance(node.args.get("true"), exp.Null)]
    return (*filters, *branches)


def _parts(node: exp.Expression, derived: Mapping[str, exp.Expression]) -> frozenset[str]:
    whole = _unfold(node, derived)
    while isinstance(whole, exp.Paren):
        whole = whole.this
    parts = whole.flatten() if isinstance(whole, exp.And) else [whole]
    return frozenset(text for part in parts for text in _leaves(part))


def _leaves(part: exp.Expression) -> Iterator[str]:
    while isinstance(part, exp.Paren):
        part = part.this
    if isinstance(part, exp.And):
        for side in part.flatten():
            yield from _leaves(side)
    else:
        yield _canonical(part)


def _canonical(part: exp.Expression) -> str:
    """Return one text for ``a = 'x'``, ``'x' = a`` and ``a IN ('x')``."""
    if isinstance(part, exp.In) and len(part.expressions) == 1:
        part = exp.EQ(this=part.this.copy(), expression=part.expressions[0].copy())
    if isinstance(part, exp.EQ) and isinstance(part.expression, exp.Column) and not isinstance(part.this, exp.Column):
        part = exp.EQ(this=part.expression.copy(), expression=part.this.copy())
    if isinstance(part, exp.In) and part.expressions:
        part = part.copy()
        part.set("expressions", sorted(part.expressions, key=lambda node: node.sql(dialect="duckdb")))
    return part.sql(dialect="duckdb", identify=False)


def _unfold(node: exp.Expression, derived: Mapping[str, exp.Expression], depth: int = 0) -> exp.Expression:
    """Return a copy with derived columns written out."""

    def write(part: exp.Expression) -> exp.Expression:
        if isinstance(part, exp.Column) and part.name in derived and depth < len(derived):
            return exp.Paren(this=_unfold(derived[part.name], derived, depth + 1))
        return part

    return node.copy().transform(write)
