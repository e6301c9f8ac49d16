"""The result of `rank_sets`, and how decided comparisons become ranks, sets and tie groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.scorecard.comparisons import Separation
from kpi_research.scorecard.figure import draw_ranks
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean

Kind = Literal["marginal", "simultaneous"]


@dataclass(frozen=True)
class RankSets(Result):
    """Ranks with their confidence sets.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit in the order given: ``unit`` (label), ``estimate`` (as given), ``rank`` (1 = highest estimate,
        ties share the smallest rank), ``low`` and ``high`` (smallest and largest rank in the set). With ``kind``
        simultaneous also ``tie_group`` (number from the top: units of different groups are all told apart, each from
        each). Where asked for, ``best`` and ``worst`` (True where the unit may be among the so many best or worst),
        ``surely_best`` and ``surely_worst`` (True where it is in every case); these statements hold all at once,
        whatever the kind of the sets.
    findings : tuple of Finding
        What the user must know about these sets.
    kind : {"marginal", "simultaneous"}
        Whether the level holds for each unit by itself or for all units together.
    level : float
        Confidence level.
    unresolved : float
        Share of pairs of units, 0 to 1, of which the comparisons do not show who is above; NaN for a single unit.
    order : pandas.DataFrame
        Unit × unit: 1 where the comparisons made for the unit of the row show it above the unit of the column, -1 where
        below, 0 where the two cannot be told apart.
    """

    kind: Kind
    level: float
    unresolved: float
    order: pd.DataFrame

    def tied_with(self, unit: object) -> tuple[object, ...]:
        """Return the units that one unit cannot be told apart from, in the order of the table.

        Parameters
        ----------
        unit : object
            Label of a unit.

        Returns
        -------
        tuple of object

        Raises
        ------
        ValueError
            If there is no such unit.
        """
        if unit not in self.order.index:
            raise ValueError(f"unit is {unit!r}.{did_you_mean(str(unit), map(str, self.order.index))['en']}")
        place = int(np.flatnonzero(self.order.index == unit)[0])
        tied = self.order.to_numpy()[place] == 0
        tied[place] = False
        return tuple(self.order.index[tied])

    def plot(self, lang: Language = "en") -> Figure:
        """Draw every unit's rank with its set, best on top.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_ranks(self.table, self.level, lang)


def order_frame(separation: Separation, labels: pd.Index, given: NDArray[np.intp]) -> pd.DataFrame:
    """Return who is shown above whom, units in the order given.

    Parameters
    ----------
    separation : Separation
        Decided comparisons.
    labels : pandas.Index
        Labels of the units, in the order of the comparisons.
    given : numpy.ndarray of int, shape (p,)
        Row of each unit in the order of the user.

    Returns
    -------
    pandas.DataFrame
        As in `RankSets`.
    """
    order = separation.below.astype(np.int8)
    order -= separation.above
    return pd.DataFrame(order[np.ix_(given, given)], index=labels[given], columns=labels[given])


def tie_groups(separation: Separation) -> NDArray[np.int64]:
    """Return tie groups, numbered from the top.

    Parameters
    ----------
    separation : Separation
        Comparisons decided as one family.

    Returns
    -------
    numpy.ndarray of int, shape (p,)
        A boundary stands wherever all units on one side are shown above all units on the other.
    """
    order = np.argsort(-separation.below.sum(axis=1), kind="stable")
    shown = separation.below[np.ix_(order, order)]
    units = len(order)
    farthest_tie = units - 1 - np.argmin(shown[:, ::-1], axis=1)
    new_group = np.maximum.accumulate(farthest_tie)[:-1] == np.arange(units - 1)
    groups = np.empty(units, dtype=np.int64)
    groups[order] = 1 + np.concatenate([[0], np.cumsum(new_group)])
    return groups


def extreme_sets(separation: Separation, best: int | None, worst: int | None) -> dict[str, NDArray[np.bool_]]:
    """Return which units may belong to the so many best and worst, and which surely do.

    Parameters
    ----------
    separation : Separation
        Comparisons decided as one family.
    best, worst : int or None
        How many; None leaves them out.

    Returns
    -------
    dict of str to numpy.ndarray of bool, shape (p,)
        ``best``, ``surely_best``, ``worst``, ``surely_worst``.
    """
    units = len(separation.below)
    low, high = 1 + separation.above.sum(axis=1), units - separation.below.sum(axis=1)
    found: dict[str, NDArray[np.bool_]] = {}
    if best is not None:
        found |= {"best": low <= best, "surely_best": high <= best}
    if worst is not None:
        found |= {"worst": high > units - worst, "surely_worst": low > units - worst}
    return found


def set_findings(
    table: pd.DataFrame, unresolved: float, level: float, best: int | None, worst: int | None
) -> tuple[Finding, ...]:
    """Return what the user must know about rank sets.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `RankSets`.
    unresolved : float
        Share of pairs that cannot be told apart.
    level : float
        Confidence level.
    best, worst : int or None
        How many best and worst were asked for.

    Returns
    -------
    tuple of Finding
    """
    shown = f"{100 * level:.3g}"
    found = [finding("ranks-all-tied", units=len(table), level=shown)] if unresolved == 1 else []
    for number, name, code in ((best, "best", "ranks-set-of-best"), (worst, "worst", "ranks-set-of-worst")):
        if number is not None:
            counts = {"count": int(table[name].sum()), "sure": int(table[f"surely_{name}"].sum())}
            found.append(finding(code, number=number, level=shown, **counts))
    return tuple(found)
