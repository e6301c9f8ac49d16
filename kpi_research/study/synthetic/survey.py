"""The survey: persons approached, who answers, by which mode, on the scale 10/8/5/2/0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.quantiles import choice, happens, normal
from kpi_research.study.synthetic.words import numbered, text
from kpi_research.study.synthetic.world import World

ITEMS = ("satisfaction", "visibility", "handling")
ITEMS_ZH = ("总体满意度", "见警率", "接处警满意度")
BASE: Floats = np.array([1.0, 0.5, 0.8])
"""Latent mean of each item at a station of the norm."""

CUTS: Floats = np.array([-1.6, -1.1, -0.4, 0.4])
ANSWERS: Floats = np.array([0.0, 2.0, 5.0, 8.0, 10.0])
"""Answer below the first cut, between the cuts, above the last one."""

AGES = ("18-39", "40-59", "60+")
AGE_EFFECT: Floats = np.array([-0.15, 0.0, 0.2])
DONT_KNOW = 0.03
SATISFIED = -0.4
"""Latent value above which the answer is 8 or 10."""

_SLOTS = ("age", "mode", "person", "response", "reason", "item0", "item1", "item2", "know0", "know1", "know2")


@dataclass(frozen=True)
class Survey:
    """The survey and its truth.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per person approached and item: ``respondent``, ``unit``, ``period``, ``age_group``, ``mode`` (phone,
        face), ``item``, ``item_zh``, ``status`` (answered, dont_know, refused, no_contact), ``answer`` (10, 8, 5, 2, 0;
        missing unless answered), ``weight`` (residents aged 18 and over that the person stands for in the sample drawn).
    respondents : pandas.DataFrame
        ``respondent``, ``unit``, ``period``, ``response_probability``, ``attitude`` (latent satisfaction).
    means : pandas.DataFrame
        ``unit``, ``period``, ``item``, ``latent`` (population mean), ``share_satisfied`` (8 or 10, face to face, of
        all residents), ``mean_answer``.
    """

    table: pd.DataFrame
    respondents: pd.DataFrame
    means: pd.DataFrame


@dataclass(frozen=True)
class _People:
    station: Ints
    month: Ints
    age: Ints
    face: Bools
    latent: Floats
    chance: Floats
    answers: Bools
    reason: Bools
    unknown: Bools


def draw_survey(world: World) -> Survey:
    """Draw the survey of all stations.

    The latent answer is base + station + age + person + own error (+ telephone); persons answer with
    ``logit = logit(rate) + b attitude``. Age groups are drawn in equal numbers and carry design weights.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    Survey
    """
    people = _people(world)
    return Survey(_table(world, people), _respondents(world, people), population_means(world))


def age_shares(world: World) -> Floats:
    """Return the shares of the age groups among residents aged 18 and over.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (stations, 3)
    """
    elderly = world.context.elderly
    return np.column_stack([0.48 * (1 - elderly), 0.52 * (1 - elderly), elderly])


def _station_means(world: World) -> Floats:
    """Return latent means, shape (3, stations, months)."""
    service = world.service
    return BASE[:, None, None] + np.stack([service.satisfaction, service.visibility, service.handling])


def _people(world: World) -> _People:
    options, months = world.options, len(world.months)
    keys = [(*key, month) for key in world.roster.station_keys for month in range(months)]
    u = world.streams.uniforms("survey", keys, options.survey_calls, len(_SLOTS)).reshape(-1, len(_SLOTS))
    z = dict(zip(_SLOTS, u.T, strict=True))
    station = np.repeat(np.arange(world.roster.stations), months * options.survey_calls)
    month = np.tile(np.repeat(np.arange(months), options.survey_calls), world.roster.stations)
    age = choice(z["age"], np.array([1 / 3, 2 / 3, 1.0]))
    face = happens(z["mode"], options.face_share)
    person = np.sqrt(0.5) * normal(z["person"])
    own = np.sqrt(0.5) * normal(np.stack([z["item0"], z["item1"], z["item2"]]))
    attitude = world.service.satisfaction[station, month] + AGE_EFFECT[age] + person
    latent = _station_means(world)[:, station, month] + AGE_EFFECT[age] + person + own + options.mode_effect * ~face
    chance = expit(logit(options.response_rate) + options.nonresponse_bias * attitude)
    unknown = happens(np.stack([z["know0"], z["know1"], z["know2"]]), DONT_KNOW)
    answers = happens(z["response"], chance)
    return _People(station, month, age, face, latent, chance, answers, happens(z["reason"], 0.4), unknown)


def _identity(world: World, people: _People) -> pd.Series:
    number = np.tile(np.arange(world.options.survey_calls) + 1, world.roster.stations * len(world.months))
    return numbered(
        (people.station, world.roster.ids, "Q", 0), (people.month, world.months.names, "", 0), (number, None, "", 3)
    )


def _table(world: World, people: _People) -> pd.DataFrame:
    count, items = people.station.size, len(ITEMS)
    rows, item = np.repeat(np.arange(count), items), np.tile(np.arange(items), count)
    unknown = people.unknown[item, rows]
    answered = people.answers[rows] & ~unknown
    silent = np.where(people.reason[rows], 2, 3)
    status = np.where(answered, 0, np.where(people.answers[rows], 1, silent))
    answer = np.where(answered, ANSWERS[np.searchsorted(CUTS, people.latent[item, rows])], np.nan)
    adults = 0.8 * world.context.population[:, None] * age_shares(world) / (world.options.survey_calls / len(AGES))
    return pd.DataFrame(
        {
            "respondent": _identity(world, people).take(rows).reset_index(drop=True),
            "unit": text(people.station[rows], world.roster.ids),
            "period": text(people.month[rows], world.months.names),
            "age_group": text(people.age[rows], AGES),
            "mode": text(people.face[rows], ("phone", "face")),
            "item": text(item, ITEMS),
            "item_zh": text(item, ITEMS_ZH),
            "status": text(status, ("answered", "dont_know", "refused", "no_contact")),
            "answer": answer,
            "weight": np.round(adults[people.station, people.age], 2)[rows],
        }
    )


def _respondents(world: World, people: _People) -> pd.DataFrame:
    attitude = people.latent[0] - world.options.mode_effect * ~people.face
    return pd.DataFrame(
        {
            "respondent": _identity(world, people),
            "unit": text(people.station, world.roster.ids),
            "period": text(people.month, world.months.names),
            "response_probability": np.round(people.chance, 4),
            "attitude": np.round(attitude, 4),
        }
    )


def population_means(world: World) -> pd.DataFrame:
    """Return what a census, face to face and without nonresponse, would give.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``period``, ``item``, ``latent``, ``share_satisfied``, ``mean_answer``.
    """
    shares = age_shares(world)
    means = _station_means(world)
    groups = means[..., None] + AGE_EFFECT
    above = [(ndtr(groups - cut) * shares[None, :, None, :]).sum(axis=-1) for cut in CUTS]
    expected = sum(step * part for step, part in zip(np.diff(ANSWERS), above, strict=True))
    latent = (groups * shares[None, :, None, :]).sum(axis=-1)
    item, station, month = (part.ravel() for part in np.indices(means.shape))
    return pd.DataFrame(
        {
            "unit": text(station, world.roster.ids),
            "period": text(month, world.months.names),
            "item": text(item, ITEMS),
            "latent": np.round(latent.ravel(), 6),
            "share_satisfied": np.round(above[2].ravel(), 6),
            "mean_answer": np.round(np.asarray(expected).ravel(), 6),
        }
    )
