"""The picture of a change: the control chart, and what the change is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "chart": "Cases per day, with control limits",
        "parts": "What the change is made of (cases)",
        "place": "flagged places",
        "time": "flagged times of day",
        "unit": "flagged units",
        "address": "flagged addresses",
        "recording": "way of recording",
        "calendar": "calendar",
        "all_kinds": "all kinds of incidents",
        "own": "this kind everywhere",
    },
    "zh": {
        "chart": "日均案件数与控制限",
        "parts": "变化的构成（起）",
        "place": "异常地点",
        "time": "异常时段",
        "unit": "异常单位",
        "address": "重复地址",
        "recording": "登记方式",
        "calendar": "天数",
        "all_kinds": "各类警情普遍变化",
        "own": "该类警情普遍变化",
    },
}


def draw_change(
    table: pd.DataFrame, series: pd.DataFrame, breaks: pd.DataFrame, title: str, lang: Language = "en"
) -> Figure:
    """Draw a change.

    Parameters
    ----------
    table, series, breaks : pandas.DataFrame
        As in `ChangeReport`.
    title : str
        What was explained.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        Above the control chart, alarms marked and breaks dashed; below the parts with their intervals.
    """
    words = TEXTS[lang]
    with theme(lang):
        figure, (top, bottom) = new_figure(7.2, 5.2, rows=2)
        _draw_chart(top, series, breaks)
        top.set_title(f"{words['chart']} · {title}")
        place = np.arange(len(table))
        change = table["change"].to_numpy(dtype=float)
        reach = np.abs(table[["low", "high"]].to_numpy(dtype=float).T - change)
        color = [COLORS["bad"] if value > 0 else COLORS["good"] for value in change]
        bottom.barh(place, change, color=color, height=0.6)
        bottom.errorbar(change, place, xerr=reach, fmt="none", color=COLORS["ink"], linewidth=0.8)
        bottom.set_yticks(place, [words.get(str(name), str(name)) for name in table["part"]])
        bottom.invert_yaxis()
        bottom.axvline(0, color=COLORS["ink"], linewidth=0.8)
        bottom.set_title(words["parts"])
        figure.set_layout_engine("constrained", w_pad=0.12)
    return figure


def _draw_chart(axes: Any, series: pd.DataFrame, breaks: pd.DataFrame) -> None:
    place = np.arange(len(series))
    axes.fill_between(place, series["low"], series["high"], color=COLORS["light"], alpha=0.5, linewidth=0)
    axes.plot(place, series["rate"], "o-", color=COLORS["main"], markersize=3.5, linewidth=1)
    alarm = series["alarm"].to_numpy(dtype=bool)
    axes.plot(place[alarm], series["rate"][alarm], "o", color=COLORS["bad"], markersize=6)
    names = series["period"].tolist()
    for period in breaks["period"]:
        axes.axvline(names.index(period) - 0.5, color=COLORS["muted"], linestyle="--", linewidth=0.9)
    step = max(1, -(-len(names) // 8))
    axes.set_xticks(place[::step], names[::step], fontsize=8)
