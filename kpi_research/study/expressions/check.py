"""The walk over a parsed expression: only allowed parts, known columns, and kinds that go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from kpi_research.study.expressions.model import MAX_FAULTS, Kind
from kpi_research.study.expressions.names import at
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean

KIND_NAMES: Mapping[str, dict[str, str]] = {
    "number": {"en": "a number", "zh": "数值"},
    "text": {"en": "a text", "zh": "文本"},
    "boolean": {"en": "a condition", "zh": "条件"},
    "time": {"en": "a date or time", "zh": "日期或时间"},
    "duration": {"en": "a duration", "zh": "时长"},
    "calendar": {"en": "a span of months or years", "zh": "以月或年计的时段"},
    "unknown": {"en": "a value", "zh": "值"},
}

_NOTHING = {"en": "", "zh": ""}
_HINTS: Mapping[frozenset[str], dict[str, str]] = {
    frozenset({"time", "text"}): {
        "en": " Write a date as DATE '2026-01-31' or TIMESTAMP '2026-01-31 08:00:00'.",
        "zh": "日期请写作 DATE '2026-01-31' 或 TIMESTAMP '2026-01-31 08:00:00'。",
    },
    frozenset({"number", "text"}): {
        "en": " A number is written without quotes, a text in single quotes.",
        "zh": "数值不加引号，文本加英文单引号。",
    },
    frozenset({"number", "boolean"}): {
        "en": " A condition is true or false: write it alone or with NOT; a column of 0 and 1 is written column = 1.",
        "zh": "条件只有真假：直接写出或加 NOT；取值为 0 和 1 的列写作“列 = 1”。",
    },
    frozenset({"text", "boolean"}): {
        "en": " Conditions are joined by AND and OR; || joins texts.",
        "zh": "条件之间用 AND、OR 连接；|| 只用于连接文本。",
    },
}

Rule = Callable[["Check", Any], str]
RULES: dict[type[exp.Expression], tuple[frozenset[str], Rule]] = {}


def rule(*types: type[exp.Expression], parts: str = "this expression") -> Callable[[Rule], Rule]:
    """Enter a function into `RULES`: it judges these types of node, which may have these parts and no others."""

    def enter(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(types, (frozenset(parts.split()), function)))
        return function

    return enter


def quote(node: exp.Expression) -> str:
    """Return the text of a part of an expression, shortened, for a message; its first word where it is large."""
    if next(islice(node.walk(), 100, None), None) is not None:
        return f"{node.key.upper()} …"
    shown = node.copy()
    for name in shown.find_all(exp.Identifier):
        name.set("quoted", not name.name.isidentifier())
    text = shown.sql(dialect="duckdb", unsupported_level=ErrorLevel.IGNORE)
    return text if len(text) <= 60 else f"{text[:60]}…"


@dataclass
class Check:
    """What is known about the table and what has been found in the expression so far.

    Attributes
    ----------
    columns : mapping of str to str
        Kind of each column of the table.
    where : Where
        The place of the expression.
    aggregates : bool
        Whether aggregates are allowed.
    faults : list of Finding
        Faults in the order they were met.
    used, loose : set of str
        Columns that were read, and those of them that were read outside an aggregate.
    inside, aggregate : bool
        Whether the walk is inside an aggregate, and whether it has met one.
    """

    columns: Mapping[str, Kind]
    where: Where
    aggregates: bool = False
    faults: list[Finding] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    inside: bool = False
    aggregate: bool = False

    def kind(self, node: exp.Expression | None) -> str:
        """Return the kind of a part and note its faults; the kind is kept in the ``meta`` of the node."""
        if node is None:
            return "unknown"
        parts, judge = RULES.get(type(node), (frozenset[str](), _refuse))
        extra = {key for key, value in node.args.items() if value and key not in parts}
        kind = _refuse(self, node) if extra - _HARMLESS else judge(self, node)
        node.meta["kind"] = kind
        return kind

    def fault(self, code: str, **facts: Any) -> str:
        """Note a fault, up to `MAX_FAULTS`, and return the kind that raises no further ones."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(finding(code, self.where, **facts))
        return "unknown"

    def need(self, node: exp.Expression, part: exp.Expression | None, kind: str) -> None:
        """Note a fault unless a part of a node is of the kind it must be."""
        found = self.kind(part)
        if part is not None and found not in {kind, "unknown"}:
            hint = _HINTS.get(frozenset({found, kind}), _NOTHING)
            facts = {"part": quote(part), "found": KIND_NAMES[found], "needed": KIND_NAMES[kind]}
            self.fault("expression-kind-needed", whole=quote(node), hint=hint, **facts)

    def same(self, node: exp.Expression, parts: list[exp.Expression]) -> str:
        """Note a fault unless the parts of a node are of one kind; return that kind."""
        first, known = None, "unknown"
        for part in parts:
            kind = self.kind(part)
            if kind == "unknown":
                continue
            if first is None:
                first, known = part, kind
            elif kind != known:
                hint = _HINTS.get(frozenset({kind, known}), _NOTHING)
                facts = {"left": quote(first), "left_kind": KIND_NAMES[known], "right": quote(part)}
                self.fault(
                    "expression-kinds-differ", right_kind=KIND_NAMES[kind], whole=quote(node), hint=hint, **facts
                )
                return "unknown"
        return known


# Marks sqlglot sets by itself: how a division or a NULL behaves in the dialect it read.
_HARMLESS = frozenset({"typed", "safe", "big_int", "ignore_nulls", "coalesce", "is_string", "quoted", "_type"})


def _refuse(check: Check, node: exp.Expression) -> str:
    return check.fault("expression-construct", found=quote(node), at=at(node.meta.get("start")), hint=_NOTHING)


@rule(exp.Column, parts="this")
def _column(check: Check, node: exp.Column) -> str:
    name, start = node.name, node.this.meta.get("start")
    if not isinstance(node.this, exp.Identifier):
        return _refuse(check, node)
    if name not in check.columns:
        hint = _column_hint(check, node) if len(check.faults) < MAX_FAULTS else _NOTHING
        return check.fault("expression-column", found=name[:60], at=at(start), hint=hint)
    twins = sorted(other for other in check.columns if other != name and other.casefold() == name.casefold())
    if twins:
        return check.fault("expression-column-case", found=name, other=twins[0])
    check.used.add(name)
    if not check.inside:
        check.loose.add(name)
    return check.columns[name]


def _column_hint(check: Check, node: exp.Column) -> dict[str, str]:
    folded = [name for name in check.columns if name.casefold() == node.name.casefold()]
    if folded:
        en, zh = f" Upper and lower case count: write {folded[0]}.", f"列名区分大小写，请写作 {folded[0]}。"
        return {"en": en, "zh": zh}
    hint = did_you_mean(node.name, check.columns)
    if node.this.args.get("quoted"):
        en = " Double quotes mark a column name; a text is written in single quotes."
        return {"en": hint["en"] + en, "zh": hint["zh"] + "双引号表示列名，文本请用英文单引号。"}
    return hint
