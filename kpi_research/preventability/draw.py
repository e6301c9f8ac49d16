"""Figures of the preventability stage: caterpillar, funnel, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.preventability.words import figure_text
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.preventability.result import Preventability

NAMED_UNITS = 60
"""Units up to which each is named; more are drawn without names."""
MOST_PANELS = 4
TICKS = {"--": 11, "-": 5}
"""Width of the ends of limits that belong to one unit each."""
VERDICTS = {"higher": "bad", "lower": "good", "as_expected": "main"}


def draw_shares(result: Preventability, lang: Language) -> Figure:
    """Draw the units in order of their shrunk share, with intervals, and their unshrunk share beside it.

    Parameters
    ----------
    result : Preventability
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    design = {"design": "estimate", "design_low": "low", "design_high": "high"}
    unshrunk = result.table[["unit", *design]].rename(columns=design)
    return caterpillar(result.table, unshrunk, lang)


def caterpillar(shrunk: pd.DataFrame, design: pd.DataFrame, lang: Language) -> Figure:
    """Draw units in order of their shrunk share, with intervals, and their unshrunk share below it.

    Parameters
    ----------
    shrunk, design : pandas.DataFrame
        One row per unit in the same order: ``unit``, ``estimate``, ``low``, ``high``.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = shrunk["estimate"].to_numpy(dtype=float).argsort(kind="stable")[::-1]
    first, second = shrunk.iloc[order], design.iloc[order]
    place = np.arange(len(first))
    named = len(first) <= NAMED_UNITS
    with theme(lang):
        figure, axis = new_figure(7.2, 1.6 + (0.2 * len(first) if named else 6.0))
        axis.hlines(place, first["low"], first["high"], color=COLORS["main"], linewidth=2.2)
        axis.plot(first["estimate"], place, "o", color=COLORS["main"], label=figure_text("shrunk", lang))
        axis.hlines(place + 0.28, second["low"], second["high"], color=COLORS["light"], linewidth=1.2)
        label = figure_text("design", lang)
        axis.plot(second["estimate"], place + 0.28, "D", color=COLORS["muted"], markersize=3, label=label)
        axis.set_yticks(place if named else [], first["unit"].astype(str) if named else [])
        axis.set_ylim(len(first) - 0.3, -0.7)
        axis.set_xlim(0.0, min(1.0, 1.05 * float(second["high"].max())))
        axis.set_xlabel(figure_text("share", lang))
        axis.set_title(figure_text("shares", lang))
        axis.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def draw_funnel(result: Preventability, lang: Language) -> Figure:
    """Draw observed over expected against expected cases, with control limits.

    Parameters
    ----------
    result : Preventability
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    return funnel_chart(result.funnel, lang)


def funnel_chart(table: pd.DataFrame, lang: Language) -> Figure:
    """Draw a table of `funnel`.

    Parameters
    ----------
    table : pandas.DataFrame
        Its table, with limits of any levels.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = table.sort_values("expected", ignore_index=True)
    levels = [name.removeprefix("low_") for name in table.columns if name.startswith("low_")]
    with theme(lang):
        figure, axis = new_figure(7.2, 4.6)
        axis.axhline(1.0, color=COLORS["ink"], linewidth=0.8)
        for level, style in zip(levels, ("--", "-", ":", "-."), strict=False):
            shown = figure_text("limit", lang, level=level if len(level) < 3 else f"{level[:2]}.{level[2:]}")
            _draw_limits(axis, table, level, style, shown)
        for verdict, color in VERDICTS.items():
            rows = table[table["verdict"] == verdict]
            if len(rows):
                label = figure_text(verdict, lang)
                axis.plot(rows["expected"], rows["ratio"], "o", color=COLORS[color], label=label)
        _name_outliers(axis, table)
        axis.set(xlabel=figure_text("expected", lang), ylabel=figure_text("ratio", lang))
        axis.set_title(figure_text("funnel", lang))
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def _draw_limits(axis: Axes, table: pd.DataFrame, level: str, style: str, shown: str) -> None:
    """Draw a curve where the limits follow from the expected count, and ticks where each unit has limits of its own."""
    low, high = table[f"low_{level}"], table[f"high_{level}"]
    if bool((np.diff(high) <= 1e-9).all()):
        for limit, label in ((low, None), (high, shown)):
            axis.plot(table["expected"], limit, style, color=COLORS["muted"], linewidth=1.0, label=label)
        return
    axis.vlines(table["expected"], low, high, color=COLORS["light"], linewidth=2.4 if style == "--" else 0.8)
    for limit, label in ((low, None), (high, shown)):
        axis.plot(table["expected"], limit, "_", color=COLORS["muted"], markersize=TICKS.get(style, 3), label=label)


def _name_outliers(axis: Axes, table: pd.DataFrame) -> None:
    outside = table[table["verdict"].isin(["higher", "lower"])]
    for row in outside.head(NAMED_UNITS // 3).to_dict("records"):
        place = (row["expected"], row["ratio"])
        axis.annotate(str(row["unit"]), place, xytext=(5, 3), textcoords="offset points", fontsize=8)


def draw_calibration(result: Preventability, lang: Language) -> Figure:
    """Draw predicted against observed shares: all units, then each peer group.

    Parameters
    ----------
    result : Preventability
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = list(dict.fromkeys(result.calibration["group"]))[:MOST_PANELS]
    with theme(lang):
        figure, axes = new_figure(
            2.6 * len(groups) + 0.8, 3.3, columns=len(groups), sharex=True, sharey=True, squeeze=False
        )
        for axis, group in zip(axes.ravel(), groups, strict=True):
            rows = result.calibration[result.calibration["group"] == group]
            axis.plot([0, 1], [0, 1], color=COLORS["light"], linewidth=1.0)
            axis.vlines(rows["predicted"], rows["low"], rows["high"], color=COLORS["main"], linewidth=1.4)
            axis.plot(rows["predicted"], rows["observed"], "o", color=COLORS["main"])
            axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
            axis.set_title(str(group) or figure_text("all", lang), fontsize=10)
        figure.supxlabel(figure_text("predicted", lang), fontsize=10)
        axes[0, 0].set_ylabel(figure_text("observed", lang))
    return figure
