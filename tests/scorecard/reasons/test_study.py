"""The reasons of the demo bureau, and of studies that lack parts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from kpi_research.scorecard.build import build_scorecard
from kpi_research.scorecard.reasons.study import Reasons, study_reasons
from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.spec_reasons import ReasonsSection

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo_bureau"
PLANTED = {"understaffed": "staffing", "untrained": "procedure", "hard_mix": "case_mix", "manner": "manner"}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(DEMO / "study.toml")


@pytest.fixture(scope="module")
def found(study: Study) -> Reasons:
    weights: Any = SimpleNamespace(
        table=study.indicators.rename(columns={"current_weight": "weight"}).fillna({"weight": 0})
    )
    contributions = build_scorecard(study, weights).contributions
    return study_reasons(study, study.spec.scorecard.reasons, contributions)


def test_no_weak_station_of_the_demo_bureau_gets_a_wrong_cause(found: Reasons) -> None:
    truth = pd.read_parquet(DEMO / "truth" / "weakness.parquet").set_index("unit")["cause"].map(PLANTED).dropna()
    assert found.gaps is not None
    drag = found.gaps.table.set_index("unit")["drag"].reindex(truth.index)
    told = drag != ""
    assert told.sum() >= 3
    assert (drag[told] == truth[told]).all()


def test_every_cause_has_a_part_with_an_interval(found: Reasons) -> None:
    assert found.gaps is not None
    parts = found.gaps.parts
    assert set(parts["cause"]) == {"staffing", "case_mix", "training", "procedure", "manner", "unexplained"}
    assert parts[["part", "low", "high"]].notna().all(axis=None)


def test_the_growth_of_telecom_fraud_is_found_and_called_in_chinese(found: Reasons) -> None:
    change = found.changes[0]
    assert (change.kind, change.label["zh"]) == ("telecom_fraud", "电信网络诈骗")
    assert change.table.set_index("part")["change"].idxmax() == "own"
    assert "电信网络诈骗" in found.summary("zh")


def test_improvements_are_ranked_per_unit_and_per_post(found: Reasons) -> None:
    assert found.improvements is not None
    assert found.improvements.table["gain"].is_monotonic_decreasing
    assert {"case", "community", "patrol"} <= set(found.improvements.posts["post"])
    first = found.improvements.of_unit("S0007").iloc[0]
    assert first["indicator"] == "lawful_procedure"  # the station was left untrained


def test_the_digest_names_no_officer_no_case_and_no_small_count(study: Study, found: Reasons) -> None:
    assert found.digest is not None
    text = found.digest.units.to_csv() + found.digest.table.to_csv() + found.digest.summary("en")
    cases = study.role_table("incidents")
    assert cases is not None
    for column in ("officer", "incident", "address"):
        assert not any(f",{name}," in text for name in cases[column].astype("str").unique()[:500])
    assert (found.digest.units["cases"].dropna() >= 5).all()


def test_parts_without_inputs_are_left_out_and_told(study: Study) -> None:
    codes = {item.code for item in study_reasons(study, ReasonsSection(place="plaza")).findings}
    assert {"reasons-without-causes", "reasons-column-missing"} <= codes
    section = ReasonsSection(outcome="survey.happiness", causes={"staffing": ("incidents/officers",)})
    assert "reasons-without-outcome" in {item.code for item in study_reasons(study, section).findings}
    section = ReasonsSection(outcome="survey.satisfaction", causes={"staffing": ("tables.x", "use_match"), "y": ("z",)})
    assert "reasons-source-missing" in {item.code for item in study_reasons(study, section).findings}


def test_a_study_without_incidents_has_no_change_and_no_digest() -> None:
    bare = load_study(DEMO.parent / "nc_counties" / "study.toml")
    found = study_reasons(bare, ReasonsSection())
    assert found.digest is None
    assert not found.changes
    assert {"reasons-without-causes", "reasons-without-incidents"} <= {item.code for item in found.findings}
    assert study_reasons(bare).findings == ()


def test_too_few_units_are_told(study: Study) -> None:
    causes = {name: (name,) for name in ("tasks_on_time",)}
    section = ReasonsSection(outcome="support_to_others", causes=causes)
    assert "reasons-too-few-units" in {item.code for item in study_reasons(study, section).findings}
