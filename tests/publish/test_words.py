"""Every text exists in both languages, with the same placeholders, and is used."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from kpi_research.publish import words as module
from kpi_research.publish.words import Words, words
from kpi_research.study.findings import catalogue

FOLDER = Path(module.__file__).parent
ENGLISH, CHINESE = words("en").texts, words("zh").texts


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(ENGLISH) == list(CHINESE)


def test_both_languages_have_the_same_placeholders():
    assert {key: names(text) for key, text in ENGLISH.items()} == {key: names(text) for key, text in CHINESE.items()}


def test_no_text_is_empty():
    assert [key for key in ENGLISH if not CHINESE[key].strip() and key != "list.sentence"] == []
    assert [key for key, text in ENGLISH.items() if text == ""] == []


def test_chinese_texts_use_chinese_punctuation():
    wrong = [
        key for key, text in CHINESE.items() if re.search(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]", text)
    ]
    assert [key for key in wrong if not re.search(r"ICC\(1\)", CHINESE[key])] == []
    assert [key for key, text in ENGLISH.items() if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)] == []


def literals() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return all string literals of the stage and, for literals with holes, a pattern each."""
    whole: set[str] = set()
    holed = []
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant | ast.FormattedValue):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z_0-9-]+" for part in node.values
                ]
                holed.append(re.compile("".join(parts)))
    for file in FOLDER.rglob("*.j2"):
        whole |= set(re.findall(r"""t\(["']([a-z_.]+)["']""", file.read_text(encoding="utf-8")))
    return whole, [pattern for pattern in holed if "." in pattern.pattern.replace(r"[a-z_0-9-]+", "")]


def test_every_text_is_used():
    whole, holed = literals()
    prefixes = {key.rpartition(".")[0] for key in ENGLISH}
    groups = {prefix for prefix in prefixes if prefix in whole}
    unused = [
        key
        for key in ENGLISH
        if key not in whole
        and not any(key.startswith(f"{group}.") for group in groups)
        and not any(pattern.fullmatch(key) for pattern in holed)
    ]
    assert unused == []


def test_an_unknown_key_or_a_missing_value_is_an_error():
    with pytest.raises(KeyError, match=r"Did you mean 'validity.title'"):
        words("en")("validity.titel")
    with pytest.raises(KeyError, match="n"):
        words("en")("found.more")
    with pytest.raises(ValueError, match=r"lang is 'de'; allowed: en, zh"):
        words("de")


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_joined_as_in_a_sentence(names, text):
    assert words("en").listed(names) == text


def test_a_value_is_never_read_as_a_template():
    assert Words("en", {"a": "{x}"})("a", x="{y} {0.__class__}") == "{y} {0.__class__}"


def test_findings_of_this_stage_speak_both_languages():
    ours = [name for name in catalogue() if name in {"glyphs-missing", "text-cleaned"}]
    assert len(ours) == 2
