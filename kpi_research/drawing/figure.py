"""Figures with axes, laid out so that no label is cut, that show themselves in a notebook."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from kpi_research.drawing.save import to_png


class Picture(Figure):
    """A figure that shows itself in a notebook, without pyplot and without any setting."""

    def _repr_png_(self) -> bytes:
        return to_png(self, dpi=110)


def new_figure(
    width: float = 7.2, height: float = 4.4, *, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure with axes, unknown to pyplot, laid out so that no label is cut. Call it inside `theme`.

    Parameters
    ----------
    width, height : float
        Size in inches, above 0.
    rows, columns : int
        Number of panels, at least 1.
    **options
        Passed to `matplotlib.figure.Figure.subplots`, e.g. ``sharex=True``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes or numpy.ndarray of Axes
        One Axes for one panel, otherwise an array with the panels' shape, dimensions of length 1 left out.

    Raises
    ------
    ValueError
        If a size or a number is not positive.
    """
    for name, value in {"width": width, "height": height, "rows": rows, "columns": columns}.items():
        if not value > 0:
            raise ValueError(f"{name} is {value}; it must be above 0")
    figure = Picture(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)
