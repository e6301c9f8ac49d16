"""False alarms, coverage and power of trends in the mix of crime, simulated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.synthetic import make_options, null_options
from kpi_research.study.synthetic.parts import Parts
from kpi_research.validity.use.crime_mix import crime_mix
from kpi_research.validity.use.share_trend import share_trend

Array = NDArray[np.float64]
Note = Callable[..., None]
MIX = np.array([350.0, 260.0, 250.0, 210.0, 160.0, 90.0, 22.0, 11.0])
"""Cases per month of each type, as in the demo bureau."""

RUNS = 1000
SETTINGS = [("chance only", 0.0, 0.0), ("swings of 10 %", 0.1, 0.0), ("swings of 10 %, memory .3", 0.1, 0.3)]


def swings(rng: np.random.Generator, periods: int, size: float, memory: float) -> Array:
    """Return logarithms of an autoregressive factor for each period and type."""
    found = np.empty((periods, len(MIX)))
    last = rng.normal(size=len(MIX))
    for period in range(periods):
        last = memory * last + np.sqrt(1.0 - memory**2) * rng.normal(size=len(MIX))
        found[period] = size * last
    return found


def draw(rng: np.random.Generator, periods: int, size: float, memory: float, fall: float) -> Array:
    """Return cases per period and type; the fourth type falls by the factor from the first to the last period."""
    rate = np.log(MIX) + swings(rng, periods, size, memory)
    rate[:, 3] += np.log(fall) * np.arange(periods) / (periods - 1.0)
    return rng.poisson(np.exp(rate)).astype(float)


def months(periods: int) -> Array:
    return (np.arange(periods) % 12) / 12.0


def at_most(found: int, runs: int, share: float) -> bool:
    """Whether a count is compatible with a probability of at most the share."""
    return bool(stats.binom.sf(found - 1, runs, share) > 0.001)


@pytest.mark.validation
@pytest.mark.parametrize("periods", [18, 36])
@pytest.mark.parametrize(("name", "size", "memory"), SETTINGS)
def test_trends_of_a_steady_mix(dossier: Note, name: str, size: float, memory: float, periods: int) -> None:
    rng = np.random.default_rng(periods)
    one, family = 0, 0
    for _ in range(RUNS):
        counts = draw(rng, periods, size, memory, 1.0)
        total = counts.sum(axis=1)
        p = np.array([share_trend(counts[:, kind], total, months(periods)).p for kind in range(len(MIX))])
        one += int(p[3] <= 0.05)
        family += int((q_values(p) <= 0.05).any())
    table = "False alarms at 5 %"
    dossier(
        "validity",
        table,
        test="trend of a type's share",
        setting=f"{periods} months, {name}",
        runs=RUNS,
        rate=one / RUNS,
    )
    family_name = f"{periods} months, {name}, any of 8 types after false discovery"
    dossier("validity", table, test="trend of a type's share", setting=family_name, runs=RUNS, rate=family / RUNS)
    if memory == 0.0:
        assert at_most(one, RUNS, 0.05)
        assert at_most(family, RUNS, 0.05)
    else:
        assert at_most(one, RUNS, 0.09), "without the widening for memory about 10 % of steady shares are told to move"


@pytest.mark.validation
@pytest.mark.parametrize("fall", [0.9, 0.8, 0.7, 0.6])
def test_power_and_coverage_of_a_falling_share(dossier: Note, fall: float) -> None:
    rng = np.random.default_rng(7)
    expected = np.tile(MIX, (2, 1))
    expected[1, 3] *= fall
    shares = expected[:, 3] / expected.sum(axis=1)
    truth = shares[1] / shares[0] - 1.0
    told, covered = 0, 0
    for _ in range(RUNS):
        counts = draw(rng, 18, 0.05, 0.0, fall)
        found = share_trend(counts[:, 3], counts.sum(axis=1), months(18))
        told += int(found.p <= 0.05 and found.change < 0)
        covered += int(found.low <= truth <= found.high)
    setting = f"18 months, 210 cases a month, swings of 5 %, fall {truth:+.0%}"
    dossier("validity", "Power", test="trend of a type's share", setting=setting, runs=RUNS, power=told / RUNS)
    dossier(
        "validity",
        "Coverage of intervals (nominal 95 %)",
        estimator="change of a share",
        setting=setting,
        runs=RUNS,
        coverage=covered / RUNS,
    )
    assert stats.binom.cdf(covered, RUNS, 0.93) > 0.001


@pytest.mark.validation
def test_simulated_bureaus_without_drift(dossier: Note) -> None:
    small = null_options() | {"stations": 8, "months": 18, "officers_per_station": 6, "incidents_per_month": 60.0}
    alarms = 0
    for seed in range(RUNS):
        cases = Parts(make_options(**small, seed=seed)).incidents.table
        cases = cases[cases["category"] != "service"]
        alarms += int(crime_mix(cases, type="type", period="period").table["trend"].isin(["grows", "shrinks"]).any())
    dossier(
        "validity",
        "False alarms at 5 %",
        test="any trend in the mix of crime",
        setting="simulated bureaus without drift, 8 stations, 18 months",
        runs=RUNS,
        rate=alarms / RUNS,
    )
    assert at_most(alarms, RUNS, 0.05)
