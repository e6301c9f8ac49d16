"""Relations that panel effects must keep, and truths they must recover."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity import PanelEffect, panel_effect
from tests.validity.panels import effect_panel

ASK: dict[str, Any] = {"outcome": "y", "indicators": ["x", "w"], "unit": "unit", "period": "period"}
MODELS = ["two_way", "between", "first_difference"]
SEEDS = st.integers(0, 10_000)
FEW = settings(deadline=None, derandomize=True, max_examples=12)


def numbers(found: PanelEffect, terms: int = 2) -> np.ndarray:
    return found.table[["estimate", "se", "low", "high", "p"]].to_numpy()[:terms]


@pytest.mark.parametrize("model", MODELS)
@FEW
@given(seed=SEEDS)
def test_names_of_units_and_order_of_rows_do_not_matter(model: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = effect_panel(rng)
    renamed = frame.assign(unit=frame["unit"].map(dict(enumerate(rng.permutation([f"u{n:02}" for n in range(25)])))))
    shuffled = renamed.sample(frac=1.0, random_state=seed % 1000)
    other = panel_effect(shuffled, **ASK, model=model, cluster="unit")
    assert numbers(other) == pytest.approx(numbers(panel_effect(frame, **ASK, model=model, cluster="unit")), abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
@FEW
@given(seed=SEEDS, factor=st.floats(1e-3, 1e4))
def test_the_unit_of_measure_of_an_indicator_only_scales_its_effect(model: Any, seed: int, factor: float) -> None:
    frame = effect_panel(np.random.default_rng(seed))
    plain = numbers(panel_effect(frame, **ASK, model=model))
    scaled = numbers(panel_effect(frame.assign(x=frame["x"] * factor), **ASK, model=model))
    assert scaled[0, :4] * factor == pytest.approx(plain[0, :4], rel=1e-7, abs=1e-9)
    assert scaled[1] == pytest.approx(plain[1], abs=1e-8)
    assert scaled[0, 4] == pytest.approx(plain[0, 4], abs=1e-8)


@FEW
@given(seed=SEEDS, by_unit=st.floats(-100, 100), by_period=st.floats(-100, 100))
def test_constants_of_units_and_periods_leave_two_way_effects(seed: int, by_unit: float, by_period: float) -> None:
    frame = effect_panel(np.random.default_rng(seed))
    moved = frame.assign(y=frame["y"] + by_unit * frame["unit"] + by_period * frame["period"] ** 2)
    assert numbers(panel_effect(moved, **ASK)) == pytest.approx(numbers(panel_effect(frame, **ASK)), abs=1e-7)


@FEW
@given(seed=SEEDS)
def test_two_periods_make_differences_and_effects_the_same(seed: int) -> None:
    frame = effect_panel(np.random.default_rng(seed), periods=2)
    two_way, change = (panel_effect(frame, **ASK, model=model) for model in ("two_way", "first_difference"))
    assert numbers(two_way) == pytest.approx(numbers(change), abs=1e-9)


def test_noise_free_effects_are_recovered_exactly() -> None:
    frame = effect_panel(np.random.default_rng(4))
    exact = frame.assign(y=1.5 * frame["x"] - 0.5 * frame["w"] + frame["unit"] - frame["period"])
    for model in ("two_way", "first_difference"):
        assert numbers(panel_effect(exact, **ASK, model=model))[:, 0] == pytest.approx([1.5, -0.5], abs=1e-9)


def test_instruments_remove_the_bias_of_a_hidden_cause() -> None:
    frame = effect_panel(np.random.default_rng(5), units=400)
    ask: dict[str, Any] = {**ASK, "outcome": "y_iv", "indicators": ["endogenous", "w"]}
    plain = panel_effect(frame, **ask)
    found = panel_effect(frame, **ask, model="iv_two_way", instruments={"endogenous": "z"})
    assert plain.table["low"].iloc[0] > 1.6
    assert found.table["low"].iloc[0] < 1.5 < found.table["high"].iloc[0]
    assert found.findings == ()


def test_instruments_of_all_regressors_work_together() -> None:
    frame = effect_panel(np.random.default_rng(6), units=60)
    ask: dict[str, Any] = {**ASK, "outcome": "y_iv", "indicators": ["endogenous", "w"], "model": "iv_two_way"}
    frame["second"] = frame["z"] + np.random.default_rng(7).normal(size=len(frame))
    one = panel_effect(frame, **ask, instruments={"endogenous": ("z", "second")})
    other = panel_effect(frame, **ask, instruments={"endogenous": ["second", "z"]})
    assert numbers(one) == pytest.approx(numbers(other), abs=1e-9)


def test_an_exogenous_regressor_may_be_its_own_instrument_in_effect() -> None:
    frame = effect_panel(np.random.default_rng(8)).assign(copy=lambda part: part["x"] * 3.0)
    plain = panel_effect(frame, **ASK)
    found = panel_effect(frame, **ASK, model="iv_two_way", instruments={"x": "copy"})
    assert numbers(found) == pytest.approx(numbers(plain), abs=1e-9)


def test_missing_rows_and_lone_units_are_left_out_and_counted() -> None:
    frame = effect_panel(np.random.default_rng(9))
    holes = frame.copy()
    holes.loc[[0, 7, 30], "x"] = np.nan
    lone = pd.concat([holes, pd.DataFrame({"unit": [99], "period": [2], "x": [1.0], "y": [50.0], "w": [0.0]})])
    found = panel_effect(lone, **ASK)
    assert numbers(found) == pytest.approx(numbers(panel_effect(frame.drop(index=[0, 7, 30]), **ASK)), abs=1e-10)
    assert {item.code: item.facts["rows"] for item in found.findings} == {"panel-rows-dropped": 3, "panel-lone-rows": 1}
    assert found.n == 147


def test_differences_need_adjacent_periods() -> None:
    frame = effect_panel(np.random.default_rng(10))
    gap = frame[(frame["unit"] != 3) | (frame["period"] != 2)]
    assert panel_effect(gap, **ASK, model="first_difference").n == 25 * 5 - 2


def test_dummies_keep_their_values_under_logarithms() -> None:
    drawn = effect_panel(np.random.default_rng(11))
    frame = drawn.assign(**{name: np.exp(drawn[name]) for name in ("y", "x", "w")})
    frame["campaign"] = (frame["unit"] % 3 == frame["period"] % 3).astype(float)
    ask: dict[str, Any] = {"outcome": "y", "indicators": ["x", "campaign"], "unit": "unit", "period": "period"}
    by_hand = frame.assign(y=np.log(frame["y"]), x=np.log(frame["x"]))
    assert numbers(panel_effect(frame, **ask, logs=True)) == pytest.approx(
        numbers(panel_effect(by_hand, **ask)), abs=1e-10
    )


def test_few_clusters_are_cautioned_and_many_are_not() -> None:
    frame = effect_panel(np.random.default_rng(12), units=50)
    assert panel_effect(frame, **ASK, cluster="unit").findings == ()
    frame["district"] = frame["unit"] // 5
    found = panel_effect(frame, **ASK, cluster="district")
    assert [item.code for item in found.findings] == ["few-clusters"]
    assert (found.dof, found.findings[0].facts["clusters"]) == (9, 10)


def test_row_labels_mean_nothing() -> None:
    frame = effect_panel(np.random.default_rng(14))
    labels = np.zeros(len(frame), dtype=int)
    other = panel_effect(frame.set_axis(labels, axis=0), **ASK, cluster="unit")
    assert numbers(other) == pytest.approx(numbers(panel_effect(frame, **ASK, cluster="unit")), abs=0)


def test_the_input_is_left_as_it_was() -> None:
    frame = effect_panel(np.random.default_rng(13))
    before = frame.copy(deep=True)
    panel_effect(frame, **ASK, cluster="unit")
    pd.testing.assert_frame_equal(frame, before)
