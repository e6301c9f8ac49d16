"""The picture of gaps: what drags and what lifts each unit against its peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, PALETTE, new_figure, theme
from kpi_research.scorecard.reasons.words import cause_text
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Distance to the peers, by cause",
        "axis": "distance to the mean of the peers",
        "gap": "gap with {level:.3g} % interval",
    },
    "zh": {
        "title": "与同组单位的差距及其原因",
        "axis": "与同组其他单位均值之差",
        "gap": "差距及{level:.3g}%区间",
    },
}
LINE_INCHES = 0.17


def draw_gaps(table: pd.DataFrame, parts: pd.DataFrame, level: float, lang: Language = "en") -> Figure:
    """Draw the parts of gaps as stacked bars.

    Parameters
    ----------
    table, parts : pandas.DataFrame
        As in `GapReport`.
    level : float
        Coverage of the intervals.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
    """
    words = TEXTS[lang]
    rows = table.sort_values(["gap", "unit"], ignore_index=True)
    causes = list(dict.fromkeys(parts["cause"]))
    cells = pd.MultiIndex.from_product([rows["unit"], causes])
    wide = parts.set_index(["unit", "cause"])["part"].reindex(cells).to_numpy(dtype=float).reshape(len(rows), -1)
    with theme(lang):
        figure, axes = new_figure(7.2, 1.5 + LINE_INCHES * max(len(rows), 4))
        _bars(axes, wide, rows, [cause_text(name)[lang] for name in causes])
        place = np.arange(len(rows))
        gap = rows["gap"].to_numpy(dtype=float)
        reach = np.abs(rows[["low", "high"]].to_numpy(dtype=float).T - gap)
        label = words["gap"].format(level=100 * level)
        axes.errorbar(gap, place, xerr=reach, fmt="o", color=COLORS["ink"], markersize=3, linewidth=0.8, label=label)
        axes.set_yticks(place, [str(unit) for unit in rows["unit"]], fontsize=7)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.axvline(0, color=COLORS["ink"], linewidth=0.8)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(words["axis"])
        axes.set_title(words["title"])
        figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    return figure


def _bars(axes: Any, values: np.ndarray[Any, np.dtype[np.float64]], rows: pd.DataFrame, names: list[str]) -> None:
    """Stack what drags to the left and what lifts to the right; pale where the cause is not told."""
    place = np.arange(len(rows))
    told = (rows["verdict"] == "cause").to_numpy()
    for sign in (-1.0, 1.0):
        start = np.zeros(len(rows))
        for position, name in enumerate(names):
            width = np.where(sign * values[:, position] > 0, values[:, position], 0.0)
            color = COLORS["light"] if position == len(names) - 1 else PALETTE[position % len(PALETTE)]
            for rows_told, alpha in ((told, 1.0), (~told, 0.4)):
                label = name if sign < 0 and alpha == 1.0 else None
                axes.barh(
                    place[rows_told], width[rows_told], left=start[rows_told], color=color, alpha=alpha, label=label
                )
            start = start + width
