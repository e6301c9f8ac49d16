"""Normalization: other implementations' values, and relations every scale must keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kpi_research.scorecard.normalize import Method, fit_normalization
from tests.scorecard.studies import make_catalogue

FEW = settings(deadline=None, derandomize=True, max_examples=50)
METHODS: tuple[Method, ...] = ("z", "rank", "goalposts")
LEVELS = st.integers(2, 15).flatmap(
    lambda size: hnp.arrays(float, size, elements=st.integers(-1000, 1000).map(lambda n: n / 8))
)


def points(levels: np.ndarray, method: Method, **row: object) -> np.ndarray:
    """Normalize one indicator named x."""
    frame = pd.DataFrame({"x": levels})
    return fit_normalization(frame, make_catalogue(["x"], **row), method).apply(frame)["x"].to_numpy()


@pytest.fixture(scope="module")
def asem(reference: Callable[[str], Path]) -> dict[str, pd.DataFrame]:
    names = {
        "treated": "asem_data_treated",
        "z": "asem_norm_zscore",
        "minmax": "asem_norm_minmax",
        "meta": "asem_iMeta",
    }
    return {key: pd.read_csv(reference(f"coinr/{name}.csv")) for key, name in names.items()}


@pytest.mark.parametrize("method", ["z", "goalposts"])
def test_points_equal_those_of_coinr(asem: dict[str, pd.DataFrame], method: Method) -> None:
    # COINr 1.1.14: n_zscore with mean 10 and sd 2, and n_minmax from 0 to 100, of 49 indicators of 51 countries.
    treated = asem["treated"].set_index("uCode").astype(float)
    meta = asem["meta"].set_index("iCode")
    directions = {name: "higher" if meta.loc[name, "Direction"] == 1 else "lower" for name in treated.columns}
    fitted = fit_normalization(treated, make_catalogue(treated.columns, direction=directions), method)
    theirs = asem["z" if method == "z" else "minmax"].set_index("uCode")[treated.columns]
    expected = 50 + 10 * (theirs - 10) / 2 if method == "z" else theirs
    pd.testing.assert_frame_equal(
        fitted.apply(treated), expected, rtol=0, atol=1e-9, check_names=False, check_dtype=False
    )


def test_goalposts_of_the_human_development_index() -> None:
    # UNDP technical notes: life expectancy runs from 20 to 85 years; South Sudan 2019, 57.9 years: .583.
    found = points(np.array([57.9, 85.0, 90.0, 10.0]), "goalposts", floor=20.0, ceiling=85.0)
    assert found == pytest.approx([58.3, 100, 100, 0], abs=0.05)


def test_lower_is_better_between_target_and_ceiling() -> None:
    found = points(np.array([8.0, 10.0, 15.0, 25.0]), "goalposts", direction="lower", target=10.0, ceiling=20.0)
    assert found.tolist() == [100, 100, 50, 0]


def test_percentiles_count_ties_half() -> None:
    assert points(np.array([1.0, 2.0, 2.0, 3.0]), "rank").tolist() == [12.5, 50, 50, 87.5]


@FEW
@given(LEVELS, st.sampled_from(METHODS), st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_the_unit_of_measure_changes_no_points(levels: np.ndarray, method: Method, factor: float, shift: float) -> None:
    assert points(levels * factor + shift, method) == pytest.approx(points(levels, method), abs=1e-6)


@FEW
@given(LEVELS, st.sampled_from(METHODS))
def test_turning_direction_and_values_together_changes_nothing(levels: np.ndarray, method: Method) -> None:
    assert points(-levels, method, direction="lower") == pytest.approx(points(levels, method), abs=1e-9)


@FEW
@given(LEVELS, st.sampled_from(METHODS), st.randoms(use_true_random=False))
def test_the_order_of_units_changes_no_bit(levels: np.ndarray, method: Method, random: object) -> None:
    order = list(range(len(levels)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert points(levels[order], method).tolist() == points(levels, method)[order].tolist()


@FEW
@given(LEVELS, st.sampled_from(METHODS))
def test_points_stay_in_range(levels: np.ndarray, method: Method) -> None:
    found = points(levels, method)
    size = len(levels)
    widest = (
        10 * (size - 1) / np.sqrt(size) if method == "z" else 50.0
    )  # the largest z score of n values (Shiffler 1988)
    assert (np.abs(found - 50) <= widest + 1e-9).all()


@FEW
@given(LEVELS, st.integers(0, 14), st.floats(0.01, 500), st.sampled_from(METHODS), st.booleans())
def test_an_improvement_never_lowers_the_points(
    levels: np.ndarray, unit: int, gain: float, method: Method, lower_is_better: bool
) -> None:
    unit %= len(levels)
    better = levels.copy()
    better[unit] += -gain if lower_is_better else gain
    direction = "lower" if lower_is_better else "higher"
    before, after = (points(given_levels, method, direction=direction)[unit] for given_levels in (levels, better))
    # A level that all units share gives 50 points, so only an improvement that leaves differences can be judged.
    if np.ptp(levels) > 0 and np.ptp(better) > 0:
        assert after >= before - 1e-9


@FEW
@given(LEVELS, st.sampled_from(METHODS))
def test_missing_values_stay_missing_and_move_no_one(levels: np.ndarray, method: Method) -> None:
    found = points(np.append(levels, np.nan), method)
    assert np.isnan(found[-1])
    assert found[:-1].tolist() == points(levels, method).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_indicator_is_neutral_and_reported(method: Method) -> None:
    levels = pd.DataFrame({"x": [0.1 + 0.2, 0.3, 0.3]})
    fitted = fit_normalization(levels, make_catalogue(["x"]), method)
    assert fitted.apply(levels)["x"].tolist() == [50, 50, 50]
    assert [item.code for item in fitted.findings] == ["constant-indicator"]


@pytest.mark.parametrize("method", METHODS)
def test_a_threshold_is_all_or_nothing(method: Method) -> None:
    share = np.array([0.95, np.mean([0.94, 0.95, 0.96]), 0.949])
    assert points(share, method, role="threshold", target=0.95).tolist() == [100, 100, 0]


@pytest.mark.parametrize("method", [*METHODS, "ratio"])
def test_a_target_of_zero_gives_all_points_at_zero_and_none_above(method: Method) -> None:
    outages = np.array([0.0, 1 / 18, 2.0, 0.0, np.nan])
    given = points(outages, method, role="threshold", target=0.0, direction="lower")
    np.testing.assert_array_equal(given, [100, 0, 0, 100, np.nan])


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"role": "threshold"}, "threshold-without-target"),
        ({}, "goalposts-from-data"),
        ({"floor": 10.0, "ceiling": 10.0}, "goalposts-unusable"),
    ],
)
def test_what_the_catalogue_lacks_is_reported(columns: dict[str, object], code: str) -> None:
    levels = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    fitted = fit_normalization(levels, make_catalogue(["x"], **columns), "goalposts")
    assert code in {item.code for item in fitted.findings}


def test_unknown_names_are_refused_with_the_nearest_valid_one() -> None:
    levels = pd.DataFrame({"respons": [1.0, 2.0]})
    with pytest.raises(ValueError, match="Did you mean 'response'"):
        fit_normalization(levels, make_catalogue(["response"]), "z")
    with pytest.raises(ValueError, match="Did you mean 'goalposts'"):
        fit_normalization(levels, make_catalogue(["respons"]), "goalpost")  # type: ignore[arg-type]
