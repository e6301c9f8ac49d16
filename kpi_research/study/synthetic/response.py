"""Dispatch, arrival, entry and closing of incidents, and the stations that date entries back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Floats
from kpi_research.study.synthetic.cases import Cases
from kpi_research.study.synthetic.offences import CATEGORIES, COUNTER, MINUTES
from kpi_research.study.synthetic.quantiles import happens, mean_one_gamma, normal
from kpi_research.study.synthetic.service import ENTRY_SIGMA, TRAVEL_SIGMA
from kpi_research.study.synthetic.world import World

DISPATCH_MEDIAN = 1.2
DISPATCH_SIGMA = 0.5
DEADLINE = 24 * 60.0
"""Minutes from the call within which it must be entered."""

WINDOW = 12 * 60.0
"""Records up to this many minutes late are the ones that are dated back."""

CLOSING_DAYS = 9.0
HANDLING_VARIANCE = 0.2


@dataclass(frozen=True)
class Response:
    """Times of incidents in local seconds (NaN = none) and minutes; arrays have shape (n,).

    Attributes
    ----------
    called : numpy.ndarray of bool
        Reported by an emergency call, so that officers were sent.
    dispatched, arrived, recorded, closed : numpy.ndarray
        Local seconds.
    moved : numpy.ndarray of bool
        Entry dated back to below 24 hours.
    swapped : numpy.ndarray of bool
        Arrival recorded before dispatch.
    minutes : numpy.ndarray
        Minutes of handling.
    """

    called: Bools
    dispatched: Floats
    arrived: Floats
    recorded: Floats
    closed: Floats
    moved: Bools
    swapped: Bools
    minutes: Floats


def make_response(world: World, cases: Cases, speed: Floats) -> Response:
    """Draw the times after the report of each incident.

    Parameters
    ----------
    world : World
        The hidden world.
    cases : Cases
        The incidents.
    speed : numpy.ndarray, shape (stations,)
        Log minutes of a station relative to the norm.

    Returns
    -------
    Response
    """
    draws, reported = cases.draws, cases.reported
    here = (draws.station, draws.month)
    called = ~happens(draws["channel"], COUNTER[cases.kind])
    wait = DISPATCH_MEDIAN * np.exp(0.3 * world.service.delay[here] + DISPATCH_SIGMA * normal(draws["dispatch"]))
    travel = np.exp(world.service.travel[here] + TRAVEL_SIGMA * normal(draws["travel"]))
    dispatched = np.where(called, reported + np.floor(60 * wait), np.nan)
    arrived = dispatched + np.maximum(1, np.floor(60 * travel))
    lag, moved = _entry(world, cases)
    recorded = np.fmax(reported + np.floor(60 * lag), np.fmax(arrived, reported) + 60)
    minutes = MINUTES[cases.kind] * np.exp(speed[draws.station])
    minutes = np.maximum(1.0, np.rint(minutes * mean_one_gamma(draws["handling"], HANDLING_VARIANCE)))
    swapped = happens(draws["swapped"], world.options.time_errors) & called
    dispatched, arrived = np.where(swapped, arrived, dispatched), np.where(swapped, dispatched, arrived)
    closed = _closed(cases, np.fmax(np.fmax(arrived, dispatched), reported) + 60 * minutes)
    return Response(called, dispatched, arrived, recorded, closed, moved, swapped, minutes)


def _entry(world: World, cases: Cases) -> tuple[Floats, Bools]:
    """Return minutes from call to entry; late ones are dated back where the station bunches."""
    draws, options = cases.draws, world.options
    lag = np.exp(world.service.entry[draws.station, draws.month] + ENTRY_SIGMA * normal(draws["entry"]))
    late = (lag > DEADLINE) & (lag < DEADLINE + WINDOW)
    moved = late & world.gaming.bunches_24h[draws.station] & happens(draws["moved"], options.bunching)
    return np.where(moved, DEADLINE - 1 - 60 * draws["moved_to"], lag), moved


def _closed(cases: Cases, handled: Floats) -> Floats:
    """Return when a case was solved or a service call ended; NaN where it is still open."""
    days = CLOSING_DAYS * np.exp(0.8 * normal(cases.draws["closing"]))
    service = cases.category == CATEGORIES.index("service")
    ended = np.where(cases.solved, handled + np.floor(86_400 * days), np.nan)
    return np.where(service, handled, ended)
