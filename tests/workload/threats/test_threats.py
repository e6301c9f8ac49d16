"""Threats to the coefficients: rounding, selection, support work, and what leaving rows out does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.validity import rounding
from kpi_research.workload import (
    coefficient_ladder,
    post_selection,
    rounded_minutes,
    sensitivity,
    support_work,
    workload_coefficients,
)


def minutes(rng: np.random.Generator, units: int = 8, rows: int = 200) -> pd.DataFrame:
    values = np.maximum(1, rng.gamma(4, 20, size=units * rows).round())
    return pd.DataFrame({"unit": np.repeat([f"U{unit}" for unit in range(units)], rows), "minutes": values})


def test_rounding_equals_that_of_the_validity_stage() -> None:
    frame = minutes(np.random.default_rng(1))
    half = frame["unit"].eq("U3") & (np.arange(len(frame)) % 2 == 0)
    frame.loc[half, "minutes"] = np.maximum(10, 10 * (frame.loc[half, "minutes"] / 10).round())
    mine = rounded_minutes(frame, minutes="minutes", unit="unit")
    theirs = rounding(frame, value="minutes", unit="unit").table
    pd.testing.assert_series_equal(mine["p"], theirs["p"])
    assert mine.loc[mine["flagged"], "unit"].tolist() == ["U3"]


@pytest.mark.parametrize("skill", [0.0, 1.0])
def test_selection_is_told_where_it_was(skill: float) -> None:
    rng = np.random.default_rng(7)
    ability = rng.normal(size=300)
    posts = np.where(skill * ability + rng.normal(size=300) > 0, "case", "desk")
    unit = np.repeat(np.arange(10), 30)
    rating = ability + 0.5 * rng.normal(size=300) + rng.normal(size=10)[unit]
    people = pd.DataFrame({"post": posts, "rating": rating, "unit": unit, "pace": np.exp(-0.1 * ability)})
    found = post_selection(people, post="post", ability="rating", pace="pace", judged="unit")
    assert found.table["flagged"].all() == (skill > 0)
    assert found.slope < 0
    if skill:
        assert found.table.set_index("post").loc["case", "shift"] > 0.02


@pytest.mark.validation
def test_selection_false_alarms_and_coverage(dossier) -> None:
    runs, flags, covered = 1000, [], []
    for run in range(runs):
        rng = np.random.default_rng([11, run])
        unit = np.repeat(np.arange(12), 20)
        ability = rng.normal(size=240)
        rating = ability + rng.normal(size=12)[unit]
        people = pd.DataFrame({"post": rng.choice(["a", "b", "c", "d"], 240), "rating": rating, "unit": unit})
        people["pace"] = np.exp(-0.1 * ability + 0.1 * rng.normal(size=240))
        found = post_selection(people, post="post", ability="rating", pace="pace", judged="unit")
        flags.append(found.table["flagged"].any())
        covered.append(found.table["low"] <= 0)
        covered[-1] = float(((found.table["low"] <= 0) & (found.table["high"] >= 0)).mean())
    rate, coverage = float(np.mean(flags)), float(np.mean(covered))
    dossier("workload", "Threats: selection of able persons into posts (4 posts, 240 persons, nobody selected)",
            runs=runs, any_post_flagged=rate, coverage_of_difference=coverage)  # fmt: skip
    assert rate <= 0.05
    assert 0.93 <= coverage <= 0.97


@pytest.mark.validation
@pytest.mark.parametrize("skill", [0.25, 0.5, 1.0])
def test_power_of_selection(skill: float, dossier) -> None:
    runs, found = 200, []
    for run in range(runs):
        rng = np.random.default_rng([12, run])
        unit = np.repeat(np.arange(12), 20)
        ability = rng.normal(size=240)
        posts = np.where(skill * ability + rng.normal(size=240) > 0.7, "case", "other")
        people = pd.DataFrame({"post": posts, "rating": ability + rng.normal(size=12)[unit], "unit": unit})
        people["pace"] = np.exp(-0.1 * ability)
        found.append(
            post_selection(people, post="post", ability="rating", pace="pace", judged="unit").table["flagged"].any()
        )
    dossier("workload", "Threats: power of the test of selection (240 persons, a quarter in the post)",
            slope_of_selection=skill, runs=runs, power=float(np.mean(found)))  # fmt: skip
    assert np.mean(found) >= {0.25: 0.0, 0.5: 0.3, 1.0: 0.95}[skill]


def test_support_of_small_groups_is_joined() -> None:
    log = pd.DataFrame({"unit": ["A"] * 6 + ["B"], "task": ["call", "help"] * 3 + ["help"], "minutes": 10.0})
    log["who"] = range(7)
    found = support_work(log, minutes="minutes", task="task", support=["help"], group="unit", person="who")
    assert found[["group", "persons", "share"]].values.tolist() == [["other", 1, 1.0], ["A", 6, 0.5]]


def test_support_refuses_a_task_nobody_did() -> None:
    log = pd.DataFrame({"unit": ["A"], "task": ["call"], "minutes": [10.0]})
    with pytest.raises(ValueError, match="call"):
        support_work(log, minutes="minutes", task="task", support=["cal"], group="unit")


def test_leaving_out_rows_of_another_mix_moves_no_coefficient() -> None:
    rng = np.random.default_rng(3)
    log = pd.DataFrame({"unit": rng.choice(list("ABCD"), 400), "task": rng.choice(["call", "case", "visit"], 400)})
    log["minutes"] = log["task"].map({"call": 30.0, "case": 90.0, "visit": 15.0})

    def fit(rows: pd.DataFrame):
        return workload_coefficients(rows, minutes="minutes", task="task", unit="unit", shrink=False)

    kept = (log["task"] != "case").to_numpy() | (rng.random(400) < 0.2)
    found = sensitivity(fit(log), log, {"case": kept, "none": np.ones(400, dtype=bool)}, fit)
    assert set(found["doubt"]) == {"case"}
    assert found["change"].abs().max() < 1e-9


def test_the_ladder_is_on_the_scale_of_the_measured() -> None:
    log = pd.DataFrame({"unit": list("AABB"), "task": ["call", "case"] * 2, "minutes": [30, 90, 33, 99]})
    measured = workload_coefficients(log, minutes="minutes", task="task", unit="unit", shrink=False)
    found = coefficient_ladder(measured, {"task": {"call": 2.0, "case": 6.0, "search": 1.0}})
    assert found["ratio"].iloc[:2].to_numpy() == pytest.approx([1.0, 1.0])
    assert found["verdict"].tolist()[2] == "not_measured"


@pytest.mark.parametrize(
    ("fiat", "message"), [({"rank": {"a": 1.0}}, "not measured"), ({"task": {"call": 0.0, "case": 1.0}}, "above 0")]
)
def test_ladder_refusals(fiat: dict, message: str) -> None:
    log = pd.DataFrame({"unit": list("AABB"), "task": ["call", "case"] * 2, "minutes": [30, 90, 33, 99]})
    measured = workload_coefficients(log, minutes="minutes", task="task", unit="unit", shrink=False)
    with pytest.raises(ValueError, match=message):
        coefficient_ladder(measured, fiat)
