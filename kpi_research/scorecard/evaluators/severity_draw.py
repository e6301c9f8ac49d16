"""The picture of raters: who is harsh, and which kind is lenient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "severity": "Severity of raters (points)",
        "leniency": "Leniency of kinds (points)",
        "rater": "raters, mildest first",
    },
    "zh": {"severity": "评分者严厉程度（分）", "leniency": "各类评分者宽松程度（分）", "rater": "评分者（由宽到严）"},
}


def draw_severity(severities: pd.DataFrame, kinds: pd.DataFrame, lang: Language = "en") -> Figure:
    """Draw each rater's severity and each kind's leniency with intervals.

    Parameters
    ----------
    severities, kinds : pandas.DataFrame
        As in `RaterSeverity`.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
    """
    words = TEXTS[lang]
    with theme(lang):
        figure, axes = new_figure(8.6, 3.8, rows=1, columns=2)
        ordered = severities.sort_values("severity")
        _intervals(axes[0], ordered, "severity", list(range(len(ordered))))
        axes[0].set_ylabel(words["rater"])
        axes[0].set_yticks([])
        axes[0].set_title(words["severity"], fontsize=10)
        shown = kinds.dropna(subset=["leniency"]) if "leniency" in kinds else kinds.iloc[:0]
        _intervals(axes[1], shown, "leniency", list(range(len(shown))))
        axes[1].set_yticks(range(len(shown)), [str(name) for name in shown["kind"]])
        axes[1].set_title(words["leniency"], fontsize=10)
    return figure


def _intervals(axes: Any, table: pd.DataFrame, column: str, places: list[int]) -> None:
    axes.hlines(
        places, np.asarray(table.get("low", [])), np.asarray(table.get("high", [])), color=COLORS["muted"], linewidth=1
    )
    axes.plot(table.get(column, []), places, "o", color=COLORS["main"], markersize=3)
    axes.axvline(0.0, color=COLORS["light"], linewidth=1, zorder=0)
