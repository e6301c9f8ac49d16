"""Every finding speaks English and Chinese, says the same in both, and is made somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kpi_research.study.findings import SEVERITIES, catalogue, placeholders
from tests.style.tree import Module, modules

CODES = sorted(catalogue())
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHINESE_WORDS = re.compile(r"[\u4e00-\u9fff]{3,}")  # an English text may show 1.2万 or 1月31日 as an example


def texts(code: str, part: str) -> Mapping[str, str]:
    """Return the texts of one part by language; empty where the part says nothing in either."""
    found: Mapping[str, str] = catalogue()[code].get(part, {})
    return found if any(found.values()) else {}


@pytest.mark.parametrize("code", CODES)
def test_a_message_has_two_languages_and_a_severity(code: str) -> None:
    template = catalogue()[code]
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code)
    assert template["severity"] in SEVERITIES
    assert set(template) <= {"severity", "message", "remedy"}
    assert set(texts(code, "message")) == {"en", "zh"}
    assert set(texts(code, "remedy")) in (set(), {"en", "zh"})


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_the_same(code: str) -> None:
    for part in ("message", "remedy"):
        if texts(code, part):
            assert placeholders(texts(code, part)["en"]) == placeholders(texts(code, part)["zh"]), part


@pytest.mark.parametrize("code", CODES)
def test_each_text_is_in_its_language(code: str) -> None:
    for part in ("message", "remedy"):
        if texts(code, part):
            assert not CHINESE_WORDS.search(re.sub(r"[“「'\"(].*?[”」'\")]", "", texts(code, part)["en"])), part
            assert CHINESE.search(texts(code, part)["zh"]), part


def strings(module: Module) -> set[str]:
    return {
        node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_message_is_used() -> None:
    used = set().union(*(strings(module) for module in modules()))
    assert [code for code in CODES if code not in used] == []


def made(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield the calls ``finding("code", ...)`` of a module with their codes."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _called(node) == "finding" and node.args:
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield node, code.value


def _called(node: ast.Call) -> str:
    """Return the last name of what is called: ``b`` of ``a.b(...)``."""
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


@pytest.mark.parametrize("module", [m for m in modules() if any(made(m))], ids=lambda module: module.name)
def test_every_finding_made_has_its_message_and_its_facts(module: Module) -> None:
    lacking = []
    for call, code in made(module):
        if code not in catalogue():
            lacking.append(f"line {call.lineno}: no message '{code}'")
            continue
        missing = _placeholders(code) - {word.arg for word in call.keywords}
        if missing and all(word.arg is not None for word in call.keywords):  # `**facts` may bring the rest
            lacking.append(f"line {call.lineno}: '{code}' lacks {sorted(missing)}")
    assert lacking == []


def _placeholders(code: str) -> frozenset[str]:
    template: Mapping[str, Any] = catalogue()[code]
    return frozenset().union(
        *(placeholders(text) for part in ("message", "remedy") for text in template.get(part, {}).values())
    )
