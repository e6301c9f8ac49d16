"""False alarms and power of redundancy, simulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.validity.redundancy.redundancy import redundancy

Note = Callable[..., None]
RUNS = 1000
INDICATORS = 12


def draw(rng: np.random.Generator, units: int, periods: int) -> pd.DataFrame:
    """Unrelated indicators that differ between units as much as from month to month."""
    shape = (units, periods, INDICATORS)
    values = rng.normal(size=(units, 1, INDICATORS)) + rng.normal(size=shape)
    frame = pd.DataFrame(values.reshape(-1, INDICATORS), columns=[f"x{place}" for place in range(INDICATORS)])
    return frame.assign(unit=np.repeat(np.arange(units), periods), period=np.tile(np.arange(periods), units))


def alike(frame: pd.DataFrame, period: str | None) -> pd.DataFrame:
    names = [name for name in frame.columns if name not in ("unit", "period")]
    return redundancy(frame, unit="unit", period=period, indicators=names).table


@pytest.mark.validation
@pytest.mark.parametrize(("units", "periods"), [(8, 1), (12, 1), (24, 1), (8, 12), (24, 6)])
def test_unrelated_indicators(dossier: Note, units: int, periods: int) -> None:
    rng = np.random.default_rng(units + periods)
    period = "period" if periods > 1 else None
    runs = RUNS if periods == 1 else 500
    alarms = sum(bool((alike(draw(rng, units, periods), period)["size"] > 1).any()) for _ in range(runs))
    setting = f"{INDICATORS} unrelated indicators, {units} units, {periods} period(s), any pair told to be the same"
    dossier("validity", "False alarms at 5 %", test="redundancy", setting=setting, runs=runs, rate=alarms / runs)
    assert stats.binom.sf(alarms - 1, runs, 0.05) > 0.001


@pytest.mark.validation
@pytest.mark.parametrize("noise", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("units", [12, 24, 60])
def test_two_records_of_the_same_events(dossier: Note, units: int, noise: float) -> None:
    rng = np.random.default_rng(units)
    runs = 300
    told = 0
    for _ in range(runs):
        frame = draw(rng, units, 6)
        frame["x1"] = frame["x0"] + noise * rng.normal(size=len(frame))
        groups = alike(frame, "period")["cluster"]
        told += int(groups[0] == groups[1])
    setting = f"a second record with noise {noise:g} of the spread within units, {units} units, 6 periods"
    dossier("validity", "Power", test="redundancy", setting=setting, runs=runs, power=told / runs)
    if noise <= 0.2 and units >= 12:
        assert told >= 0.95 * runs
