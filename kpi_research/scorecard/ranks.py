"""Confidence sets for ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd
from numpy.typing import ArrayLike

from kpi_research.scorecard.comparisons import compare_all_units, compare_each_unit, studentized
from kpi_research.scorecard.rank_inputs import read_rank_inputs
from kpi_research.scorecard.score import competition_rank, round_digits
from kpi_research.study.suggest import did_you_mean

Kind = Literal["marginal", "simultaneous"]
_COMPARE = {"marginal": compare_each_unit, "simultaneous": compare_all_units}


@dataclass(frozen=True)
class RankSets:
    """Ranks with their confidence sets.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit in the order given: ``unit`` (label), ``estimate`` (as given), ``rank`` (1 = highest estimate,
        ties share the smallest rank), ``low`` and ``high`` (smallest and largest rank in the set).
    kind : {"marginal", "simultaneous"}
        Whether the level holds for each unit by itself or for all units together.
    level : float
        Confidence level.
    unresolved : float
        Share of pairs of units, 0 to 1, of which the comparisons do not show who is above; NaN for a single unit.
    """

    table: pd.DataFrame
    kind: Kind
    level: float
    unresolved: float


def rank_sets(
    estimate: pd.Series | ArrayLike,
    *,
    se: pd.Series | ArrayLike | None = None,
    cov: pd.DataFrame | ArrayLike | None = None,
    dof: pd.Series | ArrayLike | float | None = None,
    level: float = 0.95,
    kind: Kind = "marginal",
    draws: int = 10_000,
    seed: int = 0,
) -> RankSets:
    """Return for each unit the set of ranks that the estimates and their errors allow.

    Parameters
    ----------
    estimate : pandas.Series or array, shape (p,)
        Estimated levels, higher is better; a Series is labelled by unit, an array by position.
    se : pandas.Series or array, shape (p,)
        Standard errors of independent estimates, at least 0. Give either ``se`` or ``cov``.
    cov : pandas.DataFrame or array, shape (p, p)
        Covariance matrix of the estimates.
    dof : float, pandas.Series or array, shape (p,), optional
        Degrees of freedom of the standard errors, above 0; without it they count as known.
    level : float
        Confidence level, between 0 and 1.
    kind : {"marginal", "simultaneous"}
        ``marginal``: the set of each unit covers its rank with probability ``level``; for a statement on one unit
        chosen beforehand. ``simultaneous``: all sets cover at once; for statements on the league table.
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
    (Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006). It holds with ties and unequal variances,
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
    inputs = read_rank_inputs(estimate, se, cov, dof)
    errors = inputs.simulate(draws, seed)
    separation = _COMPARE[kind](studentized(round_digits(inputs.estimate), errors.precision), errors, level)
    table = pd.DataFrame({"unit": inputs.labels, "estimate": inputs.estimate})
    table["rank"] = competition_rank(inputs.estimate)
    table["low"] = 1 + separation.above.sum(axis=1)
    table["high"] = len(table) - separation.below.sum(axis=1)
    return RankSets(table.iloc[inputs.given].reset_index(drop=True), kind, level, separation.unresolved)


def _check_options(level: float, kind: str, draws: int, seed: int) -> None:
    if kind not in get_args(Kind):
        raise ValueError(
            f"kind is {kind!r}; allowed: marginal, simultaneous.{did_you_mean(str(kind), get_args(Kind))['en']}"
        )
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; allowed: above 0 and below 1, e.g. 0.95")
    if draws < 100:
        raise ValueError(f"draws is {draws}; allowed: 100 or more, and 10,000 for stable sets")
    if seed < 0:
        raise ValueError(f"seed is {seed}; allowed: 0 or above")
