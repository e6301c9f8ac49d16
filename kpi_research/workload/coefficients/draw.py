"""The figure of workload coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.workload.coefficients.result import Coefficients

TEXT: Mapping[str, Mapping[Language, str]] = {
    "axis": {"en": "Coefficient (mean 1, log scale)", "zh": "系数（均值为1，对数刻度）"},
    "raw": {"en": "as measured", "zh": "实测值"},
    "coefficient": {"en": "to use", "zh": "采用值"},
    "previous": {"en": "last period", "zh": "上期值"},
    "task": {"en": "task", "zh": "任务"},
    "post": {"en": "post", "zh": "岗位"},
    "rank": {"en": "rank", "zh": "职级"},
}


def draw_coefficients(result: Coefficients, lang: Language) -> Figure:
    """Draw each coefficient with its interval, the measured value and that of the last period.

    Parameters
    ----------
    result : Coefficients
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = result.table.dropna(subset=["coefficient"]).reset_index(drop=True)
    place = np.arange(len(table))
    names = [f"{TEXT[str(row.factor)][lang]}: {row.level}" for row in table.itertuples()]
    with theme(lang):
        figure, axis = new_figure(7.2, 1.4 + 0.26 * len(table))
        axis.axvline(1.0, color=COLORS["muted"], linewidth=0.8)
        axis.hlines(place, table["low"], table["high"], color=COLORS["main"], linewidth=1.6)
        axis.plot(table["coefficient"], place, "o", color=COLORS["main"], label=TEXT["coefficient"][lang])
        axis.plot(table["raw"], place, "|", color=COLORS["muted"], markersize=9, label=TEXT["raw"][lang])
        if table["previous"].notna().any():
            axis.plot(table["previous"], place, "s", color=COLORS["muted"], markersize=4, label=TEXT["previous"][lang])
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_yticks(place, names)
        axis.set_ylim(len(table) - 0.5, -0.5)
        axis.set_xlabel(TEXT["axis"][lang])
        axis.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center", ncols=3)
    return figure
