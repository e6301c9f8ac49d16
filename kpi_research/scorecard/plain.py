"""Scores alone, without errors, ranks and events: for doing it again many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kpi_research.scorecard.group_scores import period_deviations
from kpi_research.scorecard.groups import comparison_groups
from kpi_research.scorecard.normalize import Normalization, fit_normalization
from kpi_research.scorecard.score import Missing, Scores, weighted_scores
from kpi_research.scorecard.uncertainty import score_errors
from kpi_research.study.model import Study


@dataclass(frozen=True)
class Frame:
    """Who is compared with whom, on what.

    Attributes
    ----------
    groups : mapping of str to pandas.Index
        Units of each comparison group.
    scales : mapping of str to Normalization
        Fitted scales of the indicators that may count in a group.
    missing : {"reweight", "exclude"}
        What becomes of a unit that lacks an indicator.
    """

    groups: Mapping[str, pd.Index]
    scales: Mapping[str, Normalization]
    missing: Missing


def score_frame(study: Study) -> Frame:
    """Fit the scales of all indicators in each comparison group of a study.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    Frame
        Veto indicators, and those without a value in the group, are left out.
    """
    rows = study.indicators[study.indicators["role"] != "veto"]
    placed = comparison_groups(pd.Index(study.values["unit"].unique()), study.role_table("units"))
    groups, scales = {}, {}
    for name, members in placed.groupby("group", sort=True):
        sequence = members["sequence"].iloc[0]
        applies = rows.loc[rows["sequence"].isin(["", sequence]) | (sequence == ""), "id"]
        ids = sorted(set(applies) & set(study.values.columns))
        levels = _levels(study.values, members.index, ids).dropna(axis=1, how="all")
        groups[str(name)] = members.index
        scales[str(name)] = fit_normalization(levels, study.indicators, study.spec.scorecard.normalization)
    return Frame(groups, scales, study.spec.scorecard.missing)


def plain_scores(frame: Frame, values: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Score units, each within its comparison group.

    Parameters
    ----------
    frame : Frame
        Groups and scales.
    values : pandas.DataFrame
        ``unit``, ``period`` and a column per indicator.
    weights : pandas.Series
        Weight by indicator.

    Returns
    -------
    pandas.Series
        Score by unit, without events; units without one are left out.
    """
    parts = [_scores(frame, name, values, weights) for name in frame.groups]
    scored = [part.score.dropna() for part in parts if part is not None]
    return pd.concat(scored) if scored else pd.Series(dtype="float64")


def plain_errors(frame: Frame, values: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Return the standard errors of the scores of `plain_scores`.

    Parameters
    ----------
    frame, values, weights
        As there.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``se`` (points) and ``dof``, see `score_errors`; NaN where there is no evidence.
    """
    found = [group_standing(frame, name, values, weights) for name in frame.groups]
    parts = [part.errors for part in found if part is not None]
    return pd.concat(parts) if parts else pd.DataFrame({"se": [], "dof": []}, dtype="float64")


@dataclass(frozen=True)
class GroupStanding:
    """Scores of a group with their errors.

    Attributes
    ----------
    score : pandas.Series
        Score by unit, without events; NaN where a unit has none.
    deviations : pandas.DataFrame
        Unit × period: how far the score of a period lies from the unit's own level, points.
    errors : pandas.DataFrame
        Indexed by unit: ``se``, ``dof``, see `score_errors`.
    """

    score: pd.Series
    deviations: pd.DataFrame
    errors: pd.DataFrame


def group_standing(frame: Frame, name: str, values: pd.DataFrame, weights: pd.Series) -> GroupStanding | None:
    """Score the units of one group, with errors.

    Parameters
    ----------
    frame : Frame
        Groups and scales.
    name : str
        The group.
    values : pandas.DataFrame
        ``unit``, ``period`` and a column per indicator.
    weights : pandas.Series
        Weight by indicator.

    Returns
    -------
    GroupStanding or None
        None where no indicator of the group has weight.
    """
    own = values[values["unit"].isin(frame.groups[name])].sort_values(["unit", "period"], ignore_index=True)
    found = _scores(frame, name, own, weights)
    if found is None:
        return None
    deviations = period_deviations(own, found.weight, frame.scales[name])
    return GroupStanding(found.score, deviations, score_errors(deviations).table)


def _scores(frame: Frame, name: str, values: pd.DataFrame, weights: pd.Series) -> Scores | None:
    own = weights[weights.index.isin(list(frame.scales[name].scales)) & (weights > 0).to_numpy()].sort_index()
    if own.empty:
        return None
    levels = _levels(values, frame.groups[name], list(own.index))
    return weighted_scores(frame.scales[name].apply(levels), own, missing=frame.missing)


def _levels(values: pd.DataFrame, members: pd.Index, ids: list[str]) -> pd.DataFrame:
    return values[values["unit"].isin(members)].groupby("unit", sort=True)[ids].mean()
