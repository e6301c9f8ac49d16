"""The same figure gives the same bytes: twice, after a picture was shown, under other settings and on other machines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from kpi_research.drawing import PALETTE, new_figure, theme, to_png, to_svg

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import hashlib, sys
from matplotlib import font_manager, get_data_path
if "hide" in sys.argv:
    own = [entry for entry in font_manager.fontManager.ttflist if entry.fname.startswith(get_data_path())]
    font_manager.fontManager.ttflist[:] = own
from kpi_research.drawing import new_figure, theme, to_png, to_svg
with theme("zh"):
    figure, axes = new_figure(5, 3, columns=2)
    axes[0].plot([-1, 0, 2], [1e-3, 1, 50], "o-", label="喆堃玥镕昇淼龑䶮")
    axes[0].set_yscale("log")
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].legend()
    axes[1].barh(["派出所 A", "派出所 B"], [0.2, -0.4])
    axes[1].set_title("权重")
print(hashlib.sha256(to_svg(figure)).hexdigest(), hashlib.sha256(to_png(figure, 90)).hexdigest())
"""


def draw():
    with theme():
        figure, axes = new_figure(5, 3)
        axes.plot(np.linspace(-3, 3, 50), np.sin(np.linspace(-3, 3, 50)), "o-", label="sin")
        axes.fill_between([-1, 1], -0.5, 0.5, alpha=0.3)
        axes.legend()
    return figure


def run(*arguments, **environment):
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": os.environ["PATH"], **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], env=settings, capture_output=True, text=True, check=True
    )
    assert "missing" not in done.stderr
    return done.stdout


def test_one_figure_saved_again_and_again_has_the_same_bytes():
    figure = draw()
    first = to_svg(figure), to_png(figure)
    figure.draw_without_rendering()
    assert [(to_svg(figure), to_png(figure)) for _ in range(3)] == [first] * 3
    assert (to_svg(draw()), to_png(draw())) == first


def test_settings_of_the_user_change_nothing():
    expected = to_svg(draw())
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "none", "axes.unicode_minus": True}):
        assert to_svg(draw()) == expected


def test_bytes_do_not_depend_on_config_folder_system_fonts_hash_seed_or_zone(tmp_path):
    first = run(MPLCONFIGDIR=str(tmp_path / "a"), PYTHONHASHSEED="0", TZ="UTC", LANG="C", HOME=str(tmp_path))
    other = run(
        "hide",
        MPLCONFIGDIR=str(tmp_path / "b"),
        PYTHONHASHSEED="7",
        TZ="Asia/Shanghai",
        LANG="zh_CN.UTF-8",
        SOURCE_DATE_EPOCH="1",
    )
    assert first == other


def test_an_svg_names_no_program_no_date_and_no_address_but_its_namespaces():
    text = to_svg(draw()).decode()
    assert set(re.findall(r"https?://[^\"<> ]*", text)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not re.search(r"matplotlib v|dc:date|<!--|<!DOCTYPE|<text|font-family", text, re.IGNORECASE)


def test_every_reference_inside_an_svg_has_its_target():
    text = to_svg(draw()).decode()
    wanted = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    assert wanted
    assert wanted <= set(re.findall(r'\bid="([^"]+)"', text))


def test_palette_stays_apart_for_colour_blind_readers():
    """Machado, Oliveira & Fernandes (2009, doi:10.1109/TVCG.2009.113), severity 1; distance in CIE L*a*b*."""
    blind = {
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }
    for matrix in blind.values():
        seen = [lab(np.clip(np.array(matrix) @ linear(colour), 0, 1)) for colour in PALETTE]
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 9


def linear(colour):
    value = np.array(mpl.colors.to_rgb(colour))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ rgb
        / [0.9505, 1, 1.089]
    )
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("wrong", [{"width": 0}, {"height": -1}, {"rows": 0}, {"columns": float("nan")}])
def test_sizes_must_be_positive(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        new_figure(**wrong)
    with pytest.raises(ValueError, match="dpi"):
        to_png(draw(), dpi=0)
