"""What rules on scores do to the units."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.scorecard.consequences.figure import draw_consequences
from kpi_research.study.findings import Language
from kpi_research.study.results import Result


@dataclass(frozen=True)
class Consequences(Result):
    """How often rules hit those they mean.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per scheme and rule: ``scheme``, ``rule``, ``label_en``, ``label_zh``, ``link`` (what follows), ``kind``;
        ``units`` compared; ``hits`` (units hit; all units for grades; 1, the budget, for a proportional rule); ``right``
        (expected share of the hits
        that truly belong, 0 to 1); ``wrong`` with ``wrong_low`` and ``wrong_high`` (hits that do not belong: expected
        number and interval); ``missed`` (expected number that belong and are not hit); ``right_by_design`` (share of right
        hits over new data of the present length); ``needed_factor`` (multiple of the length or cases behind one decision
        with which it would be right as often as asked; missing where 64 times is not enough) and ``needed_periods``.
    findings : tuple of Finding
        What the user must know.
    members : pandas.DataFrame
        One row per scheme, rule and unit: ``scheme``, ``rule``, ``unit``, ``decision`` (``in``, ``out`` or the grade),
        ``belongs`` (probability that the unit truly belongs to those the rule means, or to its grade), ``verdict``
        (``sure``, ``sure_not``, ``cannot_tell``).
    alternatives : pandas.DataFrame
        One row per scheme, rule and alternative: ``alternative`` (``sets``: hit only those who surely belong;
        ``threshold``: those surely beyond a fixed score; ``longer``: the same rule on the periods it needs; ``shrunk``:
        shares by what the data allow), ``hits``, ``right``, ``wrong``, ``missed``, ``undecided`` (units that neither belong
        nor do not for sure), ``periods``, ``cut``.
    overlap : pandas.DataFrame
        One row per rule and further scheme, held against the first scheme: ``rule``, ``scheme``, ``same``, ``only_first``,
        ``only_here`` (units hit; for grades, units graded the same, better by the first, better here).
    level : float
        Coverage of the intervals.
    """

    members: pd.DataFrame
    alternatives: pd.DataFrame
    overlap: pd.DataFrame
    level: float = 0.95

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the expected share of right hits of each rule, one mark per scheme.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_consequences(self.table, lang)
