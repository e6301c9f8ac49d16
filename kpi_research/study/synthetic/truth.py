"""The truth tables: what a study of the bureau should recover. No stage reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.effects import effects_rows
from kpi_research.study.synthetic.incidents import Incidents
from kpi_research.study.synthetic.offences import OFFENCES
from kpi_research.study.synthetic.officers import Officers, unit_speed
from kpi_research.study.synthetic.posts import (
    POST_FACTOR,
    POSTS,
    POSTS_ZH,
    RANK_FACTOR,
    RANK_FIAT,
    RANKS,
    RANKS_ZH,
    TASK_MINUTES,
    TASKS,
    TASKS_ZH,
)
from kpi_research.study.synthetic.service import SATISFACTION_PARTS
from kpi_research.study.synthetic.weakness import CAUSES, CAUSES_ZH
from kpi_research.study.synthetic.words import STRING, text
from kpi_research.study.synthetic.worklog import month_effect
from kpi_research.study.synthetic.world import World


def _station_ids(world: World) -> pd.Series:
    return pd.Series(world.roster.ids[: world.roster.stations], dtype=STRING)


def _quality(world: World) -> pd.DataFrame:
    """Return ``quality``, its parts ``effort``, ``manner``, ``procedure``, ``solving``, and ``intensity`` of prevention per unit and period."""
    merit = world.merit
    unit, month = (part.ravel() for part in np.indices(merit.quality.shape))
    parts = ("quality", "effort", "manner", "procedure", "solving", "intensity")
    return pd.DataFrame(
        {
            "unit": text(unit, world.roster.ids),
            "period": text(month, world.months.names),
            **{name: np.round(merit.part(name).ravel(), 6) for name in parts},
        }
    )


def _situation(world: World) -> pd.DataFrame:
    """Return ``hardness``, ``overload``, ``concept`` (hidden logit shift), ``delay`` and ``revisits`` per station."""
    context = world.context
    columns = {"hardness": context.hardness, "overload": context.overload, "concept": context.concept}
    delay = {"delay": world.service.delay.mean(axis=1), "revisits": world.merit.revisits[: world.roster.stations]}
    return pd.DataFrame(
        {"unit": _station_ids(world), **{name: np.round(values, 6) for name, values in {**columns, **delay}.items()}}
    )


def _weakness(world: World) -> pd.DataFrame:
    """Return the planted ``cause``, ``cause_zh`` and ``strength`` per station."""
    cause = world.weakness.cause
    strength = np.where(world.weakness.weak, world.weakness.strength, 0.0)
    return pd.DataFrame(
        {
            "unit": _station_ids(world),
            "cause": text(cause, (*CAUSES, "none")),
            "cause_zh": text(cause, CAUSES_ZH),
            "strength": strength,
        }
    )


def _satisfaction(world: World) -> pd.DataFrame:
    """Return what each part adds to the latent satisfaction per station, and the ``total``."""
    parts = {name: world.service.parts[name].mean(axis=1) for name in SATISFACTION_PARTS}
    total = world.service.satisfaction.mean(axis=1)
    return pd.DataFrame(
        {
            "unit": _station_ids(world),
            **{name: np.round(values, 6) for name, values in {**parts, "total": total}.items()},
        }
    )


def _prevention(world: World) -> pd.DataFrame:
    """Return whether a station has the ``programme``, its effort before and after, and the planted log effect."""
    merit, options, stations = world.merit, world.options, slice(0, world.roster.stations)
    started = np.arange(len(world.months)) >= options.programme_month
    columns = {}
    for name, months in (("effort_before", ~started), ("effort_after", started)):
        columns[name] = merit.intensity[stations][:, months].mean(axis=1) if months.any() else np.nan
    log_effect = -options.prevention_effect * options.programme_effort
    programme = merit.programme[stations]
    return pd.DataFrame(
        {
            "unit": _station_ids(world),
            "programme": programme,
            **{name: np.round(values, 6) for name, values in columns.items()},
            "programme_log_effect": np.where(programme, log_effect, 0.0),
        }
    )


def _types(world: World) -> pd.DataFrame:
    """Return the kinds of incidents with their true parameters and growth per month."""
    growth = np.log(world.growth[-1] / world.growth[0]) / max(1, len(world.months) - 1)
    scale = world.options.transient_scale
    rows = [
        (item.name, item.en, item.zh, item.category, item.share, item.preventable, min(0.95, item.transient * scale),
         item.solved, item.minutes, item.old)
        for item in OFFENCES
    ]  # fmt: skip
    names = [
        "type",
        "label_en",
        "label_zh",
        "category",
        "share",
        "preventable_logit",
        "transient",
        "solved",
        "minutes",
        "old",
    ]
    return pd.DataFrame(rows, columns=names).assign(log_growth_per_month=np.round(growth, 6))


def _tasks(world: World) -> pd.DataFrame:
    """Return ``task``, ``label_zh`` and true ``minutes`` of one piece of work by an ordinary officer on patrol."""
    return pd.DataFrame({"task": TASKS, "label_zh": TASKS_ZH, "minutes": TASK_MINUTES})


def _posts(world: World) -> pd.DataFrame:
    """Return ``post``, ``label_zh`` and the true ``factor`` on minutes, relative to patrol."""
    factor = np.round(POST_FACTOR**world.options.difficulty_spread, 6)
    return pd.DataFrame({"post": POSTS, "label_zh": POSTS_ZH, "factor": factor})


def _ranks(world: World) -> pd.DataFrame:
    """Return ``rank``, ``label_zh``, the true ``factor`` on minutes relative to ordinary, and the ``fiat`` coefficient."""
    factor = np.round(RANK_FACTOR**world.options.difficulty_spread, 6)
    return pd.DataFrame({"rank": RANKS, "label_zh": RANKS_ZH, "factor": factor, "fiat": RANK_FIAT})


def _speed(world: World) -> pd.DataFrame:
    """Return ``unit`` and its true ``log_minutes`` relative to the norm."""
    unit = pd.Series(world.roster.ids, dtype=STRING)
    return pd.DataFrame({"unit": unit, "log_minutes": np.round(unit_speed(world), 6)})


def _work_months(world: World) -> pd.DataFrame:
    """Return ``period`` and its true ``log_minutes`` relative to the norm."""
    period = pd.Series(world.months.names, dtype=STRING)
    return pd.DataFrame({"period": period, "log_minutes": np.round(month_effect(world), 6)})


def _options(world: World) -> pd.DataFrame:
    """Return ``option`` and ``value`` (as text) of all options."""
    return pd.DataFrame(
        [(name, str(value)) for name, value in asdict(world.options).items()], columns=["option", "value"]
    )


def _effects(world: World) -> pd.DataFrame:
    """Return ``name`` and ``value`` of the effects that hold everywhere; see `kpi_research.study.synthetic.effects`."""
    return pd.DataFrame(effects_rows(asdict(world.options)), columns=["name", "value"])


def _gaming(world: World) -> pd.DataFrame:
    """Return ``unit`` and whether it ``backfills``, ``bunches_24h``, ``lifts_85``, ``heaps_digits``, ``inflates``, ``freezes``."""
    return pd.DataFrame({"unit": _station_ids(world), **vars(world.gaming)})


WORLD_TRUTH: Mapping[str, Callable[[World], pd.DataFrame]] = {
    "options": _options,
    "effects": _effects,
    "quality": _quality,
    "situation": _situation,
    "weakness": _weakness,
    "satisfaction": _satisfaction,
    "gaming": _gaming,
    "prevention": _prevention,
    "types": _types,
    "tasks": _tasks,
    "posts": _posts,
    "ranks": _ranks,
    "speed": _speed,
    "work_months": _work_months,
}
"""How each truth table is made that does not depend on drawn records."""


def people_truth(world: World, officers: Officers) -> pd.DataFrame:
    """Return the true ability of all officers.

    Parameters
    ----------
    world : World
        The hidden world.
    officers : Officers
        All officers.

    Returns
    -------
    pandas.DataFrame
        ``officer``, ``ability`` in standard deviations.
    """
    return pd.DataFrame({"officer": officers.ids(world), "ability": np.round(officers.ability, 6)})


def preventability_truth(world: World, incidents: Incidents) -> pd.DataFrame:
    """Return the true preventable share of each station.

    Parameters
    ----------
    world : World
        The hidden world.
    incidents : Incidents
        All incidents.

    Returns
    -------
    pandas.DataFrame
        ``unit``; ``cases`` (recorded incidents that are no service calls); ``preventable`` (of these); ``share`` (their
        ratio, the estimand); ``probability`` (mean probability of being preventable).
    """
    cases = incidents.cases
    is_case = incidents.table["category"].to_numpy() != "service"
    station = cases.draws.station[is_case]
    count = np.bincount(station, minlength=world.roster.stations)
    hits = np.bincount(station, cases.preventable[is_case], minlength=world.roster.stations)
    chance = np.bincount(station, cases.probability[is_case], minlength=world.roster.stations)
    safe = np.maximum(count, 1)
    return pd.DataFrame(
        {
            "unit": _station_ids(world),
            "cases": count,
            "preventable": hits.astype(np.int64),
            "share": np.where(count > 0, np.round(hits / safe, 6), np.nan),
            "probability": np.where(count > 0, np.round(chance / safe, 6), np.nan),
        }
    )
