"""How often the tests of records and of gaming speak on bureaus in which all is honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.synthetic import make_options, null_options
from kpi_research.study.synthetic.parts import TABLES, Parts
from kpi_research.validity import (
    bunching,
    bunching_by,
    duplicates,
    entry_lag,
    frozen,
    goodhart,
    last_digit,
    rounding,
    tenfold_slips,
    time_order,
)

pytestmark = pytest.mark.validation
RUNS = 1000
TITLE = "Honest bureaus: false alarms on 1,000 simulated null bureaus (24 stations × 12 months; nominal 5 %)"
KEYS = {"unit": "unit", "period": "period"}
MINUTES_OF_A_DAY = 1440.0
Alarms = dict[str, float]


def bureaus(**options: Any) -> Iterator[Parts]:
    """Yield honest bureaus."""
    for seed in range(RUNS):
        yield Parts(make_options(**{**null_options(), "seed": seed, "stations": 24, "months": 12, **options}))


def of_ledger(parts: Parts) -> Alarms:
    ledger = TABLES["ledger"](parts)
    late = entry_lag(
        ledger, event="event_at", entered="entered_at", by="unit", clerk="officer", cutoffs="month_end"
    ).units
    twice = duplicates(ledger, unit="unit", keys=["unit", "officer", "kind", "event_at", "entered_at"])
    return {
        "late entries, one unit": float((late["p"] < 0.05).mean()),
        "late entries, any unit flagged": float(late["flagged"].any()),
        "duplicates, any unit flagged": float(twice["flagged"].any()),
    }


def of_panel(parts: Parts) -> Alarms:
    panel = TABLES["panel"](parts)
    panel = panel[panel["visits"].notna()]
    outcomes = TABLES["outcomes"](parts)
    both = panel.merge(outcomes, on=["unit", "period"])
    target = float(both["visits"].quantile(0.6))
    target_from = sorted(both["period"].unique())[6]
    found = goodhart(both, indicator="visits", outcome="safety", target_from=target_from, target=target, **KEYS)
    signs = ("relation_lost", "dispersion_collapsed", "piled_up", "level_only")
    return {
        "last digit of counts, all units": float(last_digit(panel, value="visits", unit="unit").p < 0.05),
        "last digit of counts, any unit flagged": float(
            last_digit(panel, value="visits", unit="unit").table["flagged"].any()
        ),
        "tenfold slips, any value flagged": float(not tenfold_slips(panel, value="visits", **KEYS).empty),
        "frozen series, any unit flagged": float(not frozen(panel, value="visits", **KEYS).empty),
        **{f"Goodhart: {sign}": float(sign in found.signs) for sign in signs},
    }


def of_incidents(parts: Parts) -> Alarms:
    incidents = TABLES["incidents"](parts)
    minutes = (incidents["recorded_at"] - incidents["reported_at"]).dt.total_seconds() / 60.0
    frame = pd.DataFrame({"unit": incidents["unit"], "minutes": minutes}).dropna()
    width = 0.05 * MINUTES_OF_A_DAY
    whole = bunching(frame["minutes"], cutoff=MINUTES_OF_A_DAY, side="below", bin_width=width / 2)
    units = bunching_by(frame, value="minutes", unit="unit", cutoff=MINUTES_OF_A_DAY, width=width, side="below")
    return {
        "break at the deadline, all records": float(whole.p < 0.05),
        "break at the deadline, any unit flagged": float(units["flagged"].any()),
        "orders of time, any unit flagged": float(time_order(incidents, unit="unit")["flagged"].any()),
    }


def of_worklog(parts: Parts) -> Alarms:
    worklog = TABLES["worklog"](parts)
    found = rounding(worklog, value="minutes", unit="unit").table
    return {
        "rounding of minutes, one unit": float((found["p"] < 0.05).mean()),
        "rounding of minutes, any unit flagged": float(found["flagged"].any()),
    }


@pytest.mark.parametrize("look", [of_ledger, of_panel, of_incidents, of_worklog])
def test_honest_bureaus_are_left_alone(look: Callable[[Parts], Alarms], dossier) -> None:
    rows = [look(parts) for parts in bureaus()]
    rates = pd.DataFrame(rows).mean()
    high = float(stats.binom.ppf(0.9995, RUNS, 0.05)) / RUNS
    for test, rate in rates.items():
        kind = "conservative" if rate < 0.04 else "nominal"
        dossier("validity", TITLE, test=test, runs=RUNS, rate=float(rate), kind=kind)
    assert rates[rates > high].to_dict() == {}
    assert np.isfinite(rates).all()
