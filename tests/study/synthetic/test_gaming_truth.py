"""Planted gaming and planted faults show in the records of the stations that have them, and in no others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.synthetic import Bureau

Draw = Callable[..., Bureau]

SEEDS = (1, 2)


def minutes(late: pd.Series, early: pd.Series) -> pd.Series:
    return (late - early).dt.total_seconds() / 60


@pytest.mark.parametrize("seed", SEEDS)
def test_back_filling_stations_enter_late_and_in_batches(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    flags = drawn.truth["gaming"].set_index("unit")["backfills"]
    ledger = drawn.tables["ledger"].assign(backfilled=drawn.truth["ledger"]["backfilled"])
    local = ledger["entered_at"].dt.tz_localize(None)
    last = local.dt.days_in_month == local.dt.day
    batch = (
        last & (local.dt.hour >= 15) & (local.dt.normalize() > ledger["event_at"].dt.tz_localize(None).dt.normalize())
    )
    share = batch.groupby(ledger["unit"]).mean()
    assert flags.sum() == 8
    assert share[flags].min() > 0.35
    assert share[~flags].max() < 0.05
    found = ledger["backfilled"].groupby(ledger["unit"]).mean()
    assert (found[~flags] == 0).all()
    entries = ledger["unit"].isin(flags.index[flags]) & (ledger["event_at"].dt.day < 28)
    assert stats.binomtest(int(ledger.loc[entries, "backfilled"].sum()), int(entries.sum()), 0.5).pvalue > 1e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_bunching_stations_lack_records_just_after_24_hours(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    flags = drawn.truth["gaming"].set_index("unit")["bunches_24h"]
    incidents = drawn.tables["incidents"]
    lag = minutes(incidents["recorded_at"], incidents["reported_at"])
    flagged = incidents["unit"].map(flags)
    before, after = lag.between(1380, 1440), lag.between(1440, 1500)
    assert before[flagged].sum() > 3 * after[flagged].sum()
    honest = stats.binomtest(int(before[~flagged].sum()), int((before | after)[~flagged].sum()), 0.52)
    assert honest.pvalue > 1e-4
    moved = drawn.truth["cases"]["moved"]
    assert not moved[~flagged].any()
    window = flagged & (moved | lag.between(1440, 2160, inclusive="neither"))
    assert stats.binomtest(int(moved[window].sum()), int(window.sum()), 0.6).pvalue > 1e-4


def test_lifting_stations_have_few_spot_checks_just_below_85_percent(bureau: Draw) -> None:
    flagged, honest = [], []
    for seed in (1, 2, 3):
        drawn = bureau(seed)
        flags = drawn.truth["gaming"].set_index("unit")["lifts_85"]
        panel = drawn.tables["panel"].dropna(subset=["records_checked"])
        share = panel["records_right"] / panel["records_checked"]
        groups = panel["unit"].map(flags)
        near = share.between(0.80, 0.85, inclusive="left")
        over = share.between(0.85, 0.90, inclusive="left")
        flagged.append((near[groups].sum(), over[groups].sum()))
        honest.append((near[~groups].sum(), over[~groups].sum()))
        faults = drawn.truth["faults"].query("kind == 'lifted'")
        assert set(faults["unit"]) <= set(flags.index[flags])
    (near, over), (plain_near, plain_over) = np.sum(flagged, axis=0), np.sum(honest, axis=0)
    assert near / over < 0.45 < 0.7 < plain_near / plain_over < 1.4


@pytest.mark.parametrize("seed", SEEDS)
def test_heaping_stations_log_minutes_that_end_in_zero(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    flags = drawn.truth["gaming"].set_index("unit")["heaps_digits"]
    worklog = drawn.tables["worklog"].query("minutes >= 100")
    zero = (worklog["minutes"] % 10 == 0).groupby(worklog["unit"]).agg(["sum", "count"])
    for unit, row in zero.iterrows():
        expected = 0.55 if flags.get(unit, default=False) else 0.1
        assert stats.binomtest(int(row["sum"]), int(row["count"]), expected).pvalue > 1e-5


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_are_raised_to_the_target_only_by_inflating_stations_and_only_once_it_is_a_target(
    bureau: Draw, seed: int
) -> None:
    drawn = bureau(seed)
    flags = drawn.truth["gaming"].set_index("unit")["inflates"]
    faults = drawn.truth["faults"].query("kind == 'inflated'")
    assert set(faults["unit"]) <= set(flags.index[flags])
    assert faults["period"].min() >= "2024-07"
    assert (faults["reported"] > faults["true"]).all()
    panel = drawn.tables["panel"].query("sequence == 'station'")
    reached = panel["visits"] >= np.ceil(3.2 * panel["officers"])
    after = panel["period"] >= "2024-07"
    rate = reached.groupby([panel["unit"].map(flags), after]).mean()
    assert rate[True, True] > 0.75
    assert rate[False, True] < 0.6
    assert rate[True, False] < 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_reported_counts_differ_from_true_ones_only_where_the_truth_says_so(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    honest = bureau(seed, inflation_share=0.0, lifting_share=0.0, frozen_share=0.0, tenfold_slips=0.0)
    assert honest.truth["faults"].empty
    columns = ["visits", "information_items", "records_right", "security_inspections", "risk_checks"]
    keys = ["unit", "period"]
    long = [frame.tables["panel"].melt(keys, columns, "column") for frame in (drawn, honest)]
    both = long[0].merge(long[1], on=[*keys, "column"], suffixes=("_reported", "_true")).dropna()
    changed = both[both["value_reported"] != both["value_true"]]
    faults = drawn.truth["faults"].set_index([*keys, "column"]).sort_index()
    found = changed.set_index([*keys, "column"]).sort_index()
    pd.testing.assert_index_equal(found.index, faults.index)
    np.testing.assert_array_equal(found["value_reported"], faults["reported"])
    np.testing.assert_array_equal(found["value_true"], faults["true"])
    tenfold = faults[faults["kind"] == "tenfold"]
    assert len(tenfold) > 0
    assert (tenfold["reported"] == 10 * tenfold["true"]).all()
    frozen = drawn.truth["gaming"].query("freezes")["unit"]
    series = drawn.tables["panel"].set_index("unit").loc[frozen, "security_inspections"]
    assert (series.groupby("unit").apply(lambda values: values.iloc[3:].nunique()) == 1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_of_records_come_as_often_as_planted(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    called = drawn.tables["incidents"]["channel"] == "call"
    swapped = drawn.truth["cases"]["swapped"]
    assert stats.binomtest(int(swapped.sum()), int(called.sum()), 0.002).pvalue > 1e-4
    twice = drawn.truth["ledger"]["duplicate"]
    assert stats.binomtest(int(twice.sum()), int((~twice).sum()), 0.005).pvalue > 1e-4
    ledger = drawn.tables["ledger"]
    event = ["unit", "officer", "kind", "event_at"]
    copies = ledger[twice].merge(ledger[~twice], on=event)
    assert len(copies) >= twice.sum()
    for name in ("lighting", "gate", "cctv"):
        lost = drawn.tables["incidents"][name] == "unknown"
        assert stats.binomtest(int(lost.sum()), len(lost), 0.03).pvalue > 1e-4
