"""Every check of an indicator speaks English and Chinese, says the same in both, and is made somewhere."""

from __future__ import annotations

import ast

import pytest

from kpi_research.study.check_reasons import reasons
from kpi_research.study.findings import placeholders
from kpi_research.validity.evidence import GRADES
from tests.style.test_messages import CHINESE, CHINESE_WORDS
from tests.style.tree import modules

CHECKS = sorted(reasons())


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_has_its_texts_in_two_languages(check: str) -> None:
    texts = reasons()[check]
    assert set(texts) <= {"name", *GRADES}
    assert "name" in texts
    for part, text in texts.items():
        assert set(text) == {"en", "zh"}, part
        assert placeholders(text["en"]) == placeholders(text["zh"]), part
        assert not CHINESE_WORDS.search(text["en"]), part
        assert CHINESE.search(text["zh"]), part


def test_every_check_is_made() -> None:
    used = {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [check for check in CHECKS if check not in used] == []
