"""False alarms, power and coverage of the comparison before and after a target, and of audited shares, simulated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.validity import compliance, goodhart
from kpi_research.validity.goodhart.goodhart import Goodhart
from tests.validity.panels import autoregressive, long

pytestmark = pytest.mark.validation
RUNS = 1000
COVERAGE = "Coverage of intervals (nominal 95 %)"
ALARMS = "False alarms (nominal 5 %)"
SIGNS = ("relation_lost", "dispersion_collapsed", "piled_up", "level_only")
SLOPE = 0.5


def look(rng: np.random.Generator, units: int, periods: int, raised: float = 0.0, kind: str = "normal") -> Goodhart:
    """Return the comparison of a panel in which values short of the target are raised to it with a probability."""
    unit = rng.normal(size=(units, 1)) if kind == "normal" else rng.exponential(size=(units, 1)) - 1.0
    work = 0.7 * unit + 0.7 * autoregressive(rng, units, periods, 0.4)
    y = SLOPE * work + rng.normal(size=(units, periods)) + rng.normal(size=(1, periods))
    told = work + 0.2 * rng.normal(size=(1, periods))
    after = np.arange(periods) >= periods // 2
    short = after & (told < 0.5) & (told > -1.0) & (rng.random(told.shape) < raised)
    told = np.where(short, 0.5 + 0.2 * rng.random(told.shape), told)
    panel = long(told).assign(y=y.ravel())
    ask: dict[str, Any] = {"unit": "unit", "period": "period", "target_from": periods // 2, "target": 0.5}
    return goodhart(panel, indicator="x", outcome="y", **ask)


@pytest.mark.parametrize(("units", "periods", "kind"), [(20, 18, "normal"), (40, 24, "skewed"), (100, 12, "normal")])
def test_nothing_changed(units: int, periods: int, kind: str, dossier) -> None:
    rng = np.random.default_rng([units, periods])
    found = [look(rng, units, periods, kind=kind) for _ in range(RUNS)]
    setting = f"{units} units ({kind}), {periods} periods"
    rates = {sign: float(np.mean([sign in one.signs for one in found])) for sign in SIGNS}
    for sign, rate in rates.items():
        dossier("validity", ALARMS, test=f"Goodhart: {sign}", setting=setting, runs=RUNS, rate=rate)
    truths = {
        ("within", "before"): SLOPE, ("within", "after"): SLOPE, ("within", "difference"): 0.0,
        ("between", "before"): SLOPE, ("between", "difference"): 0.0, ("change", "slope"): SLOPE,
        ("dispersion", "ratio"): 1.0, ("pile_up", "difference"): 0.0,
    }  # fmt: skip
    shares = {}
    for key, truth in truths.items():
        rows = [one.row(*key) for one in found]
        shares[key] = float(np.mean([row["low"] <= truth <= row["high"] for row in rows]))
        name = f"Goodhart: {key[0]} {key[1]}"
        dossier("validity", COVERAGE, estimator=name, setting=setting, runs=RUNS, coverage=shares[key])
    assert {sign: rate for sign, rate in rates.items() if rate > 0.065} == {}
    assert {key: share for key, share in shares.items() if not 0.93 <= share <= 0.97} == {}


@pytest.mark.parametrize("raised", [0.1, 0.3, 0.6])
def test_power_of_the_signs(raised: float, dossier) -> None:
    rng = np.random.default_rng(int(10 * raised))
    found = [look(rng, 24, 18, raised) for _ in range(300)]
    setting = f"24 units, 18 periods, {raised:.0%} of values short of the target raised"
    for sign in SIGNS:
        power = float(np.mean([sign in one.signs for one in found]))
        dossier("validity", "Power at 5 %", test=f"Goodhart: {sign}", setting=setting, runs=300, power=power)
    any_sign = float(np.mean([bool(one.signs) for one in found]))
    assert any_sign >= {0.1: 0.15, 0.3: 0.6, 0.6: 0.95}[raised]


@pytest.mark.parametrize(
    ("units", "records", "share", "spread"), [(12, 20, 0.85, 30), (30, 8, 0.9, 10), (60, 40, 0.6, 50)]
)
def test_audited_shares_are_covered(units: int, records: int, share: float, spread: float, dossier) -> None:
    rng = np.random.default_rng([units, records])
    gap = _gap(share, spread)
    covered: dict[str, list[Any]] = {"overall": [], "gap": [], "unit": []}
    for _ in range(RUNS):
        truth = rng.beta(share * spread, (1 - share) * spread, size=units)
        right = (rng.random((units, records)) < truth[:, None]).astype(float)
        told = np.repeat(np.minimum(truth + 0.05, 1.0), records)
        frame = pd.DataFrame({"unit": np.repeat(np.arange(units), records), "right": right.ravel(), "told": told})
        found = compliance(frame, unit="unit", right="right", reported="told")
        covered["overall"].append(found.low <= share <= found.high)
        covered["unit"].append(np.mean((found.table["low"] <= truth) & (truth <= found.table["high"])))
        covered["gap"].append(found.gap_low <= gap <= found.gap_high)
    setting = f"{units} units, {records} records each, share {share}"
    rates = {name: float(np.mean(values)) for name, values in covered.items()}
    for name, rate in rates.items():
        dossier("validity", COVERAGE, estimator=f"audited share: {name}", setting=setting, runs=RUNS, coverage=rate)
    assert {name: rate for name, rate in rates.items() if not 0.93 <= rate <= 0.975} == {}


def _gap(share: float, spread: float) -> float:
    """Return the expected surplus of min(truth + .05, 1) over the truth."""
    draw = stats.beta(share * spread, (1 - share) * spread)
    return float(draw.expect(lambda value: np.minimum(value + 0.05, 1.0) - value))
