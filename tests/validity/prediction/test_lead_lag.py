"""Granger tests against R's plm and statsmodels, and what lead and lag must show on known panels."""

from __future__ import annotations

import contextlib
import io
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.stattools import grangercausalitytests

from kpi_research.validity.prediction.granger_series import granger
from kpi_research.validity.prediction.lead_lag import lead_lag
from tests.validity.panels import long

ASK = {"unit": "unit", "period": "period", "cause": "x", "effect": "y"}
FEW = settings(deadline=None, derandomize=True, max_examples=8)


def grunfeld() -> pd.DataFrame:
    """Return the ten firms of plm's Grunfeld data, as statsmodels ships them (without American Steel)."""
    frame = sm.datasets.grunfeld.load_pandas().data
    return frame[frame["firm"] != "American Steel"].rename(
        columns={"firm": "unit", "year": "period", "invest": "y", "value": "x"}
    )


def leading(seed: int, units: int = 20, periods: int = 24, effect: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, units, periods))
    y[:, 1:] += effect * x[:, :-1]
    return long(x).assign(y=(y + rng.normal(size=(units, 1)) + rng.normal(size=(1, periods))).ravel())


def test_dumitrescu_hurlin_equals_plm() -> None:
    # plm 2.6-2: pgrangertest(inv ~ value, data = Grunfeld, order = 1, test = "Wbar" | "Zbar" | "Ztilde")
    found = lead_lag(grunfeld(), **ASK, period_effects=False).table.iloc[0]
    assert found["wbar"] == pytest.approx(3.022629, abs=5e-7)
    assert found["zbar"] == pytest.approx(4.522735, abs=5e-7)
    assert found["ztilde"] == pytest.approx(3.289600, abs=5e-7)


@pytest.mark.parametrize("lags", [1, 2, 3])
def test_one_series_equals_statsmodels(lags: int) -> None:
    firm = grunfeld().query("unit == 'General Motors'")
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        other = grangercausalitytests(firm[["y", "x"]].to_numpy(), [lags])[lags][0]["ssr_ftest"]
    f, p, freedom = granger(firm["x"], firm["y"], lags=lags)
    assert (f, p, freedom) == pytest.approx((other[0], other[1], other[2]), rel=1e-9)


def test_what_leads_is_found_with_its_size() -> None:
    found = lead_lag(leading(1), **ASK)
    assert found.verdict == "cause_leads"
    first = found.table.iloc[0]
    assert first["low"] < 0.8 < first["high"]
    assert first["p"] < 1e-6 < found.table["p"].iloc[1]


def test_a_reversed_lead_is_said_in_both_languages() -> None:
    found = lead_lag(leading(1), unit="unit", period="period", cause="y", effect="x")
    assert found.verdict == "effect_leads"
    assert "outcome moves first" in found.reading["en"]
    assert "结果先行变动" in found.reading["zh"]


def test_shocks_common_to_all_units_do_not_look_like_leads_with_period_effects() -> None:
    rng = np.random.default_rng(8)
    common = np.cumsum(rng.normal(size=31))
    x, y = rng.normal(size=(2, 20, 30))
    panel = long(x + 3 * common[1:]).assign(y=(y + 3 * common[:-1]).ravel())
    assert lead_lag(panel, **ASK).verdict == "neither"


def test_the_bootstrap_agrees_with_the_calibrated_test() -> None:
    table = lead_lag(leading(2, units=12, periods=16, effect=0.4), **ASK, bootstrap=199, seed=1).table
    assert table["p_bootstrap"].iloc[0] <= 0.02
    assert table["p_bootstrap"].iloc[1] == pytest.approx(table["p"].iloc[1], abs=0.15)


@FEW
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
def test_units_of_measure_and_order_of_rows_do_not_matter(seed: int, scale: float, shift: float) -> None:
    panel = leading(seed, units=8, periods=14)
    other = panel.assign(x=panel["x"] * scale + shift, unit="站" + panel["unit"].astype(str))
    first, second = (
        lead_lag(frame, **ASK).table for frame in (panel, other.sample(frac=1.0, random_state=1).reset_index(drop=True))
    )
    assert second["wbar"].tolist() == pytest.approx(first["wbar"].tolist(), rel=1e-6)
    assert second["estimate"].iloc[0] * scale == pytest.approx(first["estimate"].iloc[0], rel=1e-6)


def test_frozen_units_and_short_units_are_left_out_with_a_note() -> None:
    panel = leading(3)
    panel.loc[panel["unit"] == 0, "x"] = 7.0
    panel = panel[(panel["unit"] != 1) | (panel["period"] < 6)]
    found = lead_lag(panel, **ASK, period_effects=False)
    assert found.table["units"].iloc[0] == 18
    assert [item.code for item in found.findings] == ["lead-lag-units-left-out"]


def test_short_panels_are_refused_with_what_is_needed() -> None:
    with pytest.raises(ValueError, match=r"8 complete periods.*at least 9"):
        lead_lag(leading(4, periods=8), **ASK)
    assert "lead-lag-short" in {item.code for item in lead_lag(leading(4, periods=10), **ASK).findings}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cause": "xx"}, "no column 'xx'"),
        ({"lags": 0}, "lags is 0"),
        ({"level": 1.5}, "level is 1.5"),
        ({"period": "unit"}, "both name the column"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lead_lag(leading(5), **{**ASK, **change})  # type: ignore[arg-type]


def test_infinite_and_constant_columns_are_refused() -> None:
    panel = leading(6)
    with pytest.raises(ValueError, match="infinite in 1 rows"):
        lead_lag(panel.assign(x=panel["x"].where(panel.index != 3, np.inf)), **ASK)
    with pytest.raises(ValueError, match="varies enough"):
        lead_lag(panel.assign(x=1.0), **ASK)
    with pytest.raises(ValueError, match="must hold numbers"):
        lead_lag(panel.assign(x="many"), **ASK)
