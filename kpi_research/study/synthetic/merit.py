"""True quality of each unit: what it can change itself, in four parts, drifting from month to month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Floats
from kpi_research.study.synthetic.effects import DRIFT_MEMORY, EFFORT_SCALE, GENERAL_LOADING
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.planting import planted
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.roster import Roster
from kpi_research.study.synthetic.streams import Streams
from kpi_research.study.synthetic.weakness import Weakness

PARTS = ("effort", "manner", "procedure", "solving")
"""Parts of quality: prevention effort, manner toward the public, lawful procedure, skill in solving cases."""


@dataclass(frozen=True)
class Merit:
    """True quality; arrays have shape (units, months) unless said otherwise.

    Attributes
    ----------
    effort, manner, procedure, solving : numpy.ndarray
        The parts, in standard deviations between units.
    quality : numpy.ndarray
        Their mean.
    intensity : numpy.ndarray
        Prevention effort as it works on cases, not negative.
    programme : numpy.ndarray of bool, shape (units,)
        Whether the unit starts the prevention programme.
    started : numpy.ndarray of bool
        Whether the programme is running.
    revisits : numpy.ndarray, shape (units,)
        Habit of calling on victims again, in standard deviations; no part of quality.
    """

    effort: Floats
    manner: Floats
    procedure: Floats
    solving: Floats
    quality: Floats
    intensity: Floats
    programme: Bools
    started: Bools
    revisits: Floats

    def part(self, name: str) -> Floats:
        """Return a part of quality by name.

        Parameters
        ----------
        name : str
            One of `PARTS`, ``"quality"`` or ``"intensity"``.

        Returns
        -------
        numpy.ndarray, shape (units, months)
        """
        values: Floats = getattr(self, name)
        return values


def make_merit(options: BureauOptions, streams: Streams, roster: Roster, weakness: Weakness) -> Merit:
    """Draw the true quality of all units.

    Part j of unit u in month t is ``s (.7 g_u + .714 e_uj) + d a_ut`` with general quality g, own part e and a
    first-order autoregression a; untrained and ill-mannered stations lose 2 standard deviations of one part.

    Parameters
    ----------
    options : BureauOptions
        ``quality_spread`` is s, ``quality_drift`` is d; the programme's share, month and effort.
    streams : Streams
        Random numbers of the bureau.
    roster : Roster
        The units.
    weakness : Weakness
        The planted causes.

    Returns
    -------
    Merit
    """
    z = normal(streams.uniforms("merit", roster.keys, 1 + len(PARTS) + 1))
    own = np.sqrt(1 - GENERAL_LOADING**2)
    base = options.quality_spread * (GENERAL_LOADING * z[:, :1] + own * z[:, 1:5])
    stations = roster.stations
    base[:stations] *= weakness.calm()[:, None]
    base[:stations, PARTS.index("procedure")] -= 2 * weakness.has("untrained")
    base[:stations, PARTS.index("manner")] -= 2 * weakness.has("manner")
    drift = options.quality_drift * _autoregression(normal(streams.uniforms("drift", roster.keys, options.months)))
    parts = base[:, :, None] + drift[:, None, :]
    programme, started = _programme(options, streams, roster)
    intensity = np.maximum(0.0, 1 + EFFORT_SCALE * parts[:, 0]) + options.programme_effort * started
    named = dict(zip(PARTS, np.moveaxis(parts, 1, 0), strict=True))
    return Merit(
        **named,
        quality=parts.mean(axis=1),
        intensity=intensity,
        programme=programme,
        started=started,
        revisits=options.quality_spread * z[:, -1],
    )


def _programme(options: BureauOptions, streams: Streams, roster: Roster) -> tuple[Bools, Bools]:
    programme = np.zeros(len(roster), dtype=bool)
    programme[: roster.stations] = planted(streams, "programme", options.stations, options.programme_share)
    running = np.arange(options.months) >= options.programme_month
    return programme, programme[:, None] & running[None, :]


def _autoregression(noise: Floats) -> Floats:
    """Return stationary first-order autoregressions with standard deviation 1 along the last axis."""
    series = noise.copy()
    fresh = np.sqrt(1 - DRIFT_MEMORY**2)
    for month in range(1, noise.shape[1]):
        series[:, month] = DRIFT_MEMORY * series[:, month - 1] + fresh * noise[:, month]
    return series
