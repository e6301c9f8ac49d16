"""Impossible values by unit of measure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.validity import find_faults, impossible_values
from kpi_research.validity.integrity.impossible import measure_of


def frame(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"unit": range(len(values)), "period": 1, "x": values})


@pytest.mark.parametrize(("column", "count"), [("prbarr", 5), ("prbconv", 71), ("prbpris", 0)])
def test_shares_above_one_in_north_carolina(crime4: pd.DataFrame, column: str, count: int) -> None:
    assert len(impossible_values(crime4, {column: "share"}, unit="county", period="year")) == count


@pytest.mark.parametrize(
    ("measure", "values", "bad"),
    [
        ("share", (0.0, 1.0, 1.0 + 1e-12, 1.01, -0.01), [1.01, -0.01]),
        ("percent", (0.0, 100.0, 100.5), [100.5]),
        ("%", (99.0, 101.0), [101.0]),
        ("count", (0.0, 3.0, 2.5, -1.0), [2.5, -1.0]),
        ("件", (4.0, 4.4), [4.4]),
        ("rate", (0.0, 1e9, -1e-3), [-1e-3]),
        ("分钟", (-5.0, 5.0), [-5.0]),
        ((1.0, 5.0), (0.5, 1.0, 5.0, 6.0), [0.5, 6.0]),
    ],
)
def test_what_a_unit_of_measure_allows(
    measure: str | tuple[float, float], values: tuple[float, ...], bad: list[float]
) -> None:
    assert list(impossible_values(frame(*values), {"x": measure})["value"]) == bad


def test_missing_values_are_possible_and_infinite_ones_are_not() -> None:
    found = impossible_values(frame(np.nan, np.inf, 1.0), {"x": "rate"})
    assert list(found["value"]) == [np.inf]


def test_values_that_are_no_whole_numbers_are_held_against_the_nearest() -> None:
    faults = find_faults(frame(2.4, 3.0), unit="unit", period="period", columns=[], measures={"x": "count"})
    assert (faults["value"].iloc[0], faults["reference"].iloc[0]) == (2.4, 2.0)


def test_free_texts_set_no_limits() -> None:
    assert measure_of("points of 100") is None
    assert measure_of(" Percent ") == "percent"


def test_unknown_measures_are_named() -> None:
    with pytest.raises(ValueError, match=r"limits: 'shares' of column 'x' has no limits\. Did you mean 'share'"):
        impossible_values(frame(1.0), {"x": "shares"})
