"""The result of the preventability stage."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

from kpi_research.study.findings import Language
from kpi_research.study.results import Result

COLUMNS = {
    "unit": "str", "n": "Int64", "n_labels": "Int64",
    "estimate": "float64", "se": "float64", "low": "float64", "high": "float64",
    "design": "float64", "design_low": "float64", "design_high": "float64", "flag": "str",
    "observed": "float64", "expected": "float64", "ratio": "float64", "p": "float64", "q": "float64", "verdict": "str",
}  # fmt: skip
"""Columns of the main table and their types."""


def _empty() -> pd.DataFrame:
    return pd.DataFrame()


@dataclass(frozen=True)
class Preventability(Result):
    """Share of preventable cases per unit, and how it stands to what its situation lets expect.

    ``table`` has one row per unit:

    - ``unit``; ``n`` (cases); ``n_labels`` (cases that raters decided).
    - ``estimate``, ``se``, ``low``, ``high``: share of preventable cases, 0 to 1, shrunk to what the unit's cases let
      expect; right on average over units, a little too near the middle for single ones.
    - ``design``, ``design_low``, ``design_high``: the same from the unit's own labels and probabilities, not shrunk: to be
      read beside it before anything is said about one named unit.
    - ``flag``: why to read the row with care, such as few labels; empty otherwise.
    - ``observed``, ``expected``, ``ratio``: estimated number of preventable cases, number to expect from its situation,
      and their ratio; missing where nothing can be expected.
    - ``p``, ``q``: p-value of the ratio against 1, and the same adjusted for the number of units (false-discovery rate).
    - ``verdict``: ``higher``, ``lower`` or ``as_expected``; empty where none is given.

    Attributes
    ----------
    shares : pandas.DataFrame
        One row per ``method`` and unit: ``estimate``, ``se``, ``low``, ``high`` by labels alone, design, shrunk, model and
        shift; far-apart methods point to a shift that the model does not see.
    funnel : pandas.DataFrame
        One row per unit with its control limits, see `funnel`.
    calibration : pandas.DataFrame
        Predicted and observed shares in bins and peer groups, see `calibration_table`.
    measures : pandas.DataFrame
        Fit of the model to labels of units it has not seen, see `measure_fit`.
    importance, dependence : pandas.DataFrame
        What the model rests on, see `permutation_importance` and `partial_dependence`.
    agreement : pandas.DataFrame
        Agreement of raters by type and unit, see `agreement`.
    raters : pandas.DataFrame
        Errors of the raters, see `error_rates`.
    definitions : pandas.DataFrame
        Shares per unit under each written definition, with bounds, see `definition_shares`.
    sensitivity : pandas.DataFrame
        Units against the level to expect under each definition, see `kpi_research.preventability.compare.sensitivity`.
    bounds : pandas.DataFrame
        Where the errors of raters are unknown, the least and the largest design estimate for errors from 0 to .2:
        ``unit``, ``least``, ``largest``; empty where they are known.
    accuracy : pandas.DataFrame
        Definitions held against the panel, see `definition_accuracy`.
    indicator : pandas.DataFrame
        The rate of preventable cases, offered to the choice of weights: ``unit``, ``value`` (per 10,000 of the exposure, or
        share of cases without one), ``se``, ``reliability`` (share of the variance between units that is no error).
    effect : pandas.DataFrame
        What the programme of the study did under each definition, see `study_effect`; empty where none is named.
    use : str
        What the result is meant for: ``learning``, ``comparison`` or ``sanction``.
    level : float
        Confidence level of the intervals.
    """

    shares: pd.DataFrame = field(default_factory=_empty)
    funnel: pd.DataFrame = field(default_factory=_empty)
    calibration: pd.DataFrame = field(default_factory=_empty)
    measures: pd.DataFrame = field(default_factory=_empty)
    importance: pd.DataFrame = field(default_factory=_empty)
    dependence: pd.DataFrame = field(default_factory=_empty)
    agreement: pd.DataFrame = field(default_factory=_empty)
    raters: pd.DataFrame = field(default_factory=_empty)
    definitions: pd.DataFrame = field(default_factory=_empty)
    sensitivity: pd.DataFrame = field(default_factory=_empty)
    bounds: pd.DataFrame = field(default_factory=_empty)
    accuracy: pd.DataFrame = field(default_factory=_empty)
    indicator: pd.DataFrame = field(default_factory=_empty)
    effect: pd.DataFrame = field(default_factory=_empty)
    use: str = "learning"
    level: float = 0.95

    def plot(self, lang: Language = "en") -> Figure:
        """Draw the share of every unit with its interval, shrunk and not.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.preventability.draw import draw_shares

        return draw_shares(self, lang)

    def plot_funnel(self, lang: Language = "en") -> Figure:
        """Draw observed over expected preventable cases with control limits.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.preventability.draw import draw_funnel

        return draw_funnel(self, lang)

    def plot_calibration(self, lang: Language = "en") -> Figure:
        """Draw predicted against observed shares, one panel per peer group.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.preventability.draw import draw_calibration

        return draw_calibration(self, lang)
