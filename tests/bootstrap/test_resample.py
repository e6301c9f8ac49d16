"""Drawing periods and units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.bootstrap.resample import draw_periods, draw_units, rows_by_period, take_periods


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_blocks_are_runs_of_neighbours(periods: int, block: int, seed: int) -> None:
    size = min(block, periods)
    drawn = draw_periods(periods, size, np.random.default_rng(seed))
    assert len(drawn) == periods
    assert ((drawn >= 0) & (drawn < periods)).all()
    steps = np.diff(drawn) % periods
    inside = np.ones(periods - 1, dtype=bool)
    inside[size - 1 :: size] = False
    assert (steps[inside] == 1 % periods).all()


def test_every_period_is_drawn_equally_often() -> None:
    generator = np.random.default_rng(5)
    counts = np.bincount(np.concatenate([draw_periods(7, 3, generator) for _ in range(4000)]), minlength=7)
    assert np.abs(counts / 4000 - 1.0).max() < 0.08  # mean 1, standard error below 0.02


def test_a_period_drawn_twice_counts_twice() -> None:
    frame = pd.DataFrame({"unit": ["a", "b", "a"], "period": ["x", "x", "y"], "value": [1.0, 2.0, 3.0]})
    rows = rows_by_period(frame, pd.Index(["x", "y", "z"]))
    taken = take_periods(frame, rows, np.array([1, 0, 0, 2]))
    assert taken["value"].tolist() == [3.0, 1.0, 2.0, 1.0, 2.0]
    assert taken["period"].tolist() == [0, 1, 1, 2, 2]


def test_units_drawn_again_have_names_of_their_own() -> None:
    frame = pd.DataFrame({"x": range(30)}, index=[f"u{i}" for i in range(30)])
    drawn = draw_units(frame, np.random.default_rng(1))
    assert len(drawn) == 30
    assert drawn.index.is_unique
    assert {name.partition("#")[0] for name in drawn.index} <= set(frame.index)
    assert (drawn["x"].to_numpy() == frame.loc[[name.partition("#")[0] for name in drawn.index], "x"].to_numpy()).all()
