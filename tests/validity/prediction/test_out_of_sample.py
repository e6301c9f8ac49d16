"""Forecast gains against forecasts written out one by one, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity.prediction.forecast_gain import rolling_gain, unit_gain
from kpi_research.validity.prediction.out_of_sample import out_of_sample_gain
from tests.validity.panels import long

FEW = settings(deadline=None, derandomize=True, max_examples=8)
ASK: dict[str, Any] = {"outcome": "y", "indicator": "x", "unit": "unit", "period": "period"}


def tables(seed: int, units: int = 6, periods: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, units, periods)) + rng.normal(size=(units, 1))
    y[:, 1:] += 0.6 * x[:, :-1]
    return y, x


def by_hand(y: np.ndarray, x: np.ndarray, train: int) -> float:
    """Return the gain over the unit's earlier mean, every forecast made by itself with a lag of one period."""
    units, periods = y.shape
    base_errors, model_errors = [], []
    for now in range(periods):
        pairs = [
            (y[unit, past] - y[unit, :past].mean(), x[unit, past - 1] - x[unit, : past - 1].mean())
            for unit in range(units)
            for past in range(2, now)
        ]
        if now < 2 + train:
            continue
        u, z = np.array(pairs).T
        slope = (u @ z) / (z @ z)
        for unit in range(units):
            error = y[unit, now] - y[unit, :now].mean()
            base_errors.append(error)
            model_errors.append(error - slope * (x[unit, now - 1] - x[unit, : now - 1].mean()))
    return 1.0 - np.square(model_errors).sum() / np.square(base_errors).sum()


@FEW
@given(seed=st.integers(0, 10_000))
def test_rolling_forecasts_are_those_made_one_by_one(seed: int) -> None:
    y, x = tables(seed)
    found = rolling_gain(y, x, "unit_mean", 3, 1)
    assert found is not None
    assert found.gain == pytest.approx(by_hand(y, x, 3), rel=1e-9)


@FEW
@given(seed=st.integers(0, 10_000))
def test_leaving_a_unit_out_is_running_without_it(seed: int) -> None:
    y, x = tables(seed)
    for run in (lambda a, b: rolling_gain(a, b, "previous", 3, 1), unit_gain):
        whole, without = run(y, x), run(y[1:], x[1:])
        assert whole is not None
        assert without is not None
        assert whole.left_out[0] == pytest.approx(without.gain, rel=1e-9)


def test_prediction_of_new_units_is_leave_one_out_regression() -> None:
    y, x = tables(3)
    found = unit_gain(y, x)
    base, model = 0.0, 0.0
    for unit in range(len(y)):
        rest = np.arange(len(y)) != unit
        u, z = (part[rest] - part[rest].mean(axis=0) for part in (y, x))
        slope = (u * z).sum() / (z * z).sum()
        error, reach = (part[unit] - part[rest].mean(axis=0) for part in (y, x))
        base += float((error**2).sum())
        model += float(((error - slope * reach) ** 2).sum())
    assert found is not None
    assert found.gain == pytest.approx(1 - model / base, rel=1e-9)


def test_no_forecast_sees_its_own_or_a_later_period() -> None:
    y, x = tables(4, periods=12)
    changed = x.copy()
    changed[:, -1] += 1e6  # the last period's indicator can serve no forecast with a lag of one
    first, second = (rolling_gain(y, part, "unit_mean", 3, 1) for part in (x, changed))
    assert first is not None
    assert second is not None
    assert first.model == second.model


def test_a_useful_indicator_helps_and_noise_does_not() -> None:
    y, x = tables(5, units=30, periods=20)
    noise = np.random.default_rng(1).normal(size=x.shape)
    helps, idle = (out_of_sample_gain(long(part).assign(y=y.ravel()), **ASK) for part in (x, noise))
    assert helps.verdict == "helps"
    assert helps.table["rmse_model"].iloc[0] < helps.table["rmse_baseline"].iloc[0]
    assert idle.verdict != "helps"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": "units"}, "allowed: rolling, unit.*unit"),
        ({"baseline": "period_mean"}, "allows unit_mean, previous"),
        ({"lag": 0}, "looks back only"),
        ({"outcome": "z"}, "no column 'z'"),
        ({"train": 99}, "no forecast can be made"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, Any], message: str) -> None:
    y, x = tables(6)
    with pytest.raises(ValueError, match=message):
        out_of_sample_gain(long(x).assign(y=y.ravel()), **{**ASK, **change})


def test_few_units_are_a_caution() -> None:
    y, x = tables(7)
    found = out_of_sample_gain(long(x).assign(y=y.ravel()), **ASK)
    assert [item.code for item in found.findings] == ["forecast-few-units"]
