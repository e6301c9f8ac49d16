"""The tables of `survey_estimate`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.evaluators.answers import Answers
from kpi_research.scorecard.evaluators.direct import Direct
from kpi_research.scorecard.evaluators.mode_shift import ModeShift
from kpi_research.scorecard.evaluators.pooling import Pooled, pool_targets, sampling_variance

Array = NDArray[np.float64]


def target_table(everyone: Answers, direct: Direct, shift: ModeShift, counts: Array, level: float) -> pd.DataFrame:
    """Return one row per target and item that somebody was asked about.

    Parameters
    ----------
    everyone : Answers
        All rows, those of persons who were not reached included.
    direct : Direct
        Direct estimates.
    shift : ModeShift
        What was taken off for the way of asking.
    counts : numpy.ndarray, shape (answers,)
        What each answer counts.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        As in `SurveyEstimate`, with ``between`` (standard deviation between targets).
    """
    approached, reached = everyone.total(everyone.weight), everyone.total(everyone.weight * everyone.reached)
    answered = everyone.total(everyone.weight * everyone.answered)
    with np.errstate(invalid="ignore", divide="ignore"):
        response, dont_know = reached / approached, 1 - answered / reached
    bounds = float(counts.min()), float(counts.max())
    heard = response * np.nan_to_num(direct.estimate)
    table = pd.DataFrame(
        {
            "target": np.repeat(everyone.targets, len(everyone.items)),
            "item": np.tile(everyone.items, len(everyone.targets)),
            "approached": everyone.total(np.ones(len(everyone.points))).astype(int),
            "answers": direct.n.astype(int),
            "response": response,
            "dont_know": dont_know,
            "effective": direct.effective,
            "estimate": direct.estimate,
            "se": direct.se,
            "low": direct.low,
            "high": direct.high,
        }
    )
    pooled = _pooled(everyone, direct, shift, level, bounds)
    table = table.assign(
        **pooled,
        bound_low=heard + (1 - response) * bounds[0],
        bound_high=heard + (1 - response) * bounds[1],
        mode_adjusted=np.where(direct.n > 0, shift.added, np.nan),
    )
    return table[table["approached"] > 0].reset_index(drop=True)


def item_table(table: pd.DataFrame, direct: Direct, data: Answers) -> pd.DataFrame:
    """Return one row per item.

    Parameters
    ----------
    table : pandas.DataFrame
        As `target_table` returns it; ``between`` is taken out of it.
    direct : Direct
        Direct estimates.
    data : Answers
        Rows with an answer.

    Returns
    -------
    pandas.DataFrame
        As in `SurveyEstimate`.
    """
    between = table.pop("between").groupby(table["item"], sort=True).first()
    groups = table[table["answers"] > 0].groupby("item", sort=True, observed=True)
    shape = (len(data.targets), len(data.items))
    n, variance = direct.n.reshape(shape), np.where(direct.n > 0, direct.variance, np.nan).reshape(shape)
    weighted = np.where(n > 0, n * np.nan_to_num(variance), 0.0).sum(axis=0) / np.maximum(n.sum(axis=0), 1)
    within = pd.Series(np.sqrt(weighted), index=data.items)
    found = pd.DataFrame(
        {
            "targets": groups.size(),
            "answers": groups["answers"].sum(),
            "mean": groups["estimate"].mean(),
            "within_sd": within,
            "between_sd": between,
            "design_effect": groups["answers"].sum() / groups["effective"].sum(),
            "reliability": groups["own"].median(),
        }
    )
    return found[found["answers"] > 0].rename_axis("item").reset_index()


def _pooled(
    everyone: Answers, direct: Direct, shift: ModeShift, level: float, bounds: tuple[float, float]
) -> dict[str, Array]:
    variance = sampling_variance(direct, shift.variance)
    columns = {
        name: np.full(everyone.cells, np.nan)
        for name in ("pooled", "pooled_se", "pooled_low", "pooled_high", "own", "between")
    }
    for number in range(len(everyone.items)):
        rows = slice(number, None, len(everyone.items))
        found: Pooled = pool_targets(direct.estimate[rows], variance[rows], level, bounds)
        parts = (found.estimate, found.se, found.low, found.high, found.own, found.between)
        for name, part in zip(columns, parts, strict=True):
            columns[name][rows] = part
    return columns
