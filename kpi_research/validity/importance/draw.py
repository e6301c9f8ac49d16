"""The figure of nominal weight, effective weight and importance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.validity.importance.importance import Importance

TEXT: Mapping[str, Mapping[Language, str]] = {
    "nominal": {"en": "weight", "zh": "名义权重"},
    "effective": {"en": "share of the spread of the score", "zh": "占得分差异的比重"},
    "share": {"en": "share of importance", "zh": "重要性占比"},
    "x": {"en": "Percent", "zh": "占比（%）"},
}


def draw_importance(result: Importance, lang: Language) -> Figure:
    """Draw one row per indicator, heaviest first: its weight as a bar, what it does as points.

    Parameters
    ----------
    result : Importance
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = result.table.sort_values("nominal", ascending=False, kind="stable")
    place = np.arange(len(table))
    low, high = (100 * table[name].to_numpy(float) for name in ("effective_low", "effective_high"))
    with theme(lang):
        figure, axis = new_figure(7.2, 1.4 + 0.3 * len(table))
        axis.barh(place, 100 * table["nominal"], 0.7, color=COLORS["light"], label=TEXT["nominal"][lang])
        axis.hlines(place - 0.12, low, high, color=COLORS["main"], linewidth=1.2)
        axis.plot(100 * table["effective"], place - 0.12, "o", color=COLORS["main"], label=TEXT["effective"][lang])
        axis.plot(100 * table["share"], place + 0.16, "D", color=COLORS["contrast"], label=TEXT["share"][lang])
        axis.set_yticks(place, table["indicator"])
        axis.invert_yaxis()
        axis.set_xlabel(TEXT["x"][lang])
        axis.legend(loc="lower right")
        axis.grid(visible=False, axis="y")
    return figure
