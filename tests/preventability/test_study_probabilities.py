"""A study's cases, labels, definitions and model brought together; the demo bureau knows what should come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability.study_cases import study_cases
from kpi_research.preventability.study_labels import study_labels
from kpi_research.preventability.study_probabilities import StudyProbabilities, study_probabilities
from kpi_research.study.findings import StudyError
from kpi_research.study.load import load_study, study_from_frames
from kpi_research.study.model import Study

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo_bureau"


@pytest.fixture(scope="module")
def demo() -> Study:
    return load_study(DEMO / "study.toml")


@pytest.fixture(scope="module")
def found(demo: Study) -> StudyProbabilities:
    return study_probabilities(demo)


def codes(findings: object) -> set[str]:
    return {item.code for item in findings}  # type: ignore[attr-defined]


def test_every_case_of_the_demo_bureau_has_a_probability(demo: Study, found: StudyProbabilities) -> None:
    incidents = demo.tables["incidents"]
    assert len(found.cases) == (incidents["category"] != "service").sum()
    assert found.cases["probability"].between(0, 1).all()
    assert found.cases["incident"].is_unique
    labelled = found.cases["label"].notna()
    assert labelled.sum() > 1000
    assert found.cases.loc[labelled, "inclusion"].between(0, 1, inclusive="right").all()


def test_the_planted_errors_of_raters_are_found(found: StudyProbabilities) -> None:
    raters = pd.read_parquet(DEMO / "truth" / "raters.parquet").set_index("rater").drop("PANEL")
    assert found.labels.errors is not None
    first = found.labels.errors.table.iloc[0]
    assert first["e01_low"] - 0.01 <= raters["false_positive"].mean() <= first["e01_high"] + 0.01
    assert first["e10_low"] - 0.01 <= raters["false_negative"].mean() <= first["e10_high"] + 0.01
    assert found.error is not None
    assert found.error[0] < first["e01"]


def test_probabilities_follow_the_planted_ones(found: StudyProbabilities) -> None:
    truth = pd.read_parquet(DEMO / "truth" / "cases.parquet").set_index("incident")["probability"]
    true = found.cases["incident"].map(truth)
    assert found.cases["probability"].corr(true) > 0.5
    slope = found.measures.set_index("measure").loc["slope"]
    assert slope["low"] < 1 < slope["high"]


def test_definitions_bound_the_share_of_every_unit(demo: Study, found: StudyProbabilities) -> None:
    assert found.definitions is not None
    table = found.definitions.table
    assert set(table["definition"]) == {"strict", "loose"}
    assert table["unit"].nunique() == found.cases["unit"].nunique()
    wide = table.pivot_table(index="unit", columns="definition", values="high")
    assert (wide["strict"] <= wide["loose"] + 1e-12).all()
    assert set(found.accuracy["measure"]) == {"found", "spared", "unclear"}
    assert codes(found.findings) >= {"definition-unclear", "definition-changes-order"}
    assert all("口径" in item.line("zh") for item in found.findings if item.code.startswith("definition"))


def test_only_the_columns_that_are_needed_are_fetched(demo: Study) -> None:
    frame = study_cases(demo).frame
    assert not {"address", "officer", "handling_minutes", "outcome"} & set(frame.columns)


SPEC = """
[study]
id = "small"
title = "Small"
seed = 3
[tables.incidents]
source = "-"
[tables.labels]
source = "-"
[tables.panel]
source = "-"
[people]
simulated = true
[preventability]
learner = "logistic"
"""


def small_study(
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame, extra: str = "", rating: str = "yes"
) -> Study:
    rng = np.random.default_rng(0)
    n = 900
    incidents = pd.DataFrame(
        {
            "incident": [f"c{number}" for number in range(n)],
            "unit": rng.choice(["东门所", "西门所", "南门所", "北门所"], n),
            "type": rng.choice(["burglary", "assault"], n),
            "gate": rng.choice(["有", "无", "不详"], n),
            "outcome": rng.choice(["solved", "unsolved"], n),
        }
    )
    truth = rng.random(n) < np.where((incidents["type"] == "burglary") & (incidents["gate"] == "无"), 0.8, 0.2)
    rows = [
        (number, rater, bool(truth[number]) ^ (rng.random() < 0.08), 0.25)
        for number in range(0, n, 4)
        for rater in (["甲", "乙", "丙"] if number % 12 == 0 else ["甲"])
    ]
    labels = pd.DataFrame(rows, columns=["incident", "rater", "preventable", "inclusion"])
    labels["incident"] = [f"c{number}" for number in labels["incident"]]
    if rating == "words":
        labels["preventable"] = labels["preventable"].map({True: "是", False: "否"})
    if rating == "scale":
        labels["preventable"] = np.where(labels["preventable"], 8, 2)
    panel = pd.DataFrame({"unit": ["东门所", "西门所"], "period": [2024, 2024], "calls": [1.0, 2.0]})
    indicators = pd.DataFrame(
        {"id": ["calls"], "label_en": ["Calls"], "direction": ["lower"], "table": ["panel"], "value": ["calls"]}
    )
    return study_from_frames(
        SPEC + extra, indicators, {"incidents": incidents, "labels": change(labels), "panel": panel}
    )


def test_without_named_features_few_valued_columns_are_taken_and_said() -> None:
    cases = study_cases(small_study())
    assert cases.features == ("type", "gate")
    assert codes(cases.findings) == {"features-chosen"}
    assert codes(study_cases(small_study(extra='features = ["outcome"]')).findings) == {"feature-after-the-fact"}


@pytest.mark.parametrize("rating", ["words", "scale"])
def test_answers_in_words_and_on_a_scale_give_the_same(rating: str) -> None:
    plain, other = (study_probabilities(small_study(rating=kind)) for kind in ("yes", rating))
    pd.testing.assert_frame_equal(plain.cases, other.cases)
    assert plain.error == other.error


def test_the_majority_of_three_errs_less_than_one() -> None:
    study = small_study()
    table = study_labels(study.tables["labels"], study_cases(study).frame, by=("unit",), level=0.95, seed=0).table
    errors = table["e01"].to_numpy()
    single, three = errors.max(), errors.min()
    assert three == pytest.approx(3 * single**2 - 2 * single**3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop(columns="inclusion"), "inclusion-missing"),
        (lambda frame: frame.assign(inclusion=frame["inclusion"].where(frame.index > 5)), "inclusion-gaps"),
        (lambda frame: frame.drop_duplicates("incident"), "errors-unknown"),
        (lambda frame: frame.head(20), "model-not-fitted"),
        (lambda frame: frame.assign(preventable=True), "model-not-fitted"),
        (lambda frame: frame.replace({"incident": {"c0": "c99999"}}), "labels-outside-cases"),
        (lambda frame: frame.assign(preventable=frame["preventable"].where(frame.index > 3)), "ratings-missing"),
    ],
)
def test_gaps_of_the_labels_are_said(change: Callable[[pd.DataFrame], pd.DataFrame], code: str) -> None:
    result = study_probabilities(small_study(change))
    assert code in codes(result.findings)
    assert result.cases["probability"].between(0, 1).all()


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('features = ["gat"]', ["gat", "gate"]),
        ("cases = \"typ = 'burglary'\"", ["typ", "type"]),
        ('[[preventability.definitions]]\nid = "a"\n[[preventability.definitions.rules]]\nwhere = "gatt = 1"\nto = "not"', ["gatt"]),
        ('[[preventability.definitions]]\nid = "a"\n[[preventability.definitions.rules]]\nwhere = "true"\nto = "maybe"', ["maybe"]),
    ],
)  # fmt: skip
def test_faults_of_the_study_file_are_found_on_loading(extra: str, words: list[str]) -> None:
    with pytest.raises(StudyError) as caught:
        small_study(extra=extra)
    assert all(word in str(caught.value) for word in words)


def test_a_definition_twice_is_refused() -> None:
    one = '[[preventability.definitions]]\nid = "a"\n[[preventability.definitions.rules]]\nwhere = "type = \'burglary\'"\nto = "not"\n'
    with pytest.raises(StudyError, match="two definitions have the id 'a'"):
        small_study(extra=one + one)


def test_decisions_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="allowed are 0 and 1, or ratings of 1 to 9"):
        study_probabilities(small_study(lambda frame: frame.assign(preventable=12)))
