"""Figures: every language, no missing glyph, and the numbers of the result in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from kpi_research.drawing import missing_glyphs, to_svg
from kpi_research.study.findings import Language
from kpi_research.validity import Validity, panel_effect, reliability
from kpi_research.validity.assess_effects import COLUMNS
from tests.validity.panels import effect_panel, long


def result(models: list[str]) -> Validity:
    labels = {"indicator": ["a", "b"], "label_en": ["Speed", "Care"], "label_zh": ["速度", "质量"]}
    table = pd.DataFrame(labels).assign(icc1=[0.7, 0.2], icc1_low=[0.5, -0.1], icc1_high=[0.8, np.nan])
    table[["outcome_rank_correlation", "outcome_low", "outcome_high"]] = (
        [[0.3, 0.1, 0.5], [np.nan] * 3] if models else np.nan
    )
    rows = [(model, term, 0.5, 0.1, 0.3, 0.7, 0.01, 60, 0.4, "indicator") for model in models for term in ("a", "b")]
    effects = pd.DataFrame(rows, columns=list(COLUMNS))
    return Validity(table, (), effects, pd.DataFrame(), outcome_en="crime rate", outcome_zh="发案率")


def texts(figure: Figure) -> str:
    shown = [axis for axis in figure.axes if axis.get_visible()]
    parts = [axis.get_title(loc=place) for axis in shown for place in ("left", "center")]
    parts += [label.get_text() for axis in shown for label in axis.get_yticklabels()]
    return " ".join([*parts, *(axis.get_xlabel() for axis in shown), *(axis.get_ylabel() for axis in shown)])


@pytest.mark.parametrize("models", [[], ["two_way", "between", "first_difference", "iv_two_way"]])
@pytest.mark.parametrize(("lang", "word"), [("en", "Speed"), ("zh", "速度")])
def test_the_stage_draws_a_panel_per_question(models: list[str], lang: Language, word: str) -> None:
    figure = result(models).plot(lang)
    assert sum(axis.get_visible() for axis in figure.axes) == (2 + len(models) if models else 1)
    assert word in texts(figure)
    assert not missing_glyphs(texts(figure))


def test_the_same_result_gives_the_same_picture() -> None:
    first, second = (to_svg(result(["two_way"]).plot("zh")) for _ in range(2))
    assert first == second


def test_panel_effects_draw_their_terms() -> None:
    frame = effect_panel(np.random.default_rng(1))
    found = panel_effect(
        frame, outcome="y", indicators=["x"], controls=["w"], unit="unit", period="period", model="first_difference"
    )
    figure = found.plot("zh")
    assert "一阶差分模型" in texts(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["x", "w"]


@pytest.mark.parametrize("offset", [0.0, 5.0])
def test_reliability_draws_units_and_curve(offset: float) -> None:
    frame = long(np.random.default_rng(2).normal(size=(25, 4)) + offset * np.arange(25)[:, None])
    figure = reliability(frame, unit="unit", value="x", method="anova").plot("zh")
    assert "单位信度" in texts(figure)
