"""The list of improvements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.reasons.improvements import improvements


def points(seed: int = 0, units: int = 10) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (f"S{u:02d}", name, 50 + 10 * rng.standard_normal(), weight, post)
        for u in range(units)
        for name, weight, post in (
            ("lawful", 30.0, "case"),
            ("visits", 20.0, "community"),
            ("满意度", 50.0, "community"),
        )
    ]
    return pd.DataFrame(rows, columns=["unit", "indicator", "normalized", "weight", "post"]).assign(se=4.0)


def test_without_errors_the_gain_is_weight_times_distance_to_the_quantile() -> None:
    frame = points()
    table = improvements(frame, benchmark=0.75).table
    for name, rows in frame.groupby("indicator"):
        aim = np.quantile(rows["normalized"], 0.75)
        expected = (rows["weight"] * (aim - rows["normalized"]) / 100).clip(lower=0).set_axis(rows["unit"])
        found = table[table["indicator"] == name].set_index("unit")["gain"]
        np.testing.assert_allclose(found.loc[expected.index], expected, atol=1e-9)
    assert table["gain"].is_monotonic_decreasing


def test_a_shortfall_that_may_be_chance_gains_less() -> None:
    sure, unsure = (improvements(points().assign(se=se), se="se").table for se in (0.1, 40.0))
    worst = sure.iloc[0]
    same = unsure[(unsure["unit"] == worst["unit"]) & (unsure["indicator"] == worst["indicator"])].iloc[0]
    assert same["high"] - same["low"] > worst["high"] - worst["low"]
    assert same["chance"] < worst["chance"]


@given(seed=st.integers(0, 500))
@settings(deadline=None, derandomize=True, max_examples=8)
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    frame = points(seed)
    first = improvements(frame, se="se", post="post", draws=200)
    second = improvements(frame.sample(frac=1, random_state=seed), se="se", post="post", draws=200)
    pd.testing.assert_frame_equal(first.table, second.table)


def test_posts_sum_up_their_units() -> None:
    found = improvements(points(), se="se", post="post")
    assert found.posts["gain"].sum() == pytest.approx(found.table["gain"].sum())
    assert set(found.posts["post"]) == {"case", "community"}
    assert len(found.of_unit("S01", most=2)) == 2


def test_groups_have_benchmarks_of_their_own() -> None:
    frame = points(units=12).assign(group=lambda rows: np.where(rows["unit"] < "S06", "urban", "rural"))
    frame.loc[frame["group"] == "rural", "normalized"] -= 30
    alone = improvements(frame, group="group").table
    together = improvements(frame).table
    assert alone["gain"].sum() < together["gain"].sum()


def test_missing_points_and_weights_of_zero_are_left_out_and_chance_is_told() -> None:
    frame = points()
    frame.loc[0, "normalized"], frame.loc[1, "weight"] = np.nan, 0.0
    found = improvements(frame)
    assert len(found.table) == len(frame) - 2
    assert [item.code for item in found.findings] == ["improvements-chance-unknown", "improvements-listed"]


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (points().head(0), {}, "no rows"),
        (pd.concat([points(), points()]), {}, "twice"),
        (points().assign(weight=-1.0), {}, "below 0"),
        (points().assign(normalized="x"), {}, "must hold numbers"),
        (points().assign(normalized=np.inf), {}, "infinite"),
        (points(), {"value": "normalised"}, "Did you mean 'normalized'"),
        (points(), {"benchmark": 1.0}, "below 1"),
        (points(), {"draws": 2}, "from 100"),
    ],
)
def test_bad_arguments_are_refused(frame: pd.DataFrame, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        improvements(frame, **options)
