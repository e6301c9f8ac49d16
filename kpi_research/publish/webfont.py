"""The bundled font, cut down to the characters of one document."""

from __future__ import annotations

import io
from functools import lru_cache

from fontTools import subset
from fontTools.ttLib import TTFont

from kpi_research.drawing import font_file
from kpi_research.drawing.fonts import Weight


def webfont(weight: Weight, text: str) -> bytes:
    """Return a WOFF2 font that holds the characters of a text and no others.

    Parameters
    ----------
    weight : {"Regular", "Bold"}
        The cut.
    text : str
        Everything that will be set in this font; characters the font lacks are left to the reader's system.

    Returns
    -------
    bytes
        The same bytes for the same set of characters.
    """
    return _subset(weight, "".join(sorted(set(text))))


@lru_cache(maxsize=8)
def _subset(weight: Weight, characters: str) -> bytes:
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "tnum", "locl"], hinting=False, notdef_outline=True
    )
    with TTFont(font_file(weight), lazy=True, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=characters)
        cutter.subset(font)
        buffer = io.BytesIO()
        subset.save_font(font, buffer, options)
    return buffer.getvalue()
