"""The picture of weights: from current to new, with the range that does equally well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, PALETTE, new_figure, theme
from kpi_research.study.findings import Language

_WORDS = {
    "en": {
        "x": "Weight (points of 100)",
        "current": "current",
        "weight": "new",
        "range": "same objective",
        "boot": "resampled units",
    },
    "zh": {"x": "权重（百分制，分）", "current": "现行", "weight": "建议", "range": "目标值不变", "boot": "重抽样区间"},
}
_VISIBLE = 0.01


def draw_weights(table: pd.DataFrame, lang: Language = "en") -> Figure:
    """Draw a dumbbell chart of weights.

    Parameters
    ----------
    table : pandas.DataFrame
        ``id``, ``label_en``, ``label_zh``, ``current``, ``weight``, ``low``, ``high``, ``boot_low``, ``boot_high``.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        Indicators from top to bottom in the order of the table.
    """
    words, places = _WORDS[lang], np.arange(len(table))[::-1]
    dots: dict[str, Any] = {"linestyle": "", "marker": "o", "clip_on": False, "zorder": 5, "markersize": 7}
    with theme(lang):
        figure, axes = new_figure(7.2, max(2.2, 0.8 + 0.34 * len(table)))
        _draw_ranges(axes, table, places, words)
        axes.hlines(
            places, table["current"].fillna(table["weight"]), table["weight"], color=COLORS["ink"], linewidth=1.2
        )
        if table["current"].notna().any():
            axes.plot(table["current"], places, mfc="white", mec=COLORS["ink"], label=words["current"], **dots)
        axes.plot(table["weight"], places, mfc=COLORS["main"], mec="white", label=words["weight"], **dots)
        axes.set_yticks(places, _labels(table, lang))
        axes.set_xlim(left=0)
        axes.set_xlabel(words["x"])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return figure


def _draw_ranges(axes: Any, table: pd.DataFrame, places: np.ndarray, words: Mapping[str, str]) -> None:
    if (table["high"] - table["low"] > _VISIBLE).any():
        axes.hlines(places, table["low"], table["high"], color=COLORS["light"], linewidth=9, label=words["range"])
    if table["boot_low"].notna().any():
        axes.hlines(places, table["boot_low"], table["boot_high"], color=PALETTE[5], linewidth=3, label=words["boot"])


def _labels(table: pd.DataFrame, lang: Language) -> list[str]:
    chinese = table["label_zh"].where(table["label_zh"] != "", table["label_en"])
    return list(chinese if lang == "zh" else table["label_en"])
