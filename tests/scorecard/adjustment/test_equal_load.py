"""Levels at equal workload: the regression of a textbook, recovered truth, relations, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.adjustment import at_equal_load


def planted(
    units: int = 24, slope: float = 5.0, noise: float = 0.1, seed: int = 1
) -> tuple[pd.Series, pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    names = [f"s{i:02}" for i in range(units)]
    group = pd.Series(np.where(np.arange(units) % 2, "urban", "rural"), names)
    load = pd.Series(np.exp(rng.normal(5.0, 0.2, units) + 0.3 * (group == "urban").to_numpy()), names)
    level = slope * np.log(load) + 2.0 * (group == "urban") + rng.normal(0.0, noise, units)
    return level, load, group


def test_the_slope_is_that_of_least_squares_within_groups() -> None:
    level, load, group = planted()
    found = at_equal_load(level, load, group)
    frame = pd.DataFrame({"y": level, "x": np.log(load), "g": group})
    fit = smf.ols("y ~ x + C(g)", frame).fit(cov_type="HC2")
    assert found.slope == pytest.approx(np.log(1.1) * fit.params["x"], rel=1e-10)
    half = (found.high - found.low) / 2.0 / np.log(1.1)
    assert half == pytest.approx(
        1.96 * fit.bse["x"], rel=0.25
    )  # t with few degrees of freedom is wider than the normal
    assert half > 1.96 * fit.bse["x"]


def test_overloaded_units_are_no_worse_once_load_is_taken_out() -> None:
    level, load, group = planted()
    shifted = level + at_equal_load(level, load, group).shift
    within = pd.DataFrame({"y": shifted, "x": np.log(load)}) - pd.DataFrame({"y": shifted, "x": np.log(load)}).groupby(
        group
    ).transform("mean")
    assert abs(np.corrcoef(within["y"], within["x"])[0, 1]) < 1e-9
    assert (shifted.groupby(group).mean() - level.groupby(group).mean()).abs().max() < 1e-9
    assert within["y"].std() < 0.15


def test_a_slope_that_may_be_nothing_shifts_nobody() -> None:
    shown = 0
    for seed in range(200):
        level, load, group = planted(slope=0.0, seed=seed)
        found = at_equal_load(level, load, group)
        shown += found.applied
        assert found.applied or (found.shift == 0).all()
    assert shown <= 19  # 5 % of 200, and three standard errors


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, 10_000), st.floats(0.1, 50.0), st.floats(-20.0, 20.0))
def test_units_of_measure_and_order_change_nothing(seed: int, scale: float, shift: float) -> None:
    level, load, group = planted(seed=seed)
    found = at_equal_load(level, load, group)
    other = at_equal_load(scale * level + shift, 3.0 * load, group)
    assert np.allclose(other.shift, scale * found.shift, atol=1e-8 * scale)
    turned = at_equal_load(level[::-1], load, group)
    assert np.allclose(turned.shift.reindex(level.index), found.shift, atol=1e-10)


def test_missing_and_few_units() -> None:
    level, load, group = planted()
    level.iloc[0], load.iloc[1] = np.nan, np.nan
    found = at_equal_load(level, load, group)
    assert (found.shift.iloc[:2] == 0).all()
    assert found.applied
    few = at_equal_load(level.iloc[:7], load, group)
    assert not few.applied
    assert np.isnan(few.slope)
    same = at_equal_load(level, load * 0 + 5.0, group)
    assert not same.applied


def test_refusals() -> None:
    level, load, group = planted()
    with pytest.raises(ValueError, match="load of unit 's03' is 0"):
        at_equal_load(level, load.where(load.index != "s03", 0.0), group)
    with pytest.raises(ValueError, match="confidence is 95"):
        at_equal_load(level, load, group, confidence=95)
