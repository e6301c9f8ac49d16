"""Counts and shares per unit and month as they truly are, and what they should be on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.officers import unit_sizes
from kpi_research.study.synthetic.panel_columns import COUNTS, SHARES, Count, Scope, Share
from kpi_research.study.synthetic.quantiles import binomial, normal, poisson
from kpi_research.study.synthetic.world import World


@dataclass(frozen=True)
class Panel:
    """True counts per unit and month.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray, shape (units, months)
        Column -> whole numbers; NaN where the unit has no such column.
    expected : mapping of str to numpy.ndarray, shape (units, months)
        Count -> mean per officer; part of a share -> probability.
    """

    values: Mapping[str, Floats]
    expected: Mapping[str, Floats]


def draw_panel(world: World) -> Panel:
    """Draw the true counts and shares of all units.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    Panel
    """
    values: dict[str, Floats] = {}
    expected: dict[str, Floats] = {}
    officers = unit_sizes(world)[:, None]
    for count in COUNTS:
        mean = count.per_officer * np.exp(_shift(world, count.name, count))
        drawn = poisson(unit_uniforms(world, count.name), officers * mean)
        expected[count.name], values[count.name] = _masked(world, count.scope, mean, drawn)
    for share in SHARES:
        chance = expit(logit(share.base) + _shift(world, share.part, share))
        whole = values[share.whole] if share.trials == 0 else _trials(world, share)
        drawn = binomial(unit_uniforms(world, share.part), np.nan_to_num(whole), chance)
        expected[share.part], values[share.part] = _masked(world, share.scope, chance, drawn)
        values[share.whole] = _masked(world, share.scope, whole)[0]
    return Panel(values, expected)


def unit_uniforms(world: World, column: str) -> Floats:
    """Return the uniform numbers of one column of the panel.

    Parameters
    ----------
    world : World
        The hidden world.
    column : str
        Name of the column, or of what is done to it.

    Returns
    -------
    numpy.ndarray, shape (units, months)
    """
    return world.streams.uniforms(f"panel/{column}", world.roster.keys, len(world.months))


def _trials(world: World, share: Share) -> Floats:
    mean = share.trials * np.ones((len(world.roster), len(world.months)))
    if share.whole == "fraud_alerts":
        mean = mean * np.exp(world.options.fraud_growth * np.arange(len(world.months)))
    return np.maximum(1, poisson(unit_uniforms(world, share.whole), mean)).astype(float)


def _shift(world: World, name: str, column: Count | Share) -> Floats:
    own = (
        world.options.irrelevant_variation
        * column.own
        * normal(world.streams.uniforms(f"own/{name}", world.roster.keys))
    )
    shift = np.repeat(own[:, None], len(world.months), axis=1)
    for part, effect in column.loadings.items():
        shift = shift + effect * _part(world, part)
    return shift


def _part(world: World, part: str) -> Floats:
    if part != "hardness":
        return world.merit.part(part)
    hardness = np.zeros((len(world.roster), 1))
    hardness[: world.roster.stations, 0] = world.context.hardness
    return hardness


def in_scope(world: World, scope: Scope) -> Bools:
    """Return which units have a column.

    Parameters
    ----------
    world : World
        The hidden world.
    scope : {"station", "direct", "internal", "all"}
        Scope of the column.

    Returns
    -------
    numpy.ndarray of bool, shape (units,)
    """
    return np.array([scope in {"all", sequence} for sequence in world.roster.sequences])


def _masked(world: World, scope: Scope, *arrays: Floats | Ints) -> tuple[Floats, ...]:
    inside = in_scope(world, scope)[:, None]
    return tuple(np.where(inside, array, np.nan) for array in arrays)
