"""Bonus and deduction events: press, drunk drivers, merit, absence, complaints, serious faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from kpi_research.study.synthetic.arrays import Floats, Ints
from kpi_research.study.synthetic.officers import unit_sizes
from kpi_research.study.synthetic.panel import unit_uniforms
from kpi_research.study.synthetic.periods import DAY, clock
from kpi_research.study.synthetic.quantiles import poisson
from kpi_research.study.synthetic.words import column, numbered, text
from kpi_research.study.synthetic.world import World


class Kind(NamedTuple):
    """One kind of event.

    Attributes
    ----------
    name, zh : str
        Identifier and Chinese label.
    rate : float
        Mean number per officer and month.
    low, high : float
        Lowest and highest points.
    officer : bool
        Whether it is about an officer, not the unit.
    manner : float
        Log rate per standard deviation of manner.
    stations_only : bool
        Whether direct units and internal departments have none.
    """

    name: str
    zh: str
    rate: float
    low: float
    high: float
    officer: bool
    manner: float = 0.0
    stations_only: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("press", "新闻宣传", 0.003, 5, 5, False),
    Kind("drunk_driving", "查处醉驾", 0.020, 1, 1, False, stations_only=True),
    Kind("merit", "立功受奖", 0.001, 3, 3, True),
    Kind("absence", "无故缺勤", 0.005, -1, -1, True),
    Kind("appearance", "警容风纪", 0.004, -0.5, -0.5, True),
    Kind("complaint", "有责投诉", 0.004, -2, -2, True, manner=-0.6),
    Kind("serious_fault", "严重违纪", 0.0002, -10, -5, True),
)
"""Kinds of events; the points of serious faults are whole numbers from 5 to 10."""
HELPED = {"drunk_driving": 0.4}
"""Share of the events of a kind at which the traffic police brigade helped the station."""
TRAFFIC = 2
"""Position of the traffic police brigade among the direct units."""


@dataclass(frozen=True)
class Events:
    """Events and their sums per unit and month.

    Attributes
    ----------
    table : pandas.DataFrame
        ``event``, ``target``, ``target_kind`` (officer, unit), ``unit``, ``period``, ``occurred_at``, ``kind``,
        ``kind_zh``, ``points``, ``helper`` (the unit that helped, if any).
    bonus, deduction, serious : numpy.ndarray, shape (units, months)
        Points won, points lost (positive), number of serious faults.
    expected_deduction, deduction_variance, expected_serious : numpy.ndarray, shape (units, months)
        Their means and the variance of the points lost.
    """

    table: pd.DataFrame
    bonus: Floats
    deduction: Floats
    serious: Floats
    expected_deduction: Floats
    deduction_variance: Floats
    expected_serious: Floats


def draw_events(world: World) -> Events:
    """Draw the events of all units.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    Events
    """
    rates = np.stack([_rate(world, kind) for kind in KINDS])
    counts = np.stack(
        [poisson(unit_uniforms(world, f"event/{kind.name}"), rate) for kind, rate in zip(KINDS, rates, strict=True)]
    )
    unit, month, kind = (part.ravel() for part in np.indices(counts.transpose(1, 2, 0).shape))
    rows = np.repeat(np.arange(unit.size), counts.transpose(1, 2, 0).ravel())
    unit, month, kind = unit[rows], month[rows], kind[rows]
    u = _details(world, unit, month)
    low, high = (np.array([getattr(item, side) for item in KINDS]) for side in ("low", "high"))
    points = np.where(low == high, low, 0)[kind] + (low != high)[kind] * np.floor(
        low[kind] + u[:, 0] * (high - low + 1)[kind]
    )
    shape = (len(world.roster), len(world.months))
    loss = np.array([item.low + item.high for item in KINDS]) / 2
    bad = loss < 0
    return Events(
        _table(world, unit, month, kind, points, u),
        _sums(shape, unit, month, np.maximum(points, 0)),
        _sums(shape, unit, month, np.maximum(-points, 0)),
        _sums(shape, unit, month, (kind == len(KINDS) - 1).astype(float)),
        -np.tensordot(loss[bad], rates[bad], 1),
        np.tensordot(loss[bad] ** 2, rates[bad], 1),
        rates[-1],
    )


def _rate(world: World, kind: Kind) -> Floats:
    size = unit_sizes(world)[:, None]
    station = np.arange(len(world.roster))[:, None] < world.roster.stations
    rate = kind.rate * size * np.exp(kind.manner * world.merit.manner)
    return np.where(station | (not kind.stations_only), rate, 0.0)


def _details(world: World, unit: Ints, month: Ints) -> Floats:
    """Return points, officer, day and second of each event as uniform numbers."""
    cells, counts = np.unique(np.stack([unit, month]), axis=1, return_counts=True)
    blocks = [
        world.streams.generator("events", *world.roster.keys[u], int(m)).random((n, 4))
        for u, m, n in zip(*cells, counts, strict=True)
    ]
    return np.concatenate(blocks) if blocks else np.empty((0, 4))


def _sums(shape: tuple[int, int], unit: Ints, month: Ints, points: Floats) -> Floats:
    flat = np.bincount(unit * shape[1] + month, points, minlength=shape[0] * shape[1])
    return flat.astype(float).reshape(shape)


def _table(world: World, unit: Ints, month: Ints, kind: Ints, points: Floats, u: Floats) -> pd.DataFrame:
    personal = np.array([item.officer for item in KINDS])[kind]
    officer = np.floor(u[:, 1] * unit_sizes(world)[unit]).astype(np.int64) + 1
    people = numbered((unit, world.roster.ids, "", 0), (officer, None, "", 3))
    day = world.months.starts[month] + np.floor(u[:, 2] * world.months.days[month]) * DAY
    units = text(unit, world.roster.ids)
    return pd.DataFrame(
        {
            "event": numbered((np.arange(unit.size) + 1, None, "E", 6)),
            "target": people.where(personal, units),
            "target_kind": text(personal, ("unit", "officer")),
            "unit": units,
            "period": text(month, world.months.names),
            "occurred_at": clock(day + np.floor((7 + 14 * u[:, 3]) * 3600)),
            "kind": text(kind, [item.name for item in KINDS]),
            "kind_zh": text(kind, [item.zh for item in KINDS]),
            "points": points,
            "helper": _helper(world, kind, u[:, 1]),
        }
    )


def _helper(world: World, kind: Ints, u: Floats) -> pd.Series:
    """Return the unit that helped: the traffic police brigade, or the last direct unit of a bureau without it."""
    pairs = zip(world.roster.ids, world.roster.sequences, strict=True)
    direct = [unit for unit, sequence in pairs if sequence == "direct"]
    name = direct[min(TRAFFIC, len(direct) - 1)] if direct else None
    share = np.array([HELPED.get(item.name, 0.0) for item in KINDS])[kind]
    return column(pa.array([None, name], pa.string()).take(pa.array((u < share).astype(np.int64))))
