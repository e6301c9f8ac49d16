"""Levels that third parties give each station for the awareness it has raised: judgments by a rubric."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from kpi_research.study.rubric import read_rubric
from kpi_research.study.synthetic.arrays import Floats, Ints
from kpi_research.study.synthetic.catalogue import catalogue_rows
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.ratings import KINDS, THIRD_PARTIES
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

INDICATOR = "awareness"
LEVELS_ZH = ("未提升", "部分提升", "大部分提升", "全面提升")
CUTS: Floats = np.array([-1.2, 0.0, 1.2])
"""Where the latent judgment passes from one level to the next."""
PER_EFFORT = 0.8
SEVERITY = 0.5
"""What a point of severity in the ratings takes from the latent judgment."""
NOISE = 0.6


def rubric_of_awareness() -> tuple[tuple[str, ...], Floats]:
    """Return levels and points of the rubric as the catalogue has it.

    Returns
    -------
    tuple of str, numpy.ndarray
        In the order of the levels, worst first.
    """
    rows = catalogue_rows().set_index("id")
    rubric = read_rubric(str(rows.loc[INDICATOR, "rubric"]))
    return rubric.levels, np.array(rubric.points)


def draw_assessments(world: World) -> pd.DataFrame:
    """Draw the judgments of all rounds of ratings.

    The latent judgment is ``.8 effort - .5 severity + noise``, cut into levels; the third parties are those of the
    ratings and as severe.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    pandas.DataFrame
        ``rater``, ``target``, ``target_kind`` (unit), ``unit``, ``period``, ``kind`` (third_party), ``item`` (awareness),
        ``item_zh``, ``level``, ``level_zh``.
    """
    rounds = _rounds(world)
    shape = (world.roster.stations, rounds.size, THIRD_PARTIES)
    station, wave, rater = (part.ravel() for part in np.indices(shape))
    keys = [(*key, int(month)) for key in world.roster.station_keys for month in rounds]
    noise = NOISE * normal(world.streams.uniforms("awareness", keys, THIRD_PARTIES)).ravel()
    latent = _center(world)[station, rounds[wave], rater] + noise
    level = np.searchsorted(CUTS, latent)
    target = text(station, world.roster.ids)
    columns = {
        "rater": numbered((rater + 1, None, "T", 2)),
        "target": target,
        "target_kind": text(np.zeros(station.size, dtype=np.intp), ("unit",)),
        "unit": target,
        "period": text(rounds[wave], world.months.names),
        "kind": text(np.full(station.size, KINDS.index("third_party")), KINDS),
        "item": text(np.zeros(station.size, dtype=np.intp), (INDICATOR,)),
        "item_zh": text(np.zeros(station.size, dtype=np.intp), ("知晓度提升",)),
        "level": text(level, rubric_of_awareness()[0]),
        "level_zh": text(level, LEVELS_ZH),
    }
    return pd.DataFrame(columns)


def expected_awareness(world: World) -> tuple[Floats, Floats]:
    """Return mean points of the third parties and their variance by chance.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    tuple of numpy.ndarray, shape (stations, months)
        In points; the raters are given.
    """
    above = ndtr((_center(world)[..., None] - CUTS) / NOISE)
    whole = np.concatenate([np.ones((*above.shape[:-1], 1)), above, np.zeros((*above.shape[:-1], 1))], axis=-1)
    chance = -np.diff(whole, axis=-1)
    _, points = rubric_of_awareness()
    mean = chance @ points
    variance = chance @ points**2 - mean**2
    return mean.mean(axis=-1), variance.mean(axis=-1) / THIRD_PARTIES


def _rounds(world: World) -> Ints:
    step = world.options.rating_interval
    return np.arange(step - 1, len(world.months), step)


def _center(world: World) -> Floats:
    """Return the latent judgment without noise, shape (stations, months, third parties)."""
    raters = [(number,) for number in range(THIRD_PARTIES)]
    severity = world.options.rater_severity * normal(world.streams.uniforms("third-parties", raters))
    effort = world.merit.effort[: world.roster.stations]
    return np.asarray(PER_EFFORT * effort[:, :, None] - SEVERITY * severity)
