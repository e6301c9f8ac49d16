"""The picture of a survey: every target with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {"own": "own answers", "pooled": "pooled"},
    "zh": {"own": "自身样本", "pooled": "合并估计"},
}
MOST_ITEMS = 4


def draw_survey(table: pd.DataFrame, lang: Language = "en") -> Figure:
    """Draw estimates with intervals, one panel per item.

    Parameters
    ----------
    table : pandas.DataFrame
        As in `SurveyEstimate`.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The first four items.
    """
    names = list(dict.fromkeys(table["item"]))[:MOST_ITEMS]
    tallest = max(int(table.groupby("item").size().max()), 4)
    with theme(lang):
        figure, axes = new_figure(3.4 * len(names) + 0.6, 0.6 + 0.16 * tallest, rows=1, columns=len(names))
        for panel, name in zip(np.atleast_1d(axes), names, strict=True):
            part = table[(table["item"] == name) & table["estimate"].notna()].sort_values("estimate")
            places = np.arange(len(part))
            panel.hlines(places, part["low"], part["high"], color=COLORS["muted"], linewidth=1)
            panel.plot(part["estimate"], places, "o", color=COLORS["main"], markersize=3, label=TEXTS[lang]["own"])
            panel.plot(part["pooled"], places, "|", color=COLORS["muted"], markersize=6, label=TEXTS[lang]["pooled"])
            panel.set_yticks(places, [str(target) for target in part["target"]], fontsize=6)
            panel.set_title(str(name), fontsize=10)
        np.atleast_1d(axes)[0].legend(fontsize=7)
    return figure
