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


def test_the_amount_of_work_can_be_a_share_of_the_score(demo: kr.Study, card: OfficerScorecard) -> None:
    workload = kr.fit_workload(demo)
    assert workload.coefficients is not None
    found = officer_scorecard(demo, kr.optimize_weights(demo, None), workload, quantity=0.4)
    work = found.contributions.query("indicator == 'standard_minutes'").set_index("officer")
    both = found.contributions[found.contributions["officer"].isin(set(card.contributions["officer"]))]
    mixed = both.groupby("officer")["weight"].sum()
    assert np.allclose(mixed[mixed > 0], 100.0)
    summed = found.contributions.groupby("officer")["points"].agg(math.fsum)
    scores = found.table.set_index("officer")["score"].dropna()
    assert np.abs(summed.reindex(scores.index) - scores).max() < 1e-9
    group = found.table.set_index("officer")["group"]
    for name, rows in work.groupby(group.reindex(work.index)):
        assert rows["normalized"].mean() == pytest.approx(50.0), name  # the total of a group stays level
        assert rows["value"].corr(rows["normalized"]) > 0.999
    log = demo.tables["worklog"].query("officer == 'S0001-001'")
    tasks = workload.table.set_index(["factor", "level"])["coefficient"]
    person = demo.tables["officers"].set_index("officer").loc["S0001-001"]
    own = (
        (log["count"] * log["task"].map(tasks["task"])).sum()
        * tasks["post"][person["post"]]
        * tasks["rank"][person["rank"]]
    )
    expected = own * workload.coefficients.fit.base_minutes / log["period"].nunique()
    assert work.loc["S0001-001", "value"] == pytest.approx(
        expected, rel=0.1
    )  # periods without values of indicators aside


def test_quantity_needs_coefficients(demo: kr.Study) -> None:
    weights = kr.optimize_weights(demo, None)
    with pytest.raises(ValueError, match="quantity needs the coefficients"):
        officer_scorecard(demo, weights, quantity=0.3)
    with pytest.raises(ValueError, match="quantity is 40"):
        officer_scorecard(demo, weights, quantity=40)
