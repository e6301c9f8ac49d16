"""The situation of each station: people, housing, nightlife, officers, calls; nothing it can change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.offences import HARDNESS, SHARE
from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.places import compound_shares
from kpi_research.study.synthetic.planting import planted
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.roster import Roster
from kpi_research.study.synthetic.streams import Streams
from kpi_research.study.synthetic.weakness import Weakness

NORM_POPULATION = 35_000
_PARTS = ("population", "area", "hardness", "rental", "old", "nightlife", "border", "elderly", "gate", "cctv", "lighting",
          "volume", "staffing", "transient")  # fmt: skip


@dataclass(frozen=True)
class Context:
    """The situation of each station; all arrays have shape (stations,).

    Attributes
    ----------
    urban : numpy.ndarray of bool
        Urban or rural.
    population : numpy.ndarray of int
        Residents.
    area : numpy.ndarray
        Square kilometers.
    hardness : numpy.ndarray
        How hard the case mix is; 0 at a station of the norm.
    rental, old, elderly : numpy.ndarray
        Share of rented homes, of homes in old compounds, of residents aged 60 and over.
    nightlife : numpy.ndarray
        Venues per square kilometer.
    border : numpy.ndarray
        Kilometers to the county border.
    gate, cctv, lighting : numpy.ndarray
        Standardized coverage with gates, cameras and street lights.
    compounds : numpy.ndarray, shape (stations, 6)
        Cumulative shares of the kinds of places.
    volume : numpy.ndarray
        Incidents relative to the norm, before prevention.
    officers : numpy.ndarray of int
        Officers.
    overload : numpy.ndarray
        Log of incidents per officer relative to the norm.
    concept, transient : numpy.ndarray
        Logit shift of being preventable that no feature shows; logit shift of transient offenders.
    """

    urban: Bools
    population: Ints
    area: Floats
    hardness: Floats
    rental: Floats
    old: Floats
    elderly: Floats
    nightlife: Floats
    border: Floats
    gate: Floats
    cctv: Floats
    lighting: Floats
    compounds: Floats
    volume: Floats
    officers: Ints
    overload: Floats
    concept: Floats
    transient: Floats


def make_context(options: BureauOptions, streams: Streams, roster: Roster, weakness: Weakness) -> Context:
    """Draw the situation of each station.

    Parameters
    ----------
    options : BureauOptions
        ``context_spread`` scales all differences, ``concept_shift`` the hidden shift.
    streams : Streams
        Random numbers of the bureau.
    roster : Roster
        The units.
    weakness : Weakness
        Understaffed stations lack officers; stations with a hard mix have rented homes, nightlife and more crime.

    Returns
    -------
    Context
    """
    spread = options.context_spread
    urban = planted(streams, "urban", options.stations, 0.5)
    side = np.where(urban, spread, -spread)
    raw = normal(streams.uniforms("context", roster.station_keys, len(_PARTS))) * spread
    z = dict(zip(_PARTS, raw.T, strict=True))
    hardness = 0.5 * z["hardness"] * weakness.calm() + 2 * weakness.has("hard_mix")
    population = np.rint(NORM_POPULATION * np.exp(0.3 * side + 0.2 * z["population"])).astype(np.int64)
    rental = expit(-1.1 + 0.4 * side + 0.4 * z["rental"] + 0.6 * hardness)
    old = expit(-1.1 + 0.3 * side + 0.5 * z["old"])
    nightlife = np.exp(0.7 + side + 0.4 * z["nightlife"] + 0.4 * hardness)
    rural = np.clip(0.35 - 0.35 * side, 0, 1)
    volume = population / NORM_POPULATION * np.exp(0.1 * z["volume"] + 0.35 * hardness)
    load = volume * (np.exp(np.outer(hardness, HARDNESS)) @ SHARE)
    officers, overload = _staffing(options, load, z["staffing"], weakness)
    return Context(
        urban,
        population,
        25 * np.exp(-1.2 * side + 0.3 * z["area"]),
        hardness,
        rental,
        old,
        expit(-1.4 - 0.3 * side + 0.2 * z["elderly"]),
        nightlife,
        np.exp(2.7 - 0.4 * side + 0.6 * z["border"] - 0.4 * hardness),
        0.5 * z["gate"],
        0.5 * z["cctv"],
        0.5 * z["lighting"],
        compound_shares(rental, old, nightlife, rural),
        volume,
        officers,
        overload,
        options.concept_shift * normal(streams.uniforms("concept", roster.station_keys)),
        0.3 * z["transient"] + 0.3 * hardness,
    )


def _staffing(options: BureauOptions, load: Floats, noise: Floats, weakness: Weakness) -> tuple[Ints, Floats]:
    wanted = load * np.exp(0.12 * noise * weakness.calm() - 0.6 * weakness.has("understaffed"))
    officers = np.maximum(6, np.rint(options.officers_per_station * wanted)).astype(np.int64)
    return officers, np.log(load * options.officers_per_station / officers)
