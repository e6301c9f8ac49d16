"""Confidence sets for ranks."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpi_research.scorecard.comparisons import Separation, compare_all_units, compare_each_unit, studentized
from kpi_research.scorecard.rank_inputs import read_rank_inputs
from kpi_research.scorecard.rank_result import Kind, RankSets, extreme_sets, order_frame, set_findings, tie_groups
from kpi_research.scorecard.score import competition_rank, round_digits
from kpi_research.study.suggest import did_you_mean

__all__ = ["Kind", "RankSets", "rank_sets"]


def rank_sets(
    estimate: pd.Series | ArrayLike,
    *,
    se: pd.Series | ArrayLike | None = None,
    cov: pd.DataFrame | ArrayLike | None = None,
    dof: pd.Series | ArrayLike | float | None = None,
    replicates: pd.DataFrame | ArrayLike | None = None,
    level: float = 0.95,
    kind: Kind = "marginal",
    best: int | None = None,
    worst: int | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> RankSets:
    """Return for each unit the set of ranks that the estimates and their errors allow.

    Parameters
    ----------
    estimate : pandas.Series or array, shape (p,)
        Estimated levels, higher is better; a Series is labelled by unit, an array by position.
    se : pandas.Series or array, shape (p,)
        Standard errors of independent estimates, at least 0. Give one of ``se``, ``cov`` and ``replicates``.
    cov : pandas.DataFrame or array, shape (p, p)
        Covariance matrix of the estimates.
    dof : float, pandas.Series or array, shape (p,), optional
        Degrees of freedom of the standard errors, above 0; without it they count as known.
    replicates : pandas.DataFrame or array, shape (R, p)
        Bootstrap replicates of the estimates, at least 100, each made end to end: data resampled, then workload,
        preventability, weights and scores anew. They take the place of simulated draws.
    level : float
        Confidence level, between 0 and 1.
    kind : {"marginal", "simultaneous"}
        ``marginal``: the set of each unit covers its rank with probability ``level``; for a statement on one unit
        chosen beforehand. ``simultaneous``: all sets cover at once; for statements on the league table.
    best, worst : int, optional
        Also say which units may be among the so many best (worst), 1 to p.
    draws : int
        Simulated draws, at least 100.
    seed : int
        Seed of the draws, at least 0.

    Returns
    -------
    RankSets

    Raises
    ------
    ValueError
        If an argument is out of range, lacks a unit or holds missing values.

    Notes
    -----
    The rank of unit j is 1 + the number of units whose true level is higher. All differences of a family are tested
    in both directions against the ``level`` quantile of the largest studentized difference; hypotheses that are
    rejected leave the family and the quantile is taken anew until nothing more is rejected (Romano & Wolf 2005,
    doi:10.1111/j.1468-0262.2005.00615.x). The set runs from 1 + the units shown above to p - the units shown below
    (Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006). The set of the k best holds the units whose
    simultaneous set reaches up to rank k; with the chosen probability it holds all of the k best, and likewise for the
    worst. It holds with ties and unequal variances,
    where resampling ranks directly does not. With ``dof``, each draw also simulates the squared standard errors as
    se² χ²(dof) / dof, so that the quantile pays for not knowing them.

    Examples
    --------
    >>> scores = pd.Series({"North": 71.0, "East": 70.5, "South": 52.0})
    >>> print(rank_sets(scores, se=[1.0, 1.0, 1.0]).table.to_string(index=False))
     unit  estimate  rank  low  high
    North      71.0     1    1     2
     East      70.5     2    1     2
    South      52.0     3    3     3
    """
    _check_options(level, kind, draws, seed)
    inputs = read_rank_inputs(estimate, se, cov, dof, replicates)
    check_extremes(best, worst, len(inputs.labels))
    errors = inputs.simulate(draws, seed)
    statistic = studentized(round_digits(inputs.estimate), errors.precision)
    together = None
    if kind == "simultaneous" or best is not None or worst is not None:
        together = compare_all_units(statistic, errors, level)
    each = compare_each_unit(statistic, errors, level) if kind == "marginal" else None
    return assemble(inputs.labels, inputs.estimate, inputs.given, (each, together), level, best, worst)


def assemble(
    labels: pd.Index,
    estimate: NDArray[np.float64],
    given: NDArray[np.intp],
    decided: tuple[Separation | None, Separation | None],
    level: float,
    best: int | None = None,
    worst: int | None = None,
) -> RankSets:
    """Turn decided comparisons into ranks and their sets.

    Parameters
    ----------
    labels : pandas.Index
        Labels of the units.
    estimate : numpy.ndarray, shape (p,)
        Estimates.
    given : numpy.ndarray of int, shape (p,)
        Row of each unit in the order in which the user gave them.
    decided : tuple of two Separation or None
        Comparisons made for each unit by itself (None where the sets are simultaneous), and all in one family.
    level : float
        Confidence level.
    best, worst : int or None
        How many best and worst are asked for.

    Returns
    -------
    RankSets
    """
    each, together = decided
    used = each if each is not None else together
    if used is None:
        raise ValueError("decided holds no comparisons")
    table = pd.DataFrame({"unit": labels, "estimate": estimate, "rank": competition_rank(estimate)})
    table["low"] = 1 + used.above.sum(axis=1)
    table["high"] = len(table) - used.below.sum(axis=1)
    if together is not None and each is None:
        table["tie_group"] = tie_groups(together)
    if together is not None:
        table = table.assign(**extreme_sets(together, best, worst))
    table = table.iloc[given].reset_index(drop=True)
    found = set_findings(table, used.unresolved, level, best, worst)
    kind: Kind = "simultaneous" if each is None else "marginal"
    return RankSets(table, found, kind, level, used.unresolved, order_frame(used, labels, given))


def check_extremes(best: int | None, worst: int | None, units: int) -> None:
    """Raise unless the numbers of best and worst are possible.

    Parameters
    ----------
    best, worst : int or None
        Numbers asked for.
    units : int
        Number of units.

    Raises
    ------
    ValueError
        If a number is no whole number from 1 to ``units``.
    """
    for name, number in (("best", best), ("worst", worst)):
        if number is not None and not (isinstance(number, int | np.integer) and 1 <= number <= units):
            raise ValueError(f"{name} is {number!r}; allowed: a whole number from 1 to {units}, the number of units")


def check_level(level: float, kind: str) -> None:
    """Raise unless level and kind are possible.

    Parameters
    ----------
    level : float
        Confidence level.
    kind : str
        Kind of the sets.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1 or the kind is unknown.
    """
    if kind not in get_args(Kind):
        raise ValueError(
            f"kind is {kind!r}; allowed: marginal, simultaneous.{did_you_mean(str(kind), get_args(Kind))['en']}"
        )
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; allowed: above 0 and below 1, e.g. 0.95")


def _check_options(level: float, kind: str, draws: int, seed: int) -> None:
    check_level(level, kind)
    if draws < 100:
        raise ValueError(f"draws is {draws}; allowed: 100 or more, and 10,000 for stable sets")
    if seed < 0:
        raise ValueError(f"seed is {seed}; allowed: 0 or above")
