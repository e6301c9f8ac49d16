"""Labels of the panel: an unequal-probability sample of cases, several raters with errors, adjudication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Bools, Floats, Ints
from kpi_research.study.synthetic.incidents import Incidents
from kpi_research.study.synthetic.offences import IS_CASE, PREVENTABLE
from kpi_research.study.synthetic.quantiles import happens
from kpi_research.study.synthetic.words import STRING, text
from kpi_research.study.synthetic.world import World

PANEL = "PANEL"
"""Rater of the rows that hold the decision of the adjudication panel."""

PANEL_ERROR = 0.01


@dataclass(frozen=True)
class Labels:
    """Labels and the true errors of the raters.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per case and rater: ``incident``, ``unit``, ``period``, ``rater``, ``preventable`` (1, 0, missing where
        unsure), ``unsure``, ``inclusion`` (probability that the case was drawn), ``double_coded`` (three raters and
        the panel), ``adjudicated`` (the row is the panel's decision).
    raters : pandas.DataFrame
        ``rater``, ``false_positive``, ``false_negative``, ``unsure``: true probabilities.
    """

    table: pd.DataFrame
    raters: pd.DataFrame


def draw_labels(world: World, incidents: Incidents) -> Labels:
    """Draw the labels of a bureau.

    Case i of a station and month is drawn with probability ``min(1, m w_i / sum w)``, m labels a month and
    ``w = exp(s z)`` of its visible risk z.

    Parameters
    ----------
    world : World
        The hidden world.
    incidents : Incidents
        All incidents of the bureau.

    Returns
    -------
    Labels
    """
    rows = np.flatnonzero(IS_CASE[incidents.cases.kind])
    raters = rater_errors(world)
    u = _numbers(world, incidents, rows)
    inclusion = _inclusion(world, incidents, rows)
    drawn = np.flatnonzero(happens(u[:, 0], inclusion))
    double = happens(u[drawn, 1], world.options.double_coded)
    chosen = np.argsort(u[drawn, 2 : 2 + world.options.label_raters], axis=1)[:, :3]
    seats = np.concatenate([np.ones((drawn.size, 1), dtype=bool), np.repeat(double[:, None], 3, axis=1)], axis=1)
    case, seat = np.nonzero(seats)
    rater = np.where(seat < 3, chosen[case, np.minimum(seat, 2)], world.options.label_raters)
    tail = u[drawn, -8:]
    truth = incidents.cases.preventable[rows[drawn]][case]
    answer, unsure = _answers(raters, rater, truth, tail[case, seat], tail[case, 4 + seat])
    return Labels(
        _table(world, incidents, rows[drawn][case], inclusion[drawn][case], rater, answer, unsure, double[case]), raters
    )


def rater_errors(world: World) -> pd.DataFrame:
    """Return the true errors of the raters; the last row is the adjudication panel.

    Parameters
    ----------
    world : World
        The hidden world.

    Returns
    -------
    pandas.DataFrame
        ``rater``, ``false_positive``, ``false_negative``, ``unsure``.
    """
    options = world.options
    count = options.label_raters
    u = world.streams.uniforms("raters", [(number,) for number in range(count)], 2)
    spread = 1 + options.label_spread * (2 * u - 1)
    names = [f"R{number + 1:02d}" for number in range(count)]
    return pd.DataFrame(
        {
            "rater": pd.Series([*names, PANEL], dtype=STRING),
            "false_positive": np.append(options.label_false_positive * spread[:, 0], PANEL_ERROR),
            "false_negative": np.append(options.label_false_negative * spread[:, 1], PANEL_ERROR),
            "unsure": np.append(np.full(count, options.label_unsure), 0.0),
        }
    )


def _numbers(world: World, incidents: Incidents, rows: Ints) -> Floats:
    """Return uniform numbers per case: drawn, double, one per rater, four answers, four doubts."""
    width = 2 + world.options.label_raters + 8
    draws = incidents.cases.draws
    months = len(world.months)
    counts = np.bincount(draws.station[rows] * months + draws.month[rows], minlength=world.roster.stations * months)
    keys = [(*key, month) for key in world.roster.station_keys for month in range(months)]
    return np.concatenate(
        [world.streams.generator("labels", *key).random((int(n), width)) for key, n in zip(keys, counts, strict=True)]
    )


def _inclusion(world: World, incidents: Incidents, rows: Ints) -> Floats:
    cases = incidents.cases
    risk = PREVENTABLE[cases.kind] + 1.0 * cases.dark + cases.open + cases.unseen
    z = (risk[rows] - 0.5) / 1.1
    weight = np.exp(world.options.unequal_sampling * z)
    cell = (cases.draws.station * len(world.months) + cases.draws.month)[rows]
    total = np.bincount(cell, weight)[cell] if rows.size else weight
    return np.minimum(1.0, np.round(world.options.labels_per_year / 12 * weight / total, 6))


def _answers(raters: pd.DataFrame, rater: Ints, truth: Bools, u: Floats, doubt: Floats) -> tuple[Bools, Bools]:
    positive, negative, unsure = (
        raters[name].to_numpy()[rater] for name in ("false_positive", "false_negative", "unsure")
    )
    said = u < np.where(truth, 1 - negative, positive)
    return said, happens(doubt, unsure)


def _table(
    world: World,
    incidents: Incidents,
    rows: Ints,
    inclusion: Floats,
    rater: Ints,
    answer: Bools,
    unsure: Bools,
    double: Bools,
) -> pd.DataFrame:
    draws = incidents.cases.draws
    count = world.options.label_raters
    return pd.DataFrame(
        {
            "incident": incidents.table["incident"].take(rows).reset_index(drop=True),
            "unit": text(draws.station[rows], world.roster.ids),
            "period": text(draws.month[rows], world.months.names),
            "rater": text(rater, [*(f"R{number + 1:02d}" for number in range(count)), PANEL]),
            "preventable": pd.arrays.IntegerArray(answer.astype(np.int8), unsure),
            "unsure": unsure,
            "inclusion": inclusion,
            "double_coded": double,
            "adjudicated": rater == count,
        }
    )
