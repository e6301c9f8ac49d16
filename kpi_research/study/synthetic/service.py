"""What the public meets at each station: how fast officers come, and what it makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.context import Context
from kpi_research.study.synthetic.effects import DELAY_PER_OVERLOAD, HANDLING, SATISFACTION, VISIBILITY
from kpi_research.study.synthetic.merit import Merit
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.roster import Roster
from kpi_research.study.synthetic.streams import Streams

TRAVEL_MEDIAN = 6.0
TRAVEL_SIGMA = 0.45
ENTRY_MEDIAN = 330.0
ENTRY_SIGMA = 1.05
SATISFACTION_PARTS = ("staffing", "manner", "procedure", "case_mix", "other")


@dataclass(frozen=True)
class Service:
    """What the public meets; arrays have shape (stations, months).

    Attributes
    ----------
    delay : numpy.ndarray
        Log response time relative to the norm, caused by overload.
    travel : numpy.ndarray
        Log of the median minutes from dispatch to arrival.
    entry : numpy.ndarray
        Log of the median minutes from call to entry in the system.
    parts : mapping of str to numpy.ndarray
        What each of `SATISFACTION_PARTS` adds to the latent satisfaction.
    satisfaction, visibility, handling : numpy.ndarray
        Latent means of the survey items (person standard deviation 1).
    """

    delay: Floats
    travel: Floats
    entry: Floats
    parts: dict[str, Floats]
    satisfaction: Floats
    visibility: Floats
    handling: Floats


def make_service(options: BureauOptions, streams: Streams, roster: Roster, context: Context, merit: Merit) -> Service:
    """Derive what the public meets from situation and quality.

    Parameters
    ----------
    options : BureauOptions
        Options of the bureau.
    streams : Streams
        Random numbers of the bureau.
    roster : Roster
        The units.
    context : Context
        Overload and distance.
    merit : Merit
        Quality.

    Returns
    -------
    Service
    """
    own = options.irrelevant_variation * normal(streams.uniforms("service", roster.station_keys, 3))[:, :, None]
    months = np.ones(options.months)
    manner, procedure, effort = (part[: roster.stations] for part in (merit.manner, merit.procedure, merit.effort))
    delay = (DELAY_PER_OVERLOAD * context.overload)[:, None] * months
    rural = np.where(context.urban, 0.0, 0.35 * min(options.context_spread, 1.0))[:, None]
    parts = {
        "staffing": SATISFACTION["delay"] * delay,
        "manner": SATISFACTION["manner"] * manner,
        "procedure": SATISFACTION["procedure"] * procedure,
        "case_mix": SATISFACTION["case_mix"] * context.hardness[:, None] * months,
        "other": 0.08 * own[:, 0] * months,
    }
    return Service(
        delay,
        np.log(TRAVEL_MEDIAN) + delay + rural,
        np.log(ENTRY_MEDIAN) - 0.2 * procedure + 0.3 * delay + 0.15 * own[:, 1],
        parts,
        np.sum(list(parts.values()), axis=0),
        VISIBILITY["effort"] * effort + VISIBILITY["overload"] * delay + 0.15 * own[:, 2],
        HANDLING["manner"] * manner + HANDLING["delay"] * delay,
    )
