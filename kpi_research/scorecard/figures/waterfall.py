"""How the score of one unit comes about: from the mean of its group, indicator by indicator, to its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.scorecard.figures.words import folded, label_of
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "How the score of {unit} comes about",
        "axis": "points of the score",
        "start": "mean of the group",
        "end": "score of {unit}",
        "rest": "{n} others together",
    },
    "zh": {
        "title": "{unit}的得分由来",
        "axis": "得分",
        "start": "本组均值",
        "end": "{unit}得分",
        "rest": "其余{n}项合计",
    },
}
MOST_BARS = 14
"""Indicators with a bar of their own; the smallest of the others are drawn together."""


def draw_score(
    table: pd.DataFrame, parts: pd.DataFrame, unit: str, lang: Language, labels: Mapping[str, str]
) -> Figure:
    """Draw the score of one unit.

    Parameters
    ----------
    table : pandas.DataFrame
        As in `Scorecard`.
    parts : pandas.DataFrame
        What `Scorecard.explain` returns for the unit.
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
        If the unit has no score.
    """
    score = float(table.loc[table["unit"] == unit, "score"].iloc[0])
    if np.isnan(score):
        raise ValueError(f"unit {unit!r} has no score; draw one that has")
    words = TEXTS[lang]
    names, steps = _steps(parts, lang, labels)
    ends = score - steps.sum() + np.concatenate([[0.0], np.cumsum(steps)])
    with theme(lang):
        figure, axes = new_figure(7.2, 1.3 + 0.27 * (len(steps) + 2))
        place = np.arange(1, len(steps) + 1)
        colors = [COLORS["main"] if step >= 0 else COLORS["bad"] for step in steps]
        axes.barh(place, steps, left=ends[:-1], color=colors)
        axes.plot([ends[0], ends[-1]], [0, len(steps) + 1], "o", color=COLORS["ink"])
        for line, level in enumerate(ends):
            axes.plot([level, level], [line, line + 1], color=COLORS["muted"], linewidth=0.7)
        for row, step, after in zip(place, steps, ends[1:], strict=True):
            _write(axes, f"{step:+.1f}", float(after), int(row), 5 if step >= 0 else -5)
        for line, level in ((0, ends[0]), (len(steps) + 1, ends[-1])):
            _write(axes, f"{level:.1f}", float(level), line, 7)
        axes.set_yticks(range(len(steps) + 2), [words["start"], *names, words["end"].format(unit=unit)], fontsize=8)
        axes.use_sticky_edges = False
        axes.margins(x=0.12)
        axes.set_ylim(len(steps) + 1.6, -0.6)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(words["axis"])
        axes.set_title(words["title"].format(unit=unit))
    return figure


def _steps(
    parts: pd.DataFrame, lang: Language, labels: Mapping[str, str]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return names and steps, what lifts first; the smallest ones joined."""
    size = parts["against_group"].abs()
    kept = parts[size.rank(ascending=False, method="first") <= MOST_BARS]
    rest = parts.drop(index=kept.index)["against_group"]
    names = [folded(label_of(str(name), labels, lang), lang) for name in kept["indicator"]]
    steps = kept["against_group"].tolist()
    if len(rest):
        names.append(TEXTS[lang]["rest"].format(n=len(rest)))
        steps.append(float(rest.sum()))
    return names, np.array(steps, dtype=float)


def _write(axes: object, text: str, x: float, line: int, shift: int) -> None:
    shown = text.replace("-", "\N{MINUS SIGN}")
    side = "left" if shift > 0 else "right"
    axes.annotate(  # type: ignore[attr-defined]
        shown, (x, line), xytext=(shift, 0), textcoords="offset points", ha=side, va="center", fontsize=7.5
    )
