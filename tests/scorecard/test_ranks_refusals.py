"""Arguments that cannot be meant are refused with a sentence that says what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.scorecard import rank_sets

ESTIMATE = pd.Series({"north": 1.0, "east": 2.0, "south": 3.0})
SE = pd.Series({"north": 0.1, "east": 0.2, "south": 0.3})
BAD_COV = np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "exactly one of se and cov"),
        ({"se": SE, "cov": np.eye(3)}, "exactly one of se and cov"),
        ({"cov": np.eye(3), "dof": 5}, "dof goes with se"),
        ({"se": SE.drop("south")}, "se lacks unit 'south'"),
        ({"se": [0.1, 0.2]}, "se has shape (2,); estimate has 3 units"),
        ({"se": SE.replace(0.2, np.nan)}, "se of unit 'east' is nan"),
        ({"se": -SE}, "se of unit 'north' is -0.1; allowed: a finite number, 0 or above (3 such units)"),
        ({"se": 0.1}, "se has shape ()"),
        ({"se": SE, "dof": 0}, "dof of unit 'north' is 0.0; allowed: a number above 0"),
        ({"cov": np.eye(2)}, "cov has shape (2, 2)"),
        ({"cov": BAD_COV}, "not a covariance matrix"),
        ({"cov": np.triu(np.ones((3, 3)))}, "not symmetric"),
        ({"se": SE, "kind": "simultanous"}, "Did you mean 'simultaneous'?"),
        ({"se": SE, "level": 95}, "level is 95; allowed: above 0 and below 1"),
        ({"se": SE, "draws": 10}, "draws is 10"),
        ({"se": SE, "seed": -1}, "seed is -1"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        rank_sets(ESTIMATE, **options)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        ([], "estimate is empty"),
        ([1.0, np.nan], "estimate of unit 1 is nan"),
        (pd.Series([1.0, 2.0], index=["north", "north"]), "unit 'north' twice"),
    ],
)
def test_wrong_estimates_are_refused(estimate: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rank_sets(estimate, se=np.ones(len(estimate)))


def test_the_input_is_left_alone() -> None:
    estimate, se = ESTIMATE.copy(), SE.copy()
    rank_sets(estimate, se=se, draws=100)
    pd.testing.assert_series_equal(estimate, ESTIMATE)
    pd.testing.assert_series_equal(se, SE)


def test_a_single_unit_is_first() -> None:
    sets = rank_sets([5.0], se=[1.0])
    assert sets.table[["rank", "low", "high"]].iloc[0].tolist() == [1, 1, 1]
    assert np.isnan(sets.unresolved)
