"""False alarms and coverage of lead and lag, known groups, convergent measures and forecasts, simulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.validity import convergent, known_groups, lead_lag, out_of_sample_gain
from tests.validity.panels import autoregressive, long

pytestmark = pytest.mark.validation
RUNS = 1000
COVERAGE = "Coverage of intervals (nominal 95 %)"
ALARMS = "False alarms (nominal 5 %)"
KEYS = {"unit": "unit", "period": "period"}


@pytest.mark.parametrize(("units", "periods", "memory"), [(12, 24, 0.5), (24, 18, 0.5), (24, 36, 0.0), (60, 24, 0.8)])
def test_lead_lag_false_alarms(units: int, periods: int, memory: float, dossier) -> None:
    rng = np.random.default_rng([units, periods, int(10 * memory)])
    alarms = []
    for _ in range(RUNS):
        shock = rng.normal(size=(2, 1, periods))
        x, y = (autoregressive(rng, units, periods, memory) + part + rng.normal(size=(units, 1)) for part in shock)
        found = lead_lag(long(x).assign(y=y.ravel()), cause="x", effect="y", **KEYS)
        alarms.append(found.table["p"].to_numpy() < 0.05)
    rate = float(np.mean(alarms))
    setting = f"{units} units, {periods} periods, autocorrelation {memory}, common shocks"
    dossier("validity", ALARMS, test="lead-lag, one direction", setting=setting, runs=2 * RUNS, rate=rate)
    assert 0.035 <= rate <= 0.065


@pytest.mark.parametrize("slope", [0.1, 0.2, 0.4])
def test_power_of_lead_lag(slope: float, dossier) -> None:
    rng = np.random.default_rng(int(100 * slope))
    found = []
    for _ in range(300):
        x = autoregressive(rng, 24, 25, 0.5)
        y = autoregressive(rng, 24, 25, 0.5)
        y[:, 1:] += slope * x[:, :-1]
        panel = long(x[:, 1:]).assign(y=y[:, 1:].ravel())
        found.append(lead_lag(panel, cause="x", effect="y", **KEYS).table["p"].iloc[0] < 0.05)
    dossier(
        "validity",
        "Power at 5 %",
        test="lead-lag",
        setting=f"24 units, 24 periods, effect {slope} standard deviations",
        runs=300,
        power=float(np.mean(found)),
    )
    assert np.mean(found) > {0.1: 0.05, 0.2: 0.3, 0.4: 0.9}[slope]


@pytest.mark.parametrize(("units", "periods"), [(12, 24), (24, 18), (60, 12)])
def test_the_sum_of_lag_coefficients_is_covered(units: int, periods: int, dossier) -> None:
    rng = np.random.default_rng([units, periods])
    covered = []
    for _ in range(RUNS):
        x = autoregressive(rng, units, periods + 1, 0.5)
        y = 0.3 * x[:, :-1] + autoregressive(rng, units, periods, 0.0) + rng.normal(size=(units, 1))
        found = lead_lag(long(x[:, 1:]).assign(y=y.ravel()), cause="x", effect="y", **KEYS).table.iloc[0]
        covered.append(found["low"] <= 0.3 <= found["high"])
    rate = float(np.mean(covered))
    setting = f"{units} units, {periods} periods"
    dossier("validity", COVERAGE, estimator="lead-lag: sum of lags", setting=setting, runs=RUNS, coverage=rate)
    assert 0.93 <= rate <= 0.97


@pytest.mark.parametrize(("units", "periods", "gap"), [((6, 6), 12, 0.5), ((5, 20), 12, 1.0), ((15, 15), 6, 0.0)])
def test_known_groups_cover(units: tuple[int, int], periods: int, gap: float, dossier) -> None:
    rng = np.random.default_rng([*units, periods])
    upper = np.arange(sum(units)) < units[0]
    truths = {"difference": gap, "hedges_g": gap, "auc": stats.norm.cdf(gap / np.sqrt(2))}
    covered = dict.fromkeys(truths, 0)
    for _ in range(RUNS):
        x = gap * upper[:, None] + np.sqrt(0.3) * rng.normal(size=(sum(units), 1))
        panel = long(x + np.sqrt(0.7) * rng.normal(size=(sum(units), periods)))
        panel["group"] = np.repeat(np.where(upper, "a", "b"), periods)
        found = known_groups(panel, value="x", group="group", expected=("a", "b"), unit="unit").table
        for row in found.itertuples():
            covered[row.measure] += row.low <= truths[row.measure] <= row.high
    setting = f"{units[0]} and {units[1]} units, {periods} periods, gap {gap}"
    for name, count in covered.items():
        dossier(
            "validity", COVERAGE, estimator=f"known groups: {name}", setting=setting, runs=RUNS, coverage=count / RUNS
        )
    assert {name: count / RUNS for name, count in covered.items() if not 0.93 <= count / RUNS <= 0.975} == {}


@pytest.mark.parametrize(("units", "between", "within"), [(15, 0.6, 0.2), (30, 0.0, 0.5), (80, 0.8, -0.3)])
def test_convergent_correlations_are_covered(units: int, between: float, within: float, dossier) -> None:
    rng = np.random.default_rng(units)
    periods = 6
    truths = _correlations(between, within, periods)
    covered = dict.fromkeys(truths, 0)
    for _ in range(RUNS):
        u = rng.multivariate_normal([0, 0], [[1, between], [between, 1]], size=units)
        e = rng.multivariate_normal([0, 0], [[1, within], [within, 1]], size=(units, periods))
        x, y = (u[:, None, part] + e[:, :, part] for part in (0, 1))
        found = convergent(long(x).assign(y=y.ravel()), indicator="x", same=["y"], unit="unit").table
        for row in found.itertuples():
            covered[row.level] += row.low <= truths[row.level] <= row.high
    setting = f"{units} units, {periods} periods, between {between}, within {within}"
    for name, count in covered.items():
        dossier(
            "validity", COVERAGE, estimator=f"convergent: {name}", setting=setting, runs=RUNS, coverage=count / RUNS
        )
    assert {name: count / RUNS for name, count in covered.items() if not 0.93 <= count / RUNS <= 0.97} == {}


def _correlations(between: float, within: float, periods: int) -> dict[str, float]:
    return {
        "total": (between + within) / 2.0,
        "between": (between + within / periods) / (1.0 + 1.0 / periods),
        "within": within,
    }


@pytest.mark.parametrize(("units", "periods", "slope"), [(20, 24, 0.4), (40, 18, 0.25), (100, 12, 0.4)])
def test_the_gain_of_forecasts_is_covered(units: int, periods: int, slope: float, dossier) -> None:
    draw = _forecasts(units, periods, slope)
    truth = _expected_gain([draw(np.random.default_rng([9, seed])) for seed in range(RUNS)])
    rng = np.random.default_rng([units, periods])
    rows = [draw(rng) for _ in range(RUNS)]
    rate = float(np.mean([row["low"] <= truth <= row["high"] for row in rows]))
    setting = f"{units} units, {periods} periods, effect {slope}, true gain {truth:.3f}"
    dossier("validity", COVERAGE, estimator="out-of-sample gain", setting=setting, runs=RUNS, coverage=rate)
    assert 0.93 <= rate <= 0.97


def _expected_gain(rows: list[pd.Series]) -> float:
    """Return one less the ratio of mean squared errors over many panels."""
    model, base = (np.mean([row[name] ** 2 for row in rows]) for name in ("rmse_model", "rmse_baseline"))
    return float(1.0 - model / base)


def _forecasts(units: int, periods: int, slope: float) -> Callable[[np.random.Generator], pd.Series]:
    def draw(rng: np.random.Generator) -> pd.Series:
        x = autoregressive(rng, units, periods + 1, 0.3)
        y = slope * x[:, :-1] + rng.normal(size=(units, periods)) + rng.normal(size=(units, 1))
        panel = long(x[:, 1:]).assign(y=y.ravel())
        return out_of_sample_gain(panel, outcome="y", indicator="x", **KEYS).table.iloc[0]

    return draw


def test_forecasts_of_nothing_are_rarely_called_helpful(dossier) -> None:
    rng = np.random.default_rng(5)
    draw = _forecasts(24, 24, 0.0)
    rows = [draw(rng) for _ in range(RUNS)]
    p = float(np.mean([row["p"] < 0.05 for row in rows]))
    helps = float(np.mean([row["low"] > 0 for row in rows]))
    for name, rate in (("no predictive gain (Clark-West)", p), ("gain above 0", helps)):
        dossier("validity", ALARMS, test=f"out of sample: {name}", setting="24 units, 24 periods", runs=RUNS, rate=rate)
    assert p <= 0.065
    assert helps <= 0.03
