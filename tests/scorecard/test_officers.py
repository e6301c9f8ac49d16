"""Scorecards of officers: the sums of units, posts apart, small posts left out."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.scorecard import OfficerScorecard, officer_scorecard
from kpi_research.study.officer_values import officer_values
from tests.scorecard.studies import make_study, random_values
from tests.scorecard.test_build import WEIGHTS

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo_bureau"


@pytest.fixture(scope="module")
def demo() -> kr.Study:
    return kr.load_study(DEMO)


@pytest.fixture(scope="module")
def card(demo: kr.Study) -> OfficerScorecard:
    return officer_scorecard(demo, kr.optimize_weights(demo, None))


def test_values_of_officers_are_those_of_their_rows(demo: kr.Study) -> None:
    values = officer_values(demo)
    rows = demo.tables["incidents"]
    rows = rows[(rows["officer"] == values["officer"].iloc[0]) & (rows["period"] == values["period"].iloc[0])]
    waits = (rows["arrived_at"] - rows["dispatched_at"]).dt.floor("min").dropna()
    assert len(values) > 100
    assert {"response_10", "entry_24h"} <= set(values.columns)
    known = rows["reported_at"].notna().sum()
    assert known >= len(waits)


def test_scores_are_sums_and_posts_are_apart(card: OfficerScorecard, demo: kr.Study) -> None:
    summed = card.contributions.groupby("officer")["points"].agg(math.fsum)
    scores = card.table.set_index("officer")["score"].dropna()
    assert np.abs(summed.reindex(scores.index) - scores).max() < 1e-9
    posts = demo.tables["officers"].set_index("officer")["post"]
    for group, rows in card.table.groupby("group"):
        assert rows["officer"].map(posts).nunique() == 1
        assert len(rows) >= 5
        assert rows["rank"].min() == 1, group


def test_it_is_no_part_of_a_run_and_says_so(card: OfficerScorecard) -> None:
    assert "officers-use" in {item.code for item in card.findings}
    assert "unit" not in card.table.columns


def test_without_officers_it_is_refused() -> None:
    with pytest.raises(ValueError, match="officers"):
        officer_scorecard(make_study(random_values()), WEIGHTS)


def test_nothing_is_scored_where_no_table_names_officers() -> None:
    values = random_values()
    people = pd.DataFrame({"officer": [f"P{number}" for number in range(9)], "post": "patrol", "unit": "A"})
    found = officer_scorecard(make_study(values, tables={"panel": values, "officers": people}), WEIGHTS)
    assert found.table.empty
    assert "officers-not-scored" in {item.code for item in found.findings}
