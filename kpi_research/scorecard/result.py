"""The result of the scorecard stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.consequences.study import StudyConsequences
from kpi_research.scorecard.evaluators.study import StudyEvaluators
from kpi_research.scorecard.figure import draw_ranks
from kpi_research.scorecard.figures.matrix import draw_matrix
from kpi_research.scorecard.figures.radar import draw_radar
from kpi_research.scorecard.figures.waterfall import draw_score
from kpi_research.scorecard.reasons.study import Reasons
from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean


@dataclass(frozen=True)
class Scorecard(Result):
    """Scores of units, the points they are made of, and ranks with their confidence sets.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit, best first within its group: ``unit``; ``group`` (only where units are compared in several
        groups); ``score`` (points on the scale of the normalization, higher is better, NaN where a unit has none);
        ``se`` (its standard error in points); ``rank`` (1 = best in the group, ties share the smallest rank); ``low``,
        ``high`` (marginal confidence set of the rank: for one unit chosen beforehand, it holds the unit's true rank with
        probability ``level``); ``veto`` (only where the catalogue has veto indicators: True where one of their targets
        is missed); ``events`` (only where events are counted: points they add or take, part of the score). Ranks are whole numbers, missing where there is no score or no interval.
    findings : tuple of Finding
        What the user must know about this result.
    contributions : pandas.DataFrame
        One row per unit and indicator that carries weight: ``unit``, ``indicator``, ``value`` (mean over the periods, in
        the indicator's own unit of measure), ``normalized`` (points of the value, higher is better), ``weight`` (in use
        for this unit, points of 100, 0 where the value is missing), ``points`` (weight × normalized / 100). Points sum to
        the unit's score. Events have rows of their own, ``event:<rule>``, with the points given as ``value``.
    level : float
        Confidence level of the sets.
    adjustments : pandas.DataFrame
        Indicators that are compared after adjustment, see `Adjusted`; empty without.
    pairs : pandas.DataFrame
        One row per comparison group: ``group`` (empty where there is only one), ``units`` with a rank, ``pairs`` of them,
        ``unresolved`` (share of the pairs, 0 to 1, that cannot be told apart when all are judged at once at ``level``; NaN
        where nothing could be compared).
    consequences : StudyConsequences or None
        What the rules of the study do under its current, equal and given weights; None where it has no rules.
    reasons : Reasons or None
        Why units and months differ.
    evaluators : StudyEvaluators or None
        What the public and raters say, with the errors that this has; None where the study has neither.
    """

    contributions: pd.DataFrame
    level: float = 0.95
    adjustments: pd.DataFrame = field(default_factory=pd.DataFrame)
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)
    consequences: StudyConsequences | None = None
    reasons: Reasons | None = None
    evaluators: StudyEvaluators | None = None

    def explain(self, unit: str) -> pd.DataFrame:
        """Take the score of one unit apart.

        Parameters
        ----------
        unit : str
            A unit of the table.

        Returns
        -------
        pandas.DataFrame
            Columns of ``contributions`` without ``unit``, and ``against_group`` (its points less the mean points of the
            scored units of its group): what lifts the unit first, what drags it last.

        Raises
        ------
        ValueError
            If there is no such unit.
        """
        of_peers = self.peers_of(unit)
        mean = of_peers.groupby("indicator")["points"].mean()
        rows = self.contributions[self.contributions["unit"] == unit].drop(columns="unit")
        rows = rows.assign(against_group=rows["points"] - rows["indicator"].map(mean))
        return rows.sort_values(["against_group", "indicator"], ascending=[False, True], ignore_index=True)

    def plot(self, lang: Language = "en") -> Figure:
        """Draw every unit's rank with its confidence set, best on top, one panel per group.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
            Green sets lie wholly in the better half of the ranks, orange ones in the worse half; grey ones reach into both.
        """
        return draw_ranks(self.table, self.level, lang)

    def plot_matrix(
        self, lang: Language = "en", group: str | None = None, *, labels: Mapping[str, str] | None = None
    ) -> Figure:
        """Draw what each indicator adds to or takes from each unit, against the mean of the unit's group.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.
        group : str, optional
            One group of the table; all of them, one panel each, by default.
        labels : mapping of str to str, optional
            Names of the indicators by id; ids without one are shown as they are.

        Returns
        -------
        matplotlib.figure.Figure
            Units from best to worst, indicators from the one that parts them most; points stand where there is room.

        Raises
        ------
        ValueError
            If there is no such group.
        """
        return draw_matrix(self.table, self.contributions, lang, group, labels or {})

    def plot_score(self, unit: str, lang: Language = "en", *, labels: Mapping[str, str] | None = None) -> Figure:
        """Draw how the score of one unit comes about, from the mean score of its group to its own.

        Parameters
        ----------
        unit : str
            A unit of the table that has a score.
        lang : {"en", "zh"}
            Language of the texts.
        labels : mapping of str to str, optional
            Names of the indicators by id.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If there is no such unit, or it has no score.
        """
        return draw_score(self.table, self.explain(unit), unit, lang, labels or {})

    def plot_radar(self, unit: str, lang: Language = "en", *, labels: Mapping[str, str] | None = None) -> Figure:
        """Draw the points of one unit and the mean of its group as a radar.

        Parameters
        ----------
        unit : str
            A unit of the table.
        lang : {"en", "zh"}
            Language of the texts.
        labels : mapping of str to str, optional
            Names of the indicators by id.

        Returns
        -------
        matplotlib.figure.Figure
            The area depends on the order of the indicators; `plot_score` shows the same without that fault.

        Raises
        ------
        ValueError
            If there is no such unit, or it has fewer than three indicators.
        """
        return draw_radar(self.explain(unit), self.peers_of(unit), unit, lang, labels or {})

    def peers_of(self, unit: str) -> pd.DataFrame:
        """Return the contributions of all scored units of a unit's group.

        Parameters
        ----------
        unit : str
            A unit of the table.

        Returns
        -------
        pandas.DataFrame
            Rows of ``contributions``.

        Raises
        ------
        ValueError
            If there is no such unit.
        """
        if unit not in set(self.table["unit"]):
            raise ValueError(f"unit is {unit!r}.{did_you_mean(str(unit), map(str, self.table['unit']))['en']}")
        peers = self.table[self.table["score"].notna()]
        if "group" in peers:
            own = self.table.loc[self.table["unit"] == unit, "group"].iloc[0]
            peers = peers[peers["group"] == own]
        return self.contributions[self.contributions["unit"].isin(peers["unit"])]
