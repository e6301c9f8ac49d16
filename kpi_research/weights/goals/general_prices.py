"""What each rule costs under any objective: solved anew with its limit moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.weights.goals.pieces import Piece
from kpi_research.weights.goals.space import InfeasibleSpace, Space, best_in
from kpi_research.weights.limits import Floats
from kpi_research.weights.prices import STEPS, moved_limit, moved_rule

_ROOM = 1e-6


@dataclass(frozen=True, eq=False)
class GeneralPriced:
    """A problem whose limits can be moved.

    Attributes
    ----------
    space : Space
        Allowed weights: bounded goals are the rules on total change in their order, then the tether where there is one.
    goal : Piece
        The first goal, which is priced; regret stays measured against the best under the rules as they stand.
    value : float
        The first goal as a minimization.
    sign : float
        From the minimization to the reported value.
    changes : tuple of (str, Piece, float)
        The rules on total change.
    tether : float
        Largest total move, points.
    """

    space: Space
    goal: Piece
    value: float
    sign: float
    changes: tuple[tuple[str, Piece, float], ...]
    tether: float


def general_prices(problem: GeneralPriced, rules: pd.DataFrame, weights: Floats) -> pd.DataFrame:
    """Price each row of the table of rules as `kpi_research.weights.prices.rule_prices` does, for any objective.

    A limit that the weights do not touch before or after it is moved has a price of exactly 0: the problem is convex, or
    convex after scaling.

    Parameters
    ----------
    problem : GeneralPriced
        The problem.
    rules : pandas.DataFrame
        Rules at the weights found.
    weights : ndarray of shape (indicators,)
        The weights, points.

    Returns
    -------
    pandas.DataFrame
        ``limit`` and a price for each of the steps; NaN for limits on the number of indicators, and where the moved rules
        cannot all hold.
    """
    rows = []
    for row in rules.to_dict("records"):
        limit = moved_limit(row)
        prices = [_price(problem, row, limit, change) for change in STEPS.values()]
        rows.append((limit, *prices))
    return pd.DataFrame(rows, columns=["limit", *STEPS], index=rules.index)


def _price(problem: GeneralPriced, row: Mapping[Any, Any], limit: str, change: float) -> float:
    if row["kind"] in ("least", "count"):
        return float("nan")
    if _untouched(row, limit, change):
        return 0.0
    space = _moved(problem, row, limit, change)
    if space is None:
        return float("nan")
    try:
        best = best_in(space, problem.goal)
    except InfeasibleSpace:
        return float("nan")
    return float("nan") if best is None else problem.sign * (best.value - problem.value)


def _untouched(row: Mapping[Any, Any], limit: str, change: float) -> bool:
    step = change / 100.0 if row["kind"] == "share" else change
    rooms = {"min": row["value"] - row["min"], "max": row["max"] - row["value"]}
    if limit == "both" or np.isnan(rooms[limit]) or row["kind"] == "each":
        return False
    room, after = rooms[limit], rooms[limit] - step if limit == "min" else rooms[limit] + step
    return bool(min(room, after) > _ROOM)


def _moved(problem: GeneralPriced, row: Mapping[Any, Any], limit: str, change: float) -> Space | None:
    names = [name for name, _, _ in problem.changes] + (["tether"] if np.isfinite(problem.tether) else [])
    if row["kind"] in ("change", "move"):
        place = names.index(str(row["rule"]))
        bounded = list(problem.space.bounded)
        piece, bound = bounded[place]
        bounded[place] = (piece, bound + change)
        return None if bound + change < 0 else replace(problem.space, bounded=tuple(bounded))
    program = moved_rule(problem.space.program, row, limit, change)
    return None if (program.low > program.high).any() else replace(problem.space, program=program)
