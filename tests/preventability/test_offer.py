"""The rate of preventable cases enters the choice of weights as an indicator like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kpi_research as kr
from kpi_research.preventability import offer_indicator
from tests.scorecard.studies import make_study, random_values

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo_bureau"


@pytest.fixture(scope="module")
def demo() -> tuple[kr.Study, kr.Preventability]:
    study = kr.load_study(DEMO)
    return study, kr.separate_preventable(study)


def test_weights_and_scores_take_it(demo: tuple[kr.Study, kr.Preventability]) -> None:
    study, found = demo
    more = offer_indicator(study, found, module="business", sequence="station")
    row = more.indicators.set_index("id").loc["preventable_rate"]
    assert row["direction"] == "lower"
    assert not row["banned"]
    assert more.digest != study.digest
    weights = kr.optimize_weights(more, None)
    assert "preventable_rate" in set(weights.table["id"])
    assert weights.table["weight"].sum() == pytest.approx(100.0)
    assert not kr.build_scorecard(more, weights).table.empty


def test_the_mean_rate_is_that_of_the_stage(demo: tuple[kr.Study, kr.Preventability]) -> None:
    study, found = demo
    more = offer_indicator(study, found)
    periods = study.values["period"].nunique()
    mine = more.values.groupby("unit")["preventable_rate"].mean()
    theirs = found.indicator.set_index("unit")["value"].reindex(mine.index)
    known = mine.notna() & theirs.notna()
    assert known.sum() >= 20
    ratio = (mine[known] * periods / theirs[known]).to_numpy()
    assert np.allclose(ratio, ratio[0], rtol=0.02)


def test_refusals(demo: tuple[kr.Study, kr.Preventability]) -> None:
    study, found = demo
    with pytest.raises(ValueError, match="already"):
        offer_indicator(study, found, id="satisfaction")
    with pytest.raises(ValueError, match="no shares"):
        offer_indicator(study, kr.separate_preventable(make_study(random_values())))
