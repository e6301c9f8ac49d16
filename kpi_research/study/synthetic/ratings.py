"""Ratings of officers by superiors, peers and themselves, and of units by the public and third parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats, Ints
from kpi_research.study.synthetic.officers import Officers
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

KINDS = ("superior", "peer", "self", "third_party", "public")
ITEMS = ("ability", "diligence", "cooperation", "manner", "order")
ITEMS_ZH = ("业务能力", "工作勤勉", "协作配合", "服务态度", "场所秩序")
OFFICER_ITEMS, UNIT_ITEMS = 3, 2
SUPERIORS, PEERS, THIRD_PARTIES, VISITORS = 2, 2, 5, 6
CENTER = 6.0
PER_ABILITY = 0.9
PER_MANNER = 0.7
NOISE = 0.8
COMMON_NOISE = 0.4
ITEM_SHIFT: Floats = np.array([0.0, 0.3, 0.2, 0.0, 0.2])


@dataclass(frozen=True)
class Ratings:
    """Ratings and the true severity of the raters.

    Attributes
    ----------
    table : pandas.DataFrame
        ``rater``, ``target``, ``target_kind`` (officer, unit), ``unit`` (of the target), ``period``, ``kind``, ``item``,
        ``item_zh``, ``rating`` (1 to 10).
    severity : pandas.DataFrame
        ``rater``, ``kind``, ``severity``: points a rater takes from everybody.
    """

    table: pd.DataFrame
    severity: pd.DataFrame


@dataclass(frozen=True)
class _Part:
    """Ratings of one kind: rater names and severities, rows of rater, target unit or officer, month, score by item."""

    kind: int
    raters: pd.Series
    severity: Floats
    rater: Ints
    target: Ints
    month: Ints
    score: Floats


def draw_ratings(world: World, officers: Officers) -> Ratings:
    """Draw all rounds of ratings.

    A rating is ``6 + item + .9 ability + kind - severity + noise``, rounded and kept within 1 to 10; units are rated
    by third parties, who all see every unit, and by visitors, on manner and order.

    Parameters
    ----------
    world : World
        The hidden world.
    officers : Officers
        All officers.

    Returns
    -------
    Ratings
    """
    step = world.options.rating_interval
    rounds = np.arange(step - 1, len(world.months), step)
    parts = [_of_officers(world, officers, kind, rounds) for kind in range(3)]
    parts += [_by_third_parties(world, rounds), _by_visitors(world, rounds)]
    table = pd.concat([_frame(world, officers, part) for part in parts], ignore_index=True)
    severity = pd.concat([_severity_frame(part) for part in parts], ignore_index=True)
    return Ratings(table, severity)


def _of_officers(world: World, officers: Officers, kind: int, rounds: Ints) -> _Part:
    count = officers.unit.size
    seats = (SUPERIORS, PEERS, 1)[kind]
    target, seat, wave = (part.ravel() for part in np.indices((count, seats, rounds.size)))
    raters, severity, rater = _officer_raters(world, officers, kind, target, seat)
    shift = (0.0, world.options.peer_leniency, world.options.self_inflation)[kind]
    keys = [(kind, *world.roster.keys[unit], int(month)) for unit in range(len(world.roster)) for month in rounds]
    noise = _blocks(world, "ratings", keys, np.bincount(officers.unit, minlength=len(world.roster)), rounds, seats)
    score = CENTER + PER_ABILITY * officers.ability[target] + shift - severity[rater]
    return _Part(kind, raters, severity, rater, target, rounds[wave], score[:, None] + noise)


def _officer_raters(
    world: World, officers: Officers, kind: int, target: Ints, seat: Ints
) -> tuple[pd.Series, Floats, Ints]:
    unit, number = officers.unit[target], officers.number[target]
    if kind == KINDS.index("superior"):
        severity = world.options.rater_severity * normal(
            world.streams.uniforms("superiors", world.roster.keys, SUPERIORS)
        )
        units, chiefs = (part.ravel() for part in np.indices(severity.shape))
        names = numbered((units, world.roster.ids, "", 0), (chiefs + 1, None, "L", 1))
        return names, severity.ravel(), unit * SUPERIORS + seat
    sizes = np.bincount(officers.unit, minlength=len(world.roster))
    first = np.cumsum(sizes) - sizes
    names = officers.ids(world)
    if kind == KINDS.index("self"):
        return names, np.zeros(len(names)), target
    u = [
        world.streams.generator("peers", *key).random(size) for key, size in zip(world.roster.keys, sizes, strict=True)
    ]
    severity = world.options.rater_severity * normal(np.maximum(np.concatenate(u), 2.0**-54))
    return names, severity, first[unit] + (number - 1 + (seat + 1) * 2) % sizes[unit]


def _blocks(world: World, subject: str, keys: list[tuple[int, ...]], sizes: Ints, rounds: Ints, seats: int) -> Floats:
    """Return noise of officer ratings, shape (officers x seats x rounds, items)."""
    parts, at = [], iter(keys)
    for size in sizes:
        block = [world.streams.generator(subject, *next(at)).random((size, seats, OFFICER_ITEMS + 1)) for _ in rounds]
        parts.append(np.stack(block, axis=2) if block else np.empty((size, seats, 0, OFFICER_ITEMS + 1)))
    return _noise(np.concatenate(parts).reshape(-1, OFFICER_ITEMS + 1))


def _noise(u: Floats) -> Floats:
    """Return noise of one rater's items: a common part (halo) and an own part of each item."""
    z = normal(np.maximum(u, 2.0**-54))
    return COMMON_NOISE * z[:, :1] + NOISE * z[:, 1:]


def _by_third_parties(world: World, rounds: Ints) -> _Part:
    stations = world.roster.stations
    raters = [(number,) for number in range(THIRD_PARTIES)]
    severity = world.options.rater_severity * normal(world.streams.uniforms("third-parties", raters))
    target, rater, wave = (part.ravel() for part in np.indices((stations, THIRD_PARTIES, rounds.size)))
    keys = [(3, *key, int(month)) for key in world.roster.station_keys for month in rounds]
    u = world.streams.uniforms("ratings", keys, THIRD_PARTIES, UNIT_ITEMS + 1)
    u = (
        u.reshape(stations, rounds.size, THIRD_PARTIES, UNIT_ITEMS + 1)
        .transpose(0, 2, 1, 3)
        .reshape(-1, UNIT_ITEMS + 1)
    )
    score = CENTER + PER_MANNER * world.merit.manner[target, rounds[wave]] - severity[rater]
    names = numbered((np.arange(THIRD_PARTIES) + 1, None, "T", 2))
    return _Part(3, names, severity, rater, target, rounds[wave], score[:, None] + _noise(u))


def _by_visitors(world: World, rounds: Ints) -> _Part:
    """Return ratings at the counter; every visitor rates once, so severity cannot be told from noise."""
    stations = world.roster.stations
    target, wave, seat = (part.ravel() for part in np.indices((stations, rounds.size, VISITORS)))
    keys = [(4, *key, int(month)) for key in world.roster.station_keys for month in rounds]
    u = world.streams.uniforms("ratings", keys, VISITORS, UNIT_ITEMS + 2).reshape(-1, UNIT_ITEMS + 2)
    severity = world.options.rater_severity * normal(u[:, -1])
    score = CENTER + 0.5 + PER_MANNER * world.merit.manner[target, rounds[wave]] - severity
    names = numbered(
        (target, world.roster.ids, "V", 0), (rounds[wave], world.months.names, "", 0), (seat + 1, None, "", 2)
    )
    return _Part(4, names, severity, np.arange(target.size), target, rounds[wave], score[:, None] + _noise(u[:, :-1]))


def _frame(world: World, officers: Officers, part: _Part) -> pd.DataFrame:
    of_officer = part.kind < 3
    items = np.arange(OFFICER_ITEMS) if of_officer else OFFICER_ITEMS + np.arange(UNIT_ITEMS)
    rows, item = np.repeat(np.arange(part.target.size), items.size), np.tile(items, part.target.size)
    unit = officers.unit[part.target] if of_officer else part.target
    targets = officers.ids(world) if of_officer else text(np.arange(len(world.roster)), world.roster.ids)
    score = part.score + ITEM_SHIFT[items]
    return pd.DataFrame(
        {
            "rater": part.raters.take(part.rater[rows]).reset_index(drop=True),
            "target": targets.take(part.target[rows]).reset_index(drop=True),
            "target_kind": text(np.full(rows.size, int(not of_officer)), ("officer", "unit")),
            "unit": text(unit[rows], world.roster.ids),
            "period": text(part.month[rows], world.months.names),
            "kind": text(np.full(rows.size, part.kind), KINDS),
            "item": text(item, ITEMS),
            "item_zh": text(item, ITEMS_ZH),
            "rating": np.clip(np.rint(score), 1, 10).astype(np.int64).ravel(),
        }
    )


def _severity_frame(part: _Part) -> pd.DataFrame:
    kind = text(np.full(len(part.raters), part.kind), KINDS)
    return pd.DataFrame({"rater": part.raters, "kind": kind, "severity": np.round(part.severity, 6)})
