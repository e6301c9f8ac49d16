"""The study file: each fault is named with its line and key, and one fault does not hide another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.read_spec import MAX_BYTES, ReadSpec, read_spec

GOOD = """[study]
id = "s"
title.en = "T"
title.zh = "题"
seed = 1

[tables.panel]
source = "p.csv"
"""


def read(tmp_path: Path, text: str) -> ReadSpec:
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    return read_spec(file)


def test_a_sound_file_has_no_finding_and_keeps_both_titles(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.findings == ()
    assert found.spec is not None
    assert found.spec.study.title["zh"] == "题"
    assert found.spec.study.title["en"] == "T"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_spec(file).findings == ()


def test_one_file_with_many_faults_names_them_all_with_line_and_key(tmp_path: Path) -> None:
    text = """[study]
id = "Bad Id"
titel.en = "T"
title.en = "T"
seed = "one"

[tables.incidnets]
source = "x.csv"

[tables.panel]
sorce = "p.csv"

[[rules]]
id = "a"
where = "banned"
min = 30
max = 20

[[rules]]
id = "a"
where = "banned"
max = 120

[weigths]
"""
    found = read(tmp_path, text)
    seen = {(item.code, item.where.row, item.where.column) for item in found.findings}
    assert {
        ("bad-value", 2, "study.id"),
        ("unknown-key", 3, "study.titel"),
        ("bad-value", 5, "study.seed"),
        ("unknown-role", 7, "tables.incidnets"),
        ("unknown-key", 11, "tables.panel.sorce"),
        ("missing-key", 10, "tables.panel"),
        ("rule-min-above-max", 16, "rules.min"),
        ("duplicate-rule", 20, "rules.id"),
        ("rule-limit-out-of-range", 22, "rules.max"),
        ("unknown-key", 24, "weigths"),
    } == seen


@pytest.mark.parametrize(("wrong", "right"), [("titel", "title"), ("sede", "seed"), ("quesiton", "question")])
def test_a_misspelt_key_is_answered_with_the_nearest_valid_one(tmp_path: Path, wrong: str, right: str) -> None:
    found = read(tmp_path, GOOD.replace("seed = 1", f'seed = 1\n{wrong} = "x"'))
    assert [item.code for item in found.findings] == ["unknown-key"]
    assert f"Did you mean '{right}'?" in found.findings[0].message
    assert f"是否为“{right}”" in found.findings[0].text("zh")[0]


def test_an_unknown_language_of_a_title_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD.replace("title.zh", "title.cn"))
    assert [item.code for item in found.findings] == ["unknown-key"]


def test_a_duplicate_key_is_a_syntax_fault_with_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD + 'source = "q.csv"\n')
    assert [(item.code, item.where.row) for item in found.findings] == [("spec-syntax", 9)]


def test_a_missing_file_is_one_finding(tmp_path: Path) -> None:
    assert [item.code for item in read_spec(tmp_path / "no.toml").findings] == ["spec-missing"]


def test_a_file_of_the_wrong_encoding_or_size_is_named(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_bytes("[study]\nid = '题'".encode("gb18030"))
    assert [item.code for item in read_spec(file).findings] == ["spec-encoding"]
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    assert [item.code for item in read_spec(file).findings] == ["spec-too-large"]


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_no_bytes_whatever_raise_anything(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "study.toml"
    file.write_bytes(raw)
    assert read_spec(file).findings


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.characters(blacklist_categories=["Cs"]))
def test_one_changed_character_gives_findings_or_a_specification(
    tmp_path_factory: pytest.TempPathFactory, position: int, letter: str
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "study.toml"
    file.write_text(GOOD[:position] + letter + GOOD[position + 1 :], encoding="utf-8", newline="")
    found = read_spec(file)
    assert found.spec is not None or found.findings
