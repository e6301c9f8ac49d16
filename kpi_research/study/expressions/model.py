"""A parsed expression and the kinds of value it works on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from kpi_research.study.findings import Where

Kind = Literal["number", "text", "boolean", "time", "unknown"]
Dialect = Literal["duckdb", "postgres", "spark"]

MAX_LENGTH = 10_000
MAX_NESTING = 50
MAX_HEIGHT = 200
MAX_COPIES = 10_000
MAX_FAULTS = 20

_FRAMES = 10_000
_lock = threading.Lock()
_stack: dict[str, int] = {"users": 0, "limit": 0}


@dataclass(frozen=True)
class Expression:
    """A checked expression over the columns of one table.

    Attributes
    ----------
    text : str
        The expression as the user wrote it.
    kind : {"number", "text", "boolean", "time", "unknown"}
        Kind of its value; ``unknown`` where it rests on columns of unknown kind.
    columns : frozenset of str
        Columns it reads.
    aggregate : bool
        Whether it holds an aggregate such as ``count(*)``: one value per group instead of one per row.
    tree : sqlglot.exp.Expression
        The parsed expression; not compared.
    where : Where
        The place it was written; not compared.
    """

    text: str
    kind: Kind
    columns: frozenset[str]
    aggregate: bool
    tree: exp.Expression = field(compare=False, repr=False)
    where: Where = field(default_factory=Where, compare=False, repr=False)

    def sql(self, dialect: Dialect = "duckdb") -> str:
        """Return the expression in the SQL of a database; set it in parentheses where it becomes part of another.

        Parameters
        ----------
        dialect : {"duckdb", "postgres", "spark"}
            The database; see `kpi_research.study.expressions.compile` for what is made equal between them.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If the dialect is none of the three.
        """
        from kpi_research.study.expressions.compile import to_sql

        return to_sql(self.tree, dialect)


@contextmanager
def deep_stack() -> Iterator[None]:
    """Allow the nesting of `MAX_NESTING` and `MAX_HEIGHT` whatever the depth of the caller.

    The parser of sqlglot takes about 25 frames for each pair of parentheses, which passes Python's limit of 1000
    at about 40 pairs. The limit is put back when the last user of this context leaves it.
    """
    with _lock:
        if _stack["users"] == 0:
            _stack["limit"] = sys.getrecursionlimit()
            sys.setrecursionlimit(_stack["limit"] + _FRAMES)
        _stack["users"] += 1
    try:
        yield
    finally:
        with _lock:
            _stack["users"] -= 1
            if _stack["users"] == 0:
                sys.setrecursionlimit(_stack["limit"])
