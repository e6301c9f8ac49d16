"""The figure of all verdicts: indicators by questions, with a mark for each grade."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kpi_research.drawing import COLORS, new_figure, theme
from kpi_research.study.findings import Language
from kpi_research.validity.verdict.words import ASPECTS, GRADES, VERDICTS

FILL = {"pass": "#cfe3d4", "care": "#f6e3b4", "fail": "#e9b7ab", "unknown": "#ececec"}
VERDICT_FILL = {
    "use": FILL["pass"], "use_with_care": FILL["care"], "cannot_tell": FILL["unknown"],
    "repair": "#efcaa0", "do_not_use": FILL["fail"],
}  # fmt: skip


def draw_verdicts(verdicts: pd.DataFrame, labels: dict[str, str], lang: Language) -> Figure:
    """Draw a matrix of grades, one row per indicator and one column per question, with the verdict at the end.

    Parameters
    ----------
    verdicts : pandas.DataFrame
        See `kpi_research.validity.verdict.decide.decide`.
    labels : dict of str to str
        Label of each indicator.
    lang : {"en", "zh"}
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        Each cell has its word as well as its color.
    """
    heads = [_wrapped(ASPECTS[aspect][lang], lang) for aspect in ASPECTS]
    with theme(lang):
        figure, axis = new_figure(10.0, 1.0 + 0.3 * len(verdicts))
        for place, row in enumerate(verdicts.to_dict("records")):
            for column, aspect in enumerate(ASPECTS):
                _cell(axis, column, place, 1.0, GRADES[str(row[aspect])][lang], FILL[str(row[aspect])])
            verdict = str(row["verdict"])
            _cell(axis, len(ASPECTS) + 0.1, place, 1.4, VERDICTS[verdict][lang], VERDICT_FILL[verdict])
        _frame(axis, [labels[str(name)] for name in verdicts["indicator"]], [*heads, _wrapped(_VERDICT[lang], lang)])
    return figure


_VERDICT: dict[Language, str] = {"en": "verdict", "zh": "结论"}


def _wrapped(text: str, lang: Language) -> str:
    text = text if lang == "zh" else text[:1].upper() + text[1:]
    return text.replace(" of ", " of\n").replace(" to ", "\nto ").replace(" for ", " for\n")


def _cell(axis: Axes, x: float, y: int, width: float, text: str, fill: str) -> None:
    axis.add_patch(Rectangle((x + 0.02, y - 0.46), width - 0.04, 0.92, facecolor=fill, edgecolor="none"))
    axis.text(x + width / 2, y, text, ha="center", va="center", fontsize=8.5, color=COLORS["ink"])


def _frame(axis: Axes, rows: list[str], heads: list[str]) -> None:
    last = len(heads) - 1
    axis.set(xlim=(0, last + 1.5), ylim=(len(rows) - 0.5, -0.5))
    axis.set_yticks(range(len(rows)), rows, fontsize=9)
    axis.set_xticks([*(column + 0.5 for column in range(last)), last + 0.8], heads, fontsize=9)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(visible=False)
    axis.set_frame_on(False)
