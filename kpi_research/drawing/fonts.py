"""The bundled Noto Sans SC: where it lies, what it can draw, how matplotlib learns of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from fontTools.ttLib import TTFont
from matplotlib import font_manager

FAMILY = "Noto Sans SC"
Weight = Literal["Regular", "Bold"]
WEIGHTS: tuple[Weight, ...] = ("Regular", "Bold")
_FOLDER = Path(__file__).resolve().parent / "fonts"


def font_file(weight: Weight = "Regular") -> Path:
    """Return the path of a bundled TTF file (SIL Open Font License 1.1, see ``fonts/OFL.txt``).

    Parameters
    ----------
    weight : {"Regular", "Bold"}
        The cut of the family.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        If there is no such cut.

    Examples
    --------
    >>> font_file("Bold").name
    'NotoSansSC-Bold.ttf'
    """
    if weight not in WEIGHTS:
        raise ValueError(f"weight is {weight!r}; allowed: {', '.join(WEIGHTS)}")
    return _FOLDER / f"NotoSansSC-{weight}.ttf"


@cache
def register_fonts() -> None:
    """Tell matplotlib of the bundled font files; the first call does the work, later ones nothing.

    The bundled files are put before a copy of the same family that the system may have, so that a figure
    has the same outlines everywhere. Nothing is written to matplotlib's font cache.
    """
    manager = font_manager.fontManager
    known = len(manager.ttflist)
    for weight in WEIGHTS:
        manager.addfont(font_file(weight))
    manager.ttflist[:] = manager.ttflist[known:] + manager.ttflist[:known]


@cache
def covered() -> frozenset[int]:
    """Return the code points that both bundled cuts can draw."""
    sets = []
    for weight in WEIGHTS:
        with TTFont(font_file(weight), lazy=True) as font:
            sets.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*sets)


def missing_glyphs(text: str) -> frozenset[str]:
    r"""Return the printable characters of ``text`` that the bundled font cannot draw.

    Parameters
    ----------
    text : str
        Any text: a label, a title, a whole document.

    Returns
    -------
    frozenset of str
        Single characters; line breaks, tabs and other control characters are not counted.

    Examples
    --------
    >>> missing_glyphs("喆堃玥镕昇淼龑䶮\n")
    frozenset()
    >>> sorted(missing_glyphs("score \N{FIRE}"))
    ['🔥']
    """
    return frozenset(char for char in set(text) if ord(char) not in covered() and char.isprintable())
