"""The ledger: when things happened and when they were entered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.officers import field_officers
from kpi_research.study.synthetic.periods import DAY, clock
from kpi_research.study.synthetic.quantiles import binomial, happens, normal, poisson
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

KINDS = ("visit", "risk_check", "patrol")
KINDS_ZH = ("走访", "排查", "巡逻")
VISIT_ENTERED = 0.97
"""Share of reported visits that have an entry."""

OTHERS_PER_OFFICER = 2.0
LAG_MEDIAN = 4 * 3600.0
LAG_SIGMA = 1.2
SESSION_START = 15 * 3600
"""Back-filling starts at three in the afternoon of the last day of the month."""

SESSION_SPREAD = 6 * 3600
"""Officers begin one after the other, seven minutes apart, over these seconds."""

SECONDS_PER_ENTRY = 20
_SLOTS = ("time", "hour", "lag", "late", "officer", "kind", "twice")


@dataclass(frozen=True)
class Ledger:
    """The ledger and its truth.

    Attributes
    ----------
    table : pandas.DataFrame
        ``entry``, ``unit``, ``period`` (month of the event), ``officer``, ``kind``, ``kind_zh``, ``event_at``,
        ``entered_at``.
    truth : pandas.DataFrame
        ``entry``, ``unit``, ``backfilled``, ``duplicate``.
    """

    table: pd.DataFrame
    truth: pd.DataFrame


@dataclass(frozen=True)
class _Entries:
    station: Ints
    month: Ints
    number: Ints
    kind: Ints
    officer: Ints
    event: Floats
    natural: Floats
    late: Bools
    twice: Bools


def draw_ledger(world: World, visits: Floats) -> Ledger:
    """Draw the ledger of all stations.

    Parameters
    ----------
    world : World
        The hidden world.
    visits : numpy.ndarray, shape (stations, months)
        Reported visits; nearly all of them have an entry, also those that never took place.

    Returns
    -------
    Ledger
    """
    entries = _entries(world, visits)
    entered = np.where(entries.late, _session(world, entries), entries.natural)
    again = np.flatnonzero(entries.twice)
    rows = np.concatenate([np.arange(entries.station.size), again])
    duplicate = np.arange(rows.size) >= entries.station.size
    order = np.argsort(rows, kind="stable")
    return _tables(world, entries, entered, rows[order], duplicate[order])


def _entries(world: World, visits: Floats) -> _Entries:
    stations, months = visits.shape
    u = world.streams.uniforms("ledger-counts", world.roster.station_keys, months, 2)
    seen = binomial(u[:, :, 0], visits, VISIT_ENTERED)
    others = poisson(u[:, :, 1], OTHERS_PER_OFFICER * world.context.officers[:, None])
    counts = (seen + others).ravel()
    keys = [(*key, month) for key in world.roster.station_keys for month in range(months)]
    raw = [
        world.streams.generator("ledger", *key).random((n, len(_SLOTS))) for key, n in zip(keys, counts, strict=True)
    ]
    z = dict(zip(_SLOTS, np.maximum(np.concatenate(raw), 2.0**-54).T, strict=True))
    station = np.repeat(np.repeat(np.arange(stations), months), counts)
    month = np.repeat(np.tile(np.arange(months), stations), counts)
    number = np.concatenate([np.arange(n) + 1 for n in counts])
    event = world.months.starts[month] + np.floor(z["time"] * world.months.days[month]) * DAY
    event = event + np.floor((8 + 12 * z["hour"]) * 3600)
    backfills = world.gaming.backfills[station] & (event < _last_day(world, month) + SESSION_START - DAY)
    return _Entries(
        station,
        month,
        number,
        np.where(number <= seen.ravel().repeat(counts), 0, 1 + (z["kind"] < 0.5)),
        np.floor(z["officer"] * field_officers(world.context.officers)[station]).astype(np.int64) + 1,
        event,
        event + np.floor(LAG_MEDIAN * np.exp(LAG_SIGMA * normal(z["lag"]))),
        backfills & happens(z["late"], world.options.backfill),
        happens(z["twice"], world.options.duplicates),
    )


def _last_day(world: World, month: Ints) -> Ints:
    return np.asarray(world.months.starts[month] + (world.months.days[month] - 1) * DAY)


def _session(world: World, entries: _Entries) -> Floats:
    """Return entry times in batches: each officer sits down once on the last day and enters one after the other."""
    order = np.lexsort((entries.event, ~entries.late, entries.officer, entries.month, entries.station))
    group = np.stack([part[order] for part in (entries.station, entries.month, entries.officer, ~entries.late)])
    new = np.concatenate([[True], (np.diff(group, axis=1) != 0).any(axis=0)])[: order.size]
    starts = np.flatnonzero(new)
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size) - np.repeat(starts, np.diff([*starts, order.size]))
    begin = _last_day(world, entries.month) + SESSION_START + entries.officer * 420 % SESSION_SPREAD
    return np.asarray(begin + place * SECONDS_PER_ENTRY, dtype=float)


def _tables(world: World, entries: _Entries, entered: Floats, rows: Ints, duplicate: Bools) -> Ledger:
    station, month = entries.station[rows], entries.month[rows]
    identity = numbered(
        (station, world.roster.ids, "L", 0),
        (month, world.months.names, "", 0),
        (entries.number[rows] + 90_000 * duplicate, None, "", 5),
    )
    unit = text(station, world.roster.ids)
    table = pd.DataFrame(
        {
            "entry": identity,
            "unit": unit,
            "period": text(month, world.months.names),
            "officer": numbered((station, world.roster.ids, "", 0), (entries.officer[rows], None, "", 3)),
            "kind": text(entries.kind[rows], KINDS),
            "kind_zh": text(entries.kind[rows], KINDS_ZH),
            "event_at": clock(entries.event[rows]),
            "entered_at": clock(entered[rows] + 90.0 * duplicate),
        }
    )
    late = entries.late[rows]
    return Ledger(table, pd.DataFrame({"entry": identity, "unit": unit, "backfilled": late, "duplicate": duplicate}))
