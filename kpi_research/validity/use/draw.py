"""The figure of the mix of crime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from kpi_research.drawing import PALETTE, new_figure, theme
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.validity.use.crime_mix import CrimeMix

TEXT: Mapping[str, Mapping[Language, str]] = {
    "x": {"en": "Period", "zh": "时期"},
    "y": {"en": "Percent of all cases", "zh": "占全部案件的比例（%）"},
}
MOST_TICKS = 8


def draw_mix(result: CrimeMix, lang: Language) -> Figure:
    """Draw the shares of the most frequent types over the periods.

    Parameters
    ----------
    result : CrimeMix
        What to draw.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = list(result.shares.mean().sort_values(ascending=False).index[: len(PALETTE)])
    periods = [str(period) for period in result.shares.index]
    step = -(-len(periods) // MOST_TICKS)
    with theme(lang):
        figure, axis = new_figure(7.2, 3.8)
        for name, color in zip(names, PALETTE, strict=False):
            axis.plot(range(len(periods)), 100 * result.shares[name].to_numpy(float), color=color, label=str(name))
        axis.set_xticks(range(0, len(periods), step), periods[::step])
        axis.set(xlabel=TEXT["x"][lang], ylabel=TEXT["y"][lang])
        axis.set_ylim(bottom=0.0)
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
