"""The figure of two runs side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXT: Mapping[str, Mapping[Language, str]] = {
    "before": {"en": "before", "zh": "原方案"},
    "after": {"en": "after", "zh": "新方案"},
    "axis": {"en": "Rank (1 = best)", "zh": "名次（1 为最好）"},
    "beyond": {"en": "moved by more than its interval", "zh": "变动超出原名次区间"},
    "within": {"en": "within its interval", "zh": "在原名次区间之内"},
}


def draw_moves(table: pd.DataFrame, lang: Language) -> Figure:
    """Draw the ranks of units in two runs, one line each, one panel per group.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `kpi_research.compare.Comparison`.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    known = table.dropna(subset=["move"])
    groups = list(dict.fromkeys(known["group"])) or [""]
    tallest = max((len(known[known["group"] == name]) for name in groups), default=1)
    with theme(lang):
        figure, axes = new_figure(2.4 + 2.2 * len(groups), 1.6 + 0.22 * max(tallest, 4), columns=len(groups))
        panels = np.atleast_1d(axes)
        for axis, name in zip(panels, groups, strict=True):
            _panel(axis, known[known["group"] == name], lang)
            axis.set_title(name)
        panels[0].set_ylabel(TEXT["axis"][lang])
        handles, labels = panels[0].get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=2)
    return figure


def _panel(axis: Axes, rows: pd.DataFrame, lang: Language) -> None:
    for row in rows.to_dict("records"):
        beyond = bool(row["beyond"])
        ranks = [float(row["rank_before"]), float(row["rank_after"])]
        axis.plot(
            [0, 1], ranks, "-o", markersize=3, linewidth=1.6 if beyond else 0.9,
            color=COLORS["main" if beyond else "muted"], label=TEXT["beyond" if beyond else "within"][lang],
        )  # fmt: skip
        axis.annotate(str(row["unit"]), (1.04, ranks[1]), va="center", fontsize=7, annotation_clip=False)
    axis.set_xticks([0, 1], [TEXT["before"][lang], TEXT["after"][lang]])
    axis.set_xlim(-0.1, 1.45)
    axis.invert_yaxis()
    axis.grid(visible=False)
