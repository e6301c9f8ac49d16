"""The figure of a rule's coefficients beside the measured ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXT: Mapping[str, Mapping[Language, str]] = {
    "axis": {"en": "Coefficient (mean 1)", "zh": "系数（均值为1）"},
    "measured": {"en": "measured, with interval", "zh": "实测值及区间"},
    "fiat": {"en": "set by the rule", "zh": "规定值"},
    "task": {"en": "task", "zh": "任务"},
    "post": {"en": "post", "zh": "岗位"},
    "rank": {"en": "rank", "zh": "职级"},
}


def draw_ladder(ladder: pd.DataFrame, lang: Language) -> Figure:
    """Draw each level of a rule with the coefficient it sets and the one that was measured.

    Parameters
    ----------
    ladder : pandas.DataFrame
        See `kpi_research.workload.ladder.coefficient_ladder`.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    place = np.arange(len(ladder))
    names = [f"{TEXT[str(row.factor)][lang]}: {row.level}" for row in ladder.itertuples()]
    with theme(lang):
        figure, axis = new_figure(7.2, 1.6 + 0.36 * max(len(ladder), 1))
        axis.axvline(1.0, color=COLORS["muted"], linewidth=0.8)
        axis.hlines(place, ladder["measured"], ladder["fiat"], color=COLORS["muted"], linewidth=0.8, linestyle=":")
        axis.hlines(place, ladder["low"], ladder["high"], color=COLORS["main"], linewidth=1.8)
        axis.plot(ladder["measured"], place, "o", color=COLORS["main"], label=TEXT["measured"][lang])
        axis.plot(ladder["fiat"], place, "D", color=COLORS["muted"], label=TEXT["fiat"][lang])
        axis.set_yticks(place, names)
        axis.set_ylim(len(ladder) - 0.5, -0.5)
        axis.set_xlabel(TEXT["axis"][lang])
        axis.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center", ncols=2)
    return figure
