"""The evaluators of the demo bureau, and of studies that lack something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.scorecard.evaluators import StudyEvaluators, study_evaluators
from kpi_research.scorecard.evaluators.study_survey import study_survey
from kpi_research.study.model import Study
from kpi_research.study.spec_evaluators import EvaluatorsSection
from tests.scorecard.studies import make_study

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo_bureau" / "study.toml"
VALUES = pd.DataFrame({"unit": ["u1", "u2"], "period": "2024-01", "calls": [1.0, 2.0]})
SECTION = EvaluatorsSection(classes=("age_group",), reference_mode="face")


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DEMO)


@pytest.fixture(scope="module")
def found(demo: Study) -> StudyEvaluators:
    return study_evaluators(demo, SECTION)


def truth(name: str) -> pd.DataFrame:
    return pd.read_parquet(DEMO.parent / "truth" / f"{name}.parquet")


def test_all_evaluators_are_in_one_table(found: StudyEvaluators) -> None:
    counts = found.table.groupby(["evaluator", "target_kind"]).size()
    assert counts.to_dict() == {("ratings", "officer"): 457, ("ratings", "unit"): 24, ("survey", "unit"): 72}
    assert found.table[["estimate", "se", "low", "high"]].notna().all(axis=None)
    assert found.compared["unresolved"].between(0, 1).all()
    assert found.compared.loc[found.compared["evaluator"] == "survey", "needed"].between(10, 200).all()


def test_planted_severities_are_found(found: StudyEvaluators) -> None:
    planted = truth("severity").drop_duplicates("rater").set_index("rater")["severity"]
    for kind, target_kind, least in (("superior", "officer", 0.95), ("third_party", "unit", 0.98)):
        table = found.ratings[target_kind].severities
        rows = table[(table["kind"] == kind) & table["rater"].isin(planted.index)].set_index("rater")
        assert np.corrcoef(rows["severity"], planted.loc[rows.index])[0, 1] > least


def test_planted_leniency_of_peers_and_of_oneself_is_found(found: StudyEvaluators) -> None:
    effects = truth("effects").set_index("name")["value"]
    kinds = found.ratings["officer"].kinds.set_index("kind")
    for kind, name in (("self", "ratings.self"), ("peer", "ratings.peer")):
        assert kinds.loc[kind, "low"] < effects[name] < kinds.loc[kind, "high"]


def test_the_planted_mode_effect_is_found(found: StudyEvaluators) -> None:
    assert found.modes is not None
    planted = truth("effects").set_index("name")["value"]["survey.phone"]
    assert (found.modes.table["low"] < planted).all()
    assert (planted < found.modes.table["high"]).all()


def test_classes_and_one_mode_bring_the_survey_nearer_to_a_census(demo: Study, found: StudyEvaluators) -> None:
    census = truth("survey_means").groupby(["unit", "item"])["share_satisfied"].mean()
    plain = study_survey(demo, EvaluatorsSection(), 0.95).estimate
    assert plain is not None
    assert found.survey is not None
    gaps = [
        (table.set_index(["target", "item"])["estimate"] - census.rename_axis(["target", "item"])).abs().mean()
        for table in (plain.table, found.survey.table)
    ]
    assert gaps[1] < 0.65 * gaps[0]


def test_what_is_missing_is_said() -> None:
    found = study_evaluators(make_study(VALUES, tables={"panel": VALUES}))
    assert found.table.empty
    assert found.compared.empty
    assert [item.facts["table"] for item in found.findings] == ["survey", "ratings"]


def test_ratings_by_superiors_only_are_named() -> None:
    rng = np.random.default_rng(1)
    rows = [(f"r{r}", f"u{t}", "all", "superior", 5.0 + t + rng.normal()) for r in range(3) for t in range(4)]
    ratings = pd.DataFrame(rows, columns=["rater", "target", "item", "kind", "rating"])
    survey = pd.DataFrame({"respondent": ["p", "q"], "item": "x", "answer": [10.0, 8.0]})
    found = study_evaluators(make_study(VALUES, tables={"panel": VALUES, "ratings": ratings, "survey": survey}))
    assert [item.code for item in found.findings] == ["evaluators-survey-without-target", "ratings-of-one-kind"]
    assert found.table["target_kind"].unique().tolist() == ["target"]


def test_one_answer_is_no_crash() -> None:
    survey = pd.DataFrame({"respondent": ["p", "p"], "unit": "u1", "item": "x", "answer": [10.0, 8.0]})
    study = make_study(VALUES, tables={"panel": VALUES, "survey": survey})
    for statistic in ("share", "mean"):
        found = study_evaluators(study, EvaluatorsSection(statistic=statistic))
        assert found.table["answers"].tolist() == [2]
        assert np.isnan(found.compared["unresolved"].iloc[0])


def test_columns_that_are_not_there_are_named(demo: Study) -> None:
    found = study_survey(demo, EvaluatorsSection(classes=("income",), cluster="street", periods=3), 0.95)
    codes = [item.code for item in found.findings]
    assert codes.count("evaluators-column-missing") == 2
    assert "evaluators-mode-mixed" in codes
    assert found.estimate is not None
    assert found.estimate.table["approached"].sum() == 24 * 3 * 40 * 3


def test_answers_off_the_scale_are_a_finding_not_a_crash(demo: Study) -> None:
    found = study_survey(demo, EvaluatorsSection(scale=(1.0, 0.0), satisfied=1.0), 0.95)
    assert found.estimate is None
    assert "evaluators-not-read" in [item.code for item in found.findings]
