"""The demo bureau's repeated indicators are found, and no other one is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kpi_research as kr
from kpi_research.study.model import Study
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.panel_frame import gather
from kpi_research.validity.redundancy.study import study_redundancy, worth

DATA = Path(__file__).resolve().parents[3] / "data"
REPEATS = {"response_median", "visit_entries", "strike_index"}


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DATA / "demo_bureau" / "study.toml")


@pytest.fixture(scope="module")
def found(demo: Study) -> Evidence:
    return study_redundancy(demo, gather(demo))


def test_twins_are_found_and_the_better_one_is_kept(found: Evidence) -> None:
    rows = found.rows.set_index("indicator")
    assert set(rows.index[rows["grade"] == "care"]) == REPEATS
    assert "Home visits per officer is rather kept" in rows.loc["visit_entries", "reason_en"]


def test_nobody_is_told_to_keep_a_banned_number(found: Evidence) -> None:
    assert {str(item.facts.get("kept")) for item in found.findings} <= {"None", "response_10", "home_visits"}
    rows = found.rows.set_index("indicator")
    assert "rather kept" not in rows.loc["strike_index", "reason_en"]
    assert "none of them may be a target" in rows.loc["detentions", "reason_en"]


def test_few_units_are_unknown_with_the_reason(found: Evidence, demo: Study) -> None:
    rows = found.rows.set_index("indicator")
    assert rows.loc[["tasks_on_time", "services_on_time"], "grade"].tolist() == ["unknown", "unknown"]
    assert set(rows.index) == set(demo.indicators["id"])
    few = replace(demo, values=demo.values[demo.values["unit"].isin(["S0001", "S0002", "S0003"])])
    assert set(study_redundancy(few, gather(few)).rows["grade"]) == {"unknown"}


def test_reasons_are_filled_in_both_languages(found: Evidence) -> None:
    assert not found.rows[["reason_en", "reason_zh"]].map(lambda text: "{" in text or "nan" in text).any().any()


def test_worth_puts_banned_and_own_reports_last(demo: Study) -> None:
    number = worth(demo.indicators, ["detentions"])
    assert number["detentions"] < number["home_visits"] < number["mediations"] < number["mediation_success"]
