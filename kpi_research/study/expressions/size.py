"""How large a parsed expression is, in itself and after a database has rewritten it."""

from __future__ import annotations

from collections import deque

from sqlglot import exp

_REPEATED: dict[type[exp.Expression], tuple[str, ...]] = {
    exp.Div: ("expression",),
    exp.Mod: ("expression",),
    exp.Nullif: ("this",),
    exp.Between: ("this",),
    exp.Case: ("this",),
    exp.Ln: ("this",),
    exp.Log: ("expression",),
    exp.Sqrt: ("this",),
    exp.Pow: ("this", "expression"),
}


def height(tree: exp.Expression) -> int:
    """Return the number of nodes from the root of an expression to its deepest leaf."""
    deepest, queue = 0, deque([(tree, 1)])
    while queue:
        node, depth = queue.popleft()
        deepest = max(deepest, depth)
        queue.extend((child, depth + 1) for child in node.iter_expressions())
    return deepest


def copies(node: exp.Expression) -> int:
    """Return how many nodes a database may make of a checked expression.

    Databases rewrite some parts into others that hold an operand twice, e.g. ``NULLIF(a, b)`` into
    ``CASE WHEN a = b THEN NULL ELSE a END``, so nested ones grow as a power of two.
    """
    repeated = _REPEATED.get(type(node), ())
    if isinstance(node, exp.Cast) and node.this.meta.get("kind") == "boolean":
        repeated = ("this",)
    times = 2 * len(node.args["ifs"]) if isinstance(node, exp.Case) else 2
    total = 1
    for key, value in node.args.items():
        parts = value if isinstance(value, list) else [value]
        factor = times if key in repeated else 1
        total += factor * sum(copies(part) for part in parts if isinstance(part, exp.Expression))
    return total
