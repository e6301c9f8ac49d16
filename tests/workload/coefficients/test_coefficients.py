"""Measured coefficients as a user meets them: known answers, reasons, limits, a panel beside them, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.workload.coefficients.coefficients import coefficients_from_cells, workload_coefficients
from kpi_research.workload.coefficients.reconcile import reconcile
from kpi_research.workload.coefficients.result import Coefficients

NAMES = {"minutes": "minutes", "count": "count", "task": "task", "post": "post", "unit": "unit", "period": "period"}
FIAT = {"rank": {"apprentice": 0.9, "probation": 0.85, "ordinary": 1.0, "skilled": 1.35, "mentor": 1.25}}


@pytest.fixture(scope="module")
def demo() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    bureau = kr.simulate_bureau(stations=12, months=6, seed=3)
    log = bureau.tables["worklog"].merge(bureau.tables["officers"][["officer", "post", "rank"]], on="officer")
    return log, bureau.truth


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "unit": rng.choice(list("ABCDEFGHIJ"), 600), "task": rng.choice(["t1", "t2", "t3", "t4"], 600),
            "post": rng.choice(["p1", "p2", "p3"], 600), "period": "2024-01", "count": rng.integers(1, 4, 600),
        }
    )  # fmt: skip
    return frame.assign(minutes=frame["count"] * 30 * rng.gamma(4, 0.25, 600))


def codes(result: Coefficients) -> set[str]:
    return {item.code for item in result.findings}


def test_minutes_without_noise_give_the_coefficients_exactly() -> None:
    index = pd.MultiIndex.from_product([range(5), range(3), ["call", "case"], ["desk", "patrol"]])
    frame = index.to_frame(index=False, name=["unit", "period", "task", "post"])
    speed = np.exp(0.1 * frame["unit"] - 0.05 * frame["period"])
    factor = frame["task"].map({"call": 20.0, "case": 80.0}) * frame["post"].map({"desk": 0.75, "patrol": 1.25})
    frame["minutes"], frame["count"] = factor * speed, 1
    found = workload_coefficients(frame, **NAMES)
    assert found.tasks["coefficient"].to_numpy() == pytest.approx([0.4, 1.6], rel=1e-9)
    assert found.posts["coefficient"].to_numpy() == pytest.approx([0.75, 1.25], rel=1e-9)
    assert found.credit(frame, factors=("task", "post")).sum() == pytest.approx(frame["minutes"].sum(), rel=1e-9)
    assert found.units["speed"].to_numpy() == pytest.approx(
        np.exp(0.1 * np.arange(5)) / np.exp(0.1 * np.arange(5)).mean()
    )


def test_truth_of_the_simulated_bureau_lies_inside(demo: tuple[pd.DataFrame, dict[str, pd.DataFrame]]) -> None:
    log, truth = demo
    table = workload_coefficients(log, **NAMES, rank="rank").table
    z = []
    for factor, name, column in (
        ("task", "tasks", "minutes"),
        ("post", "posts", "factor"),
        ("rank", "ranks", "factor"),
    ):
        rows = table[table["factor"] == factor]
        true = truth[name].set_index(factor)[column][rows["level"]].to_numpy(float)
        z += list((rows["raw"] - true / (rows["share"] @ true)) / rows["raw_se"])
        assert (rows["share"] @ rows["coefficient"]) == pytest.approx(1.0, abs=1e-12)
    assert np.abs(z).max() < 4
    assert np.sqrt(np.mean(np.square(z))) < 1.5


def test_a_claimed_order_and_a_cap_against_the_fiat_coefficients(
    demo: tuple[pd.DataFrame, dict[str, pd.DataFrame]],
) -> None:
    claimed = {"rank": ["apprentice", "ordinary", "skilled"]}
    found = workload_coefficients(demo[0], **NAMES, rank="rank", ordered=claimed, previous=FIAT, cap=0.1)
    rows = found.table[found.table["factor"] == "rank"].set_index("level")
    assert {"workload-order-binds", "workload-limits-bind"} <= codes(found)
    assert rows["raw"]["apprentice"] > rows["raw"]["ordinary"] > rows["raw"]["skilled"]
    assert rows["coefficient"]["apprentice"] <= rows["coefficient"]["ordinary"] <= rows["coefficient"]["skilled"]
    assert (np.abs(rows["coefficient"] / rows["previous"] - 1) <= 0.1 + 1e-9).all()
    assert rows["share"] @ rows["coefficient"] == pytest.approx(1.0, abs=1e-9)
    assert rows["reason"]["skilled"] == "order; limit"
    np.testing.assert_allclose(rows["published"], rows["coefficient"].round(2))
    right = workload_coefficients(demo[0], **NAMES, rank="rank", ordered={"rank": ["skilled", "ordinary", "probation"]})
    assert "workload-order-holds" in codes(right)


def test_a_base_level_has_the_coefficient_one(small: pd.DataFrame) -> None:
    found = workload_coefficients(small, **NAMES, normalize={"post": "p1"})
    rows = found.table[found.table["factor"] == "post"].set_index("level")
    assert rows.loc["p1", ["coefficient", "low", "high", "se"]].tolist() == [1.0, 1.0, 1.0, 0.0]
    mean = workload_coefficients(small, **NAMES, shrink=False).posts.set_index("level")["coefficient"]
    assert rows["coefficient"]["p2"] == pytest.approx(mean["p2"] / mean["p1"], rel=1e-10)


def test_units_of_time_and_copies_of_the_log_do_not_matter(small: pd.DataFrame) -> None:
    first = workload_coefficients(small, **NAMES).table
    hours = workload_coefficients(small.assign(minutes=small["minutes"] / 60), **NAMES).table
    for column in ("raw", "raw_se", "coefficient", "low", "high"):
        np.testing.assert_allclose(first[column], hours[column], rtol=1e-8)
    twice = workload_coefficients(pd.concat([small, small]).sample(frac=1, random_state=1), **NAMES, errors="CR0").table
    once = workload_coefficients(small, **NAMES, errors="CR0").table
    np.testing.assert_allclose(once[["raw", "raw_se"]], twice[["raw", "raw_se"]], rtol=1e-8)


def test_logs_compress_where_the_spread_grows_with_difficulty() -> None:
    # E = 10 and 100; the second is lognormal with log variance 1: its geometric mean is 100 / exp(1 / 2).
    rng = np.random.default_rng(1)
    hard = 100 * np.exp(rng.normal(-0.5, 1, 40_000))
    frame = pd.DataFrame({"task": ["easy", "hard"] * 40_000, "unit": np.arange(80_000) // 2 % 40, "minutes": 10.0})
    frame.loc[frame["task"] == "hard", "minutes"] = hard
    found = workload_coefficients(frame, minutes="minutes", task="task", unit="unit", normalize={"task": "easy"})
    assert found.tasks["coefficient"].iloc[1] == pytest.approx(10.0, rel=0.03)
    checks = found.checks.set_index("level").loc["hard"]
    assert checks["log_ols"] == pytest.approx(10 / np.exp(0.5), rel=0.03)
    assert checks["gamma"] == pytest.approx(10.0, rel=0.03)
    assert "workload-models-differ" in codes(found)


def test_a_task_with_one_record_is_shrunk_and_named(small: pd.DataFrame) -> None:
    one = small.copy()
    one.loc[0, "task"] = "rare"
    found = workload_coefficients(one, **NAMES)
    row = found.table.set_index("level").loc["rare"]
    assert row["reason"] == "one_cluster"
    assert row["raw_se"] > 0.3
    assert abs(row["coefficient"] - 1) < 0.25 * abs(row["raw"] - 1)
    assert "workload-one-cluster" in codes(found)


def test_levels_that_the_data_cannot_place_are_refused_or_set_aside(small: pd.DataFrame) -> None:
    own = small.copy()
    inside = own["unit"].isin(["A", "B"])
    own["post"] = np.where(inside, "own", own["post"])
    with pytest.raises(ValueError, match="cannot place post 'own' beside 'p1', 'p2', 'p3'"):
        workload_coefficients(own, **NAMES)
    found = workload_coefficients(own, **NAMES, unidentified="set_aside")
    row = found.table.set_index("level").loc["own"]
    assert np.isnan(row["coefficient"])
    assert row["reason"] == "not_identified"
    assert row["n"] == inside.sum()
    known = workload_coefficients(own[~inside], **NAMES).posts["raw"].to_numpy()
    assert known == pytest.approx(found.posts["raw"].dropna().to_numpy(), rel=0.05)
    silent = small.assign(minutes=small["minutes"].where(small["task"] != "t4", 0.0))
    with pytest.raises(ValueError, match="task 't4' has pieces of work but no minutes"):
        workload_coefficients(silent, **NAMES)
    assert workload_coefficients(silent, **NAMES, unidentified="set_aside").table["reason"].iloc[-1] == "no_minutes"


def test_one_unit_and_equal_minutes_and_a_single_task(small: pd.DataFrame) -> None:
    one = workload_coefficients(small.assign(unit="A"), **NAMES)
    assert (one.fit.errors, one.fit.clusters) == ("HC1", 0)
    assert "workload-errors-changed" in codes(one)
    equal = workload_coefficients(small.assign(minutes=30 * small["count"]), **NAMES).table
    np.testing.assert_allclose(equal[["raw", "coefficient", "low", "high"]], 1.0, atol=1e-6)
    single = workload_coefficients(small.assign(task="x"), **NAMES).table
    assert single.loc[0, ["coefficient", "low", "high", "reason"]].tolist() == [1.0, 1.0, 1.0, "only_level"]


def test_a_hundred_thousand_units_work_and_as_many_tasks_are_refused() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"unit": rng.integers(0, 100_000, 200_000), "task": rng.choice(["a", "b"], 200_000)})
    frame["minutes"] = np.where(frame["task"] == "a", 10, 30) * rng.gamma(4, 0.25, 200_000)
    found = workload_coefficients(frame, minutes="minutes", task="task", unit="unit")
    assert found.tasks["coefficient"].to_numpy() == pytest.approx([0.5, 1.5], rel=0.01)
    assert found.fit.errors == "CR2"
    with pytest.raises(ValueError, match=r"task has \d+ levels; 2000"):
        workload_coefficients(frame.assign(task=frame["unit"]), minutes="minutes", task="task")


def test_missing_posts_are_left_out_and_said(small: pd.DataFrame) -> None:
    gaps = small.assign(post=small["post"].where(small.index % 5 > 0))
    found = workload_coefficients(gaps, **NAMES)
    assert found.fit.rows == 480
    assert "workload-level-missing" in codes(found)
    chinese = small.rename(columns={"task": "任务", "unit": "单位", "minutes": "用时"})
    named = workload_coefficients(chinese, **(NAMES | {"task": "任务", "unit": "单位", "minutes": "用时"}))
    pd.testing.assert_frame_equal(named.table, workload_coefficients(small, **NAMES).table)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"minutes": 0.0}, {}, "all minutes are 0"),
        ({"minutes": -1.0}, {}, "'minutes' is -1 in row 0"),
        ({"minutes": "5"}, {}, "numbers are needed"),
        ({"minutes": np.inf}, {}, "infinite in row 0"),
        ({"minutes": np.nan}, {}, "no complete row"),
        ({"count": 0}, {}, "minutes but no piece of work"),
        ({}, {"post": "pots"}, "Did you mean 'post'"),
        ({}, {"level": 1.0}, "level is 1.0"),
        ({}, {"errors": "HC3"}, "errors is 'HC3'"),
        ({}, {"cap": 0.1}, "needs the coefficients of the last period"),
        ({}, {"bounds": (1.1, 1.2)}, "must enclose 1"),
        ({}, {"bounds": {"rank": (0.5, 2)}}, "names the factor 'rank'"),
        ({}, {"normalize": "sum"}, "normalize is 'sum'"),
        ({}, {"normalize": {"post": "p9"}}, "no level 'p9'"),
        ({}, {"ordered": {"post": ["p1", "p9"]}}, "no level 'p9'"),
        ({}, {"previous": {"post": {"p1": 0}}}, "must be above 0"),
        ({}, {"previous": {"post": {"p1": 2, "p2": 2, "p3": 2}}, "cap": 0.1}, "1 is impossible"),
    ],
)  # fmt: skip
def test_refusals(small: pd.DataFrame, change: dict[str, object], options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        workload_coefficients(small.assign(**change), **(NAMES | options))


def test_an_order_as_text_and_an_unknown_option_are_refused(small: pd.DataFrame) -> None:
    with pytest.raises(TypeError, match="is a text"):
        workload_coefficients(small, **NAMES, ordered={"post": "p1"})
    with pytest.raises(TypeError, match="unknown option"):
        coefficients_from_cells(pd.DataFrame({"task": ["a"], "n": 1, "total": 1.0, "weight": 1.0}), shrinkage=True)


def test_a_panel_beside_the_measured_times(small: pd.DataFrame) -> None:
    found = workload_coefficients(small, **NAMES, expected={"t1": 30, "t2": 60, "t3": 10, "escort": 300})
    panel = found.reconciliation.set_index("level")  # type: ignore[union-attr]
    assert panel["verdict"].to_dict() == {
        "t1": "agrees", "t2": "should_take_more", "t3": "should_take_less", "t4": "no_panel", "escort": "no_measurement",
    }  # fmt: skip
    assert not panel["changed"].any()
    assert "workload-panel-differs" in codes(found)
    decided = reconcile(found.table, {"t2": 60}, changes={"t2": (45, "statements on video since May")}).set_index(
        "level"
    )
    assert decided.loc["t2", ["decided", "changed", "reason"]].tolist() == [45, True, "statements on video since May"]
    assert decided["decided"]["t1"] == pytest.approx(panel["measured"]["t1"])
    for expected, changes, message in (
        ({"t1": 0}, None, "must be above 0"),
        ({"t1": 30}, {"t9": (3, "x")}, "name the task 't9'"),
        ({"t1": 30}, {"t1": (3, " ")}, "has no reason"),
        (pd.DataFrame({"level": ["t1"]}), None, "lacks the column"),
    ):
        with pytest.raises(ValueError, match=message):
            reconcile(found.table, expected, changes=changes)


def test_the_result_is_credited_drawn_and_written(small: pd.DataFrame) -> None:
    found = workload_coefficients(small, **NAMES, previous={"post": {"p1": 1.0}})
    assert found.credit(small).sum() == pytest.approx(small["minutes"].sum(), rel=0.05)
    with pytest.raises(ValueError, match="'rank' was not measured"):
        found.credit(small, factors=("rank",))
    assert found.plot("zh").axes
    assert "coefficient" in found.summary()
    assert found.ranks.empty
