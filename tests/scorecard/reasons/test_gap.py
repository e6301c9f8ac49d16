"""The distance of a unit to its peers, taken apart by cause."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.reasons.gap import explain_gap
from tests.scorecard.reasons.planted import CAUSES, planted_bureau

SIMPLE = {"staffing": ["load", "minutes"], "manner": ["manner"]}


def bureau(seed: int = 0, units: int = 30, periods: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    load, manner = rng.normal(size=(2, units))
    unit = np.repeat(np.arange(units), periods)
    noise = rng.normal(size=(3, unit.size))
    return pd.DataFrame(
        {
            "unit": [f"S{k:02d}" for k in unit],
            "period": np.tile(np.arange(periods), units),
            "group": np.where(unit % 2 == 0, "urban", "rural"),
            "load": load[unit],
            "minutes": 8 + 2 * load[unit] + 0.2 * noise[0],
            "manner": 6 + manner[unit] + 0.2 * noise[1],
            "satisfaction": 80 - 4 * load[unit] + 3 * manner[unit] + noise[2],
            "answers": 10 + unit % 5,
        }
    )


def explained(frame: pd.DataFrame, **options: Any) -> Any:
    return explain_gap(frame, **{"outcome": "satisfaction", "unit": "unit", "causes": SIMPLE, "draws": 300, **options})


@given(seed=st.integers(0, 10_000), scale=st.sampled_from(["identity", "logit"]), grouped=st.booleans())
@settings(deadline=None, derandomize=True, max_examples=12)
def test_parts_add_up_to_the_gap(seed: int, scale: str, grouped: bool) -> None:
    frame = bureau(seed)
    frame["satisfaction"] = np.clip(frame["satisfaction"] / 100, 0, 1)
    report = explained(frame, scale=scale, peers="group" if grouped else None, weight="answers", draws=100)
    sums = report.parts.groupby("unit")["part"].sum()
    np.testing.assert_allclose(sums.to_numpy(), report.table.set_index("unit")["gap"].loc[sums.index], atol=1e-12)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, derandomize=True, max_examples=8)
def test_the_order_of_rows_and_of_columns_changes_nothing(seed: int) -> None:
    frame = bureau(seed)
    other = frame.sample(frac=1, random_state=seed)[frame.columns[::-1]]
    first, second = (explained(item, peers="group", weight="answers") for item in (frame, other))
    pd.testing.assert_frame_equal(first.table, second.table, rtol=1e-9, atol=1e-9)
    pd.testing.assert_frame_equal(first.parts, second.parts, rtol=1e-7, atol=1e-7)


def test_one_column_per_cause_is_the_decomposition_of_oaxaca_with_pooled_coefficients() -> None:
    frame = bureau(3)
    means = frame.groupby("unit")[["load", "manner", "satisfaction"]].mean()
    fit = sm.OLS(means["satisfaction"], sm.add_constant(means[["load", "manner"]])).fit()
    report = explained(frame, causes={"staffing": ["load"], "manner": ["manner"]})
    own, others = means.loc["S04"], means.drop("S04").mean()
    parts = report.parts[report.parts["unit"] == "S04"].set_index("cause")["part"]
    for cause, column in (("staffing", "load"), ("manner", "manner")):
        assert parts[cause] == pytest.approx(fit.params[column] * (own[column] - others[column]), rel=1e-9)
    assert parts.sum() == pytest.approx(own["satisfaction"] - others["satisfaction"], rel=1e-9)


def test_shifting_and_scaling_a_column_of_a_cause_changes_no_part() -> None:
    frame = bureau(4)
    other = frame.assign(load=100 - 7 * frame["load"])
    np.testing.assert_allclose(explained(frame).parts["part"], explained(other).parts["part"], rtol=1e-9, atol=1e-9)


def test_slow_response_under_overload_is_told_from_bad_manner() -> None:
    frame = bureau(1)
    tired = frame["unit"] == "S00"
    rude = frame["unit"] == "S01"
    typical = frame[["load", "minutes", "manner"]].mean()
    for mark, load, manner in ((tired, 2.5, 0.0), (rude, 0.0, -2.5)):
        frame.loc[mark, "load"], frame.loc[mark, "minutes"] = load, 8 + 2 * load
        frame.loc[mark, "manner"] = typical["manner"] + manner
        frame.loc[mark, "satisfaction"] = 80 - 4 * load + 3 * manner
    table = explained(frame).table.set_index("unit")
    assert table.loc["S00", ["verdict", "main", "drag"]].tolist() == ["cause", "staffing", "staffing"]
    assert table.loc["S01", ["verdict", "main", "drag"]].tolist() == ["cause", "manner", "manner"]


def test_a_gap_without_a_measured_cause_stays_unexplained() -> None:
    frame = bureau(2, units=60)
    frame.loc[frame["unit"] == "S05", ["load", "minutes", "manner", "satisfaction"]] = [0.0, 8.0, 6.0, 50.0]
    row = explained(frame).table.set_index("unit").loc["S05"]
    assert row["verdict"] == "unexplained"
    assert row["main"] == row["drag"] == ""


def test_few_noisy_units_give_no_cause() -> None:
    frame = bureau(5, units=9)
    frame["satisfaction"] = 80 + 5 * np.random.default_rng(1).normal(size=len(frame))
    report = explained(frame)
    assert set(report.table["verdict"]) <= {"cannot_tell", "no_gap", "unexplained"}
    assert "gap-few-units" in {item.code for item in report.findings}


def test_where_less_is_better_the_part_above_the_peers_drags() -> None:
    frame = bureau(6).assign(complaints=lambda rows: -rows["satisfaction"])
    better, worse = explained(frame), explained(frame, outcome="complaints", direction="lower")
    assert (better.table["drag"] == worse.table["drag"]).mean() > 0.9


def test_units_that_lack_a_value_and_constant_causes_are_told() -> None:
    frame = bureau(7).assign(空列=1.0)
    frame.loc[frame["unit"] == "S03", "manner"] = np.nan
    report = explained(frame, causes={**SIMPLE, "装备": ["空列"]})
    assert "S03" not in set(report.table["unit"])
    assert {"gap-units-left-out", "gap-cause-constant"} <= {item.code for item in report.findings}
    assert (report.parts.loc[report.parts["cause"] == "装备", "part"] == 0).all()


def test_causes_that_overlap_are_told_and_a_single_row_per_unit_too() -> None:
    frame = bureau(8, periods=1)
    frame["manner"] = frame["load"] + 0.05 * np.random.default_rng(2).normal(size=len(frame))
    codes = {item.code for item in explained(frame).findings}
    assert {"gap-causes-overlap", "gap-chance-unknown", "gap-verdicts"} <= codes


def test_a_unit_alone_in_its_group_has_no_gap() -> None:
    frame = bureau(9)
    frame.loc[frame["unit"] == "S00", "group"] = "border"
    row = explained(frame, peers="group").table.set_index("unit").loc["S00"]
    assert np.isnan(row["gap"])
    assert row["verdict"] == "no_gap"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": "satisfction"}, "Did you mean 'satisfaction'"),
        ({"causes": {}}, "causes is empty"),
        ({"causes": {"staffing": "load"}}, "must be a list"),
        ({"causes": {"staffing": ["satisfaction"]}}, "outcome 'satisfaction' itself"),
        ({"causes": {"unexplained": ["load"]}}, "kept for the rest"),
        ({"causes": {"staffing": ["group"]}}, "must hold numbers"),
        ({"causes": {"a": ["load"], "b": ["load"]}}, "repeat each other"),
        ({"scale": "logistic"}, "Did you mean 'logit'"),
        ({"scale": "logit"}, "shares from 0 to 1"),
        ({"direction": "up"}, "allowed: higher, lower"),
        ({"level": 95}, "above 0 and below 1"),
        ({"certainty": 0.0}, "above 0 and below 1"),
        ({"draws": 5}, "from 100"),
        ({"peers": "period"}, "each unit needs one"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explained(bureau(), **options)


def test_bad_frames_are_refused() -> None:
    with pytest.raises(TypeError, match="DataFrame"):
        explained([1, 2])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no rows"):
        explained(bureau().head(0))
    with pytest.raises(ValueError, match="units are needed"):
        explained(bureau(units=1))
    with pytest.raises(ValueError, match="infinite"):
        explained(bureau().assign(load=np.inf))
    with pytest.raises(ValueError, match="missing in 1 rows"):
        explained(bureau().assign(unit=lambda rows: rows["unit"].where(rows.index != 3)))
    with pytest.raises(ValueError, match="below 0"):
        explained(bureau().assign(answers=-1), weight="answers")


def test_the_report_explains_a_unit_and_draws_in_both_languages() -> None:
    report = explained(bureau(1))
    assert report.explain("S02")["part"].is_monotonic_increasing
    assert set(report.explain("S02")["cause"]) == {"staffing", "manner", "unexplained"}
    with pytest.raises(ValueError, match="Did you mean"):
        report.explain("S2")
    for lang in ("en", "zh"):
        report.plot(lang)


def test_causes_of_the_weak_stations_of_a_simulated_bureau_are_found() -> None:
    frame, planted = planted_bureau(11, stations=40, months=12)
    report = explain_gap(
        frame, outcome="answer", unit="unit", causes=CAUSES, peers="peer_group", weight="answers", draws=500
    )
    table = report.table.set_index("unit")
    told = table.index[(table["drag"] != "") & planted.reindex(table.index).notna()]
    assert len(told) >= 6
    assert (table.loc[told, "drag"] == planted[told]).mean() >= 0.9
