"""Probabilities of preventable cases: calibrated, blind to the unit, sound on untidy features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability import (
    PreventabilityModel,
    cross_fit,
    measure_fit,
    partial_dependence,
    permutation_importance,
)
from tests.preventability.model.features import FEATURES, draw_cases

LOGISTIC = {"learner": "logistic", "folds": 3}


def fitted(cases: pd.DataFrame, **options: object) -> PreventabilityModel:
    known = cases["label"].notna()
    model = PreventabilityModel(**(LOGISTIC | options))  # type: ignore[arg-type]
    return model.fit(cases.loc[known, FEATURES], cases.loc[known, "label"], groups=cases.loc[known, "unit"])


def test_probabilities_recover_the_truth_of_unlabelled_cases() -> None:
    cases = draw_cases(units=30, shift=0.0)
    fit = cross_fit(cases, features=FEATURES, label="label", unit="unit", model=PreventabilityModel(**LOGISTIC))
    rest = cases["label"].isna()
    assert np.abs(fit.probability - cases["true"])[rest].mean() < 0.06
    assert fit.probability[rest].mean() == pytest.approx(cases.loc[rest, "truth"].mean(), abs=0.03)


def test_boosting_is_taken_where_features_act_together_only() -> None:
    rng = np.random.default_rng(0)
    cases = pd.DataFrame({"a": rng.choice(["x", "y"], 1500), "b": rng.choice(["x", "y"], 1500)})
    label = (rng.random(1500) < np.where(cases["a"] == cases["b"], 0.9, 0.1)).astype(int)
    assert PreventabilityModel(folds=3).fit(cases, label).learner_ == "boosting"
    plain = (rng.random(1500) < np.where(cases["a"] == "x", 0.8, 0.2)).astype(int)
    model = PreventabilityModel(folds=3).fit(cases, plain)
    assert model.learner_ == "logistic"
    assert set(model.losses_) == {"logistic", "boosting"}


def test_the_number_of_labels_chooses_the_calibration() -> None:
    cases = draw_cases(units=12, per_unit=120, labelled=1.0)
    for rows, kind in ((40, "none"), (500, "sigmoid"), (1400, "isotonic")):
        part = cases.sample(rows, random_state=1)
        assert fitted(part).calibration_ == kind


def test_no_label_of_a_unit_reaches_its_own_probabilities() -> None:
    cases = draw_cases(units=10, per_unit=80)
    turned = cases.copy()
    own = cases["unit"] == "所03"
    turned.loc[own, "label"] = 1 - turned.loc[own, "label"]
    options = {"features": FEATURES, "label": "label", "unit": "unit", "model": PreventabilityModel(**LOGISTIC)}
    first, second = (cross_fit(frame, **options) for frame in (cases, turned))  # type: ignore[arg-type]
    np.testing.assert_array_equal(first.fold, second.fold)
    pd.testing.assert_series_equal(first.probability[own], second.probability[own])
    assert not first.probability[~own].equals(second.probability[~own])
    held = first.fold[own.to_numpy()][0]
    assert not np.intersect1d(cases.loc[first.fold == held, "unit"], cases.loc[first.fold != held, "unit"]).size


def test_the_unit_is_refused_under_any_name() -> None:
    cases = draw_cases(units=6, per_unit=60).assign(station=lambda frame: "station " + frame["unit"])
    cases["address"] = cases["unit"] + cases.index.astype(str)
    with pytest.raises(ValueError, match="is the unit"):
        cross_fit(cases, features=["gate", "unit"], label="label", unit="unit")
    for name in ("station", "address"):
        with pytest.raises(ValueError, match=f"'{name}' occurs in one unit only"):
            cross_fit(cases, features=["gate", name], label="label", unit="unit")


def test_missing_unknown_and_new_levels_are_levels() -> None:
    cases = draw_cases(units=8)
    model = fitted(cases)
    strange = cases[FEATURES].head(5).assign(gate=["unknown", None, "never seen", "", "no"], hour=np.nan)
    chance = model.predict_proba(strange)[:, 1]
    assert np.isfinite(chance).all()
    assert chance[1] == pytest.approx(model.predict_proba(strange.assign(gate="unknown"))[1, 1])


def test_categories_booleans_and_chinese_names_are_taken() -> None:
    cases = draw_cases(units=8).rename(columns={"gate": "门禁"})
    cases["灯"] = (cases["light"] == "poor").astype("boolean")
    cases["门禁"] = cases["门禁"].astype("category")
    words = cases.assign(label=cases["label"].map({1.0: "是", 0.0: "否"}))
    options = {"features": ["门禁", "灯", "hour"], "label": "label", "unit": "unit"}
    model = PreventabilityModel(**LOGISTIC)
    first, second = (cross_fit(frame, model=model, **options) for frame in (cases, words))  # type: ignore[arg-type]
    pd.testing.assert_series_equal(first.probability, second.probability)


def test_the_same_seed_gives_the_same_probabilities() -> None:
    cases = draw_cases(units=6, per_unit=80)
    first, again = (
        cross_fit(
            cases, features=FEATURES, label="label", unit="unit", model=PreventabilityModel(random_state=5)
        ).probability
        for _ in range(2)
    )
    pd.testing.assert_series_equal(first, again)


def test_errors_of_labels_are_taken_out_of_the_probability() -> None:
    cases = draw_cases(units=40, shift=0.0, labelled=0.6)
    rng = np.random.default_rng(3)
    wrong = rng.random(len(cases)) < np.where(cases["truth"] == 1, 0.05, 0.25)
    noisy = cases.assign(label=np.where(wrong, 1 - cases["label"], cases["label"]))
    truth = cases["true"].mean()
    plain, corrected = (
        fitted(noisy, error=error).predict_proba(cases[FEATURES])[:, 1].mean() for error in (None, (0.25, 0.05))
    )
    assert plain > truth + 0.08
    assert corrected == pytest.approx(truth, abs=0.02)


def test_weights_make_up_for_unequal_inclusion() -> None:
    cases = draw_cases(units=40, shift=0.0)
    rng = np.random.default_rng(4)
    cases["inclusion"] = np.where(cases["truth"] == 1, 0.6, 0.15)
    cases["label"] = cases["truth"].where(rng.random(len(cases)) < cases["inclusion"])
    options = {"features": FEATURES, "label": "label", "unit": "unit", "model": PreventabilityModel(**LOGISTIC)}
    equal = cross_fit(cases, **options).probability.mean()  # type: ignore[arg-type]
    weighted = cross_fit(cases, inclusion="inclusion", **options).probability.mean()  # type: ignore[arg-type]
    assert equal > cases["truth"].mean() + 0.15
    assert weighted == pytest.approx(cases["truth"].mean(), abs=0.03)


def test_what_matters_is_told_from_what_does_not() -> None:
    cases = draw_cases(units=20, shift=0.0, labelled=0.5, strength=1.5)
    fit = cross_fit(cases, features=FEATURES, label="label", unit="unit", model=PreventabilityModel(**LOGISTIC))
    importance = permutation_importance(fit, cases).set_index("feature")["importance"]
    assert importance["gate"] > importance["loss"]
    assert abs(importance["loss"]) < 0.01
    dependence = partial_dependence(fit, cases)
    gate = dependence[dependence["feature"] == "gate"].set_index("value")
    assert gate.loc["no", "probability"] > gate.loc["yes", "probability"] + 0.2
    assert (dependence["low"] <= dependence["high"]).all()
    assert gate["share"].sum() == pytest.approx(1)


def test_one_unit_and_units_without_labels_are_predicted() -> None:
    cases = draw_cases(units=5, per_unit=100)
    cases.loc[cases["unit"] == "所04", "label"] = np.nan
    fit = cross_fit(cases, features=FEATURES, label="label", unit="unit", model=PreventabilityModel(**LOGISTIC))
    assert (fit.fold[(cases["unit"] == "所04").to_numpy()] == -1).all()
    alone = cases[cases["unit"] == "所01"].reset_index(drop=True)
    assert cross_fit(alone, features=FEATURES, label="label", unit="unit").probability.between(0, 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(label=np.nan), "minimum of 1 is required"),
        (lambda frame: frame.assign(label=1.0), "one class only"),
        (lambda frame: frame.assign(label=2.0), "no decision"),
        (lambda frame: frame.assign(hour=np.inf), "infinity"),
        (lambda frame: frame.assign(inclusion=0.0), "above 0 and at most 1"),
        (lambda frame: frame.drop(columns="gate"), "no column 'gate'"),
        (lambda frame: frame.assign(unit=None), "no 'unit'"),
        (lambda frame: frame.head(0), "no rows"),
    ],
)
def test_refusals(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    cases = change(draw_cases(units=4, per_unit=50))
    with pytest.raises(ValueError, match=message):
        cross_fit(cases, features=FEATURES, label="label", unit="unit", inclusion="inclusion")


def test_measures_of_known_probabilities() -> None:
    cases = draw_cases(units=40, shift=0.0)
    unit = pd.factorize(cases["unit"])[0]
    right = measure_fit(cases["truth"].to_numpy(), cases["true"].to_numpy(), unit).set_index("measure")
    assert right.loc["slope", "low"] < 1 < right.loc["slope", "high"]
    assert right.loc["intercept", "low"] < 0 < right.loc["intercept", "high"]
    flat = 0.5 + (cases["true"].to_numpy() - 0.5) / 3
    assert measure_fit(cases["truth"].to_numpy(), flat, unit).set_index("measure").loc["slope", "low"] > 1.5
