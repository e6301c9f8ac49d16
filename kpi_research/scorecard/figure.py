"""The caterpillar of ranks: each unit with the ranks it may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Ranks and their {level:.3g} % confidence sets",
        "title_plain": "Ranks (too few periods for confidence sets)",
        "rank": "rank (1 = best)",
        "good": "set lies in the better half",
        "bad": "set lies in the worse half",
        "muted": "set reaches into both halves",
        "empty": "no scores",
    },
    "zh": {
        "title": "名次及其{level:.3g}%置信集",
        "title_plain": "名次（时期太少，无法给出置信集）",
        "rank": "名次（1为最好）",
        "good": "置信集全在前半",
        "bad": "置信集全在后半",
        "muted": "置信集跨前后两半",
        "empty": "没有得分",
    },
}
TITLE: dict[str, Any] = {"fontsize": 11.5, "fontweight": "bold"}
LINE_INCHES = 0.155
"""Height of one unit's line in inches: labels of 7 points stay apart."""


def draw_ranks(table: pd.DataFrame, level: float, lang: Language = "en") -> Figure:
    """Draw ranks with their confidence sets.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a `Scorecard`.
    level : float
        Confidence level of the sets.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        One line per scored unit, each labelled; one panel per group.
    """
    words = TEXTS[lang]
    scored = table[table["rank"].notna()]
    panels = [part for _, part in scored.groupby("group", sort=False)] if "group" in scored else [scored]
    with theme(lang):
        sizes = [max(len(part), 3) for part in panels] or [3]
        height = 1.1 + LINE_INCHES * sum(sizes) + 0.5 * (len(sizes) - 1)
        ratios: dict[str, Any] = {"height_ratios": sizes}
        figure, axes = new_figure(7.2, height, rows=len(sizes), columns=1, squeeze=False, gridspec_kw=ratios)
        if scored.empty:
            axes[0, 0].text(0.5, 0.5, words["empty"], ha="center", va="center", transform=axes[0, 0].transAxes)
            return figure
        for panel, part in zip(axes[:, 0], panels, strict=True):
            _draw_panel(panel, part.sort_values(["rank", "unit"]), words)
        with_sets = scored["low"].notna().any()
        figure.suptitle(
            words["title" if with_sets else "title_plain"].format(level=100 * level), x=0.01, ha="left", **TITLE
        )
        if with_sets:
            _draw_legend(axes[0, 0], scored, words)
    return figure


def _draw_panel(axes: Any, part: pd.DataFrame, words: dict[str, str]) -> None:
    lines = range(len(part))
    middle = (len(part) + 1) / 2
    for line, row in zip(lines, _records(part), strict=True):
        color = COLORS[_placement(row, middle)]
        if pd.notna(row.low):
            axes.plot([row.low, row.high], [line, line], color=color, linewidth=2.2, solid_capstyle="butt")
        axes.plot([row.rank], [line], "o", color=color, markersize=4.6, markeredgecolor="white", markeredgewidth=0.6)
    axes.set_yticks(list(lines), [str(unit) for unit in part["unit"]], fontsize=7)
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.set_xlim(0.5 - 0.01 * len(part), len(part) + 0.5 + 0.01 * len(part))
    axes.axvline(middle, color=COLORS["light"], linewidth=1, zorder=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(words["rank"])
    axes.xaxis.get_major_locator().set_params(integer=True)
    if "group" in part:
        axes.set_title(str(part["group"].iloc[0]), fontsize=9)


def _records(part: pd.DataFrame) -> Iterator[Any]:
    return part.itertuples(index=False)


def _placement(row: Any, middle: float) -> str:
    """Return whether the whole set lies in the better half, in the worse half, or in neither."""
    if pd.isna(row.low):
        return "muted"
    if row.high < middle:
        return "good"
    return "bad" if row.low > middle else "muted"


def _draw_legend(axes: Any, scored: pd.DataFrame, words: dict[str, str]) -> None:
    handles = [
        Line2D([], [], color=COLORS[name], linewidth=2.2, label=words[name]) for name in ("good", "muted", "bad")
    ]
    axes.figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
