"""The hidden world of a bureau: everything that is decided before a single record is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.context import Context, make_context
from kpi_research.study.synthetic.gaming import Gaming, plant_gaming
from kpi_research.study.synthetic.merit import Merit, make_merit
from kpi_research.study.synthetic.offences import FRAUD, HARDNESS, IS_CRIMINAL, OLD, SHARE
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.periods import Months, months_from
from kpi_research.study.synthetic.roster import Roster, make_roster
from kpi_research.study.synthetic.service import Service, make_service
from kpi_research.study.synthetic.streams import Streams
from kpi_research.study.synthetic.weakness import Weakness, plant_weakness


@dataclass(frozen=True)
class World:
    """Everything that is decided before records are drawn.

    Attributes
    ----------
    options : BureauOptions
        The options.
    streams : Streams
        Random numbers.
    months : Months
        The months.
    roster : Roster
        The units.
    weakness, context, merit, service, gaming
        The hidden properties of the units.
    """

    options: BureauOptions
    streams: Streams
    months: Months
    roster: Roster
    weakness: Weakness
    context: Context
    merit: Merit
    service: Service
    gaming: Gaming

    @cached_property
    def growth(self) -> Floats:
        """Factor on each kind of incident in each month, shape (months, kinds)."""
        trend = np.where(OLD, -self.options.theft_decline, 0.0)
        trend[FRAUD] = self.options.fraud_growth
        return np.exp(np.arange(self.options.months)[:, None] * trend[None, :])

    @cached_property
    def old_share(self) -> Floats:
        """Share of theft, burglary and robbery among crimes at a station of the norm, per month."""
        crimes = (SHARE * self.growth)[:, IS_CRIMINAL]
        return np.asarray(crimes[:, OLD[IS_CRIMINAL]].sum(axis=1) / crimes.sum(axis=1))

    def volumes(self, stations: slice, months: slice) -> Floats:
        """Return expected incidents before prevention.

        Parameters
        ----------
        stations, months : slice
            Which stations and months.

        Returns
        -------
        numpy.ndarray, shape (stations, months, kinds)
        """
        mix = np.exp(np.outer(self.context.hardness[stations], HARDNESS)) * SHARE
        level = self.options.incidents_per_month * self.context.volume[stations]
        return level[:, None, None] * mix[:, None, :] * self.growth[None, months, :]


def make_world(options: BureauOptions) -> World:
    """Decide everything hidden.

    Parameters
    ----------
    options : BureauOptions
        The options.

    Returns
    -------
    World
    """
    streams = Streams(options.seed)
    roster = make_roster(options.stations, options.direct_units, options.internal_departments)
    weakness = plant_weakness(options, streams)
    context = make_context(options, streams, roster, weakness)
    merit = make_merit(options, streams, roster, weakness)
    service = make_service(options, streams, roster, context, merit)
    months = months_from(options.start, options.months)
    return World(options, streams, months, roster, weakness, context, merit, service, plant_gaming(options, streams))
