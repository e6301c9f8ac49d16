"""From the text of an expression to a checked `Expression`, or to findings that say what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokens import TokenType

from kpi_research.study.expressions import functions as functions
from kpi_research.study.expressions import rules as rules
from kpi_research.study.expressions.check import KIND_NAMES, Check, quote
from kpi_research.study.expressions.model import MAX_COPIES, MAX_HEIGHT, MAX_NESTING, Expression, Kind, deep_stack
from kpi_research.study.expressions.names import name_faults
from kpi_research.study.expressions.scan import (
    Token,
    column_spans,
    sign_faults,
    size_faults,
    structure_words,
    tokens_of,
)
from kpi_research.study.expressions.size import copies, height
from kpi_research.study.findings import Finding, Where, finding

_SAID_BY_NAME = frozenset({f"expression-{code}" for code in ("construct", "aggregate", "argument", "cast")})

Expect = Literal["boolean", "number", "scalar", "any"]


def parse_expression(
    text: str,
    *,
    columns: Mapping[str, Kind],
    where: Where | None = None,
    expect: Expect = "scalar",
    aggregates: bool = False,
) -> tuple[Expression | None, tuple[Finding, ...]]:
    """Parse and check a SQL expression over the columns of one table; nothing is executed.

    Parameters
    ----------
    text : str
        The expression, at most 10,000 characters, e.g. ``outcome = 'cleared' AND minutes <= 10``.
    columns : mapping of str to {"number", "text", "boolean", "time", "unknown"}
        The columns of the table and their kinds, see `column_kinds`. Names are matched exactly.
    where : Where, optional
        The place of the expression; findings carry it.
    expect : {"boolean", "number", "scalar", "any"}
        What its value must be: a condition, a number, or anything of the kinds above.
    aggregates : bool
        Whether aggregates such as ``count(*) FILTER (WHERE …)`` are allowed.

    Returns
    -------
    Expression or None
        None where a finding was made.
    tuple of Finding
        Every fault that could be found, all of severity ``error``.

    Examples
    --------
    >>> parsed, faults = parse_expression("minutes <= 10", columns={"minutes": "number"}, expect="boolean")
    >>> parsed.kind, sorted(parsed.columns), faults
    ('boolean', ['minutes'], ())
    >>> _, faults = parse_expression("minute <= 10", columns={"minutes": "number"})
    >>> print(faults[0].message)
    there is no column 'minute' at character 1. Did you mean 'minutes'? Known: minutes.
    """
    where = where or Where()
    faults = size_faults(text, where)
    if faults:
        return None, tuple(faults)
    tokens = tokens_of(text)
    faults = sign_faults(tokens, columns, where)
    if faults:
        return None, tuple(faults)
    named = name_faults(tokens, columns, aggregates, where)
    with deep_stack():
        tree, faults = _tree(text, tokens, columns, where)
        if tree is None:
            return None, named or tuple(faults)
        return _checked(text, tree, Check(columns, where, aggregates), expect, named)


def _tree(
    text: str, tokens: tuple[Token, ...], columns: Mapping[str, Kind], where: Where
) -> tuple[exp.Expression | None, list[Finding]]:
    dialect = DuckDB()
    spans = column_spans(tokens, columns)
    try:
        words = dialect.tokenize(text)
        for word in words:
            if (word.start, word.end + 1) in spans:
                word.token_type = TokenType.IDENTIFIER
        trees = dialect.parser(error_level=ErrorLevel.RAISE).parse_into(exp.Condition, words, text)
    except RecursionError:
        return None, [finding("expression-too-deep", where, limit=MAX_HEIGHT)]
    except (SqlglotError, LookupError, TypeError, ValueError, AttributeError) as error:
        return None, [_syntax_fault(error, tokens, columns, where)]
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        return None, [_syntax_fault(None, tokens, columns, where)]
    if height(tree) > MAX_HEIGHT:
        return None, [finding("expression-too-deep", where, limit=MAX_HEIGHT)]
    return tree, []


def _syntax_fault(
    error: BaseException | None, tokens: tuple[Token, ...], columns: Mapping[str, Kind], where: Where
) -> Finding:
    details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    near = str(details.get("highlight") or tokens[-1].text)[:40]
    hint = {"en": "", "zh": ""}
    words = structure_words(tokens, columns)
    if words:
        quoted = ", ".join(f'"{word}"' for word in words)
        hint = {
            "en": f" A column named like a word of SQL is written in double quotes: {quoted}.",
            "zh": f"与 SQL 关键字同名的列须加英文双引号：{quoted}。",
        }
    return finding("expression-syntax", where, near=near, hint=hint)


def _checked(
    text: str, tree: exp.Expression, check: Check, expect: Expect, named: tuple[Finding, ...]
) -> tuple[Expression | None, tuple[Finding, ...]]:
    kind = check.kind(tree)
    if not check.faults and copies(tree) > MAX_COPIES:
        check.fault("expression-too-deep", limit=MAX_NESTING)
    elif kind in {"duration", "calendar"}:
        check.fault("expression-duration", found=quote(tree))
    elif expect in {"boolean", "number"} and kind not in {expect, "unknown"}:
        check.fault("expression-result", found=KIND_NAMES[kind], needed=KIND_NAMES[expect])
    if check.aggregate and check.aggregates:
        for name in sorted(check.loose):
            check.fault("expression-loose-column", found=name)
    faults = _without_repeats(check.faults, named)
    if faults:
        return None, faults
    used = frozenset(check.used)
    return Expression(text, cast("Kind", kind), used, check.aggregate, tree, check.where), ()


def _without_repeats(faults: list[Finding], named: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Join the faults of names and of the tree, leaving out what the tree says again about a named call."""
    if named:
        faults = [item for item in faults if item.code not in _SAID_BY_NAME]
    return tuple(dict.fromkeys((*named, *faults)))
