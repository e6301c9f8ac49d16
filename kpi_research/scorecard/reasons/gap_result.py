"""The gaps of units to their peers, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.reasons.gap_figure import draw_gaps
from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean

REST = "unexplained"
VERDICTS = ("cause", "unexplained", "cannot_tell", "no_gap")


@dataclass(frozen=True)
class GapReport(Result):
    """Why units lie where they do against their peers.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``; ``group`` (of peers); ``outcome`` and ``peers`` (the unit's level and the mean of the
        other units of its group, in the unit of the outcome); ``gap`` with ``low`` and ``high``; ``verdict``
        (``cause``: one cause has the largest part; ``unexplained``: the rest has; ``cannot_tell``: no part is surely the
        largest; ``no_gap``: the interval of the gap holds 0); ``main`` (the cause, empty unless told); ``certainty``
        (probability that the part which is largest most often is the largest one in the direction of the gap);
        ``drag`` (the cause that holds the unit back most, whatever its gap; empty where it cannot be told) and
        ``drag_certainty`` (probability of that, 0 to 1).
    findings : tuple of Finding
        What the user must know.
    parts : pandas.DataFrame
        One row per unit and cause, and one for the rest, ``unexplained``: ``unit``, ``cause``, ``part`` (in the unit of
        the outcome; parts add up to the gap), ``low``, ``high``, ``largest`` (probability to be the largest part in the
        direction of the gap).
    causes : pandas.DataFrame
        One row per cause: ``cause``, ``effect`` (of one standard deviation of its index among peers, on the scale of
        the fit), ``low``, ``high``.
    loadings : pandas.DataFrame
        ``cause``, ``column``, ``loading``: how columns make up the index of a cause.
    level : float
        Coverage of the intervals.
    """

    parts: pd.DataFrame
    causes: pd.DataFrame
    loadings: pd.DataFrame
    level: float = 0.95

    def explain(self, unit: str) -> pd.DataFrame:
        """Return the parts of one unit's gap, the one that drags most first.

        Parameters
        ----------
        unit : str
            A unit of the table.

        Returns
        -------
        pandas.DataFrame
            Columns of ``parts`` without ``unit``.

        Raises
        ------
        ValueError
            If there is no such unit.
        """
        if unit not in set(self.table["unit"]):
            raise ValueError(f"unit is {unit!r}.{did_you_mean(str(unit), map(str, self.table['unit']))['en']}")
        rows = self.parts[self.parts["unit"] == unit].drop(columns="unit")
        return rows.sort_values(["part", "cause"], ignore_index=True)

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the parts of every unit's gap as stacked bars, largest gap below its peers on top.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
            The point is the gap; units whose gap or cause is not sure are paler.
        """
        return draw_gaps(self.table, self.parts, self.level, lang)
