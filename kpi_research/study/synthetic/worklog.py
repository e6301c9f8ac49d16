"""The work log: minutes and pieces of work per officer, task and month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats, Ints
from kpi_research.study.synthetic.officers import Officers, unit_sizes, unit_speed
from kpi_research.study.synthetic.posts import (
    CALL_DRIVEN,
    POST_FACTOR,
    RANK_FACTOR,
    TASK_MINUTES,
    TASKS,
    TASKS_ZH,
    WORK,
)
from kpi_research.study.synthetic.quantiles import happens, mean_one_gamma, mean_one_lognormal, normal, poisson
from kpi_research.study.synthetic.words import text
from kpi_research.study.synthetic.world import World

ABILITY_SPEED = -0.05
"""Log minutes per standard deviation of ability."""

MONTH_SPREAD = 0.03
"""Standard deviation of log minutes between months."""


def draw_worklog(world: World, officers: Officers) -> pd.DataFrame:
    """Draw the work log.

    Minutes of officer i, task k and month t are ``n_ikt mu_k a_post b_rank exp(unit + month + ability) e`` with n
    pieces of work, e of mean 1 (gamma or lognormal); some stations round them to tens.

    Parameters
    ----------
    world : World
        The hidden world.
    officers : Officers
        All officers.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``officer``, ``period``, ``task``, ``task_zh``, ``count`` (pieces of work), ``minutes`` (whole).
    """
    u = _numbers(world)
    months, tasks, people = len(world.months), len(TASKS), officers.unit.size
    count = poisson(u[0], np.broadcast_to(_expected_counts(world, officers)[:, None, :], (people, months, tasks)))
    mean = count * _minutes_per_piece(world, officers)
    noise = {"gamma": mean_one_gamma, "lognormal": mean_one_lognormal}[world.options.work_noise]
    minutes = np.maximum(1, np.rint(mean * noise(u[1], world.options.work_variance)))
    heaped = happens(u[2], world.options.heaping * _heaps(world)[officers.unit][:, None, None])
    minutes = np.where(heaped, np.maximum(10, np.rint(minutes / 10) * 10), minutes)
    return _table(world, officers, count, minutes)


def _numbers(world: World) -> Floats:
    """Return uniform numbers, shape (3, officers, months, tasks)."""
    sizes = unit_sizes(world)
    units = []
    for key, size in zip(world.roster.keys, sizes, strict=True):
        keys = [(*key, month) for month in range(len(world.months))]
        units.append(world.streams.uniforms("worklog", keys, 3, int(size), len(TASKS)).transpose(1, 2, 0, 3))
    return np.concatenate(units, axis=1)


def _expected_counts(world: World, officers: Officers) -> Floats:
    load = np.zeros(len(world.roster))
    load[: world.roster.stations] = world.context.overload
    factor = np.exp(np.outer(load, 0.8 * CALL_DRIVEN))
    return WORK[officers.post] * factor[officers.unit]


def _minutes_per_piece(world: World, officers: Officers) -> Floats:
    person = np.log(POST_FACTOR)[officers.post] + np.log(RANK_FACTOR)[officers.rank]
    person = (
        world.options.difficulty_spread * person + unit_speed(world)[officers.unit] + ABILITY_SPEED * officers.ability
    )
    return np.exp(person[:, None, None] + month_effect(world)[None, :, None]) * TASK_MINUTES


def month_effect(world: World) -> Floats:
    """Return log minutes of each month relative to the norm.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    numpy.ndarray, shape (months,)
    """
    months = [(month,) for month in range(len(world.months))]
    return MONTH_SPREAD * normal(world.streams.uniforms("work-month", months))


def _heaps(world: World) -> Floats:
    heaps = np.zeros(len(world.roster))
    heaps[: world.roster.stations] = world.gaming.heaps_digits
    return heaps


def _table(world: World, officers: Officers, count: Ints, minutes: Floats) -> pd.DataFrame:
    person, month, task = np.nonzero(count)
    return pd.DataFrame(
        {
            "unit": text(officers.unit[person], world.roster.ids),
            "officer": officers.ids(world, person),
            "period": text(month, world.months.names),
            "task": text(task, TASKS),
            "task_zh": text(task, TASKS_ZH),
            "count": count[person, month, task],
            "minutes": minutes[person, month, task].astype(np.int64),
        }
    )
