"""Appeals: planted differences are told with the task they lie in, honest ones are not upheld by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.workload import appeal_packet, workload_coefficients
from kpi_research.workload.coefficients.result import Coefficients

NAMES = {"minutes": "minutes", "task": "task", "count": "n", "unit": "unit", "period": "month", "cluster": "officer"}


def log(rng: np.random.Generator, officers: int = 12, months: int = 12) -> pd.DataFrame:
    keys = pd.MultiIndex.from_product(
        [range(officers), range(months), ["call", "case", "visit"]], names=["officer", "month", "task"]
    )
    frame = keys.to_frame(index=False)
    frame["unit"] = np.where(frame["officer"] < officers // 2, "A", "B")
    frame["n"] = rng.integers(2, 12, size=len(frame))
    each = frame["task"].map({"call": 30.0, "case": 200.0, "visit": 20.0}) * np.where(frame["unit"] == "B", 1.3, 1.0)
    frame["minutes"] = frame["n"] * each * rng.gamma(4 * frame["n"], 1.0 / (4 * frame["n"]))
    return frame


def fitted(frame: pd.DataFrame) -> Coefficients:
    return workload_coefficients(frame, **NAMES)


def test_harder_cases_of_one_person_are_found_in_the_right_task() -> None:
    frame = log(np.random.default_rng(1))
    coefficients = fitted(frame)
    frame.loc[(frame["officer"] == 3) & (frame["task"] == "case"), "minutes"] *= 1.6
    found = appeal_packet(coefficients, frame, who={"officer": "3"}, person="officer")
    verdicts = found.table.set_index("task")["verdict"]
    assert verdicts["case"] == "higher"
    assert {item.code for item in found.findings} >= {"appeal-confidential", "appeal-supported", "appeal-tasks"}
    assert found.table["task"].iloc[0] == "case"
    assert found.table["part"].sum() == pytest.approx(found.cases["minutes"].sum() - found.cases["expected"].sum())


def test_a_slow_unit_is_no_argument_against_its_members() -> None:
    frame = log(np.random.default_rng(2))
    found = appeal_packet(fitted(frame), frame, who={"officer": "11"}, person="officer")
    assert found.low < 1.0 < found.high
    assert abs(found.ratio - 1.0) < 0.12


def test_honest_appeals_are_rarely_upheld() -> None:
    upheld = []
    for seed in range(60):
        frame = log(np.random.default_rng([3, seed]), officers=8, months=8)
        found = appeal_packet(fitted(frame), frame, who={"officer": "1"}, person="officer")
        upheld.append(not found.low <= 1.0 <= found.high)
    assert np.mean(upheld) <= 0.15


def test_more_months_narrow_the_interval() -> None:
    short, long = (log(np.random.default_rng(4), months=months) for months in (4, 24))
    widths = []
    for frame in (short, long):
        found = appeal_packet(fitted(frame), frame, who={"officer": "2"}, person="officer")
        widths.append(found.high / found.low)
    assert widths[1] < widths[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"who": {"officer": "99"}}, "no '99'"),
        ({"who": {"rank": "skilled"}}, "no column 'rank'"),
        ({"who": {}}, "who is empty"),
        ({"who": {"unit": "A"}, "margin": 2.0}, "margin is 2.0"),
        ({"who": {"officer": "1", "unit": "B"}}, "no row fits"),
    ],
)
def test_refusals(options: dict, message: str) -> None:
    frame = log(np.random.default_rng(5))
    with pytest.raises(ValueError, match=message):
        appeal_packet(fitted(frame), frame, **{"person": "officer", **options})


def test_nobody_is_compared_with_a_handful() -> None:
    frame = log(np.random.default_rng(6), officers=5)
    with pytest.raises(ValueError, match="at least 5"):
        appeal_packet(fitted(frame), frame, who={"officer": "1"}, person="officer")
