"""A radar of one unit's points, for those who ask for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, theme
from kpi_research.drawing.figure import Picture
from kpi_research.scorecard.figures.words import folded, label_of
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {"title": "Points of {unit} by indicator", "peers": "mean of the group"},
    "zh": {"title": "{unit}各项指标得分", "peers": "本组均值"},
}
LEAST = 3
"""Fewest indicators that make an area."""


def draw_radar(
    parts: pd.DataFrame, peers: pd.DataFrame, unit: str, lang: Language, labels: Mapping[str, str]
) -> Figure:
    """Draw the normalized points of a unit and the mean of its group.

    Parameters
    ----------
    parts : pandas.DataFrame
        What `Scorecard.explain` returns for the unit.
    peers : pandas.DataFrame
        Contributions of the units of its group.
    unit : str
        The unit.
    lang : {"en", "zh"}
        Language of the texts.
    labels : mapping of str to str
        Names of indicators by id.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the unit has fewer than three indicators.
    """
    own = parts.loc[parts["normalized"].notna(), ["indicator", "normalized"]].sort_values("indicator")
    if len(own) < LEAST:
        raise ValueError(f"unit {unit!r} has {len(own)} indicators with points; a radar needs {LEAST}, see plot_score")
    mean = peers.groupby("indicator")["normalized"].mean().reindex(own["indicator"]).to_numpy(dtype=float)
    angle = np.linspace(0, 2 * np.pi, len(own), endpoint=False)
    with theme(lang):
        figure = Picture(figsize=(7.2, 6.2), layout="constrained")
        axes = figure.add_subplot(projection="polar")
        points = own["normalized"].to_numpy(dtype=float)
        for values, color, name in ((mean, COLORS["muted"], TEXTS[lang]["peers"]), (points, COLORS["main"], unit)):
            closed = np.append(values, values[0])
            axes.plot(np.append(angle, angle[0]), closed, color=color, label=name)
            axes.fill(np.append(angle, angle[0]), closed, color=color, alpha=0.12)
        names = [folded(label_of(str(name), labels, lang), lang) for name in own["indicator"]]
        axes.set_xticks(angle, names, fontsize=7.5)
        for label, at in zip(axes.get_xticklabels(), angle, strict=True):
            label.set_horizontalalignment("center" if abs(np.cos(at)) < 0.2 else "left" if np.cos(at) > 0 else "right")
        axes.tick_params(axis="x", pad=4)
        axes.tick_params(axis="y", labelsize=7)
        axes.set_title(TEXTS[lang]["title"].format(unit=unit), pad=24)
        figure.legend(loc="outside lower center", ncols=2)
    return figure
