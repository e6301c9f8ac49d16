"""Known groups and convergent measures: published numbers, planted truths, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.validity.prediction.convergent import convergent
from kpi_research.validity.prediction.known_groups import known_groups

FEW = settings(deadline=None, derandomize=True, max_examples=10)
ASK = {"value": "x", "group": "g", "expected": ("高", "低")}


def groups(seed: int, shift: float = 1.0, units: int = 10, rows: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(2 * units), rows)
    upper = unit < units
    x = rng.normal(size=2 * units)[unit] + rng.normal(size=len(unit)) + shift * upper
    return pd.DataFrame({"单位": unit, "x": x, "g": np.where(upper, "高", "低")})


def test_without_units_the_difference_is_that_of_welch() -> None:
    frame = groups(1)
    row = known_groups(frame, **ASK).table.iloc[0]  # type: ignore[arg-type]
    high, low = (frame.loc[frame["g"] == name, "x"] for name in ("高", "低"))
    other = stats.ttest_ind(high, low, equal_var=False).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((other.low, other.high), rel=1e-9)


def test_units_with_many_rows_widen_the_interval() -> None:
    frame = groups(2)
    alone, clustered = (known_groups(frame, **ASK, unit=unit).table["se"] for unit in (None, "单位"))  # type: ignore[arg-type]
    assert (clustered > 1.5 * alone).all()


@FEW
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100.0))
def test_scale_and_sides_do_not_matter(seed: int, scale: float) -> None:
    frame = groups(seed)
    first = known_groups(frame, **ASK, unit="单位").table  # type: ignore[arg-type]
    turned = known_groups(
        frame.assign(x=frame["x"] * scale), value="x", group="g", expected=("低", "高"), unit="单位"
    ).table
    assert turned["estimate"].iloc[1] == pytest.approx(-first["estimate"].iloc[1], rel=1e-9)
    assert turned["estimate"].iloc[2] == pytest.approx(1 - first["estimate"].iloc[2], rel=1e-9)
    assert turned["high"].iloc[1] == pytest.approx(-first["low"].iloc[1], rel=1e-9)


def test_a_reversed_difference_is_said() -> None:
    assert known_groups(groups(3, shift=-3.0), **ASK, unit="单位").verdict == "reversed"  # type: ignore[arg-type]


def test_other_groups_and_missing_values_are_left_out_with_a_note() -> None:
    frame = groups(4)
    frame.loc[0, "x"] = np.nan
    more = pd.concat([frame, pd.DataFrame({"单位": [99], "x": [0.0], "g": ["中"]})], ignore_index=True)
    found = known_groups(more, **ASK, unit="单位")  # type: ignore[arg-type]
    assert found.rows == (59, 60)
    assert [item.code for item in found.findings] == ["known-groups-rows-left"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expected": ("高", "高")}, "must name two groups"),
        ({"expected": ("高", "底")}, "no group '底'"),
        ({"value": "g"}, "must hold numbers"),
        ({"unit": "unit"}, "no column 'unit'"),
    ],
)
def test_bad_arguments_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        known_groups(groups(5), **{**ASK, **change})  # type: ignore[arg-type]


def test_values_that_do_not_vary_are_refused() -> None:
    frame = groups(5)
    with pytest.raises(ValueError, match="does not vary"):
        known_groups(frame.assign(x=(frame["g"] == "高").astype(float)), **ASK)  # type: ignore[arg-type]


def traits(seed: int, units: int = 40) -> pd.DataFrame:
    """Return trust measured twice, and workload; inside units trust measures move against each other."""
    rng = np.random.default_rng(seed)
    trust, load = rng.normal(size=(2, units, 1))
    moves = rng.normal(size=(units, 6))
    columns = {"phone": trust + 0.4 * moves, "face": trust - 0.4 * moves, "load": load + rng.normal(size=(units, 6))}
    frame = pd.DataFrame({"unit": np.repeat(np.arange(units), 6)})
    return frame.assign(**{name: part.ravel() for name, part in columns.items()})


def test_between_and_within_units_are_told_apart() -> None:
    found = convergent(traits(1), indicator="phone", same=["face"], other=["load"], unit="unit")
    rows = found.table.set_index(["measure", "level"])["estimate"]
    assert rows["face", "between"] > 0.9
    assert rows["face", "within"] == pytest.approx(-1.0)
    assert found.verdict == "convergent"
    assert found.matrix.loc["phone", "face"] == pytest.approx(rows["face", "between"])


def test_a_closer_measure_of_something_else_is_a_caution() -> None:
    frame = traits(2)
    frame["paper"] = frame["phone"] + 0.01 * np.random.default_rng(1).normal(size=len(frame))
    found = convergent(frame, indicator="phone", same=["face"], other=["paper"], unit="unit")
    assert found.verdict == "not_discriminant"
    assert [item.code for item in found.findings] == ["not-discriminant"]


def test_empty_and_repeated_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="same is empty"):
        convergent(traits(3), indicator="phone", same=[], unit="unit")
    with pytest.raises(ValueError, match="two roles"):
        convergent(traits(3), indicator="phone", same=["phone"], unit="unit")
    with pytest.raises(TypeError, match=r"write \['face'\]"):
        convergent(traits(3), indicator="phone", same="face", unit="unit")
    with pytest.raises(ValueError, match="at least 4"):
        convergent(traits(3, units=3), indicator="phone", same=["face"], unit="unit")
