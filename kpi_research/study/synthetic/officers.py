"""Officers: post, rank, tenure and the ability nobody records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats, Ints
from kpi_research.study.synthetic.draws import Draws
from kpi_research.study.synthetic.posts import (
    POST_SHARES,
    POSTS,
    POSTS_ZH,
    RANK_CUMULATIVE,
    RANK_TENURE,
    RANKS,
    RANKS_ZH,
)
from kpi_research.study.synthetic.quantiles import choice, happens, normal
from kpi_research.study.synthetic.roster import DEPARTMENT_OFFICERS
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World


@dataclass(frozen=True)
class Officers:
    """All officers; arrays have shape (officers,).

    Attributes
    ----------
    unit, number, post, rank : numpy.ndarray of int
        Position of the unit, running number within it (from 1), positions in `POSTS` and `RANKS`.
    tenure : numpy.ndarray
        Years in service.
    ability : numpy.ndarray
        True ability, in standard deviations.
    woman : numpy.ndarray of bool
        Sex.
    """

    unit: Ints
    number: Ints
    post: Ints
    rank: Ints
    tenure: Floats
    ability: Floats
    woman: np.ndarray

    def ids(self, world: World, rows: Ints | slice = slice(None)) -> pd.Series:
        """Return the identifiers of officers.

        Parameters
        ----------
        world : World
            The hidden world.
        rows : numpy.ndarray of int or slice, optional
            Positions of the officers; all where not given.

        Returns
        -------
        pandas.Series of str
        """
        return numbered((self.unit[rows], world.roster.ids, "", 0), (self.number[rows], None, "", 3))


def unit_sizes(world: World) -> Ints:
    """Return the number of officers per unit.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray of int, shape (units,)
    """
    others = len(world.roster) - world.roster.stations
    return np.concatenate([world.context.officers, np.full(others, DEPARTMENT_OFFICERS)])


def unit_speed(world: World) -> Floats:
    """Return log minutes of each unit relative to the norm.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (units,)
    """
    return world.options.unit_speed * normal(world.streams.uniforms("speed", world.roster.keys))


def field_officers(sizes: Ints) -> Ints:
    """Return how many officers of a station answer calls: those in patrol, community and case posts, who come first.

    Parameters
    ----------
    sizes : numpy.ndarray of int
        Officers of the stations.

    Returns
    -------
    numpy.ndarray of int
    """
    return np.maximum(3, np.rint(sizes * sum(POST_SHARES[:3]))).astype(np.int64)


def handlers(world: World, draws: Draws) -> Ints:
    """Return the running number of the officer who handles each incident.

    Parameters
    ----------
    world : World
        The hidden world.
    draws : Draws
        Random numbers of the incidents.

    Returns
    -------
    numpy.ndarray of int
    """
    available = field_officers(world.context.officers)[draws.station]
    return np.floor(draws["officer"] * available).astype(np.int64) + 1


def draw_officers(world: World) -> Officers:
    """Draw all officers.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    Officers
        Ordered by unit and running number.
    """
    sizes = unit_sizes(world)
    raw = [
        world.streams.generator("officers", *key).random((size, 5))
        for key, size in zip(world.roster.keys, sizes, strict=True)
    ]
    posts = [_posts(world, unit, size) for unit, size in enumerate(sizes)]
    ability = [_selected(world, post, block) for post, block in zip(posts, raw, strict=True)]
    u = np.concatenate(raw)
    rank = choice(u[:, 1], RANK_CUMULATIVE)
    low, high = RANK_TENURE[rank].T
    return Officers(
        np.repeat(np.arange(len(sizes)), sizes),
        np.concatenate([np.arange(size) + 1 for size in sizes]),
        np.concatenate(posts),
        rank,
        np.round(low + (high - low) * u[:, 2], 1),
        np.concatenate(ability),
        happens(u[:, 3], 0.16),
    )


def _posts(world: World, unit: int, size: int) -> Ints:
    main = world.roster.main_posts[unit]
    if main:
        posts = np.full(size, POSTS.index(main))
        posts[size - 4 :] = POSTS.index("desk")
        return posts.astype(np.int64)
    edges = np.rint(np.cumsum(POST_SHARES) * size)
    field = field_officers(np.array([size]))[0]
    edges[2] = field
    return np.minimum(np.searchsorted(edges, np.arange(size), side="right"), len(POSTS) - 1).astype(np.int64)


def _selected(world: World, posts: Ints, raw: Floats) -> Floats:
    """Return abilities; with selection, able officers are the more likely to hold case posts."""
    z = normal(np.maximum(raw[:, 0], 2.0**-54))
    pull = world.options.post_selection
    if pull:
        wish = pull * (posts == POSTS.index("case")) + normal(np.maximum(raw[:, 4], 2.0**-54))
        ranked = np.empty_like(z)
        ranked[np.argsort(wish, kind="stable")] = np.sort(z)
        z = ranked
    return world.options.ability_spread * z


def officers_table(world: World, officers: Officers) -> pd.DataFrame:
    """Return the table of officers.

    Parameters
    ----------
    world : World
        The hidden world.
    officers : Officers
        The officers.

    Returns
    -------
    pandas.DataFrame
        ``officer``, ``unit``, ``post``, ``post_zh``, ``rank``, ``rank_zh``, ``sex``, ``tenure_years``.
    """
    return pd.DataFrame(
        {
            "officer": officers.ids(world),
            "unit": text(officers.unit, world.roster.ids),
            "post": text(officers.post, POSTS),
            "post_zh": text(officers.post, POSTS_ZH),
            "rank": text(officers.rank, RANKS),
            "rank_zh": text(officers.rank, RANKS_ZH),
            "sex": text(officers.woman, ("male", "female")),
            "tenure_years": officers.tenure,
        }
    )
