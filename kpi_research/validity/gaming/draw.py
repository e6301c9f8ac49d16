"""The figure of counts at a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.validity.gaming.bunching import Bunching

TEXT: Mapping[str, Mapping[Language, str]] = {
    "count": {"en": "values counted", "zh": "实际频数"},
    "smooth": {"en": "smooth curve", "zh": "平滑曲线"},
    "limit": {"en": "limit", "zh": "界限"},
    "x": {"en": "Value", "zh": "数值"},
    "y": {"en": "Values per bin", "zh": "每组频数"},
}


def draw_bunching(result: Bunching, lang: Language) -> Figure:
    """Draw counts per bin, the smooth curve and the limit.

    Parameters
    ----------
    result : Bunching
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = result.table.sort_values("center")
    with theme(lang):
        figure, axis = new_figure(7.2, 3.8)
        axis.bar(
            table["center"],
            table["count"],
            width=0.9 * result.bin_width,
            color=COLORS["muted"],
            label=TEXT["count"][lang],
        )
        axis.plot(table["center"], table["expected"], color=COLORS["main"], label=TEXT["smooth"][lang])
        axis.axvline(result.cutoff, color=COLORS["ink"], linestyle="--", linewidth=1.0, label=TEXT["limit"][lang])
        axis.set(xlabel=TEXT["x"][lang], ylabel=TEXT["y"][lang])
        axis.legend()
    return figure
