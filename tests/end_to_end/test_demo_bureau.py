"""The demo bureau runs through every stage that exists, in both languages."""

from __future__ import annotations

from pathlib import Path

import kpi_research as kr

SPEC = Path(__file__).resolve().parents[2] / "data" / "demo_bureau" / "study.toml"


def test_the_demo_bureau_runs_from_its_study_file_to_its_report(tmp_path: Path) -> None:
    result = kr.run_study(SPEC, out=tmp_path)
    assert result.folder is not None
    assert sorted(path.name for path in result.folder.glob("report*.html")) == ["report.html", "report.zh.html"]
    weights = result.weights.table.set_index("id")["weight"]
    banned = result.study.indicators.loc[result.study.indicators["banned"], "id"]
    assert len(banned) >= 4
    assert (weights[banned] == 0).all()
    assert len(result.preventability.table) == 24
    assert "preventability-use" in {item.code for item in result.preventability.findings}
    assert result.scorecard.table["group"].nunique() >= 3, "ranks only inside a sequence and peer group"
