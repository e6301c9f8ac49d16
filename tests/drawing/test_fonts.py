"""The bundled font draws every Chinese character a report can hold, on a machine that has no Chinese font."""

from __future__ import annotations

import warnings
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from kpi_research.drawing import FAMILY, font_file, missing_glyphs, new_figure, register_fonts, theme, to_png, to_svg

RARE_NAMES = "喆堃玥镕昇淼龑䶮"


@pytest.mark.parametrize("text", [RARE_NAMES, "绩效考核 指标效度 “派出所”,①60–80% −3.5×10²", "αβρ ≤ ≥ ± → é ñ"])
@pytest.mark.parametrize("save", [to_svg, to_png])
def test_chinese_and_rare_names_are_drawn_without_a_missing_glyph(text, save):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with theme("zh"):
            figure, axes = new_figure(4, 2)
            axes.set_title(text)
            axes.set_xlabel(text)
        save(figure)
    assert missing_glyphs(text) == frozenset()


@pytest.mark.parametrize("label", ["$x$", r"$\frac{", "a$b$c", r"$\unknown$ 元$", "</svg><script>", "-->"])
def test_a_label_is_drawn_as_it_stands_and_never_parsed(label):
    with theme():
        figure, axes = new_figure(2, 1)
        axes.bar([label], [1])
        axes.set_xlabel(label)
    svg = to_svg(figure).decode()
    assert axes.get_xlabel() == label
    assert "script" not in svg


def test_what_the_font_lacks_is_named_and_matplotlib_agrees():
    assert missing_glyphs("派出所 🔥\t\n") == {"🔥"}
    with theme():
        figure, axes = new_figure(2, 1)
        axes.set_title("🔥")
    with pytest.warns(UserWarning, match="missing from font"):
        to_png(figure)


def test_the_bundled_file_wins_over_a_copy_the_system_has():
    register_fonts()
    for weight, number in (("Regular", 400), ("Bold", 700)):
        found = font_manager.findfont(font_manager.FontProperties(family=FAMILY, weight=number))
        assert Path(found) == font_file(weight)


def test_fonts_are_registered_once():
    register_fonts()
    known = len(font_manager.fontManager.ttflist)
    with theme(), theme("zh"):
        pass
    assert len(font_manager.fontManager.ttflist) == known


def test_the_licence_lies_beside_the_fonts_and_the_fonts_name_it():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (font_file().parent / "OFL.txt").read_text(encoding="utf-8")
    with TTFont(font_file(), lazy=True) as font:
        assert "SIL Open Font License, Version 1.1" in font["name"].getDebugName(13)


def test_an_unknown_cut_or_language_is_refused_by_name():
    with pytest.raises(ValueError, match=r"weight is 'Light'; allowed: Regular, Bold"):
        font_file("Light")
    with pytest.raises(ValueError, match=r"lang is 'de'; allowed: en, zh"), theme("de"):
        pass


def test_the_look_ends_with_the_context():
    before = dict(mpl.rcParams)
    with theme("zh"):
        assert mpl.rcParams["font.family"] == [FAMILY]
    assert dict(mpl.rcParams) == before
