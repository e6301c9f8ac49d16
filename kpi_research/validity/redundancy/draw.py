"""Figures of redundancy and balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from scipy.cluster import hierarchy

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language
from kpi_research.validity.redundancy.words import text

if TYPE_CHECKING:
    from kpi_research.validity.redundancy.balance import Balance
    from kpi_research.validity.redundancy.redundancy import Redundancy

MOST_NAMES = 60
"""Indicators up to which names stand at the axes."""


def draw_redundancy(result: Redundancy, lang: Language) -> Figure:
    """Draw the absolute rank correlations of all pairs, indicators ordered by group.

    Parameters
    ----------
    result : Redundancy
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = hierarchy.leaves_list(result.tree) if len(result.tree) else np.arange(len(result.table))
    names = [str(result.matrix.index[int(at)]) for at in order]
    size = 2.6 + 0.22 * min(len(names), MOST_NAMES)
    with theme(lang):
        figure, axis = new_figure(size + 0.8, size)
        shown = np.abs(result.matrix.to_numpy(dtype=float))[np.ix_(order, order)]
        image = axis.imshow(shown, vmin=0.0, vmax=1.0, cmap="Blues")
        if len(names) <= MOST_NAMES:
            axis.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
            axis.set_yticks(range(len(names)), names, fontsize=7)
        axis.grid(visible=False)
        axis.set_title(text("alike", lang), fontsize=10)
        figure.colorbar(image, ax=axis, shrink=0.7, label=text("correlation", lang))
    return figure


def draw_balance(result: Balance, lang: Language) -> Figure:
    """Draw nominal and effective shares of each group.

    Parameters
    ----------
    result : Balance
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = result.table
    names = [text(str(row["group"]), lang) for _, row in table.iterrows()]
    place = np.arange(len(table))
    with theme(lang):
        figure, axis = new_figure(6.4, 1.2 + 0.34 * len(table))
        axis.barh(place - 0.18, 100 * table["nominal"], 0.34, color=COLORS["muted"], label=text("nominal", lang))
        if table["effective"].notna().any():
            axis.barh(place + 0.18, 100 * table["effective"], 0.34, color=COLORS["main"], label=text("effective", lang))
        axis.set_yticks(place, names)
        axis.invert_yaxis()
        axis.set_xlabel(text("share", lang))
        axis.legend(loc="lower right")
        axis.grid(visible=False, axis="y")
    return figure
