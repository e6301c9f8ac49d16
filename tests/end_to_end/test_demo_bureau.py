"""The demo bureau runs through every stage that exists, in both languages, and names no person anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kpi_research as kr
from kpi_research import cli
from kpi_research.result import StudyResult

SPEC = Path(__file__).resolve().parents[2] / "data" / "demo_bureau" / "study.toml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """Return the result of the demo bureau with its report folder."""
    return kr.run_study(SPEC, out=tmp_path_factory.mktemp("reports"))


def folder_of(result: StudyResult) -> Path:
    assert result.folder is not None
    return result.folder


def test_the_demo_bureau_runs_from_its_study_file_to_its_report(demo: StudyResult) -> None:
    assert sorted(path.name for path in folder_of(demo).glob("report*.html")) == ["report.html", "report.zh.html"]
    weights = demo.weights.table.set_index("id")["weight"]
    banned = demo.study.indicators.loc[demo.study.indicators["banned"], "id"]
    assert len(banned) >= 4
    assert (weights[banned] == 0).all()
    assert len(demo.preventability.table) == 24
    assert "preventability-use" in {item.code for item in demo.preventability.findings}
    assert demo.scorecard.table["group"].nunique() >= 3, "ranks only inside a sequence and peer group"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_line_prints_what_the_scorecard_can_carry(
    demo: StudyResult, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "run_study", lambda *_, **__: demo)
    shown = CliRunner().invoke(cli.app, ["run", str(SPEC), "--lang", lang])
    assert shown.exit_code == 0, shown.output
    said = [line for line in shown.output.splitlines() if line.startswith("  - ")]
    groups, rules = demo.scorecard.pairs["group"], demo.study.spec.scorecard.consequences
    assert len(groups) + len(rules) + 1 <= len(said) <= 20
    assert all(any(f"- {group}" in line for line in said) for group in groups)
    for rule in rules:
        assert rule.label is not None
        assert any(rule.label["zh" if lang == "zh" else "en"] in line for line in said)
    assert "report.zh.html" in shown.output


def published(demo: StudyResult) -> Iterator[tuple[str, str]]:
    for path in sorted(folder_of(demo).rglob("*")):
        if path.suffix in {".html", ".csv", ".json"}:
            text = path.read_text(encoding="utf-8-sig")
            yield path.name, re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)


def test_no_officer_rater_respondent_or_address_is_in_any_published_file(demo: StudyResult) -> None:
    names: set[str] = set()
    for role, columns in {
        "officers": ["officer"],
        "ratings": ["rater"],
        "survey": ["respondent"],
        "incidents": ["address"],
    }.items():
        table = demo.study.role_table(role)
        assert table is not None
        names |= {str(name) for column in columns if column in table for name in table[column].dropna().unique()}
    names -= set(demo.scorecard.table["unit"])
    assert len(names) > 1000
    for name, text in published(demo):
        words = set(re.findall(r"[\w-]+", text))
        assert not words & names, f"{name}: {sorted(words & names)[:3]}"


def test_published_counts_of_units_are_five_or_more(demo: StudyResult) -> None:
    frames = {name: frame for stage, name, frame in demo.frames() if stage == "scorecard"}
    assert (frames["digest_units"]["cases"].dropna() >= 5).all()
    assert (frames["evaluators"]["answers"] >= 5).all()
    assert "target_kind" not in frames["evaluators"]
    assert (frames["rater_kinds"]["raters"] >= 5).all()
