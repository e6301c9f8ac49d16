"""The table of units and the panel of units and months."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.events import Events
from kpi_research.study.synthetic.officers import unit_sizes
from kpi_research.study.synthetic.panel import unit_uniforms
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.survey import AGES, age_shares
from kpi_research.study.synthetic.words import STRING, text
from kpi_research.study.synthetic.world import World

SEQUENCES_ZH = {"station": "派出所", "direct": "直属单位", "internal": "机关内设机构"}
FINES_PER_OFFICER = 800.0
FINES_OWN, FINES_NOISE = 0.4, 0.5


def units_table(world: World) -> pd.DataFrame:
    """Return the table of units.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``name_en``, ``name_zh``, ``sequence`` (station, direct, internal), ``sequence_zh``, ``peer_group``
        (urban, rural, direct, internal), ``officers``, and for stations ``population`` (residents), ``area_km2``,
        ``rental_share``, ``old_compound_share``, ``nightlife_density`` (venues per square kilometer),
        ``border_distance_km``, ``share_18_39``, ``share_40_59``, ``share_60_plus`` (of residents aged 18 and over).
    """
    context, roster = world.context, world.roster
    groups = [*np.where(context.urban, "urban", "rural"), *roster.sequences[roster.stations :]]
    ages = age_shares(world)
    numbers = {
        "area_km2": np.round(context.area, 2),
        "rental_share": np.round(context.rental, 4),
        "old_compound_share": np.round(context.old, 4),
        "nightlife_density": np.round(context.nightlife, 2),
        "border_distance_km": np.round(context.border, 2),
        **{f"share_{name}": np.round(ages[:, col], 4) for col, name in enumerate(_AGE_NAMES)},
    }
    return pd.DataFrame(
        {
            "unit": pd.Series(roster.ids, dtype=STRING),
            "name_en": pd.Series(roster.names_en, dtype=STRING),
            "name_zh": pd.Series(roster.names_zh, dtype=STRING),
            "sequence": pd.Series(roster.sequences, dtype=STRING),
            "sequence_zh": pd.Series([SEQUENCES_ZH[name] for name in roster.sequences], dtype=STRING),
            "peer_group": pd.Series(groups, dtype=STRING),
            "officers": unit_sizes(world),
            "population": _counts(_stations_only(world, context.population.astype(float))),
            **{name: _stations_only(world, values) for name, values in numbers.items()},
        }
    )


_AGE_NAMES = tuple(name.replace("-", "_").replace("+", "_plus") for name in AGES)


def _stations_only(world: World, values: Floats) -> Floats:
    return np.concatenate([values, np.full(len(world.roster) - world.roster.stations, np.nan)])


def _counts(values: Floats) -> pd.arrays.IntegerArray:
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, np.rint(values)).astype(np.int64), missing)


def fines_level(world: World) -> Floats:
    """Return the mean fines per officer and month of each unit.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (units,)
        In yuan.
    """
    own = world.options.irrelevant_variation * normal(world.streams.uniforms("own/fines", world.roster.keys))
    return FINES_PER_OFFICER * np.exp(FINES_OWN * own + FINES_NOISE**2 / 2)


def _fines(world: World) -> Floats:
    noise = FINES_NOISE * normal(unit_uniforms(world, "fines")) - FINES_NOISE**2 / 2
    fines = np.rint(unit_sizes(world)[:, None] * fines_level(world)[:, None] * np.exp(noise) / 50) * 50
    return np.where(np.arange(len(world.roster))[:, None] < world.roster.stations, fines, np.nan)


def panel_table(
    world: World, reported: Mapping[str, Floats], events: Events, incidents: pd.DataFrame, survey: pd.DataFrame
) -> pd.DataFrame:
    """Return the panel.

    Parameters
    ----------
    world : World
        The hidden world.
    reported : mapping of str to numpy.ndarray, shape (units, months)
        Counts as reported.
    events : Events
        Bonus and deduction events.
    incidents, survey : pandas.DataFrame
        Records that the panel counts.

    Returns
    -------
    pandas.DataFrame
        One row per unit and month: ``unit``, ``period``, ``sequence``, ``officers``, ``population``, the columns of
        `COUNTS` and `SHARES`, ``fines`` (yuan), ``recorded_crimes``, ``bonus_points``, ``deduction_points``,
        ``serious_faults``, ``satisfaction_answers``, ``satisfaction_high`` (answers 8 and 10). Whole numbers, missing
        where a unit has no such column.
    """
    shape = (len(world.roster), len(world.months))
    unit, month = (part.ravel() for part in np.indices(shape))
    crimes = incidents[incidents["category"] == "criminal"]
    answers = survey[(survey["item"] == "satisfaction") & survey["answer"].notna()]
    population = _stations_only(world, world.context.population.astype(float))
    counted = {
        "officers": np.broadcast_to(unit_sizes(world)[:, None].astype(float), shape),
        "population": np.broadcast_to(population[:, None], shape),
        **reported,
        "fines": _fines(world),
        "recorded_crimes": _tally(world, crimes),
        "satisfaction_answers": _tally(world, answers),
        "satisfaction_high": _tally(world, answers[answers["answer"] >= 8]),
        "serious_faults": events.serious,
    }
    table = pd.DataFrame({name: _counts(values.ravel()) for name, values in counted.items()})
    table["bonus_points"], table["deduction_points"] = events.bonus.ravel(), events.deduction.ravel()
    table.insert(0, "unit", text(unit, world.roster.ids))
    table.insert(1, "period", text(month, world.months.names))
    table.insert(2, "sequence", text(unit, world.roster.sequences))
    return table


def _tally(world: World, rows: pd.DataFrame) -> Floats:
    """Count rows per unit and month; missing for units that are no stations."""
    table = pd.crosstab(rows["unit"], rows["period"])
    stations = list(world.roster.ids[: world.roster.stations])
    whole = table.reindex(index=stations, columns=list(world.months.names), fill_value=0).to_numpy(float)
    others = np.full((len(world.roster) - world.roster.stations, len(world.months)), np.nan)
    return np.concatenate([whole, others])
