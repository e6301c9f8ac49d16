"""The result of `survey_estimate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.evaluators.survey_draw import draw_survey
from kpi_research.study.findings import Language
from kpi_research.study.results import Result

Statistic = Literal["share", "mean"]


@dataclass(frozen=True)
class SurveyEstimate(Result):
    """What a survey says of each target, with the errors that small samples, silence and ways of asking leave.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per target and item: ``target``, ``item``; ``approached``, ``answers`` (persons); ``response`` (weighted
        share of those approached who answered or did not know), ``dont_know`` (weighted share of these who did not know);
        ``effective`` (answers of a simple random sample that would say as much); ``estimate`` (share satisfied, 0 to 1, or
        mean points), ``se``, ``low``, ``high``; ``pooled``, ``pooled_se``, ``pooled_low``, ``pooled_high`` (drawn toward
        the mean of all targets), ``own`` (weight of the target's own answers in it, 0 to 1); ``bound_low``,
        ``bound_high`` (estimate if all who were silent were least, or most, satisfied); ``mode_adjusted`` (what was taken
        off for the way of asking). NaN without answers, and in the columns of pooling with fewer than five targets.
    findings : tuple of Finding
        What the user must know.
    items : pandas.DataFrame
        One row per item: ``item``, ``targets``, ``answers``, ``mean`` (over targets), ``within_sd`` (of a single answer),
        ``between_sd`` (between targets), ``design_effect``, ``reliability`` (median over targets of ``own``).
    statistic : {"share", "mean"}
        What was estimated.
    level : float
        Confidence level.
    """

    items: pd.DataFrame
    statistic: Statistic
    level: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw each target's estimate with its interval, best on top, and the pooled one.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_survey(self.table, lang)
