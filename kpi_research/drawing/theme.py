"""The look of every figure, set in one context and never globally."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
from cycler import cycler

from kpi_research.drawing.fonts import FAMILY, register_fonts

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

PALETTE: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Series colours in drawing order: the eight colours of Okabe and Ito without yellow, which is too pale on white.

They stay apart under protanopia, deuteranopia and tritanopia (Okabe & Ito 2008, Color Universal Design;
Wong 2011, Nature Methods 8:441, doi:10.1038/nmeth.1618).
"""

COLORS: Mapping[str, str] = {
    "main": "#0072B2",
    "contrast": "#D55E00",
    "good": "#009E73",
    "bad": "#D55E00",
    "muted": "#6B7280",
    "light": "#C9D1DB",
    "grid": "#E3E7ED",
    "ink": "#1B2430",
}
"""Colours by meaning; ``good`` and ``bad`` differ in lightness too, so that they also part in grey print."""

_RC: Mapping[Any, Any] = {
    "font.family": [FAMILY],
    "font.size": 10.0,
    "text.parse_math": False,
    "mathtext.fontset": "custom",
    "mathtext.rm": FAMILY,
    "mathtext.it": FAMILY,
    "mathtext.bf": f"{FAMILY}:bold",
    "mathtext.bfit": f"{FAMILY}:bold",
    "mathtext.cal": FAMILY,
    "mathtext.sf": FAMILY,
    "mathtext.tt": FAMILY,
    "axes.unicode_minus": False,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.facecolor": "white",
    "axes.edgecolor": COLORS["light"],
    "axes.linewidth": 0.8,
    "axes.labelcolor": COLORS["ink"],
    "axes.labelsize": 10.0,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": COLORS["ink"],
    "axes.titlepad": 8.0,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": COLORS["grid"],
    "grid.linewidth": 0.8,
    "xtick.color": COLORS["ink"],
    "ytick.color": COLORS["ink"],
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "text.color": COLORS["ink"],
    "lines.linewidth": 1.6,
    "lines.markersize": 5.0,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "white",
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.facecolor": "white",
    "figure.figsize": (7.2, 4.4),
    "figure.dpi": 110.0,
    "savefig.dpi": 160.0,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "kpi_research",
    "path.simplify": True,
}


@contextmanager
def theme(lang: Language = "en") -> Iterator[None]:
    """Draw inside this context: white grid, colour-blind safe colours, bundled Noto Sans SC; nothing outlasts it.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of the texts; both use the same family, Chinese gets a little more room between lines.

    Yields
    ------
    None

    Raises
    ------
    ValueError
        If the language is unknown.

    Notes
    -----
    The family is set by its name. Text objects keep the family list they were made with, but an alias such as
    "sans-serif" is looked up when the figure is drawn, which may be long after the context has closed.
    Dollar signs are letters: a label such as "$x$" is drawn as it stands, never parsed as a formula. A logarithmic
    axis therefore needs a plain formatter, e.g. ``axes.yaxis.set_major_formatter("{x:g}")``.

    Examples
    --------
    >>> from kpi_research.drawing import new_figure
    >>> with theme("zh"):
    ...     figure, axes = new_figure(6, 3)
    ...     text = axes.set_title("指标效度")
    >>> text.get_fontname()
    'Noto Sans SC'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang is {lang!r}; allowed: {', '.join(LANGUAGES)}")
    register_fonts()
    with mpl.rc_context({**_defaults(), **_RC, **_language_rc(lang)}):
        yield


def _defaults() -> dict[Any, Any]:
    """Return matplotlib's own defaults, so that a user's matplotlibrc changes no figure; how figures are shown is left alone."""
    shown_by = ("backend", "interactive", "toolbar", "webagg", "keymap", "tk", "docstring")
    return {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(shown_by)}


def _language_rc(lang: Language) -> dict[Any, Any]:
    return {"axes.titlepad": 10.0, "axes.labelpad": 5.0} if lang == "zh" else {}
