"""Audits: records that an auditor decides again, every third month at every station."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.incidents import Incidents
from kpi_research.study.synthetic.ledger import Ledger
from kpi_research.study.synthetic.panel import Panel
from kpi_research.study.synthetic.periods import DAY, clock
from kpi_research.study.synthetic.reporting import Reported
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

INTERVAL = 3
"""Months between two audits; the last month of each is audited."""

SAMPLE = 8
"""Records per station, audit and subject."""

HONEST = 0.96
"""Probability that a record made in time of something that happened is found right."""

BACKFILLED = 0.7
"""The same for an entry that was filled in afterwards: time or place no longer hold."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is audited: the indicator that counts the records, and their kind in English and Chinese."""

    indicator: str
    kind: str
    kind_zh: str


SUBJECTS: tuple[Subject, ...] = (
    Subject("home_visits", "visit_reported", "上报走访"),
    Subject("information_items", "information_item", "采集信息"),
    Subject("spot_check", "spot_check", "台账抽查"),
    Subject("visit_entries", "visit_entry", "走访台账"),
    Subject("entry_24h", "call_record", "接警记录"),
)
COUNTED: Mapping[str, tuple[str, str, float]] = {
    "home_visits": ("visits", "visits", HONEST),
    "information_items": ("information_items", "information_items", HONEST),
    "spot_check": ("records_right", "records_checked", 1.0),
}
"""Subjects known as a number only: column of the true number, column of the records audited, and what else may fail."""

IN_TIME = 86_400.0
"""Seconds within which a call must be entered."""


def draw_audits(world: World, panel: Panel, reported: Reported, ledger: Ledger, incidents: Incidents) -> pd.DataFrame:
    """Draw the audits of all stations.

    A counted record is right with probability ``.96 min(1, true / reported)``, a ledger entry with probability .96, or .7
    where it was filled in afterwards, and never where it is a duplicate. For the two shares the auditor decides the
    question of the share again: whether a spot-checked entry is right (probability true right / checked), and whether
    a call was entered within 24 hours, which is not so where its entry was dated back.

    Parameters
    ----------
    world : World
        The hidden world.
    panel, reported : Panel, Reported
        True and reported counts.
    ledger, incidents : Ledger, Incidents
        Records with their truth.

    Returns
    -------
    pandas.DataFrame
        ``audit``, ``unit``, ``period`` (month audited), ``indicator``, ``kind``, ``kind_zh``, ``record`` (identifier of
        the ledger entry or incident; missing for records that only a number stands for), ``checked_at``, ``right`` (0, 1).
    """
    months = np.arange(INTERVAL - 1, len(world.months), INTERVAL)
    station, month = (part.ravel() for part in np.meshgrid(range(world.roster.stations), months, indexing="ij"))
    keys = [(*world.roster.keys[unit], int(time)) for unit, time in zip(station, month, strict=True)]
    draws = world.streams.uniforms("audits", keys, len(SUBJECTS), SAMPLE, 3)
    parts = [
        _number(reported, panel, subject.indicator, station, month) if subject.indicator in COUNTED else None
        for subject in SUBJECTS
    ]
    lists = {
        "visit_entries": _listed(ledger.table, _entry_chance(ledger), world, ledger.table["kind"] == "visit", "entry"),
        "entry_24h": _listed(incidents.table, _call_chance(incidents), world, None, "incident"),
    }
    frames = []
    for number, (subject, chance) in enumerate(zip(SUBJECTS, parts, strict=True)):
        place = _Place(station, month, number, draws[:, number])
        taken = lists[subject.indicator].take(place) if chance is None else _numbered(chance, place)
        frames.append(_frame(world, place, *taken))
    table = pd.concat(frames, ignore_index=True)
    order = np.lexsort((table["number"], table["month"], table["station"]))
    return _table(world, table.iloc[order].reset_index(drop=True))


@dataclass(frozen=True, slots=True)
class _Place:
    """The audits of one subject: station, month and uniform numbers (audits, SAMPLE, 3)."""

    station: Ints
    month: Ints
    subject: int
    u: Floats


@dataclass(frozen=True, slots=True)
class _Records:
    """Records in order of station and month: where each cell begins, identifiers, probability of being right."""

    starts: Ints
    months: int
    names: pd.Series
    chance: Floats

    def take(self, place: _Place) -> tuple[Bools, Floats, pd.Series]:
        """Return which of the sampled places hold a record, the probability that it is right, and its identifier."""
        cell = place.station * self.months + place.month
        first, count = self.starts[cell], np.diff(self.starts)[cell]
        edges = np.arange(SAMPLE + 1) * count[:, None] // SAMPLE
        spread = edges[:, :-1] + np.floor(place.u[:, :, 0] * np.diff(edges, axis=1)).astype(np.int64)
        few = count[:, None] < SAMPLE
        position = np.where(few, np.arange(SAMPLE), spread)
        there = (position < count[:, None]).ravel()
        row = np.minimum(first[:, None] + position, max(len(self.chance) - 1, 0)).ravel()
        if not len(self.chance):
            return there, np.zeros(there.size), pd.Series([""] * there.size, dtype=self.names.dtype)
        return there, self.chance[row], self.names.iloc[row].reset_index(drop=True)


def _listed(table: pd.DataFrame, chance: Floats, world: World, chosen: pd.Series | None, name: str) -> _Records:
    rows = np.arange(len(table)) if chosen is None else np.flatnonzero(chosen.to_numpy(bool))
    unit = pd.Index(world.roster.ids).get_indexer(pd.Index(table["unit"].iloc[rows]))
    month = pd.Index(world.months.names).get_indexer(pd.Index(table["period"].iloc[rows]))
    inside = unit < world.roster.stations
    cell = (unit * len(world.months) + month)[inside]
    order = np.argsort(cell, kind="stable")
    size = world.roster.stations * len(world.months)
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=size))]).astype(np.int64)
    kept = rows[inside][order]
    return _Records(starts, len(world.months), table[name].iloc[kept].reset_index(drop=True), chance[kept])


def _entry_chance(ledger: Ledger) -> Floats:
    late, twice = (ledger.truth[name].to_numpy(bool) for name in ("backfilled", "duplicate"))
    return cast(Floats, np.where(twice, 0.0, np.where(late, BACKFILLED, HONEST)))


def _call_chance(incidents: Incidents) -> Floats:
    lag = (incidents.table["recorded_at"] - incidents.table["reported_at"]).dt.total_seconds().to_numpy(float)
    return np.asarray((lag <= IN_TIME) & ~incidents.truth["moved"].to_numpy(bool), dtype=float)


def _number(reported: Reported, panel: Panel, subject: str, station: Ints, month: Ints) -> Floats:
    part, whole, honest = COUNTED[subject]
    true, told = panel.values[part][station, month], reported.values[whole][station, month]
    return cast(Floats, np.where(told > 0, honest * np.minimum(1.0, true / np.maximum(told, 1.0)), np.nan))


def _numbered(chance: Floats, place: _Place) -> tuple[Bools, Floats, pd.Series]:
    each = np.repeat(chance, place.u.shape[1])
    return np.isfinite(each), each, pd.Series([None] * each.size, dtype="str")


def _frame(world: World, place: _Place, there: Bools, chance: Floats, names: pd.Series) -> pd.DataFrame:
    station, month = (np.repeat(part, SAMPLE) for part in (place.station, place.month))
    after = world.months.starts[month] + world.months.days[month] * DAY
    u = place.u.reshape(-1, 3)
    frame = pd.DataFrame(
        {
            "station": station,
            "month": month,
            "number": place.subject * SAMPLE + np.tile(np.arange(SAMPLE), len(place.station)),
            "subject": place.subject,
            "record": names.astype("str"),
            "seconds": after + np.floor((np.floor(5 * u[:, 1]) + 9 / 24 + u[:, 1] / 3) * DAY),
            "right": (u[:, 2] < chance).astype(np.int64),
        }
    )
    return frame[there]


def _table(world: World, rows: pd.DataFrame) -> pd.DataFrame:
    station, month, subject, number = (
        rows[name].to_numpy(np.int64) for name in ("station", "month", "subject", "number")
    )
    ids, names = world.roster.ids, world.months.names
    return pd.DataFrame(
        {
            "audit": numbered((station, ids, "A", 0), (month, names, "", 0), (number + 1, None, "", 2)),
            "unit": text(station, ids),
            "period": text(month, names),
            "indicator": text(subject, [item.indicator for item in SUBJECTS]),
            "kind": text(subject, [item.kind for item in SUBJECTS]),
            "kind_zh": text(subject, [item.kind_zh for item in SUBJECTS]),
            "record": rows["record"].astype(text(subject, [""] * len(SUBJECTS)).dtype),
            "checked_at": clock(rows["seconds"].to_numpy(float)),
            "right": rows["right"].to_numpy(np.int64),
        }
    )
