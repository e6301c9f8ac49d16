"""The table of incidents, its truth, and what its indicators should be on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.cases import Cases, make_cases
from kpi_research.study.synthetic.draws import Draws, draw_numbers
from kpi_research.study.synthetic.offences import CATEGORIES, CATEGORY, NAMES, OFFENCES, OLD
from kpi_research.study.synthetic.officers import handlers, unit_speed
from kpi_research.study.synthetic.periods import clock
from kpi_research.study.synthetic.places import COMPOUNDS
from kpi_research.study.synthetic.quantiles import happens
from kpi_research.study.synthetic.response import Response, make_response
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

HOT_ADDRESSES = 20


@dataclass(frozen=True)
class Incidents:
    """Incidents of some stations and months.

    Attributes
    ----------
    table : pandas.DataFrame
        The records, ordered by station and time of report.
    truth : pandas.DataFrame
        One row per incident: ``incident``, ``unit``, ``period``, ``probability`` (of being preventable, given
        everything but the draw), ``preventable``, ``transient``, ``moved`` (dated back), ``swapped`` (times
        exchanged).
    cases : Cases
        The incidents as arrays.
    """

    table: pd.DataFrame
    truth: pd.DataFrame
    cases: Cases


def draw_incidents(world: World, stations: slice, months: slice) -> Incidents:
    """Draw the incidents of some stations and months.

    The rows of a station and month depend on nothing but the options, the station and the month, so a bureau can be
    drawn in pieces.

    Parameters
    ----------
    world : World
        The hidden world.
    stations, months : slice
        Which, with start and stop.

    Returns
    -------
    Incidents
    """
    cases = make_cases(world, draw_numbers(world, stations, months))
    response = make_response(world, cases, unit_speed(world))
    number = _running_number(cases.draws)
    identity = numbered(
        (cases.draws.station, world.roster.ids, "", 0),
        (cases.draws.month, world.months.names, "", 0),
        (number, None, "", 5),
    )
    frame = _frame(world, cases, response, identity)
    truth = pd.DataFrame(
        {
            "incident": identity,
            "unit": frame["unit"],
            "period": frame["period"],
            "probability": np.round(cases.probability, 6),
            "preventable": cases.preventable,
            "transient": cases.transient,
            "moved": response.moved,
            "swapped": response.swapped,
        }
    )
    return Incidents(frame, truth, cases)


def _running_number(draws: Draws) -> Ints:
    """Number the incidents of each station and month from 1."""
    new = np.concatenate([[True], (np.diff(draws.station) != 0) | (np.diff(draws.month) != 0)])[: draws.station.size]
    starts = np.flatnonzero(new)
    return np.asarray(np.arange(draws.station.size) - np.repeat(starts, np.diff([*starts, draws.station.size])) + 1)


def _frame(world: World, cases: Cases, response: Response, identity: pd.Series) -> pd.DataFrame:
    draws = cases.draws
    repeat = repeats(world, draws)
    outcome = np.where(cases.category == CATEGORIES.index("service"), 2, np.where(cases.solved, 0, 1))
    seen = np.where(outcome == 1, 2, cases.transient)
    revisited = happens(draws["revisit"], revisit_chance(world)[draws.station]) & OLD[cases.kind]
    return pd.DataFrame(
        {
            "incident": identity,
            "unit": text(draws.station, world.roster.ids),
            "period": text(draws.month, world.months.names),
            "type": text(cases.kind, NAMES),
            "type_zh": text(cases.kind, [kind.zh for kind in OFFENCES]),
            "category": text(CATEGORY[cases.kind], CATEGORIES),
            "channel": text(response.called, ("counter", "call")),
            "occurred_at": clock(cases.occurred),
            "reported_at": clock(cases.reported),
            "dispatched_at": clock(response.dispatched),
            "arrived_at": clock(response.arrived),
            "recorded_at": clock(response.recorded),
            "closed_at": clock(response.closed),
            "outcome": text(outcome, ("solved", "unsolved", "handled")),
            "transient": text(seen, ("no", "yes", "unknown")),
            "compound_type": text(cases.compound, [place.name for place in COMPOUNDS]),
            **_recorded_features(world, cases),
            "address": _address(world, draws, repeat),
            "repeat_address": repeat,
            "officer": numbered((draws.station, world.roster.ids, "", 0), (handlers(world, draws), None, "", 3)),
            "handling_minutes": response.minutes.astype(np.int64),
            "revisited": revisited,
        }
    )


def _recorded_features(world: World, cases: Cases) -> dict[str, pd.Series]:
    lost = world.options.feature_missing
    words = {"lighting": ("good", "poor"), "gate": ("yes", "no"), "cctv": ("yes", "no")}
    marks = {"lighting": cases.dark, "gate": cases.open, "cctv": cases.unseen}
    return {
        name: text(np.where(happens(cases.draws[f"lost_{name}"], lost), 2, mark), (*words[name], "unknown"))
        for name, mark in marks.items()
    }


def repeats(world: World, draws: Draws) -> Bools:
    """Return whether each incident is at an address with an earlier incident.

    Parameters
    ----------
    world : World
        The hidden world.
    draws : Draws
        Random numbers of the incidents.

    Returns
    -------
    numpy.ndarray of bool
    """
    return happens(draws["repeat"], repeat_chance(world)[draws.station, draws.month])


def repeat_chance(world: World) -> Floats:
    """Return the probability of a repeat address; effort lowers it.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (stations, months)
    """
    effort = world.merit.effort[: world.roster.stations]
    return np.asarray(expit(logit(0.15) - 0.3 * effort))


def revisit_chance(world: World) -> Floats:
    """Return the probability that a victim of theft is visited again.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (stations,)
    """
    return np.asarray(expit(logit(0.6) + 0.8 * world.merit.revisits[: world.roster.stations]))


def _address(world: World, draws: Draws, repeat: Bools) -> pd.Series:
    """Return an address: one of 20 hot ones of the station for repeats, else one of very many."""
    number = np.where(
        repeat, np.floor(draws["address"] ** 2 * HOT_ADDRESSES), HOT_ADDRESSES + np.floor(draws["address"] * 9e5)
    )
    return numbered((draws.station, world.roster.ids, "", 0), (number.astype(np.int64), None, "A", 7))
