"""A study folder with twelve different faults: one error names them all, nothing is written, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import kpi_research as kr

SPEC = """[study]
id = "broken"
title.en = "Broken"
sede = 1

[tables.panel]
source = "panel.csv"

[tables.outcomes]
source = "outcomes.xlsx"

[tables.units]
source = "units.csv"
columns = { unit = "statoin" }

[validity]
outcome = "panel.safty"
controls = ["density"]

[[rules]]
id = "business"
where = "module = 'busines'"
min = 60

[[rules]]
id = "cap"
where = "id = 'no_such_indicator'"
each_max = 40

[[rules]]
id = "crossed"
where = "NOT banned"
min = 80
max = 20
"""
CATALOGUE = """id,label_en,module,direction,value,min_weight,max_weight
good,Good,business,higher,good_share,,
typo,Typo,business,higher,good_shrae + 1,,
sql,SQL,public,higher,(SELECT 1),,
limits,Limits,public,sideways,good_share,50,10
"""
PANEL = """unit,period,good_share,safety,density
A,2020,0.5,1,1
A,2021,n.b.,2,1
B,2020,0.7,3,2
B,2020,0.8,4,2
,2021,0.9,5,2
"""
UNITS = "station,population\nA,100\nB,-5\n"

EXPECTED = {
    ("unknown-key", "study.toml", 4, "study.sede"),
    ("missing-key", "study.toml", 1, "study"),
    ("unknown-source-column", "study.toml", 14, "tables.units.columns.unit"),
    ("unknown-table-column", "study.toml", 17, "validity.outcome"),
    ("unknown-catalogue-value", "study.toml", 22, "rules.where"),
    ("unknown-catalogue-value", "study.toml", 27, "rules.where"),
    ("rule-min-above-max", "study.toml", 33, "rules.min"),
    ("expression-column", "indicators.csv", 3, "value"),
    ("bad-choice", "indicators.csv", 5, "direction"),
    ("limits-crossed", "indicators.csv", 5, "min_weight"),
    ("duplicate-rows", "panel.csv", 5, "unit, period"),
    ("empty-cell", "panel.csv", 6, "unit"),
    ("out-of-range", "units.csv", 3, "population"),
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "study.toml").write_text(SPEC, encoding="utf-8")
    (folder / "indicators.csv").write_text(CATALOGUE, encoding="utf-8")
    (folder / "panel.csv").write_text(PANEL, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    return folder


def test_every_fault_is_named_with_file_row_and_column(broken: Path) -> None:
    with pytest.raises(kr.StudyError) as caught:
        kr.load_study(broken / "study.toml")
    errors = [item for item in caught.value.findings if item.severity == "error"]
    places = {(item.code, item.where.file, item.where.row, item.where.column) for item in errors}
    assert places >= EXPECTED
    rest = {(item.where.file, item.where.row, item.where.column) for item in errors} - {place[1:] for place in EXPECTED}
    assert rest == {
        ("study.toml", 10, "tables.outcomes.source"),  # the missing file
        ("indicators.csv", 4, "value"),  # the sub-select
        ("panel.csv", 3, "good_share"),  # text among numbers
        ("units.csv", None, None),  # no column `unit`
    }
    text = str(caught.value)
    for words in ("'seed'", "'safety'", "'business'", "'good_share'", "'station'", "n.b."):
        assert words in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_lists_them_exits_with_one_and_writes_nothing(broken: Path, tmp_path: Path, lang: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-m", "kpi_research", "run", str(broken), "--out", str(tmp_path / "out"), "--lang", lang]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "COLUMNS": "200"}, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert {"en": "The study has 1", "zh": "本研究有 1"}[lang] in done.stderr
    assert "panel.csv" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_usage_exits_with_two(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kpi_research", "run", "--no-such-option"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
