"""Audited records: published intervals, relations, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from kpi_research.validity.goodhart.compliance import compliance

FEW = settings(deadline=None, derandomize=True, max_examples=15)


def audits(seed: int, units: int = 15, rows: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), rows)
    right = rng.random(len(unit)) < rng.beta(8, 2, size=units)[unit]
    return pd.DataFrame({"unit": unit, "right": right.astype(int)})


def test_units_have_the_wilson_interval_of_statsmodels() -> None:
    frame = audits(1)
    table = compliance(frame, unit="unit", right="right").table
    for row, (_, part) in zip(table.itertuples(), frame.groupby("unit"), strict=True):
        low, high = proportion_confint(part["right"].sum(), len(part), method="wilson")
        assert (row.low, row.high) == pytest.approx((low, high), rel=1e-9)


def test_forty_eight_of_fifty() -> None:
    # Wilson: .865 to .989, the interval of a quarter's sample of fifty calls.
    found = compliance(pd.DataFrame({"unit": ["A"] * 50, "right": [1] * 48 + [0] * 2}), unit="unit", right="right")
    assert found.table.loc[0, ["low", "high"]].tolist() == pytest.approx([0.865, 0.989], abs=5e-4)
    assert np.isnan(found.low)  # one unit says nothing about others


def test_units_that_differ_widen_the_interval_over_all() -> None:
    alike = audits(2).assign(right=lambda frame: np.tile([1, 1, 1, 0], len(frame) // 4))
    unlike = alike.assign(right=(alike["unit"] % 4 != 0).astype(int))
    first, second = (compliance(frame, unit="unit", right="right") for frame in (alike, unlike))
    assert second.design_effect > 5
    assert second.high - second.low > 2 * (first.high - first.low)


@FEW
@given(seed=st.integers(0, 10_000), factor=st.floats(0.1, 10.0))
def test_weights_count_in_proportion(seed: int, factor: float) -> None:
    frame = audits(seed).assign(weight=1.0)
    first = compliance(frame, unit="unit", right="right")
    second = compliance(frame.assign(weight=factor), unit="unit", right="right", weight="weight")
    assert (second.estimate, second.low, second.high) == pytest.approx((first.estimate, first.low, first.high))


def test_reports_above_what_audits_find_show_as_a_gap() -> None:
    frame = audits(3)
    told = frame.groupby("unit")["right"].transform("mean") * 0.8 + 0.2
    found = compliance(frame.assign(told=told), unit="unit", right="right", reported="told")
    assert found.gap_low > 0
    assert found.gap == pytest.approx(0.2 * (1 - found.estimate))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"right": "unit"}, "between 0 and 1"),
        ({"required": 85}, "required is 85"),
        ({"weight": "zero"}, "finite and above 0"),
        ({"right": "wright"}, "no column 'wright'.*right"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compliance(audits(4).assign(zero=0.0), **{"unit": "unit", "right": "right", **change})  # type: ignore[arg-type]


def test_missing_decisions_are_left_out_with_a_note() -> None:
    frame = audits(5).astype({"right": float})
    frame.loc[:3, "right"] = np.nan
    found = compliance(frame, unit="unit", right="right")
    assert found.table["records"].sum() == len(frame) - 4
    assert [item.code for item in found.findings] == ["audit-rows-left"]
    with pytest.raises(ValueError, match="nothing to estimate"):
        compliance(frame.assign(right=np.nan), unit="unit", right="right")
