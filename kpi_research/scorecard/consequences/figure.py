"""The picture of rules: how often each is right, scheme by scheme."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, PALETTE, new_figure, theme
from kpi_research.scorecard.consequences.words import scheme_text
from kpi_research.study.findings import Language

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "How often each rule hits those it means",
        "axis": "expected share of hits that truly belong (%)",
        "empty": "no rules",
    },
    "zh": {"title": "各项规则命中应得对象的比例", "axis": "命中者中真正应得者的预期比例（%）", "empty": "没有规则"},
}
MARKERS = "osD^v"
WIDEST: dict[Language, int] = {"en": 32, "zh": 18}
"""Characters of a rule's name on one line."""


def draw_consequences(table: pd.DataFrame, lang: Language = "en") -> Figure:
    """Draw the shares of right hits.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of `Consequences`.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        One line per rule, one mark per scheme.
    """
    words = TEXTS[lang]
    rules, schemes = list(dict.fromkeys(table["rule"])), list(dict.fromkeys(table["scheme"]))
    names = dict(zip(table["rule"], table[f"label_{lang}"], strict=True)) if rules else {}
    with theme(lang):
        figure, axes = new_figure(7.8, 1.6 + 0.46 * max(len(rules), 2))
        if not rules:
            axes.text(0.5, 0.5, words["empty"], ha="center", va="center", transform=axes.transAxes)
            return figure
        for position, scheme in enumerate(schemes):
            part = table[table["scheme"] == scheme]
            place = np.array([rules.index(rule) for rule in part["rule"]]) + 0.12 * (position - (len(schemes) - 1) / 2)
            style = {"color": PALETTE[position % len(PALETTE)], "markersize": 6}
            axes.plot(
                100 * part["right"], place, MARKERS[position % len(MARKERS)], label=scheme_text(scheme)[lang], **style
            )
        axes.set_yticks(range(len(rules)), [_folded(str(names[rule]), lang) for rule in rules], fontsize=7.5)
        axes.set_ylim(len(rules) - 0.5, -0.5)
        axes.set_xlim(-2, 102)
        axes.axvline(90, color=COLORS["muted"], linewidth=0.8, linestyle="--")
        axes.set_xlabel(words["axis"])
        figure.suptitle(words["title"])
        figure.set_layout_engine("constrained", w_pad=0.12)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    return figure


def _folded(name: str, lang: Language) -> str:
    return "\n".join(fill(line, WIDEST[lang]) for line in name.split("\n"))
