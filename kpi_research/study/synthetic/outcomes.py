"""Outcomes outside the scorecard: sense of safety and victimization."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.context import NORM_POPULATION
from kpi_research.study.synthetic.effects import OUTCOME_INTERVIEWS, SAFETY, STALE_POWER, VICTIMIZATION_BASE
from kpi_research.study.synthetic.offences import IS_CRIMINAL, SHARE
from kpi_research.study.synthetic.quantiles import binomial, normal
from kpi_research.study.synthetic.words import text
from kpi_research.study.synthetic.world import World

MONTH_SPREAD = 0.5
TYPICAL_PREVENTABLE = 0.4
"""Share of crimes taken as preventable where victimization follows from prevention."""


def expected_safety(world: World) -> Floats:
    """Return the sense of safety without noise and month effects, shape (stations, months), in points of 100.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray
    """
    stations = slice(0, world.roster.stations)
    fading = (world.old_share / world.old_share[0]) ** STALE_POWER
    return np.asarray(
        SAFETY["base"]
        + SAFETY["quality"] * world.merit.quality[stations]
        + SAFETY["delay"] * world.service.delay
        + SAFETY["case_mix"] * world.context.hardness[:, None]
        + SAFETY["revisits"] * world.merit.revisits[stations, None] * fading
    )


def expected_victimization(world: World) -> Floats:
    """Return the share of residents who were victims, shape (stations, months).

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray
    """
    stations = slice(0, world.roster.stations)
    crimes = world.volumes(stations, slice(0, len(world.months)))[:, :, IS_CRIMINAL].sum(axis=2)
    norm = world.options.incidents_per_month * SHARE[IS_CRIMINAL].sum() / NORM_POPULATION
    retained = np.exp(-world.options.prevention_effect * world.merit.intensity[stations])
    rate = crimes / world.context.population[:, None] * (1 - TYPICAL_PREVENTABLE * (1 - retained))
    return np.minimum(0.5, VICTIMIZATION_BASE * rate / norm)


def draw_outcomes(world: World) -> pd.DataFrame:
    """Draw the outcomes of all stations.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``period``, ``safety`` (points of 100), ``victimization`` (share of interviewed residents),
        ``interviews``.
    """
    u = world.streams.uniforms("outcomes", world.roster.station_keys, len(world.months), 2)
    months = [(month,) for month in range(len(world.months))]
    common = MONTH_SPREAD * normal(world.streams.uniforms("outcome-month", months))
    safety = expected_safety(world) + common + world.options.outcome_noise * normal(u[:, :, 0])
    victims = binomial(u[:, :, 1], OUTCOME_INTERVIEWS, expected_victimization(world))
    station, month = (part.ravel() for part in np.indices(safety.shape))
    return pd.DataFrame(
        {
            "unit": text(station, world.roster.ids),
            "period": text(month, world.months.names),
            "safety": np.round(np.clip(safety, 0, 100), 2).ravel(),
            "victimization": (victims / OUTCOME_INTERVIEWS).ravel(),
            "interviews": OUTCOME_INTERVIEWS,
        }
    )
