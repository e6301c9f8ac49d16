"""A test that needs a program is skipped without it, and fails where the program is required."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.requirements import require


def test_a_program_that_is_there_is_found() -> None:
    assert Path(require("sh")).name == "sh"


def test_without_it_the_test_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPI_RESEARCH_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install no-such-program"):
        require("no-such-program")


def test_where_it_is_required_the_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_RESEARCH_REQUIRE", "chromium, no-such-program")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        require("no-such-program")
