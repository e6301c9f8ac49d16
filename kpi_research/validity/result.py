"""The result of the validity stage."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.results import Result

COLUMNS = (
    "indicator", "label_en", "label_zh", "n", "units", "periods", "icc1", "icc1_low", "icc1_high",
    "stability", "stability_low", "stability_high", "missing",
    "outcome_rank_correlation", "outcome_low", "outcome_high", "expected_sign", "wrong_sign",
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

    Attributes
    ----------
    effects : pandas.DataFrame
        Panel models, one row per model and term: ``model``, ``term``, ``estimate``, ``se``, ``low``, ``high``, ``p``,
        ``n``, ``r2`` (see `kpi_research.validity.prediction.panel_effect`), ``role`` (``indicator``, ``control``, ``effect``).
    faults : pandas.DataFrame
        Data faults: ``kind`` (``impossible-value`` or ``jump``), ``column``, ``unit``, ``period_from``, ``period_to``,
        ``value``, ``reference`` (broken limit, or median of the unit's other periods), ``ratio``, ``rows``.
    outcome_en, outcome_zh : str
        Name of the outcome; empty where the study names none.
    logs : bool
        Whether the panel models took logarithms, so that estimates are elasticities.
    """

    effects: pd.DataFrame
    faults: pd.DataFrame
    outcome_en: str = ""
    outcome_zh: str = ""
    logs: bool = False

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
