"""Findings: every kind speaks both languages and fills its texts."""

from __future__ import annotations

import pytest

from kpi_research.study.findings import (
    SEVERITIES,
    StudyError,
    Where,
    catalogue,
    finding,
    findings_frame,
    has_errors,
    placeholders,
)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_kind_has_a_severity_and_both_languages_with_the_same_facts(code: str) -> None:
    kind = catalogue()[code]
    assert kind["severity"] in SEVERITIES
    for part in ("message", "remedy"):
        assert set(kind[part]) == {"en", "zh"}, f"{code}.{part}"
        assert placeholders(kind[part]["en"]) == placeholders(kind[part]["zh"]), f"{code}.{part}"
    assert kind["message"]["en"]
    assert kind["message"]["zh"]


def test_place_and_text_in_both_languages() -> None:
    item = finding("stage-skipped", Where("study.toml", 3, "tables"), stage="workload", missing="worklog")
    assert item.line().startswith("study.toml, row 3, column 'tables': the stage 'workload' was skipped")
    assert item.line("zh").startswith("study.toml，第3行，“tables”列：“workload”阶段已跳过")


def test_a_fact_that_is_missing_or_a_code_that_is_unknown_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        finding("stage-skipped", stage="workload")
    with pytest.raises(KeyError):
        finding("no-such-code")


def test_the_error_lists_errors_only_and_numbers_them() -> None:
    note = finding("stage-skipped", stage="a", missing="b")
    fault = finding("no-tables", Where("study.toml"))
    error = StudyError([note, fault, fault])
    assert has_errors(error.findings)
    assert error.text().splitlines()[0] == "The study has 2 fault(s):"
    assert [line.split(".")[0].strip() for line in error.text().splitlines()[1:]] == ["1", "2"]


def test_the_frame_has_one_row_per_finding() -> None:
    frame = findings_frame([finding("no-tables", Where("study.toml", 2))], "zh")
    assert frame.loc[0, "row"] == 2
    assert frame.loc[0, "message"] == "本研究没有列出任何数据表。"
