"""Indicators that say the same thing: values by hand, relations, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.validity.redundancy.clusters import cluster, keepers
from kpi_research.validity.redundancy.levels import deviations, means
from kpi_research.validity.redundancy.redundancy import Redundancy, beyond_chance, redundancy


def panel(units: int = 40, periods: int = 12, seed: int = 1) -> pd.DataFrame:
    """Visits and their ledger entries, a parallel record of the same unit, its reverse, and noise."""
    rng = np.random.default_rng(seed)
    level, noise = np.repeat(rng.normal(size=units), periods), rng.normal(size=(5, units * periods))
    frame = pd.DataFrame({"unit": np.repeat(np.arange(units), periods), "period": np.tile(np.arange(periods), units)})
    visits = 2.0 * level + noise[0]
    parallel = 2.0 * level + noise[2]
    return frame.assign(
        visits=visits, entries=visits + 0.2 * noise[1], parallel=parallel, unmet=-3.0 * visits + 7.0, chance=noise[3]
    )


NAMES = ["visits", "entries", "parallel", "unmet", "chance"]


@pytest.fixture(scope="module")
def found() -> Redundancy:
    return redundancy(panel(), unit="unit", period="period", indicators=NAMES)


def test_what_moves_together_is_the_same_whatever_its_sign(found: Redundancy) -> None:
    groups = found.table.set_index("indicator")["cluster"]
    assert groups["visits"] == groups["entries"] == groups["unmet"]
    assert len({groups["visits"], groups["parallel"], groups["chance"]}) == 3


def test_what_ranks_units_alike_without_moving_together_confirms(found: Redundancy) -> None:
    verdicts = {(row["first"], row["second"]): row["verdict"] for row in found.pairs.to_dict("records")}
    assert verdicts["visits", "entries"] == verdicts["visits", "unmet"] == "same"
    assert verdicts["visits", "parallel"] == "parallel"
    assert {item.code for item in found.findings} == {"indicators-alike", "indicators-parallel"}


def test_correlations_are_those_of_unit_means(found: Redundancy) -> None:
    level = panel().groupby("unit")[NAMES].mean()
    expected = stats.spearmanr(level["visits"], level["parallel"]).statistic
    assert found.matrix.loc["visits", "parallel"] == pytest.approx(expected, abs=1e-12)
    others = level[["entries", "parallel", "chance"]].assign(one=1.0).to_numpy()
    left = level["visits"] - others @ np.linalg.lstsq(others, level["visits"], rcond=None)[0]
    factor = ((level["visits"] - level["visits"].mean()) ** 2).sum() / (left**2).sum()
    of_four = redundancy(level.reset_index(), unit="unit", indicators=["visits", "entries", "parallel", "chance"])
    assert of_four.table.loc[0, "variance_inflation"] == pytest.approx(factor, rel=1e-9)
    assert np.isinf(found.table.set_index("indicator").loc["visits", "variance_inflation"])


def test_average_linkage_by_hand() -> None:
    similarity = np.array([[1.0, 0.9, 0.75], [0.9, 1.0, 0.83], [0.75, 0.83, 1.0]])
    assert cluster(similarity, 0.8)[0].tolist() == [1, 1, 2]
    assert cluster(similarity, 0.79)[0].tolist() == [1, 1, 1]
    assert cluster(similarity, 0.95)[0].tolist() == [1, 2, 3]
    assert cluster(np.ones((1, 1)), 0.8)[0].tolist() == [1]


def test_the_preferred_of_a_group_is_kept_then_its_center() -> None:
    similarity = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.9], [0.8, 0.9, 1.0]])
    groups = np.array([1, 1, 1])
    nothing = np.full(3, np.nan)
    assert keepers(groups, similarity, nothing).tolist() == [False, True, False]
    assert keepers(groups, similarity, np.array([0.1, np.nan, 0.5])).tolist() == [False, False, True]


def test_correction_for_reliability_by_hand() -> None:
    frame = panel(seed=3).groupby("unit", as_index=False)[NAMES].mean()
    frame["noisy"] = frame["visits"] + np.random.default_rng(0).normal(scale=2.5, size=len(frame))
    trusted = {"visits": 0.9, "noisy": 0.5}
    found = redundancy(frame, unit="unit", indicators=["visits", "noisy"], reliability=trusted)
    raw = stats.spearmanr(frame["visits"], frame["noisy"]).statistic
    assert found.table.loc[0, "corrected"] == pytest.approx(min(raw / np.sqrt(0.45), 1.0), abs=1e-12)
    low = redundancy(frame, unit="unit", indicators=["visits", "noisy"], reliability=trusted | {"noisy": 0.4})
    assert np.isnan(low.table.loc[0, "corrected"])


def test_one_period_is_no_reason_to_see_nothing() -> None:
    once = panel()[lambda frame: frame["period"] == 0]
    with_period = redundancy(once, unit="unit", period="period", indicators=NAMES).table
    without = redundancy(once, unit="unit", indicators=NAMES).table
    assert with_period["cluster"].tolist() == without["cluster"].tolist()
    assert with_period["size"].max() == 3


def test_tiny_units_of_measure_are_not_rounded_away() -> None:
    frame = panel()
    tiny = frame.assign(**{name: frame[name] * 1e-14 for name in NAMES})
    first = redundancy(frame, unit="unit", period="period", indicators=NAMES).table
    second = redundancy(tiny, unit="unit", period="period", indicators=NAMES).table
    np.testing.assert_allclose(first["within"], second["within"], atol=1e-9)


def test_unit_and_period_are_taken_out() -> None:
    unit, period = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    left = deviations((3.0 * unit + period**2)[:, None].astype(float), unit, period)
    assert np.abs(left).max() < 1e-12
    seen = means(np.array([[1.0], [np.nan], [5.0], [np.nan]]), np.array([0, 0, 0, 1]))
    assert seen[:, 0].tolist() == pytest.approx([3.0, np.nan], nan_ok=True)


def test_few_units_and_many_pairs_are_not_enough() -> None:
    correlations = np.full((3, 3), np.nan)
    correlations[0, 1] = correlations[1, 0] = 0.85
    assert beyond_chance(correlations, np.full((3, 3), 9)).sum() == 2
    many = np.zeros((40, 40))
    many[0, 1] = many[1, 0] = 0.85
    assert beyond_chance(many, np.full((40, 40), 9)).sum() == 0


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.integers(0, 1000), st.floats(0.1, 50.0))
def test_any_rising_measure_of_the_means_and_any_order_say_the_same(seed: int, factor: float) -> None:
    frame = panel(units=15, periods=1, seed=seed).drop(columns="period")
    first = redundancy(frame, unit="unit", indicators=NAMES)
    changed = frame.assign(visits=np.exp(frame["visits"] / 3.0), chance=factor * frame["chance"] ** 3)
    second = redundancy(changed.sample(frac=1.0, random_state=seed), unit="unit", indicators=NAMES)
    columns = ["indicator", "cluster", "keep", "partner"]
    pd.testing.assert_frame_equal(first.table[columns], second.table[columns])
    np.testing.assert_allclose(first.matrix, second.matrix, atol=1e-12)


def test_missing_infinite_and_constant_values() -> None:
    frame = panel()
    frame.loc[frame["unit"] < 3, "visits"] = np.nan
    frame.loc[5, "entries"] = np.inf
    frame["flat"] = 1.0
    frame["little"] = frame["visits"].where(frame["unit"] < 8)
    found = redundancy(frame, unit="unit", period="period", indicators=[*NAMES, "flat", "little"])
    rows = found.table.set_index("indicator")
    assert (rows.loc["visits", "units"], rows.loc["entries", "units"], rows.loc["little", "units"]) == (37, 40, 5)
    assert (rows.loc["flat", "partner"], rows.loc["little", "partner"]) == ("", "")
    assert rows.loc["visits", "cluster"] == rows.loc["entries", "cluster"]
    assert "redundancy-few-units" in {item.code for item in found.findings}


def test_figures_are_drawn_in_both_languages(found: Redundancy) -> None:
    for lang in ("en", "zh"):
        assert found.plot(lang).axes[0].get_title(loc="left") or found.plot(lang).axes[0].get_title()  # type: ignore[arg-type]


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"indicators": ["visits"]}, ValueError, "at least two"),
    ({"indicators": ["visits", "visits"]}, ValueError, "visits stands twice"),
    ({"indicators": ["visits", "entrys"]}, ValueError, "Did you mean 'entries'"),
    ({"indicators": "visits"}, TypeError, "give a list"),
    ({"threshold": 1.0}, ValueError, "threshold is 1.0"),
    ({"level": 95}, ValueError, "level is 95"),
    ({"reliability": {"visits": 1.2}}, ValueError, "must lie from 0 to 1"),
    ({"prefer": {"visit": 1.0}}, ValueError, "Did you mean 'visits'"),
    ({"unit": "station"}, ValueError, "there is no column 'station'"),
]


@pytest.mark.parametrize(("change", "error", "message"), REFUSED)
def test_wrong_arguments_are_named(change: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        redundancy(panel(), **({"unit": "unit", "period": "period", "indicators": NAMES} | change))


def test_wrong_tables_are_named() -> None:
    ask: dict[str, Any] = {"unit": "unit", "period": "period", "indicators": ["visits", "entries"]}
    with pytest.raises(ValueError, match="must hold numbers"):
        redundancy(panel().astype({"visits": str}), **ask)
    with pytest.raises(ValueError, match="share their unit and period"):
        redundancy(pd.concat([panel(), panel()]), **ask)
    with pytest.raises(ValueError, match="no rows"):
        redundancy(panel().head(0), **ask)
    with pytest.raises(TypeError, match="DataFrame"):
        redundancy([1], **ask)  # type: ignore[arg-type]
    single = redundancy(panel().head(12), **ask)
    assert single.table["cluster"].tolist() == [1, 2]
