"""What each indicator of a station would be on average, month by month, if nobody gamed and no record were wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtr

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.awareness import INDICATOR, expected_awareness
from kpi_research.study.synthetic.events import Events
from kpi_research.study.synthetic.incidents import Incidents, repeat_chance, revisit_chance
from kpi_research.study.synthetic.ledger import VISIT_ENTERED
from kpi_research.study.synthetic.offences import IS_CRIMINAL, OLD
from kpi_research.study.synthetic.officers import Officers, field_officers
from kpi_research.study.synthetic.panel import Panel
from kpi_research.study.synthetic.panel_columns import COUNTS, SHARES
from kpi_research.study.synthetic.ratings import CENTER, COMMON_NOISE, NOISE, PER_ABILITY, SUPERIORS
from kpi_research.study.synthetic.response import DEADLINE
from kpi_research.study.synthetic.service import ENTRY_SIGMA, TRAVEL_SIGMA
from kpi_research.study.synthetic.survey import DONT_KNOW, ITEMS
from kpi_research.study.synthetic.unit_tables import FINES_NOISE, fines_level
from kpi_research.study.synthetic.words import text
from kpi_research.study.synthetic.world import World

Moments = tuple[Floats, Floats]
"""Mean and sampling variance of an indicator, each of shape (stations, months)."""

COUNT_INDICATORS: Mapping[str, str] = {
    "visits": "home_visits",
    "risk_checks": "risk_checks",
    "information_items": "information_items",
    "mediations": "mediations",
    "detentions": "detentions",
}
"""Count of the panel -> indicator that divides it by the officers."""

SHARE_INDICATORS: Mapping[str, str] = {
    "procedures_lawful": "lawful_procedure",
    "cases_upheld": "clearance_quality",
    "mediations_settled": "mediation_success",
    "hazards_rectified": "hazard_rectification",
    "records_right": "spot_check",
    "fraud_stopped": "fraud_dissuasion",
    "support_done": "support_to_others",
    "logins_met": "training_logins",
    "use_matched": "use_match",
    "equipment_ready": "equipment_ready",
}
"""Part of a share of the panel -> indicator."""


def expected_values(
    world: World, panel: Panel, incidents: Incidents, events: Events, officers: Officers, means: pd.DataFrame
) -> pd.DataFrame:
    """Return mean and sampling variance of the stations' indicators.

    Parameters
    ----------
    world : World
        The hidden world.
    panel : Panel
        True counts.
    incidents : Incidents
        All incidents.
    events : Events
        Bonus and deduction events.
    officers : Officers
        All officers.
    means : pandas.DataFrame
        Truth of the survey.

    Returns
    -------
    pandas.DataFrame
        ``indicator``, ``unit``, ``period``, ``expected`` (in the unit of the indicator), ``variance`` (of one month's
        value around it, by chance alone).
    """
    sources = (
        _from_panel(world, panel),
        _from_incidents(world, incidents),
        _from_survey(world, means),
        _from_people(world, panel, events, officers),
    )
    found = [item for source in sources for item in source]
    shape = (world.roster.stations, len(world.months))
    indicator, station, month = (part.ravel() for part in np.indices((len(found), *shape)))
    centers, variances = (
        np.stack([np.broadcast_to(pair[side], shape) for _, pair in found]).ravel() for side in (0, 1)
    )
    return pd.DataFrame(
        {
            "indicator": text(indicator, [name for name, _ in found]),
            "unit": text(station, world.roster.ids),
            "period": text(month, world.months.names),
            "expected": np.round(centers, 6),
            "variance": np.round(variances, 9),
        }
    )


def _share(chance: Floats, trials: Floats) -> Moments:
    return chance, chance * (1 - chance) / np.maximum(trials, 1)


def _from_panel(world: World, panel: Panel) -> Iterator[tuple[str, Moments]]:
    stations = slice(0, world.roster.stations)
    officers = world.context.officers[:, None]
    for count in COUNTS:
        if count.name in COUNT_INDICATORS:
            mean = panel.expected[count.name][stations]
            yield COUNT_INDICATORS[count.name], (mean, mean / officers)
    for share in SHARES:
        if share.part in SHARE_INDICATORS:
            yield (
                SHARE_INDICATORS[share.part],
                _share(panel.expected[share.part][stations], panel.values[share.whole][stations]),
            )
    visits = (
        panel.expected["visits"][stations] * VISIT_ENTERED * officers / field_officers(world.context.officers)[:, None]
    )
    yield "visit_entries", (visits, visits / field_officers(world.context.officers)[:, None])


def _per_cell(world: World, incidents: Incidents, weights: Floats) -> Floats:
    draws = incidents.cases.draws
    shape = (world.roster.stations, len(world.months))
    flat = np.bincount(draws.station * shape[1] + draws.month, weights, minlength=shape[0] * shape[1])
    return flat.astype(float).reshape(shape)


def _from_incidents(world: World, incidents: Incidents) -> Iterator[tuple[str, Moments]]:
    cases, service = incidents.cases, world.service
    called = _per_cell(world, incidents, np.asarray(incidents.table["arrived_at"].notna(), dtype=float))
    every = _per_cell(world, incidents, np.ones(len(cases)))
    criminal = IS_CRIMINAL[cases.kind].astype(float)
    crimes = _per_cell(world, incidents, criminal)
    solved = _per_cell(world, incidents, criminal * cases.chance_solved) / np.maximum(crimes, 1)
    median = np.exp(service.travel)
    # a difference counted in whole minutes of the clock is at most 10 for durations up to 10.5 minutes on average
    yield "response_10", _share(ndtr((np.log(10.5) - service.travel) / TRAVEL_SIGMA), called)
    yield "response_median", (median, np.pi / 2 * (TRAVEL_SIGMA * median) ** 2 / np.maximum(called, 1))
    yield "entry_24h", _share(ndtr((np.log(DEADLINE + 0.5) - service.entry) / ENTRY_SIGMA), every)
    yield "clearance_rate", _share(solved, crimes)
    yield "repeat_addresses", _share(repeat_chance(world), every)
    yield (
        "theft_revisits",
        _share(revisit_chance(world)[:, None], _per_cell(world, incidents, OLD[cases.kind].astype(float))),
    )
    people = world.context.population[:, None] / 10_000
    yield "recorded_crimes", (crimes / people, crimes / people**2)


def _from_survey(world: World, means: pd.DataFrame) -> Iterator[tuple[str, Moments]]:
    shape = (world.roster.stations, len(world.months))
    answers = world.options.survey_calls * world.options.response_rate * (1 - DONT_KNOW)
    for item in ITEMS[:2]:
        chance = means.loc[means["item"] == item, "share_satisfied"].to_numpy().reshape(shape)
        yield item, _share(chance, np.array(answers))


def _from_people(world: World, panel: Panel, events: Events, officers: Officers) -> Iterator[tuple[str, Moments]]:
    stations = slice(0, world.roster.stations)
    yield "deductions", (events.expected_deduction[stations], events.deduction_variance[stations])
    yield "serious_faults", (events.expected_serious[stations], events.expected_serious[stations])
    size = world.context.officers
    fines = fines_level(world)[stations]
    yield "fines", (fines[:, None], (fines**2 * np.expm1(FINES_NOISE**2))[:, None])
    detentions = panel.expected["detentions"][stations]
    variance = 100 * detentions / size[:, None] + (fines**2 * np.expm1(FINES_NOISE**2) / 1e6)[:, None]
    yield "strike_index", (10 * detentions + fines[:, None] / 1000, variance)
    ability = np.bincount(officers.unit, officers.ability)[stations] / size
    noise = (COMMON_NOISE**2 + NOISE**2 + 1 / 12) / (SUPERIORS * size)
    severity = world.options.rater_severity**2 / SUPERIORS
    yield INDICATOR, expected_awareness(world)
    yield "competence", ((CENTER + PER_ABILITY * ability)[:, None], (noise + severity)[:, None])
