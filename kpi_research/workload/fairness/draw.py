"""The figure of gaps between groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.workload.fairness.gaps import Fairness

TEXT: Mapping[str, Mapping[Language, str]] = {
    "before": {"en": "before adjustment", "zh": "调整前"},
    "after": {"en": "after adjustment", "zh": "调整后"},
    "axis": {"en": "Mean of the group relative to the mean of all (%)", "zh": "组均值相对于总均值的偏离（%）"},
    "margin": {"en": "counts as equal (±{margin:g} %)", "zh": "视为相等（±{margin:g} %）"},
}


def draw_fairness(result: Fairness, lang: Language) -> Figure:
    """Draw each group's gap before and after adjustment.

    Parameters
    ----------
    result : Fairness
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table, place = result.table, np.arange(len(result.table))
    several = table["grouping"].nunique() > 1
    names = [f"{row['grouping']}: {row['group']}" if several else str(row["group"]) for _, row in table.iterrows()]
    with theme(lang):
        figure, axis = new_figure(7.2, 1.6 + 0.42 * len(table))
        margin = 100 * result.margin
        label = TEXT["margin"][lang].format(margin=margin)
        axis.axvspan(-margin, margin, color=COLORS["muted"], alpha=0.18, linewidth=0, label=label)
        axis.axvline(0.0, color=COLORS["muted"], linewidth=0.8)
        sides = (
            ("before", ("low_before", "gap_before", "high_before"), -0.16, COLORS["muted"], "s"),
            ("after", ("low", "gap_after", "high"), 0.16, COLORS["main"], "o"),
        )
        for side, columns, shift, color, mark in sides:
            low, middle, high = (100 * table[name].to_numpy(float) for name in columns)
            axis.hlines(place + shift, low, high, color=color, linewidth=1.6)
            axis.plot(middle, place + shift, mark, color=color, label=TEXT[side][lang])
        axis.set_yticks(place, names)
        axis.set_ylim(len(table) - 0.5, -0.5)
        axis.set_xlabel(TEXT["axis"][lang])
        axis.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center", ncols=3)
    return figure
