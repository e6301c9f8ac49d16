"""Drawing: one look for every figure, with Chinese drawn right on any machine, and the same bytes from the same figure."""

from kpi_research.drawing.figure import Picture, new_figure
from kpi_research.drawing.fonts import FAMILY, font_file, missing_glyphs, register_fonts
from kpi_research.drawing.save import to_png, to_svg
from kpi_research.drawing.theme import COLORS, PALETTE, theme

__all__ = [
    "COLORS",
    "FAMILY",
    "PALETTE",
    "Picture",
    "font_file",
    "missing_glyphs",
    "new_figure",
    "register_fonts",
    "theme",
    "to_png",
    "to_svg",
]
