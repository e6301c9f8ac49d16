"""Limits: the single inequalities that rules and the catalogue set on weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LimitKind = Literal["min", "max", "each_min", "each_max"]
Origin = Literal["rule", "change", "min_weight", "max_weight", "banned", "no_evidence", "support"]
WideKind = Literal["change", "least", "count_min", "count_max"]


@dataclass(frozen=True, eq=False)
class Limit:
    """One inequality on the weights of a selection of indicators.

    Attributes
    ----------
    rule : str
        Rule it belongs to; for the catalogue ``"<indicator>.<origin>"``.
    kind : {"min", "max", "each_min", "each_max"}
        Limit on the sum of the selection (or its share of ``base``), or on each of its indicators.
    value : float
        Points of 100, or a share or multiple of ``base`` where that is given.
    selected : ndarray of bool, shape (indicators,)
        The indicators it speaks of.
    base : ndarray of bool or None
        The selection that ``value`` is a share of.
    hard : bool
        Whether it must hold.
    priority : int
        Rank of a soft limit; 1 is served first.
    origin : {"rule", "change", "min_weight", "max_weight", "banned", "no_evidence", "support"}
        Where it comes from; ``change`` is a rule on how far single weights may move, ``support`` the choice of
        indicators that have weight.
    factor : ndarray of shape (indicators,) or None
        What each weight is multiplied with before it is summed; None for 1.
    """

    rule: str
    kind: LimitKind
    value: float
    selected: Flags
    base: Flags | None = None
    hard: bool = True
    priority: int = 1
    origin: Origin = "rule"
    factor: Floats | None = None

    @property
    def is_lower(self) -> bool:
        """Whether it is a minimum."""
        return self.kind.endswith("min")

    @property
    def is_each(self) -> bool:
        """Whether it bounds every selected indicator by itself."""
        return self.kind.startswith("each")

    def row(self) -> tuple[Floats, float]:
        """Return coefficients and right-hand side of the inequality on a sum or a share."""
        if self.base is None:
            form: Floats = self.selected.astype(float)
            return form if self.factor is None else form * self.factor, self.value
        return self.selected - self.value * self.base, 0.0

    def moved(self, value: float) -> Limit:
        """Return the same limit with another value.

        Parameters
        ----------
        value : float
            The new value, in the unit of the old one.

        Returns
        -------
        Limit
        """
        return replace(self, value=value)


@dataclass(frozen=True, eq=False)
class WideLimit:
    """A hard limit of a rule that is no linear inequality on the weights by themselves.

    Attributes
    ----------
    rule : str
        Rule it belongs to.
    kind : {"change", "least", "count_min", "count_max"}
        Total move from the current weights; a weight of 0 or at least so much; how many indicators have weight.
    value : float
        Points, or a number of indicators.
    selected : ndarray of bool, shape (indicators,)
        The indicators it speaks of.
    """

    rule: str
    kind: WideKind
    value: float
    selected: Flags


def catalogue_limits(indicators: pd.DataFrame) -> tuple[Limit, ...]:
    """Return the limits that the catalogue itself sets: smallest and largest weight, and bans (weight exactly 0).

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue in canonical order, with ``min_weight``, ``max_weight`` and ``banned`` where given.

    Returns
    -------
    tuple of Limit
        Only limits that say something; a missing value sets none.
    """
    ids = list(indicators["id"])
    found = []
    for position in range(len(ids)):
        row = indicators.iloc[position]
        least, most = (float(row.get(name, np.nan)) for name in ("min_weight", "max_weight"))
        if least > 0:
            found.append(single_limit(ids, position, "min_weight", least))
        if most < 100:
            found.append(single_limit(ids, position, "max_weight", most))
        if bool(row.get("banned", False)):
            found.append(single_limit(ids, position, "banned", 0.0))
    return tuple(found)


def single_limit(ids: list[str], position: int, origin: Origin, value: float) -> Limit:
    """Return a limit on one indicator's weight.

    Parameters
    ----------
    ids : list of str
        Indicator ids in canonical order.
    position : int
        Place of the indicator.
    origin : {"min_weight", "max_weight", "banned", "no_evidence"}
        Where the limit comes from; ``min_weight`` makes a minimum, the others a maximum.
    value : float
        Points.

    Returns
    -------
    Limit
    """
    selected = np.arange(len(ids)) == position
    kind: LimitKind = "each_min" if origin == "min_weight" else "each_max"
    return Limit(f"{ids[position]}.{origin}", kind, value, selected, origin=origin)


def change_limits(rule: str, points: float, selected: Flags, current: Floats, hard: bool, priority: int) -> list[Limit]:
    """Return the limits that keep single weights within so many points of the current ones.

    Parameters
    ----------
    rule : str
        Rule they belong to.
    points : float
        Largest move up or down.
    selected : ndarray of bool, shape (indicators,)
        The indicators that the rule speaks of.
    current : ndarray of shape (indicators,)
        Current weights, points.
    hard : bool
        Whether they must hold.
    priority : int
        Rank of a soft rule.

    Returns
    -------
    list of Limit
        A minimum and a maximum for each selected indicator; values may lie outside 0 to 100.
    """
    found = []
    for place in np.flatnonzero(selected):
        own = np.arange(len(selected)) == place
        ends: tuple[tuple[LimitKind, float], ...] = (("each_min", -points), ("each_max", points))
        for kind, move in ends:
            found.append(Limit(rule, kind, float(current[place] + move), own, None, hard, priority, "change"))
    return found
