"""Reading ``study.toml``: every fault of every section is reported, and the sound sections are kept."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.schemas import ROLES
from kpi_research.study.spec import (
    IndicatorsSection,
    PeopleSection,
    ReportSection,
    RuleSection,
    ScorecardSection,
    Section,
    StudySection,
    StudySpec,
    TableSection,
    ValiditySection,
    VarySection,
    WeightsSection,
)
from kpi_research.study.spec_preventability import PreventabilitySection
from kpi_research.study.spec_workload import WorkloadSection
from kpi_research.study.suggest import did_you_mean
from kpi_research.study.toml_lines import KeyPath, key_lines, line_of

MAX_BYTES = 1_000_000
"""Largest study file that is read, in bytes."""

_SINGLE: Mapping[str, type[Section]] = {
    "study": StudySection,
    "indicators": IndicatorsSection,
    "people": PeopleSection,
    "validity": ValiditySection,
    "preventability": PreventabilitySection,
    "workload": WorkloadSection,
    "weights": WeightsSection,
    "scorecard": ScorecardSection,
    "report": ReportSection,
}


@dataclass(frozen=True)
class SpecSource:
    """The text of a study file and the lines of its keys."""

    name: str
    text: str
    lines: Mapping[KeyPath, int]

    def where(self, *path: str | int) -> Where:
        """Return the place of a key, e.g. ``where("rules", 0, "min")``."""
        dotted = ".".join(str(part) for part in path if not isinstance(part, int))
        return Where(self.name, line_of(self.lines, path), dotted or None)


@dataclass(frozen=True)
class ReadSpec:
    """What could be read of a study file; ``spec`` is None where nothing can be built on it."""

    spec: StudySpec | None
    source: SpecSource
    findings: tuple[Finding, ...]


def read_spec(path: Path) -> ReadSpec:
    """Read and check a study file.

    Parameters
    ----------
    path : pathlib.Path
        The ``study.toml``.

    Returns
    -------
    ReadSpec
        The specification made of the sound sections, the file's lines, and a finding for each fault.
    """
    text, faults = _read_text(path)
    return ReadSpec(None, SpecSource(path.name, text, {}), faults) if faults else parse_spec(text, path.name)


def parse_spec(text: str, name: str = "study.toml") -> ReadSpec:
    """Check the text of a study file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the file in messages.

    Returns
    -------
    ReadSpec
    """
    source = SpecSource(name, text, key_lines(text))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return ReadSpec(None, source, (_syntax(name, str(error)),))
    return _check(data, source)


def _read_text(path: Path) -> tuple[str, tuple[Finding, ...]]:
    where = Where(path.name)
    try:
        raw = path.read_bytes()
    except OSError:
        return "", (finding("spec-missing", Where(str(path))),)
    if len(raw) > MAX_BYTES:
        return "", (finding("spec-too-large", where, size=len(raw), allowed=MAX_BYTES),)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n"), ()
    except UnicodeDecodeError as error:
        return "", (finding("spec-encoding", where, position=error.start),)


def _syntax(name: str, problem: str) -> Finding:
    place = re.search(r"\(at line (\d+), column (\d+)\)", problem)
    row = int(place[1]) if place else None
    return finding("spec-syntax", Where(name, row), problem=problem.partition(" (at")[0])


def _check(data: Mapping[str, Any], source: SpecSource) -> ReadSpec:
    faults: list[Finding] = []
    known = [*_SINGLE, "tables", "rules", "vary"]
    faults += [
        finding("unknown-key", source.where(key), found=key, hint=did_you_mean(key, known))
        for key in data
        if key not in known
    ]
    parts: dict[str, Any] = {}
    for key, model in _SINGLE.items():
        if key in data or key == "study":
            parts[key] = _section(model, data.get(key, {}), (key,), source, faults)
    parts["tables"] = _tables(data.get("tables", {}), source, faults)
    parts["rules"] = _rules(data.get("rules", []), source, faults)
    parts["vary"] = _scenarios(data.get("vary", []), source, faults)
    usable = parts.get("study") is not None
    spec = StudySpec(**{key: part for key, part in parts.items() if part is not None}) if usable else _stand_in(parts)
    return ReadSpec(spec, source, tuple(faults))


def _stand_in(parts: Mapping[str, Any]) -> StudySpec:
    """Return a specification good enough to look for further faults when ``[study]`` itself is broken."""
    study = StudySection(id="unnamed", title={"en": "unnamed"}, seed=0)
    return StudySpec(**{**{key: part for key, part in parts.items() if part is not None}, "study": study})


def _section(model: type[Section], data: Any, path: KeyPath, source: SpecSource, faults: list[Finding]) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults.extend(_fault(item, path, model, source) for item in error.errors())
        return None


def _tables(data: Any, source: SpecSource, faults: list[Finding]) -> dict[str, TableSection]:
    if not isinstance(data, Mapping):
        faults.append(finding("bad-value", source.where("tables"), found=repr(data), allowed=_kind("dict_type")))
        return {}
    tables = {}
    for name, section in data.items():
        table = _section(TableSection, section, ("tables", name), source, faults)
        if table is None:
            continue
        role = table.role or name
        if role not in ROLES:
            where = source.where("tables", name, *(["role"] if table.role else []))
            faults.append(finding("unknown-role", where, table=name, found=role, hint=did_you_mean(role, ROLES)))
        tables[name] = table
    if not data:
        faults.append(finding("no-tables", source.where("tables")))
    return tables


def _rules(data: Any, source: SpecSource, faults: list[Finding]) -> tuple[RuleSection, ...]:
    if not isinstance(data, list):
        faults.append(finding("bad-value", source.where("rules"), found=repr(data), allowed=_kind("list_type")))
        return ()
    rules: list[RuleSection] = []
    for position, section in enumerate(data):
        rule = _section(RuleSection, section, ("rules", position), source, faults)
        if rule is None:
            continue
        faults.extend(_rule_faults(rule, position, source, {other.id for other in rules}))
        rules.append(rule)
    return tuple(rules)


def _scenarios(data: Any, source: SpecSource, faults: list[Finding]) -> tuple[VarySection, ...]:
    if not isinstance(data, list):
        faults.append(finding("bad-value", source.where("vary"), found=repr(data), allowed=_kind("list_type")))
        return ()
    found: list[VarySection] = []
    for position, section in enumerate(data):
        scenario = _section(VarySection, section, ("vary", position), source, faults)
        if scenario is None:
            continue
        if scenario.id in {other.id for other in found}:
            faults.append(finding("duplicate-scenario", source.where("vary", position, "id"), scenario=scenario.id))
        found.append(scenario)
    return tuple(found)


def _rule_faults(rule: RuleSection, position: int, source: SpecSource, seen: set[str]) -> list[Finding]:
    faults = []
    if rule.id in seen:
        faults.append(finding("duplicate-rule", source.where("rules", position, "id"), rule=rule.id))
    limits = {key: getattr(rule, key) for key in ("min", "max", "each_min", "each_max")}
    wide = {key: getattr(rule, key) for key in ("change", "least", "count_min", "count_max")}
    if all(value is None for value in (*limits.values(), *wide.values(), rule.each_change)):
        faults.append(finding("rule-without-limit", source.where("rules", position), rule=rule.id))
    bases = [key for key in ("of", "than", "column") if getattr(rule, key) is not None]
    if len(bases) > 1 or (bases and limits["min"] is None and limits["max"] is None):
        where = source.where("rules", position, bases[-1])
        faults.append(finding("rule-base-unclear", where, rule=rule.id, found=", ".join(bases)))
    if not rule.hard and any(value is not None for value in wide.values()):
        faults.append(finding("rule-cannot-be-soft", source.where("rules", position, "hard"), rule=rule.id))
    pairs = limits | {key: wide[key] for key in ("count_min", "count_max")}
    for low, high in (("min", "max"), ("each_min", "each_max"), ("count_min", "count_max")):
        if pairs[low] is not None and pairs[high] is not None and pairs[low] > pairs[high]:
            where = source.where("rules", position, low)
            faults.append(finding("rule-min-above-max", where, rule=rule.id, low=pairs[low], high=pairs[high]))
    for key, value in limits.items():
        top = _largest_limit(rule, key)
        if value is not None and not 0 <= value <= top:
            where = source.where("rules", position, key)
            allowed = f"0–{top:g}" if math.isfinite(top) else "≥ 0"
            facts = {"rule": rule.id, "key": key, "found": value, "allowed": allowed}
            faults.append(finding("rule-limit-out-of-range", where, **facts))
    return faults


def _largest_limit(rule: RuleSection, key: str) -> float:
    if key.startswith("each") or (rule.of is None and rule.than is None):
        return 100.0
    return 1.0 if rule.of is not None else math.inf


def _fault(item: Mapping[str, Any], path: KeyPath, model: type[BaseModel], source: SpecSource) -> Finding:
    place = (*path, *item["loc"])
    kind = item["type"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        owner = ("en", "zh") if len(item["loc"]) > 1 else tuple(model.model_fields)
        key = str(item["loc"][-1])
        return finding("unknown-key", source.where(*place), found=key, hint=did_you_mean(key, owner))
    if kind in ("missing", "missing_argument"):
        section = ".".join(str(part) for part in place[:-1] if not isinstance(part, int))
        return finding("missing-key", source.where(*place[:-1]), key=place[-1], section=section)
    return finding("bad-value", source.where(*place), found=repr(item["input"]), allowed=_kind(kind, item))


_KINDS: Mapping[str, dict[str, str]] = {
    "int_": {"en": "a whole number", "zh": "整数"},
    "float_": {"en": "a number", "zh": "数值"},
    "finite": {"en": "a finite number", "zh": "有限数值"},
    "bool_": {"en": "true or false", "zh": " true 或 false"},
    "string_type": {"en": "a text in quotes", "zh": "带引号的文字"},
    "string_pattern": {"en": "a text of the form {pattern}", "zh": "形如 {pattern} 的文字"},
    "string_too": {"en": "a shorter or longer text", "zh": "长度合适的文字"},
    "literal_error": {"en": "one of {expected}", "zh": "下列之一：{expected}"},
    "greater_than_equal": {"en": "a number of at least {ge}", "zh": "不小于 {ge} 的数"},
    "greater_than": {"en": "a number above {gt}", "zh": "大于 {gt} 的数"},
    "less_than_equal": {"en": "a number of at most {le}", "zh": "不大于 {le} 的数"},
    "less_than": {"en": "a number below {lt}", "zh": "小于 {lt} 的数"},
    "tuple_": {"en": "a list [ … ]", "zh": "列表 [ … ]"},
    "list_": {"en": "a list [[ … ]]", "zh": "列表 [[ … ]]"},
    "dict_": {"en": "a table { key = value }", "zh": "表 { 键 = 值 }"},
    "model_": {"en": "a section of keys and values", "zh": "由键和值组成的一节"},
    "dataclass_": {"en": "a text, or { en = …, zh = … }", "zh": "文字，或 { en = …, zh = … }"},
}


def _kind(kind: str, item: Mapping[str, Any] | None = None) -> dict[str, str]:
    context = (item or {}).get("ctx", {})
    for start, words in _KINDS.items():
        if kind.startswith(start):
            return {lang: text.format(**context) for lang, text in words.items()}
    message = str((item or {}).get("msg", kind))
    return {"en": message, "zh": message}
