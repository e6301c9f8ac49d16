"""Scores, standard errors and ranks of the units of one comparison group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from kpi_research.scorecard.normalize import Method, Normalization, fit_normalization
from kpi_research.scorecard.ranks import Kind, RankSets, rank_sets
from kpi_research.scorecard.remarks import missing_values, rank_remarks, veto_remarks
from kpi_research.scorecard.score import Missing, Scores, competition_rank, weighted_scores
from kpi_research.scorecard.uncertainty import score_errors
from kpi_research.scorecard.veto import veto_flags
from kpi_research.study.findings import Finding


@dataclass(frozen=True, slots=True)
class Options:
    """How scores are made.

    Attributes
    ----------
    normalization : {"z", "rank", "goalposts"}
        Scale of the points.
    missing : {"reweight", "exclude"}
        What becomes of a unit that lacks an indicator.
    level : float
        Confidence level of the rank sets.
    draws, seed : int
        Simulated draws for the rank sets, and their seed.
    """

    normalization: Method
    missing: Missing
    level: float
    draws: int
    seed: int


@dataclass(frozen=True)
class GroupScores:
    """Scores of one group.

    Attributes
    ----------
    table, contributions : pandas.DataFrame
        As in `Scorecard`.
    findings : tuple of Finding
        What the user must know.
    unresolved : float
        Share of pairs of units that cannot be told apart, all pairs at once; NaN where nothing could be compared.
    """

    table: pd.DataFrame
    contributions: pd.DataFrame
    findings: tuple[Finding, ...]
    unresolved: float = float("nan")


def score_group(
    values: pd.DataFrame,
    indicators: pd.DataFrame,
    weights: pd.Series,
    options: Options,
    group: str = "",
    events: pd.DataFrame | None = None,
) -> GroupScores:
    """Score and rank the units of one group.

    Parameters
    ----------
    values : pandas.DataFrame
        ``unit``, ``period`` and a column per indicator of the group's units.
    indicators : pandas.DataFrame
        Catalogue rows that apply to the group, of any role.
    weights : pandas.Series
        Weight above 0 per graded or threshold indicator that applies to the group; may be empty.
    options : Options
        How scores are made.
    group : str
        Name of the group in findings; empty where there is only one.
    events : pandas.DataFrame, optional
        Table of `event_points`: points that are added to the weighted score.

    Returns
    -------
    GroupScores
    """
    values = values.sort_values(["unit", "period"], ignore_index=True)
    ids = sorted(weights.index)
    levels = values.groupby("unit", sort=True)[[*ids, *sorted(set(indicators["id"]) - set(ids))]].mean()
    normalization = fit_normalization(levels[ids], indicators, options.normalization)
    normalized = normalization.apply(levels[ids])
    if ids:
        scores = weighted_scores(normalized, weights, missing=options.missing)
    else:
        scores = Scores(pd.Series(np.nan, index=levels.index, name="score"), normalized, normalized)
    added = events[events["target"].isin(levels.index)] if events is not None else None
    score = _with_events(scores.score, added)
    errors = score_errors(period_deviations(values, scores.weight, normalization)).table
    table, unresolved = _ranked(score, errors, options)
    vetoed = veto_flags(levels, indicators)
    found = (
        *normalization.findings,
        *missing_values(levels[ids], options.missing, group),
        *veto_remarks(vetoed, indicators, group),
        *rank_remarks(table, int(values["period"].nunique()), unresolved, options.level, group),
    )
    if vetoed.shape[1]:
        table["veto"] = table["unit"].map(vetoed.any(axis=1)).astype(bool)
    parts = _contributions(levels[ids], normalized, scores)
    if added is not None:
        table["events"] = table["unit"].map(added.groupby("target")["points"].sum()).fillna(0.0).astype("float64")
        parts = pd.concat([parts, _event_rows(added)], ignore_index=True) if len(added) else parts
    return GroupScores(table, parts, found, unresolved)


def _with_events(score: pd.Series, events: pd.DataFrame | None) -> pd.Series:
    """Return scores with the points of events; a unit without a score gets none from events."""
    if events is None or events.empty:
        return score
    parts = events.groupby("target")["points"].agg(list)
    summed = [math.fsum([own, *parts.get(unit, [])]) for unit, own in score.items()]
    return pd.Series(summed, index=score.index, name=score.name)


def _event_rows(events: pd.DataFrame) -> pd.DataFrame:
    rows = {"unit": events["target"], "indicator": "event:" + events["rule"].astype("str"), "value": events["given"]}
    return pd.DataFrame({**rows, "normalized": np.nan, "weight": 0.0, "points": events["points"]})


def period_deviations(values: pd.DataFrame, weight: pd.DataFrame, normalization: Normalization) -> pd.DataFrame:
    """Return how far the score of each period lies from the unit's own level.

    Parameters
    ----------
    values : pandas.DataFrame
        ``unit``, ``period`` and a column per indicator, sorted by unit and period.
    weight : pandas.DataFrame
        Unit × indicator: weights in use, points of 100.
    normalization : Normalization
        Fitted scales.

    Returns
    -------
    pandas.DataFrame
        Unit × period, in points; NaN where a unit has no value in a period.

    Notes
    -----
    Each indicator enters with its points less the unit's mean points. Where a unit lacks an indicator in a period, its
    other weights are scaled up for that period, so that a gap is neither a jump nor a calm period.
    """
    points = normalization.apply(values[list(weight.columns)])
    deviation = points - points.groupby(values["unit"]).transform("mean")
    in_use = weight.reindex(values["unit"]).to_numpy(dtype=float) * deviation.notna().to_numpy()
    total = in_use.sum(axis=1)
    summed = (in_use * deviation.fillna(0.0).to_numpy()).sum(axis=1)
    whole = np.divide(summed, total, out=np.full(len(values), np.nan), where=total > 0)
    (unit, units), (period, periods) = (pd.factorize(values[name], sort=True) for name in ("unit", "period"))
    grid = np.full((len(units), len(periods)), np.nan)
    grid[unit, period] = whole
    return pd.DataFrame(grid, index=units, columns=periods)


def _ranked(score: pd.Series, errors: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, float]:
    """Return the table of the group, best first, and the share of pairs that cannot be told apart."""
    table = pd.DataFrame(
        {"unit": score.index, "score": score.to_numpy(), "se": errors["se"].reindex(score.index).to_numpy()}
    )
    scored = score.dropna()
    ranks = pd.DataFrame({"rank": competition_rank(scored.to_numpy())}, index=scored.index)
    unresolved = np.nan
    if errors.loc[scored.index].notna().all(axis=None) and len(scored) > 1:
        sets = {kind: _rank_sets(scored, errors.loc[scored.index], kind, options) for kind in get_args(Kind)}
        ranks[["low", "high"]] = sets["marginal"].table.set_index("unit")[["low", "high"]]
        unresolved = sets["simultaneous"].unresolved
    columns = ranks.reindex(index=score.index, columns=["rank", "low", "high"]).astype("Int64")
    table = table.join(columns.reset_index(drop=True))
    return table.sort_values(["rank", "unit"], ignore_index=True), unresolved


def _rank_sets(score: pd.Series, errors: pd.DataFrame, kind: Kind, options: Options) -> RankSets:
    return rank_sets(
        score,
        se=errors["se"],
        dof=errors["dof"],
        level=options.level,
        kind=kind,
        draws=options.draws,
        seed=options.seed,
    )


def _contributions(levels: pd.DataFrame, normalized: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    parts = {"value": levels, "normalized": normalized, "weight": scores.weight, "points": scores.points}
    long = {name: frame.to_numpy(dtype=float).ravel() for name, frame in parts.items()}
    units, ids = np.repeat(levels.index, levels.shape[1]), np.tile(np.array(levels.columns, dtype=object), len(levels))
    return pd.DataFrame({"unit": units, "indicator": pd.Series(ids, dtype="str"), **long})
