"""Late entries: the Lawless reference, known shares, planted back-filling, false alarms."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.numerics.reverse_hazard import delay_distribution
from kpi_research.validity.gaming.entry_lag import entry_lag

NAMES = {"event": "event_at", "entered": "entered_at", "by": "unit"}


def ledger(
    rng: np.random.Generator,
    units: int = 24,
    months: int = 6,
    backfill: float = 0.0,
    share: float = 0.2,
    rate: int = 50,
) -> pd.DataFrame:
    """Return entries; units of the given share enter part of theirs in batches on the last three days of the month."""
    n = units * months * rate
    unit, month = np.repeat(np.arange(units), months * rate), np.tile(np.repeat(np.arange(months), rate), units)
    start = pd.Timestamp("2024-01-01", tz="Asia/Shanghai")
    first = np.array([start + pd.DateOffset(months=int(m)) for m in range(months + 1)])
    length = np.array([(later - earlier).days for earlier, later in itertools.pairwise(first)])
    day = rng.random(n) * length[month]
    event = pd.DatetimeIndex(first[month]) + pd.to_timedelta(day * 86400, unit="s")
    delay = rng.lognormal(np.log(20), 1.2 * rng.lognormal(0, 0.1, units)[unit], n)
    entered = event + pd.to_timedelta(delay * 3600, unit="s")
    late = (unit < share * units) & (rng.random(n) < backfill)
    batch = pd.DatetimeIndex(first[month + 1]) - pd.to_timedelta(rng.integers(0, 3, n) * 24 + 8 + (unit % 7), unit="h")
    batch = batch.floor("min")
    entered = pd.Series(entered).where(~(late & (batch > event)), pd.Series(batch))
    officer = unit * 100 + rng.integers(0, 8, n)
    return pd.DataFrame({"unit": unit, "officer": officer, "event_at": event, "entered_at": entered})


def test_the_distribution_of_delays_is_that_of_surveillance_lawless(reference) -> None:
    # surveillance 1.20.3, nowcast(method = "lawless", D = 15), hospitalizations, as of 2011-06-02.
    cases = pd.read_csv(reference("integrity/surveillance_husO104Hosp.csv"), parse_dates=["dHosp", "dReport"])
    expected = pd.read_csv(reference("integrity/surveillance_delayCDF_lawless.csv"))
    now = pd.Timestamp("2011-06-02")
    delay, age = (cases["dReport"] - cases["dHosp"]).dt.days, (now - cases["dHosp"]).dt.days
    seen = ((cases["dReport"] <= now) & (delay >= 0)).to_numpy()
    _, share = delay_distribution(delay.to_numpy()[seen], age.to_numpy()[seen], 15)
    np.testing.assert_allclose(share, expected["cdf"].to_numpy()[:16], rtol=1e-12)


def test_without_truncation_the_distribution_is_the_plain_one() -> None:
    delay = np.random.default_rng(1).integers(0, 8, 500)
    _, share = delay_distribution(delay, np.full(500, 100), 7)
    np.testing.assert_allclose(share, [(delay <= d).mean() for d in range(8)], rtol=1e-12)


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.integers(0, 10**6))
def test_order_of_rows_and_names_of_units_do_not_matter(seed: int) -> None:
    frame = ledger(np.random.default_rng(seed), units=6, months=2, rate=20)
    other = frame.assign(unit="所" + frame["unit"].astype(str)).sample(frac=1, random_state=seed)
    first, second = (entry_lag(part, **NAMES, deadline=24, cutoffs="month_end").units for part in (frame, other))
    pd.testing.assert_frame_equal(first.drop(columns="by"), second.drop(columns="by"))


def test_back_filling_units_are_found_and_no_others() -> None:
    frame = ledger(np.random.default_rng(2), backfill=0.5)
    found = entry_lag(
        frame, **NAMES, clerk="officer", cutoffs="month_end", inspections=["2024-03-31"], deadline=48
    ).units
    flagged = set(found.loc[found["flagged"], "by"])
    assert flagged == {"0", "1", "2", "3", "4"}
    gamed, honest = found[found["flagged"]], found[~found["flagged"]]
    assert gamed["last_days_share"].min() > honest["last_days_share"].max()
    assert gamed["inspection_ratio"].mean() > honest["inspection_ratio"].mean()


def test_shares_by_hand() -> None:
    base = pd.Timestamp("2024-05-10 12:00")
    hours = [1, 30, -2, 40, 5, 5, 5, 5]
    frame = pd.DataFrame({"unit": "A", "event_at": base, "entered_at": base + pd.to_timedelta(hours, unit="h")})
    row = entry_lag(frame, **NAMES, deadline=24).units.iloc[0]
    assert (row["late_share"], row["before_event"], row["batch_share"]) == (0.25, 0.125, 0.5)
    assert row["night_share"] == 0.125  # the entry 40 hours later is made at 4 o'clock
    assert np.isnan(row["p"])  # one unit has no peers to be held against


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"by": "station"}, "no column 'station'"),
        ({"entered_at": "soon"}, {}, "must hold times"),
        ({}, {"deadline": 0}, "deadline is 0"),
        ({}, {"cutoffs": "year_end"}, "'year_end'"),
        ({}, {"level": 2}, "level is 2"),
    ],
)
def test_refusals(change: dict, options: dict, message: str) -> None:
    frame = ledger(np.random.default_rng(3), units=2, months=1, rate=5).assign(**change)
    with pytest.raises(ValueError, match=message):
        entry_lag(frame, **(NAMES | options))


def test_early_entries_are_told() -> None:
    frame = ledger(np.random.default_rng(4), units=5, months=1, rate=5)
    frame.loc[0, "entered_at"] = frame.loc[0, "event_at"] - pd.Timedelta(hours=1)
    assert "entries-before-event" in {item.code for item in entry_lag(frame, **NAMES).findings}


@pytest.mark.validation
def test_false_alarms_of_entry_lag(dossier) -> None:
    runs, single, any_flag = 1000, [], []
    for run in range(runs):
        found = entry_lag(
            ledger(np.random.default_rng([run, 1]), months=4, rate=40), **NAMES, clerk="officer", cutoffs="month_end"
        ).units
        single.append((found["p"] < 0.05).mean())
        any_flag.append(found["flagged"].any())
    rates = float(np.mean(single)), float(np.mean(any_flag))
    dossier("validity", "Gaming: false alarms on null ledgers (24 units; nominal 5 %)", test="entry_lag", runs=runs,
            one_unit=rates[0], any_unit_flagged=rates[1])  # fmt: skip
    assert rates[0] <= 0.06
    assert rates[1] <= stats.binom.ppf(0.9995, runs, 0.05) / runs


@pytest.mark.validation
@pytest.mark.parametrize("backfill", [0.05, 0.1, 0.2, 0.4])
def test_power_of_entry_lag(backfill: float, dossier) -> None:
    runs, power, wrong = 60, [], []
    for run in range(runs):
        found = entry_lag(
            ledger(np.random.default_rng([run, 2]), backfill=backfill), **NAMES, clerk="officer", cutoffs="month_end"
        ).units
        gamed = found["by"].astype(int) < 5
        power.append(found.loc[gamed, "flagged"].mean())
        wrong.append(found.loc[~gamed, "flagged"].mean())
    dossier("validity", "Gaming: power of entry_lag (5 of 24 units back-fill, 300 entries a unit)",
            backfilled_share=backfill, runs=runs, power=float(np.mean(power)), wrong_flags=float(np.mean(wrong)))  # fmt: skip
    assert np.mean(wrong) <= 0.02
    assert np.mean(power) >= {0.05: 0.0, 0.1: 0.15, 0.2: 0.8, 0.4: 0.99}[backfill]
