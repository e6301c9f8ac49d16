"""Kind, place, offender and preventability of incidents; prevented ones never reach the record."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit, logit

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.draws import Draws
from kpi_research.study.synthetic.effects import CCTV_SOLVED, FEATURES, SOLVING_SOLVED
from kpi_research.study.synthetic.offences import (
    CATEGORY,
    HOUR_CUMULATIVE,
    HOUR_PROFILE,
    IS_CASE,
    PREVENTABLE,
    REPORTING,
    SOLVED,
    TRANSIENT,
)
from kpi_research.study.synthetic.periods import DAY
from kpi_research.study.synthetic.places import DARK, OPEN, UNSEEN
from kpi_research.study.synthetic.quantiles import choice, happens, normal
from kpi_research.study.synthetic.world import World


@dataclass(frozen=True)
class Cases:
    """Incidents that were not prevented; arrays have shape (n,).

    Attributes
    ----------
    draws : Draws
        Their random numbers.
    kind, category, compound : numpy.ndarray of int
        Positions in `OFFENCES`, `CATEGORIES`, `COMPOUNDS`.
    reported, occurred : numpy.ndarray
        Local seconds.
    dark, open, unseen, transient, preventable, solved : numpy.ndarray of bool
        Poor lighting, no gate, no CCTV, transient offender, preventable, solved.
    probability : numpy.ndarray
        Probability of being preventable, given everything but the draw and given that it reached the record; 0 for
        service calls.
    chance_solved : numpy.ndarray
        Probability of being solved.
    """

    draws: Draws
    kind: Ints
    category: Ints
    compound: Ints
    reported: Floats
    occurred: Floats
    dark: Bools
    open: Bools
    unseen: Bools
    transient: Bools
    preventable: Bools
    solved: Bools
    probability: Floats
    chance_solved: Floats

    def __len__(self) -> int:
        return self.kind.size

    def take(self, rows: Bools | Ints) -> Cases:
        """Return the incidents that a mask or positions select.

        Parameters
        ----------
        rows : numpy.ndarray of bool or int
            The mask or the positions.

        Returns
        -------
        Cases
        """
        parts = {item.name: getattr(self, item.name)[rows] for item in fields(self) if item.name != "draws"}
        return Cases(draws=self.draws.take(rows), **parts)


def make_cases(world: World, draws: Draws) -> Cases:
    """Turn random numbers into incidents, and drop those that prevention stops.

    A preventable incident reaches the record with probability r = exp(-b E), E the prevention effort of the station
    in that month. So a recorded incident is preventable with logit p + log r, where p is the probability before
    prevention.

    Parameters
    ----------
    world : World
        The hidden world.
    draws : Draws
        Random numbers.

    Returns
    -------
    Cases
        Ordered by station and time of report.
    """
    kind = _kinds(world, draws)
    compound = choice(draws["compound"], world.context.compounds[draws.station])
    dark, opened, unseen = _features(world, draws, compound)
    reported, occurred = _times(world, draws, kind)
    transient = _transient(world, draws, kind)
    night = ((occurred % DAY) < 6 * 3600) | ((occurred % DAY) >= 22 * 3600)
    shown = np.array(list(FEATURES.values())) @ np.stack([dark, opened, unseen, night])
    score = PREVENTABLE[kind] + world.options.feature_strength * shown + world.options.transient_effect * transient
    score = score + world.context.concept[draws.station]
    log_retained = -world.options.prevention_effect * world.merit.intensity[draws.station, draws.month]
    chance = _chance_solved(world, draws, kind, unseen, transient)
    every = Cases(
        draws=draws,
        kind=kind,
        category=CATEGORY[kind],
        compound=compound,
        reported=reported,
        occurred=occurred,
        dark=dark,
        open=opened,
        unseen=unseen,
        transient=transient,
        preventable=happens(draws["preventable"], expit(score)) & IS_CASE[kind],
        solved=happens(draws["solved"], chance),
        probability=np.where(IS_CASE[kind], expit(score + log_retained), 0.0),
        chance_solved=chance,
    )
    kept = np.flatnonzero(~every.preventable | happens(draws["prevented"], np.exp(log_retained)))
    return every.take(kept[np.lexsort((reported[kept], draws.month[kept], draws.station[kept]))])


def _kinds(world: World, draws: Draws) -> Ints:
    if not draws.station.size:
        return np.empty(0, dtype=np.int64)
    first, last = int(draws.station.min()), int(draws.station.max()) + 1
    early, late = int(draws.month.min()), int(draws.month.max()) + 1
    cumulative = np.cumsum(world.volumes(slice(first, last), slice(early, late)), axis=2)
    cumulative /= cumulative[:, :, -1:]
    return choice(draws["type"], cumulative[draws.station - first, draws.month - early])


def _features(world: World, draws: Draws, compound: Ints) -> tuple[Bools, Bools, Bools]:
    context, station = world.context, draws.station
    dark = happens(draws["lighting"], expit(DARK[compound] - context.lighting[station]))
    opened = happens(draws["gate"], expit(OPEN[compound] - context.gate[station]))
    unseen = happens(draws["cctv"], expit(UNSEEN[compound] - context.cctv[station]))
    return dark, opened, unseen


def _times(world: World, draws: Draws, kind: Ints) -> tuple[Floats, Floats]:
    day = np.floor(draws["day"] * world.months.days[draws.month])
    hour = np.empty_like(day)
    for profile, cumulative in enumerate(HOUR_CUMULATIVE):
        rows = HOUR_PROFILE[kind] == profile
        hour[rows] = np.interp(draws["hour"][rows], cumulative, np.arange(25.0))
    reported = np.floor(world.months.starts[draws.month] + day * DAY + np.minimum(hour * 3600, DAY - 1))
    return reported, np.floor(reported - 60 * REPORTING[kind] * np.exp(normal(draws["delay"])))


def _transient(world: World, draws: Draws, kind: Ints) -> Bools:
    share = np.clip(TRANSIENT[kind] * world.options.transient_scale, 0.0, 0.95)
    known = np.where(share > 0, share, 0.5)
    chance = expit(logit(known) + world.context.transient[draws.station])
    return happens(draws["transient"], np.where(share > 0, chance, 0.0))


def _chance_solved(world: World, draws: Draws, kind: Ints, unseen: Bools, transient: Bools) -> Floats:
    base = logit(np.where(IS_CASE[kind], SOLVED[kind], 0.5))
    skill = SOLVING_SOLVED * world.merit.solving[draws.station, draws.month]
    score = base + skill + CCTV_SOLVED * ~unseen - world.options.transient_unsolved * transient
    return np.where(IS_CASE[kind], expit(score), 0.0)
