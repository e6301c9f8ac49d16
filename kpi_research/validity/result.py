"""The result of the validity stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.evidence import evidence_frame
from kpi_research.validity.verdict.card import Card
from kpi_research.validity.verdict.decide import decide
from kpi_research.validity.verdict.rules import DEFAULT

COLUMNS = (
    "indicator", "label_en", "label_zh", "n", "units", "periods", "icc1", "icc1_low", "icc1_high",
    "stability", "stability_low", "stability_high", "missing",
    "outcome_rank_correlation", "outcome_low", "outcome_high", "expected_sign", "wrong_sign", "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Validity(Result):
    """What each indicator is worth.

    ``table`` has one row per indicator in catalogue order:

    - ``indicator``, ``label_en``, ``label_zh``: id and labels.
    - ``n``, ``units``, ``periods``: values observed, and in how many units and periods.
    - ``icc1``, ``icc1_low``, ``icc1_high``: ICC(1), the reliability of one period, with its interval.
    - ``stability``, ``stability_low``, ``stability_high``: mean rank correlation of successive periods.
    - ``missing``: share of unit-periods without a value, 0 to 1.
    - ``outcome_rank_correlation``, ``outcome_low``, ``outcome_high``: rank correlation with the outcome over all
      unit-periods, interval with units as independent groups; NaN for the outcome itself.
    - ``expected_sign``: sign of that correlation (+1 or -1) if a better indicator goes with a better outcome.
    - ``wrong_sign``: whether the whole interval lies on the other side of zero.
    - ``verdict``: ``use``, ``use_with_care``, ``cannot_tell``, ``repair`` or ``do_not_use``.

    Attributes
    ----------
    effects : pandas.DataFrame
        Panel models, one row per model and term: ``model``, ``term``, ``estimate``, ``se``, ``low``, ``high``, ``p``,
        ``n``, ``r2`` (see `kpi_research.validity.prediction.panel_effect`), ``role`` (``indicator``, ``control``, ``effect``).
    faults : pandas.DataFrame
        Data faults: ``kind`` (``impossible-value`` or ``jump``), ``column``, ``unit``, ``period_from``, ``period_to``,
        ``value``, ``reference`` (broken limit, or median of the unit's other periods), ``ratio``, ``rows``.
    evidence : pandas.DataFrame
        Every check of every indicator, see `kpi_research.validity.evidence.Evidence`.
    verdicts : pandas.DataFrame
        One row per indicator: ``indicator``; ``verdict``; the gravest grade per question (``importance``,
        ``authenticity``, ``reliability``, ``validity``, ``robustness``, ``use``); ``deciding`` (the checks that asked for
        the verdict); ``reason_en``, ``reason_zh`` (their sentences).
    details : mapping of str to pandas.DataFrame
        Tables behind the evidence by name, e.g. ``integrity_units`` (units that stand out).
    outcome_en, outcome_zh : str
        Name of the outcome; empty where the study names none.
    logs : bool
        Whether the panel models took logarithms, so that estimates are elasticities.
    """

    effects: pd.DataFrame
    faults: pd.DataFrame
    evidence: pd.DataFrame = field(default_factory=lambda: evidence_frame([]))
    verdicts: pd.DataFrame = field(default_factory=lambda: decide(evidence_frame([]), [], DEFAULT))
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    outcome_en: str = ""
    outcome_zh: str = ""
    logs: bool = False

    def card(self, indicator: str) -> Card:
        """Return the card of one indicator.

        Parameters
        ----------
        indicator : str
            Its id.

        Returns
        -------
        Card
            Verdict and evidence; ``.text("zh")`` is its plain text, a notebook shows it as a table.

        Raises
        ------
        ValueError
            If the catalogue has no such indicator.
        """
        known = list(self.table["indicator"])
        if indicator not in known:
            raise ValueError(f"indicator is '{indicator}'.{did_you_mean(indicator, known)['en']}")
        row = self.table.loc[self.table["indicator"] == indicator].iloc[0]
        mine = self.evidence[self.evidence["indicator"] == indicator].reset_index(drop=True)
        return Card(indicator, str(row["label_en"]), str(row["label_zh"]), str(row["verdict"]), mine)

    def plot_verdicts(self, lang: Language = "en") -> Figure:
        """Draw grades by question and the verdict of every indicator.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.verdict.draw import draw_verdicts

        labels = {str(row["indicator"]): str(row[f"label_{lang}"]) for _, row in self.table.iterrows()}
        return draw_verdicts(self.verdicts, labels, lang)

    def plot(self, lang: Language = "en") -> Figure:
        """Draw reliability and effects of all indicators side by side, with their intervals.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.validity.draw import draw_validity

        return draw_validity(self, lang)
