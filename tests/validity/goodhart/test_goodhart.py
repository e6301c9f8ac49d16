"""Before and after a target: planted gaming is found, honest panels are not accused, bad input is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity.goodhart.goodhart import Goodhart, goodhart
from kpi_research.validity.prediction.panel_effect import panel_effect
from tests.validity.panels import long

FEW = settings(deadline=None, derandomize=True, max_examples=8)
ASK: dict[str, Any] = {"indicator": "x", "outcome": "y", "unit": "unit", "period": "period", "target_from": 12}


def work(seed: int, units: int = 30, periods: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Return true work and an outcome that follows it."""
    rng = np.random.default_rng(seed)
    true = rng.normal(size=(units, 1)) + rng.normal(size=(units, periods))
    outcome = true + rng.normal(size=(units, periods)) + rng.normal(size=(1, periods))
    return true, outcome


def asked(true: np.ndarray, measured: np.ndarray, **change: Any) -> Goodhart:
    return goodhart(long(true).assign(y=measured.ravel()), **{**ASK, **change})


def test_an_indicator_that_stays_honest_shows_no_sign() -> None:
    found = asked(*work(1), target=0.0)
    assert found.signs == ()
    assert found.periods == (12, 12)


def test_made_up_numbers_lose_the_relation() -> None:
    true, outcome = work(2)
    told = true.copy()
    told[:, 12:] = np.random.default_rng(9).normal(size=told[:, 12:].shape)
    found = asked(told, outcome)
    assert "relation_lost" in found.signs
    assert found.row("within", "before")["low"] > 0.5
    assert found.row("within", "difference")["high"] < 0


def test_raising_what_falls_short_piles_up_and_collapses() -> None:
    true, outcome = work(3)
    told = true.copy()
    told[:, 12:] = np.where(told[:, 12:] < 0.5, 0.5 + 0.1 * np.abs(told[:, 12:]), told[:, 12:])
    found = asked(told, outcome, target=0.5)
    assert set(found.signs) >= {"piled_up", "dispersion_collapsed"}
    assert found.row("dispersion", "ratio")["estimate"] < 0.6


def test_the_same_numbers_turned_round_show_the_same_signs() -> None:
    true, outcome = work(3)
    told = true.copy()
    told[:, 12:] = np.maximum(told[:, 12:], 0.5)
    first = asked(told, outcome, target=0.5)
    second = asked(-told, outcome, target=-0.5, direction="lower")
    assert first.signs == second.signs
    assert second.row("pile_up", "difference")["estimate"] == first.row("pile_up", "difference")["estimate"]


def test_slopes_inside_units_are_those_of_two_panels() -> None:
    true, outcome = work(4)
    panel = long(true).assign(y=outcome.ravel())
    found = goodhart(panel, **ASK)
    for quantity, era in (("before", panel[panel["period"] < 12]), ("after", panel[panel["period"] >= 12])):
        other = panel_effect(era, outcome="y", indicators=["x"], unit="unit", period="period").table["estimate"].iloc[0]
        assert found.row("within", quantity)["estimate"] == pytest.approx(other, rel=1e-9)


@FEW
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100.0), shift=st.floats(-50.0, 50.0))
def test_units_of_measure_do_not_matter(seed: int, scale: float, shift: float) -> None:
    true, outcome = work(seed, units=10, periods=16)
    first = asked(true, outcome, target_from=8).table
    second = asked(true * scale + shift, outcome, target_from=8).table
    ratio = second["part"].isin(["within", "between", "change"]).map({True: scale, False: 1.0})
    np.testing.assert_allclose(second["estimate"] * ratio, first["estimate"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(second["p"], first["p"], rtol=1e-5, atol=1e-9)


def test_units_are_listed_with_their_own_change() -> None:
    true, outcome = work(5)
    told = true.copy()
    told[:4, 12:] = np.maximum(told[:4, 12:], 0.5)
    units = asked(told, outcome, target=0.5).units
    change = units["pile_up_after"] - units["pile_up_before"]
    assert set(change.nlargest(4).index) == {0, 1, 2, 3}


def test_missing_values_and_text_periods_are_fine() -> None:
    true, outcome = work(6)
    true[np.random.default_rng(1).random(true.shape) < 0.1] = np.nan
    frame = long(true).assign(y=outcome.ravel())
    frame["period"] = [
        f"2024-{month:02d}" if month <= 12 else f"2025-{month - 12:02d}" for month in frame["period"] + 1
    ]
    found = goodhart(frame, **{**ASK, "target_from": "2025-01"})
    assert found.row("within", "before")["low"] > 0


def test_few_periods_are_a_caution() -> None:
    assert [item.code for item in asked(*work(7), target_from=3).findings] == ["goodhart-few-periods"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target_from": 24}, "0 from it on"),
        ({"target_from": "2024-07"}, "cannot be compared"),
        ({"direction": "up"}, "direction is 'up'"),
        ({"outcome": "z"}, "no column 'z'"),
        ({"target": float("nan")}, "target is nan"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        goodhart(long(work(8)[0]).assign(y=1.0), **{**ASK, **change})


def test_an_indicator_without_variation_gives_no_numbers_and_no_sign() -> None:
    true, outcome = work(9)
    found = asked(np.ones_like(true), outcome, target=1.0)
    assert found.signs == ()
    assert np.isnan(found.row("within", "difference")["estimate"])
