"""Figures of the validity stage: estimates with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language
from kpi_research.validity.words import MODELS, figure_text

if TYPE_CHECKING:
    from kpi_research.validity.prediction.panel_effect import PanelEffect
    from kpi_research.validity.reliability.estimate import Reliability
    from kpi_research.validity.result import Validity

Array = NDArray[np.float64]
PANELS_PER_ROW = 3


def draw_validity(result: Validity, lang: Language) -> Figure:
    """Draw reliability, relation with the outcome and effects in each model, one row per indicator and panel.

    Parameters
    ----------
    result : Validity
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = [str(row[f"label_{lang}"] or row["label_en"] or row["indicator"]) for _, row in result.table.iterrows()]
    panels = list(_panels(result, lang))
    columns = min(PANELS_PER_ROW, len(panels))
    rows = math.ceil(len(panels) / columns)
    with theme(lang):
        height = rows * (1.2 + 0.3 * max(len(names), 3))
        figure, axes = new_figure(2.4 + 2.7 * columns, height, rows=rows, columns=columns, sharey=True)
        figure.set_layout_engine("constrained", wspace=0.05, hspace=0.06)
        for axis, panel in zip_longest(np.ravel(axes), panels):
            if panel is None:
                axis.set_visible(False)
            else:
                _forest(axis, panel, names)
    return figure


def _panels(result: Validity, lang: Language) -> Iterator[_Panel]:
    icc = result.table[["icc1", "icc1_low", "icc1_high"]].to_numpy(dtype=float)
    yield _Panel(icc, figure_text("icc", lang), span=(min(0.0, _least(icc)), 1.0))
    outcome = (result.outcome_zh if lang == "zh" else result.outcome_en) or figure_text("outcome", lang)
    columns = ["outcome_rank_correlation", "outcome_low", "outcome_high"]
    relation = result.table[columns].to_numpy(dtype=float)
    if np.isfinite(relation).any():
        label = figure_text("with_outcome", lang, outcome=outcome)
        yield _Panel(relation, figure_text("correlation", lang), label, zero=True, span=(-1.0, 1.0))
    label = figure_text("elasticity" if result.logs else "coefficient", lang, outcome=outcome)
    for model in dict.fromkeys(result.effects["model"]):
        yield _Panel(_of_model(result, model), MODELS[model][lang], label, zero=True)


def _least(numbers: Array) -> float:
    known = numbers[np.isfinite(numbers)]
    return float(known.min()) if known.size else 0.0


def _of_model(result: Validity, model: str) -> Array:
    """Return estimate, low and high of each indicator of the table in a model, NaN where it is not in the model."""
    effects = result.effects[result.effects["model"] == model].set_index("term")
    rows = effects.reindex(result.table["indicator"])
    return rows[["estimate", "low", "high"]].to_numpy(dtype=float)


def draw_panel_effect(result: PanelEffect, lang: Language) -> Figure:
    """Draw the estimates of one model.

    Parameters
    ----------
    result : PanelEffect
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = result.table[result.table["term"] != "const"]
    shown = shown[~shown["term"].str.contains("=", regex=False)]
    label = figure_text("elasticity" if result.logs else "coefficient", lang, outcome=result.outcome)
    numbers = shown[["estimate", "low", "high"]].to_numpy()
    with theme(lang):
        figure, axis = new_figure(6.4, 1.2 + 0.36 * len(shown))
        _forest(axis, _Panel(numbers, MODELS[result.model][lang], label, zero=True), list(shown["term"]))
    return figure


def draw_reliability(result: Reliability, lang: Language) -> Figure:
    """Draw how reliability grows with the number of values or cases, where the units stand, and marks at 0.7 and 0.9.

    Parameters
    ----------
    result : Reliability
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ratio, units = max(result.signal_to_noise, 0.0), result.units
    last = max(float(units["n"].max()), float(result.needed(0.9) or 0)) * 1.05
    grid = np.linspace(0.0, last, 200)
    curve = np.ones_like(grid) if np.isinf(ratio) else ratio * grid / (1.0 + ratio * grid)
    with theme(lang):
        figure, axis = new_figure(6.0, 3.8)
        axis.plot(grid, curve, color=COLORS["muted"])
        axis.plot(
            units["n"], units["reliability"], "o", color=COLORS["main"], alpha=0.6, label=figure_text("units", lang)
        )
        for mark in (0.7, 0.9):
            axis.axhline(mark, color=COLORS["muted"], linestyle="--", linewidth=0.8)
        axis.set(xlabel=figure_text("cases", lang), ylabel=figure_text("reliability", lang), ylim=(0.0, 1.02))
        axis.legend(loc="lower right")
    return figure


@dataclass(frozen=True, slots=True)
class _Panel:
    """Numbers (estimate, low, high per row) with their title and scale."""

    numbers: Array
    title: str
    label: str = ""
    zero: bool = False
    span: tuple[float, float] | None = None


def _forest(axis: Axes, panel: _Panel, names: list[str]) -> None:
    """Draw estimates as points and intervals as lines, the first row on top."""
    place = np.arange(len(names))
    axis.hlines(place, panel.numbers[:, 1], panel.numbers[:, 2], color=COLORS["main"], linewidth=1.6)
    axis.plot(panel.numbers[:, 0], place, "o", color=COLORS["main"])
    if panel.zero:
        axis.axvline(0.0, color=COLORS["muted"], linewidth=0.8)
    if panel.span:
        axis.set_xlim(panel.span)
    axis.set_yticks(place, names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_title(panel.title[:1].upper() + panel.title[1:], fontsize=10)
    axis.set_xlabel(panel.label, fontsize=9)
    axis.grid(visible=False, axis="y")
