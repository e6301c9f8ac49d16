"""Findings: everything a user must know, with its place, its text in two languages and its remedy."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

import pandas as pd

Severity = Literal["error", "caution", "note"]
Language = Literal["en", "zh"]
SEVERITIES: tuple[Severity, ...] = ("error", "caution", "note")


@dataclass(frozen=True, slots=True)
class Where:
    """The place a finding speaks of; every part is optional.

    Attributes
    ----------
    file : str
        File or table name as the user knows it, e.g. ``"study.toml"`` or ``"panel"``.
    row : int or None
        Line of a text file or row of a table, counted from 1 as an editor or Excel does.
    column : str or None
        Column of a table, or dotted key of the study file.
    unit, period : str or None
        Unit and period of a value that lies in no file row, e.g. a computed indicator.
    """

    file: str = ""
    row: int | None = None
    column: str | None = None
    unit: str | None = None
    period: str | None = None

    def text(self, lang: Language = "en") -> str:
        """Return the place as one short phrase in English or Chinese."""
        words = _PLACE_WORDS[lang]
        parts = [self.file] if self.file else []
        for name in ("row", "column", "unit", "period"):
            value = getattr(self, name)
            if value is not None:
                parts.append(words[name].format(value))
        return words["join"].join(parts)

    def __str__(self) -> str:
        return self.text()


_PLACE_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"row": "row {}", "column": "column '{}'", "unit": "unit {}", "period": "period {}", "join": ", "},
    "zh": {"row": "第{}行", "column": "“{}”列", "unit": "单位{}", "period": "时期{}", "join": "，"},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the user must know: a data fault, a caveat of a method, a skipped stage, a conflict.

    Attributes
    ----------
    code : str
        Stable name of the kind of finding, e.g. ``"unknown-column"``; see ``messages/*.toml``.
    severity : {"error", "caution", "note"}
        ``error`` stops the study, ``caution`` changes how a result may be read, ``note`` informs.
    where : Where
        The place it speaks of.
    message, remedy : str
        English text: what was found and what is allowed; what to do about it.
    facts : mapping of str to object
        The values inside the text, for the other language and for tables.
    """

    code: str
    severity: Severity
    where: Where
    message: str
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def text(self, lang: Language = "en") -> tuple[str, str]:
        """Return ``(message, remedy)`` in the language asked for."""
        if lang == "en" or self.code not in catalogue():
            return self.message, self.remedy
        template = catalogue()[self.code]
        return _fill(template, "message", lang, self.facts), _fill(template, "remedy", lang, self.facts)

    def line(self, lang: Language = "en") -> str:
        """Return place, message and remedy as one line."""
        message, remedy = self.text(lang)
        place = self.where.text(lang)
        colon, space = ("：", "") if lang == "zh" else (": ", " ")
        head = f"{place}{colon}{message}" if place else message
        return f"{head}{space}{remedy}".strip()

    def __str__(self) -> str:
        return self.line()


def finding(code: str, where: Where | None = None, /, **facts: Any) -> Finding:
    """Make a finding of a known kind; severity and texts come from ``messages/*.toml``.

    Parameters
    ----------
    code : str
        Name of the kind; a table of that name must stand in a messages file.
    where : Where, optional
        The place it speaks of.
    **facts
        Values for every placeholder of the texts.

    Returns
    -------
    Finding

    Raises
    ------
    KeyError
        If the code is unknown or a placeholder has no value.
    """
    template = catalogue()[code]
    message, remedy = (_fill(template, part, "en", facts) for part in ("message", "remedy"))
    return Finding(code, template["severity"], where or Where(), message, remedy, dict(facts))


def _fill(template: Mapping[str, Any], part: str, lang: Language, facts: Mapping[str, Any]) -> str:
    return filled(str(template.get(part, {}).get(lang, "")), lang, facts)


def filled(text: str, lang: Language, facts: Mapping[str, Any]) -> str:
    """Return a text with its placeholders filled in.

    Parameters
    ----------
    text : str
        The text.
    lang : {"en", "zh"}
        Its language.
    facts : mapping
        Values of its placeholders; a mapping with ``en`` and ``zh`` gives one per language.

    Returns
    -------
    str

    Examples
    --------
    >>> filled("{n} {what}", "en", {"n": 2, "what": {"en": "cases", "zh": "起案件"}})
    '2 cases'
    """
    return text.format(**{name: fact[lang] if isinstance(fact, Mapping) else fact for name, fact in facts.items()})


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Return every kind of finding with its severity and texts, read once from ``messages/*.toml``."""
    kinds: dict[str, Mapping[str, Any]] = {}
    folder = resources.files(__package__) / "messages"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for code, template in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in kinds:
                raise KeyError(f"{file.name}: finding '{code}' is defined twice")
            kinds[code] = template
    return kinds


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces of a message template."""
    return frozenset(name.split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name)


def findings_frame(findings: Iterable[Finding], lang: Language = "en") -> pd.DataFrame:
    """Return findings as a tidy frame, one row each.

    Columns: ``severity``, ``code``, ``file``, ``row``, ``column``, ``unit``, ``period``, ``message``, ``remedy``.
    """
    columns = ["severity", "code", "file", "row", "column", "unit", "period", "message", "remedy"]
    rows = []
    for item in findings:
        place = item.where
        rows.append(
            (item.severity, item.code, place.file, place.row, place.column, place.unit, place.period, *item.text(lang))
        )
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"row": "Int64"})


class StudyError(Exception):
    """The study cannot be run; carries every fault that was found.

    Attributes
    ----------
    findings : tuple of Finding
        All faults of the study file, the catalogue and the tables, in reading order.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.text())

    def text(self, lang: Language = "en") -> str:
        """Return all errors as a numbered list in English or Chinese."""
        errors = [item for item in self.findings if item.severity == "error"]
        head = {"en": f"The study has {len(errors)} fault(s):", "zh": f"本研究有 {len(errors)} 处错误："}[lang]
        return "\n".join([head, *(f"{number:>3}. {item.line(lang)}" for number, item in enumerate(errors, 1))])


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding stops the study."""
    return any(item.severity == "error" for item in findings)
