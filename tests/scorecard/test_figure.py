"""The caterpillar of ranks names every unit in legible type, in both languages."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("kpi_research.drawing.theme")

from kpi_research.drawing.theme import LANGUAGES, Language
from kpi_research.scorecard import Scorecard, build_scorecard
from tests.scorecard.studies import make_study, make_weights, random_values

WEIGHTS = make_weights(calls=60.0, cases=40.0)


@pytest.fixture(scope="module")
def ninety() -> Scorecard:
    return build_scorecard(make_study(random_values(units=90)), WEIGHTS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_of_ninety_units_has_its_own_label(ninety: Scorecard, lang: Language) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph warns
        figure = ninety.plot(lang)
        figure.draw_without_rendering()
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == ninety.table["unit"].tolist()
    assert min(float(label.get_fontsize()) for label in labels) >= 6
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 + 0.5 for lower, upper in itertools.pairwise(boxes))


def test_the_best_unit_is_on_top_and_sets_are_drawn_to_scale(ninety: Scorecard) -> None:
    axes = ninety.plot().axes[0]
    bottom, top = axes.get_ylim()
    assert top < 0 < 89 < bottom
    ends = [np.asarray(line.get_xdata()).tolist() for line in axes.lines if line.get_linewidth() > 2]
    drawn = [tuple(pair) for pair in ends if len(pair) == 2]
    assert drawn == list(zip(ninety.table["low"], ninety.table["high"], strict=True))


def test_each_group_has_a_panel() -> None:
    values = random_values(units=12)
    units = pd.DataFrame({"unit": sorted(set(values["unit"])), "peer_group": ["rural", "urban", "mountain"] * 4})
    card = build_scorecard(make_study(values, tables={"panel": values, "units": units}), WEIGHTS)
    assert [axes.get_title(loc="left") for axes in card.plot().axes] == ["mountain", "rural", "urban"]


def test_ranks_without_sets_are_drawn_as_points() -> None:
    card = build_scorecard(make_study(random_values(periods=1)), WEIGHTS)
    figure = card.plot()
    assert not figure.legends
    assert "too few periods" in figure.get_suptitle()
