"""The matrix, the waterfall and the radar draw the numbers of the scorecard, in both languages."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from kpi_research.drawing.theme import LANGUAGES, Language
from kpi_research.scorecard import Scorecard, build_scorecard
from kpi_research.scorecard.figures.matrix import against_mean
from tests.scorecard.studies import make_study, make_weights, random_values

WEIGHTS = make_weights(calls=50.0, cases=30.0, visits=20.0)
LABELS = {"calls": "接警数", "cases": "案件数"}


@pytest.fixture(scope="module")
def card() -> Scorecard:
    values = random_values(units=12)
    units = pd.DataFrame({"unit": sorted(set(values["unit"])), "peer_group": ["rural", "urban"] * 6})
    return build_scorecard(make_study(values, tables={"panel": values, "units": units}), WEIGHTS)


def test_the_matrix_adds_up_to_the_distance_from_the_mean_score(card: Scorecard) -> None:
    table = card.table[card.table["group"] == "rural"]
    points = against_mean(table, card.contributions)
    expected = table.set_index("unit")["score"] - table["score"].mean()
    np.testing.assert_allclose(points.sum(axis=1), expected[points.index], atol=1e-10)
    size = points.abs().sum().to_numpy()
    assert (np.diff(size) <= 0).all(), "the indicator that parts units most comes first"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_matrix_has_a_panel_per_group_units_from_the_best(card: Scorecard, lang: Language) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = card.plot_matrix(lang, labels=LABELS)
        figure.draw_without_rendering()
    panels = [axes for axes in figure.axes if axes.images and axes.get_title(loc="left")]
    for axes, name in zip(panels, ["rural", "urban"], strict=True):
        assert axes.get_title(loc="left") == name
        assert [label.get_text() for label in axes.get_yticklabels()] == card.table.loc[
            card.table["group"] == name, "unit"
        ].tolist()
        assert {label.get_text() for label in axes.get_xticklabels()} == {"接警数", "案件数", "visits"}
    assert len([axes for axes in card.plot_matrix(lang, "urban").axes if axes.get_title(loc="left")]) == 1


def test_a_group_or_a_unit_that_is_not_there_is_refused(card: Scorecard) -> None:
    with pytest.raises(ValueError, match="Did you mean 'rural'"):
        card.plot_matrix(group="rurel")
    for draw in (card.plot_score, card.plot_radar):
        with pytest.raises(ValueError, match="unit is 's99'"):
            draw("s99")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_waterfall_leads_from_the_mean_of_the_group_to_the_score(card: Scorecard, lang: Language) -> None:
    unit = str(card.table["unit"].iloc[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = card.plot_score(unit, lang, labels=LABELS)
        figure.draw_without_rendering()
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    own = card.table[card.table["group"] == card.table["group"].iloc[0]]
    assert bars[0].get_x() == pytest.approx(own["score"].mean())
    assert bars[-1].get_x() + bars[-1].get_width() == pytest.approx(own["score"].iloc[0])
    assert [bar.get_width() for bar in bars] == pytest.approx(card.explain(unit)["against_group"].tolist())


def test_many_small_indicators_share_a_bar() -> None:
    ids = tuple(f"i{number:02}" for number in range(20))
    card = build_scorecard(make_study(random_values(ids=ids)), make_weights(**dict.fromkeys(ids, 5.0)))
    bars = [patch for patch in card.plot_score("s03").axes[0].patches if isinstance(patch, Rectangle)]
    assert len(bars) == 15
    names = [label.get_text() for label in card.plot_score("s03").axes[0].get_yticklabels()]
    assert names[-2] == "6 others together"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_radar_has_the_unit_and_the_mean_of_its_group(card: Scorecard, lang: Language) -> None:
    figure = card.plot_radar("s00", lang, labels=LABELS)
    mean, own = (np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[0].lines)
    given = card.explain("s00").sort_values("indicator")["normalized"]
    np.testing.assert_allclose(own[:-1], given)
    np.testing.assert_allclose(mean, 50.0, atol=1e-9)


def test_a_radar_of_two_indicators_is_refused_and_a_score_that_is_missing_too() -> None:
    values = random_values()
    card = build_scorecard(make_study(values), make_weights(calls=60.0, cases=40.0))
    with pytest.raises(ValueError, match="2 indicators"):
        card.plot_radar("s00")
    values.loc[values["unit"] == "s01", ["calls", "cases"]] = np.nan
    gone = build_scorecard(make_study(values), make_weights(calls=60.0, cases=40.0), missing="exclude")
    with pytest.raises(ValueError, match="has no score"):
        gone.plot_score("s01")
