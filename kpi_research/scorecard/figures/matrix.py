"""The scorecard matrix: what each indicator adds to each unit against the mean of its group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.scorecard.figures.words import label_of
from kpi_research.study.findings import Language
from kpi_research.study.suggest import did_you_mean

Array = NDArray[np.float64]
TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Points against the mean of the group",
        "bar": "points of the score, more than the group (blue) or less (orange)",
        "empty": "no scores",
    },
    "zh": {"title": "各项指标得分与本组均值之差", "bar": "得分：高于本组均值（蓝）或低于（橙）", "empty": "没有得分"},
}
LINE_INCHES = 0.19
"""Height of one unit's line."""
LEAST_CELL = 0.3
"""Width of a cell in inches from which points can stand in it."""
MOST_LINES = 60
"""Units of a group up to which points stand in the cells."""
LEFT = 1.5
"""Inches that the names of units take."""


def draw_matrix(
    table: pd.DataFrame, contributions: pd.DataFrame, lang: Language, group: str | None, labels: Mapping[str, str]
) -> Figure:
    """Draw the matrix.

    Parameters
    ----------
    table, contributions : pandas.DataFrame
        As in `Scorecard`.
    lang : {"en", "zh"}
        Language of the texts.
    group : str or None
        One group; None for all.
    labels : mapping of str to str
        Names of indicators by id.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such group.
    """
    panels = [against_mean(part, contributions) for part in _parts(table, group)]
    panels = [panel for panel in panels if panel.size]
    with theme(lang):
        if not panels:
            figure, axes = new_figure(7.2, 1.6)
            axes.text(0.5, 0.5, TEXTS[lang]["empty"], ha="center", va="center", transform=axes.transAxes)
            return figure
        sizes = [max(len(panel), 3) for panel in panels]
        height = 1.0 + sum(LINE_INCHES * size + _room_below(panel, labels, lang) for size, panel in zip(sizes, panels, strict=True))  # fmt: skip
        figure, axes = new_figure(
            8.4, height, rows=len(panels), columns=1, squeeze=False, gridspec_kw={"height_ratios": sizes}
        )
        most = max(float(np.nanmax(np.abs(panel.to_numpy()))) for panel in panels) or 1.0
        for axis, panel in zip(axes[:, 0], panels, strict=True):
            shown = _draw_panel(axis, panel, most, labels, lang)
        bar = figure.colorbar(
            shown, ax=list(axes[:, 0]), location="bottom", shrink=0.5, aspect=40, fraction=0.02, pad=0.01
        )
        bar.set_label(TEXTS[lang]["bar"], fontsize=8)
        bar.ax.tick_params(labelsize=7)
        bar.outline.set_visible(False)
        figure.suptitle(TEXTS[lang]["title"], x=0.01, ha="left", fontsize=11.5, fontweight="bold")
    return figure


def against_mean(table: pd.DataFrame, contributions: pd.DataFrame) -> pd.DataFrame:
    """Return points of units less the mean of their group.

    Parameters
    ----------
    table : pandas.DataFrame
        Units of one group, as in `Scorecard`.
    contributions : pandas.DataFrame
        As in `Scorecard`.

    Returns
    -------
    pandas.DataFrame
        Unit × indicator: units from best to worst, indicators from the one whose points differ most; named after the group.
        Points a unit does not have, such as those of events, count as 0.
    """
    scored = table[table["score"].notna()].sort_values(["rank", "unit"])
    own = contributions[contributions["unit"].isin(scored["unit"])]
    wide = own.pivot_table("points", "unit", "indicator", aggfunc="sum").reindex(scored["unit"]).fillna(0.0)
    less = wide - wide.mean()
    order = less.abs().sum().sort_values(ascending=False, kind="stable").index
    found = less[order]
    found.attrs["group"] = str(table["group"].iloc[0]) if "group" in table and len(table) else ""
    return found


def _parts(table: pd.DataFrame, group: str | None) -> list[pd.DataFrame]:
    if group is None:
        return [part for _, part in table.groupby("group", sort=False)] if "group" in table else [table]
    known = [str(name) for name in table["group"].unique()] if "group" in table else []
    if group not in known:
        raise ValueError(f"group is {group!r}.{did_you_mean(group, known)['en']}")
    return [table[table["group"] == group]]


def _room_below(panel: pd.DataFrame, labels: Mapping[str, str], lang: Language) -> float:
    """Return the inches that slanted names of indicators and the title of a panel take."""
    longest = max(len(label_of(str(name), labels, lang)) for name in panel.columns)
    return 0.45 + longest * (0.105 if lang == "zh" else 0.06) * 0.8


def _draw_panel(axes: Any, panel: pd.DataFrame, most: float, labels: Mapping[str, str], lang: Language) -> Any:
    values = panel.to_numpy(dtype=float)
    colors = LinearSegmentedColormap.from_list("points", [COLORS["bad"], "white", COLORS["main"]])
    shown = axes.imshow(values, cmap=colors, norm=TwoSlopeNorm(0.0, -most, most), aspect="auto")
    axes.set_yticks(range(len(panel)), [str(unit) for unit in panel.index], fontsize=7)
    names = [label_of(str(name), labels, lang) for name in panel.columns]
    axes.set_xticks(range(len(names)), names, fontsize=7, rotation=45, ha="right", rotation_mode="anchor")
    axes.grid(visible=False)
    axes.set_title(panel.attrs["group"], fontsize=9)
    if (8.4 - LEFT) / len(names) >= LEAST_CELL and len(panel) <= MOST_LINES:
        _write_points(axes, values, most)
    return shown


def _write_points(axes: Any, values: Array, most: float) -> None:
    """Write the points of a cell where they are a tenth of a point or more."""
    for (line, place), value in np.ndenumerate(values):
        if abs(value) >= 0.05:
            color = "white" if abs(value) > 0.6 * most else COLORS["ink"]
            text = f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")
            axes.text(place, line, text, ha="center", va="center", fontsize=5.5, color=color)
