"""Figures as bytes: the same figure gives the same bytes on every run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure

from kpi_research.drawing.theme import theme

_LAYOUT_PASSES = 8
_COMMENTS_AND_DOCTYPE = re.compile(r" *<!(--.*?--|DOCTYPE[^>]*)>\n?", re.DOTALL)
_IDENTITY = re.compile(r'(\bid="|href="#|url\(#)(\w*[0-9a-f]{10})(?=["\)])')


def to_svg(figure: Figure) -> bytes:
    r"""Return the figure as SVG, letters as outlines, without date, program name or metadata.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    bytes
        UTF-8 XML with ``\n`` line ends; needs no font where it is shown.

    Examples
    --------
    >>> from kpi_research.drawing import new_figure
    >>> with theme():
    ...     figure, axes = new_figure(2, 1)
    >>> to_svg(figure) == to_svg(figure)
    True
    """
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    text = _saved(figure, format="svg", metadata=nothing).decode("utf-8")
    return _number_identities(_COMMENTS_AND_DOCTYPE.sub("", text)).encode("utf-8")


def to_png(figure: Figure, dpi: float = 160.0) -> bytes:
    """Return the figure as PNG without program name or date.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    dpi : float
        Dots per inch, above 0.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If ``dpi`` is not positive.
    """
    if not dpi > 0:
        raise ValueError(f"dpi is {dpi}; it must be above 0")
    return _saved(figure, format="png", dpi=dpi, metadata={"Software": None})


def _saved(figure: Figure, **options: Any) -> bytes:
    buffer = io.BytesIO()
    # minus signs, id salt and letters-as-outlines are looked up while drawing, so the theme must be on again
    with theme(), _settled_layout(figure):
        figure.savefig(buffer, **options)
    return buffer.getvalue()


@contextmanager
def _settled_layout(figure: Figure) -> Iterator[None]:
    """Repeat the layout until no axes moves and hold it, for one pass more would shift the last digits."""
    places = None
    for _ in range(_LAYOUT_PASSES):
        figure.draw_without_rendering()
        moved = [axes.get_position().bounds for axes in figure.axes]
        if moved == places:
            break
        places = moved
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


def _number_identities(svg: str) -> str:
    """Replace ids that hash every digit of a position by their number in order of appearance."""
    numbers: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        mark, name = match.groups()
        return mark + numbers.setdefault(name, f"i{len(numbers) + 1}")

    return _IDENTITY.sub(numbered, svg)
