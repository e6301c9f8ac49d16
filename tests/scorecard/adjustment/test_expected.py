"""Rates against expected numbers: indirect standardization, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.scorecard.adjustment import against_expected


def test_adjusted_rates_are_the_standardized_ratio_times_the_rate_of_the_group() -> None:
    rng = np.random.default_rng(3)
    units = [f"s{i}" for i in range(10)]
    group = pd.Series(["a"] * 5 + ["b"] * 5, units)
    exposure = pd.Series(rng.uniform(1e3, 1e5, 10), units)
    expected = pd.Series(rng.uniform(10, 200, 10), units)
    observed = pd.Series(rng.poisson(expected), units)
    adjusted = observed / exposure * against_expected(expected, group, exposure=exposure)
    rate = (expected.groupby(group).sum() / exposure.groupby(group).sum()).reindex(group).to_numpy()
    assert np.allclose(adjusted, observed / expected * rate)


def test_units_without_an_expected_number_have_no_factor_and_leave_the_others_alone() -> None:
    group = pd.Series("a", list("xyz"))
    found = against_expected(pd.Series({"x": 10.0, "y": 30.0}), group)
    assert np.isnan(found["z"])
    assert found[["x", "y"]].tolist() == [2.0, 2.0 / 3.0]


def test_refusals() -> None:
    group = pd.Series("a", list("xy"))
    with pytest.raises(ValueError, match="expected of unit 'y' is 0"):
        against_expected(pd.Series({"x": 1.0, "y": 0.0}), group)
    with pytest.raises(ValueError, match="exposure of unit 'x' is -1"):
        against_expected(pd.Series({"x": 1.0, "y": 1.0}), group, exposure=pd.Series({"x": -1.0, "y": 1.0}))
