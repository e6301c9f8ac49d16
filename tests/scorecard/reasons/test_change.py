"""Why a kind of incident rose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.reasons.change import change_contributions

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]
PLACES = [f"场所{number}" for number in range(8)]


def drawn(seed: int = 0, kind: str = "theft", mean: float = 80, months: list[str] = MONTHS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for month in months:
        count = rng.poisson(mean)
        day = rng.integers(1, 29, count)
        rows.append(
            pd.DataFrame(
                {
                    "month": month,
                    "type": kind,
                    "place": rng.choice(PLACES, count),
                    "at": pd.to_datetime([f"{month}-{d:02d}" for d in day])
                    + pd.to_timedelta(rng.uniform(0, 24, count), "h"),
                    "address": rng.integers(0, 500, count).astype(str),
                    "channel": rng.choice(["call", "counter"], count, p=[0.7, 0.3]),
                    "unit": rng.choice(["S1", "S2", "S3", "S4"], count),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def bureau(seed: int = 0) -> pd.DataFrame:
    return pd.concat([drawn(seed), drawn(seed + 1, "help", 300)], ignore_index=True)


def more(cases: pd.DataFrame, count: int, **fixed: Any) -> pd.DataFrame:
    """Add thefts to the last month, like those there are but for the columns given."""
    pool = cases[(cases["month"] == MONTHS[-1]) & (cases["type"] == "theft")]
    return pd.concat([cases, pool.sample(count, replace=True, random_state=1).assign(**fixed)], ignore_index=True)


FACTORS = {"place": "place", "time": "at", "address": "address", "recording": "channel", "unit": "unit"}


def explained(cases: pd.DataFrame, **options: Any) -> Any:
    return change_contributions(cases, **{"type": "type", "period": "month", "kind": "theft", **FACTORS, **options})


@given(seed=st.integers(0, 300), added=st.integers(0, 80))
@settings(deadline=None, derandomize=True, max_examples=10)
def test_parts_add_up_to_the_change(seed: int, added: int) -> None:
    cases = more(bureau(seed), added, place=PLACES[0], channel="counter") if added else bureau(seed)
    report = explained(cases)
    counts = cases[cases["type"] == "theft"].groupby("month").size()
    change = counts[MONTHS[-1]] - counts[MONTHS[:-1]].mean()
    assert report.table["change"].sum() == pytest.approx(change, abs=1e-12 * counts.sum())
    assert ((report.table["low"] <= report.table["change"]) & (report.table["change"] <= report.table["high"])).all()


@pytest.mark.parametrize(
    ("part", "fixed"),
    [
        ("place", {"place": PLACES[3]}),
        ("time", {"at": pd.Timestamp("2024-12-10 03:00")}),
        ("recording", {"channel": "counter"}),
        ("unit", {"unit": "S2"}),
        ("address", {"address": "17"}),
    ],
)
def test_a_planted_reason_is_the_largest_part(part: str, fixed: dict[str, Any]) -> None:
    report = explained(more(bureau(5), 60, **fixed))
    assert report.beyond_chance
    assert report.table.loc[report.table["change"].idxmax(), "part"] == part
    flagged = report.levels[report.levels["flagged"]]
    assert set(flagged["factor"]) == {part}
    assert "change-reason" in {item.code for item in report.findings}


def test_a_rise_of_the_kind_everywhere_is_its_own() -> None:
    report = explained(pd.concat([bureau(6), drawn(60, mean=60, months=MONTHS[-1:])], ignore_index=True))
    assert report.table.set_index("part")["change"].idxmax() == "own"


def test_a_rise_of_all_kinds_is_told_from_one_of_this_kind() -> None:
    extra = [drawn(70, months=MONTHS[-1:]), drawn(71, "help", 300, MONTHS[-1:])]
    report = explained(pd.concat([bureau(7), *extra], ignore_index=True))
    parts = report.table.set_index("part")["change"]
    assert parts.idxmax() == "all_kinds"
    assert parts["all_kinds"] > 0.7 * parts.sum()


def test_longer_months_expect_more_cases() -> None:
    rows = [(month, "theft") for month in MONTHS[:3] for _ in range(10 * pd.Period(month).days_in_month)]
    cases = pd.DataFrame([*rows, *[("2024-04", "theft")] * 300], columns=["month", "type"])
    report = change_contributions(cases, type="type", period="month", kind="theft")
    assert report.table.set_index("part")["change"].round(9).to_dict() == {
        "calendar": pytest.approx(300 - 10 * (31 + 29 + 31) / 3),
        "all_kinds": 0.0,
        "own": pytest.approx(0.0),
    }


def test_the_order_of_cases_changes_nothing() -> None:
    cases = more(bureau(8), 40, place=PLACES[1])
    first, second = explained(cases), explained(cases.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_frame_equal(first.levels, second.levels)
    pd.testing.assert_frame_equal(first.series, second.series)


def test_a_usual_month_needs_no_reason_and_few_cases_are_told() -> None:
    report = explained(bureau(11))
    assert not report.beyond_chance
    assert {item.code for item in report.findings} == {"change-within-chance"}
    rare = pd.concat([drawn(1, "robbery", 2), drawn(2, "help", 100)], ignore_index=True)
    assert "change-few-cases" in {item.code for item in explained(rare, kind="robbery").findings}


def test_a_lasting_step_is_a_break() -> None:
    cases = pd.concat([drawn(1, months=MONTHS[:7]), drawn(2, mean=140, months=MONTHS[7:])], ignore_index=True)
    assert explained(cases).breaks["period"].tolist() == ["2024-08"]


def test_missing_labels_of_factors_are_a_level_of_their_own() -> None:
    cases = bureau(9)
    cases.loc[cases.index % 7 == 0, "place"] = None
    cases["at"] = cases["at"].where(cases.index % 5 != 0)
    levels = explained(cases).levels
    assert {"unknown"} <= set(levels.loc[levels["factor"] == "place", "level"])
    assert {"unknown", "00-06"} <= set(levels.loc[levels["factor"] == "time", "level"])


def test_times_are_taken_apart_in_their_zone() -> None:
    cases = bureau(9)
    cases["at"] = pd.Series(pd.Timestamp("2024-05-01 20:00"), index=cases.index).dt.tz_localize("UTC")
    levels = explained(cases, timezone="Asia/Shanghai").levels
    assert levels.loc[levels["factor"] == "time", "level"].tolist() == ["00-06"]


def test_several_kinds_and_earlier_periods_can_be_explained_and_drawn() -> None:
    report = explained(bureau(10), kind=["theft", "help"], now="2024-10", before=6)
    assert report.kind == "theft, help"
    assert report.series["period"].tolist() == MONTHS[3:10]
    for lang in ("en", "zh"):
        report.plot(lang)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"type": "typ"}, "Did you mean 'type'"),
        ({"kind": "thefts"}, "Did you mean 'theft'"),
        ({"now": "2025-01"}, "no period '2025-01'"),
        ({"now": "2024-02"}, "at least 3 are needed"),
        ({"before": 2}, "from 3"),
        ({"size": 0}, "above 0"),
        ({"level": 2}, "below 1"),
        ({"run_length": 1}, "10 or more"),
        ({"exposure": {"2024-01": 31}}, "lacks period"),
        ({"exposure": dict.fromkeys(MONTHS, 0)}, "above 0"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explained(bureau(), **options)


def test_bad_frames_are_refused() -> None:
    with pytest.raises(TypeError, match="DataFrame"):
        explained({"type": []})
    with pytest.raises(ValueError, match="no rows"):
        explained(bureau().head(0))
    with pytest.raises(ValueError, match="missing in 1 rows"):
        explained(bureau().assign(month=lambda rows: rows["month"].where(rows.index != 0)))


@pytest.mark.validation
def test_flags_and_alarms_of_usual_months_are_as_rare_as_asked(dossier: object) -> None:
    runs, flagged, alarms = 300, 0, 0
    for run in range(runs):
        cases = bureau(10_000 + 2 * run)
        report = explained(cases)
        flagged += bool(report.levels["flagged"].any())
        alarms += report.beyond_chance
    dossier(  # type: ignore[operator]
        "scorecard", "Usual months (no reason planted)", factors=len(FACTORS), runs=runs, any_flag=flagged / runs,
        alarm=alarms / runs,
    )  # fmt: skip
    # Five factors at 5 % each: 25 % at most; two charts of one in 370, with a center from 11 months.
    assert flagged / runs <= 0.25 + 3 * np.sqrt(0.25 * 0.75 / runs)
    assert alarms / runs <= 0.05
