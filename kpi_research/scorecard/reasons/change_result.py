"""Why a kind of incident rose or fell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.reasons.change_figure import draw_change
from kpi_research.study.findings import Language
from kpi_research.study.results import Result


@dataclass(frozen=True)
class ChangeReport(Result):
    """The change of one kind of incident, taken apart. It may name addresses and is not for publication.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per part: ``part`` (a factor such as ``place``, ``time``, ``address``, ``recording`` or ``unit`` for cases
        at its flagged levels beyond what the others did; ``calendar``: more or fewer days; ``all_kinds``: incidents of all
        other kinds changed as well; ``own``: this kind changed everywhere), ``before`` and ``now`` (cases to expect, and
        found; for the last three parts the steps of the whole from one to the next), ``change`` (cases; the changes add
        up to that of the total), ``low``, ``high``.
    findings : tuple of Finding
        What the user must know.
    levels : pandas.DataFrame
        One row per factor and level: ``factor``, ``level``, ``before`` (mean per period, at the days of this period),
        ``now``, ``change``, ``p``, ``q``, ``flagged`` (rose beyond chance).
    series : pandas.DataFrame
        Control chart: ``period``, ``cases``, ``days``, ``rate`` (per day), ``low``, ``high``, ``smooth`` (moving average of
        the standardized rate), ``smooth_limit``, ``alarm`` (outside either limit, after the baseline).
    breaks : pandas.DataFrame
        ``period`` from which the rate is another one, ``before``, ``after`` (cases per day), ``p``.
    kind, now : str
        What was explained, and when.
    label : mapping of str to str
        What the kind is called in each language.
    level : float
        Coverage of the intervals.
    """

    levels: pd.DataFrame
    series: pd.DataFrame
    breaks: pd.DataFrame
    kind: str
    now: str
    label: Mapping[Language, str]
    level: float = 0.95

    @property
    def beyond_chance(self) -> bool:
        """Whether the period that was explained lies outside the limits of the control chart."""
        return bool(self.series["alarm"].iloc[-1])

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the control chart and the parts of the change.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_change(self.table, self.series, self.breaks, f"{self.label[lang]} {self.now}", lang)
