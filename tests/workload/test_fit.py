"""The workload stage on studies: what a simulated bureau planted, what is missing, what is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.model import Study
from kpi_research.study.simulate import simulate_bureau
from kpi_research.study.store import load, save
from kpi_research.workload import Workload, audit, fit_workload
from kpi_research.workload.records import work_records
from tests.scorecard.studies import make_study, random_values


@pytest.fixture(scope="module")
def bureau() -> Study:
    return simulate_bureau(stations=12, months=8, seed=3, post_selection=0.0)


@pytest.fixture(scope="module")
def found(bureau: Study) -> Workload:
    return fit_workload(bureau)


def codes(result: Workload) -> set[str]:
    return {item.code for item in result.findings}


def test_the_missing_table_is_named() -> None:
    result = fit_workload(make_study(random_values()))
    assert result.skipped
    assert result.table.empty
    assert "[tables.worklog]" in result.findings[0].line("zh")


def test_a_log_that_can_carry_nothing_is_told_not_hidden() -> None:
    log = pd.DataFrame({"officer": ["a"], "task": ["patrol"], "minutes": [-30.0], "unit": "A", "period": 1})
    result = fit_workload(make_study(random_values(), tables={"worklog": log}))
    assert codes(result) == {"workload-failed"}
    assert "-30" in result.findings[0].line()


def test_a_log_of_one_officer_is_fitted_or_refused_with_a_reason() -> None:
    log = pd.DataFrame({"officer": ["a"] * 4, "task": ["patrol", "call"] * 2, "minutes": [30.0, 60.0, 33.0, 57.0]})
    result = fit_workload(make_study(random_values(), tables={"worklog": log}))
    assert result.table.empty == ("workload-failed" in codes(result))
    assert "workload-no-holdout" in codes(result) or result.table.empty


@pytest.mark.parametrize(("factor", "column"), [("task", "minutes"), ("post", "factor"), ("rank", "factor")])
def test_planted_factors_are_recovered(bureau: Study, found: Workload, factor: str, column: str) -> None:
    assert bureau.truth is not None
    truth = bureau.truth[f"{factor}s"].set_index(factor)[column]
    mine = found.table[found.table["factor"] == factor].set_index("level")
    truth = truth.loc[mine.index]
    shares = found.coefficients.table.set_index(["factor", "level"])["share"].loc[factor].loc[mine.index]
    scaled = truth / (truth * shares).sum() * shares.sum()
    assert np.abs(np.log(mine["coefficient"] / scaled)).max() < 0.12
    inside = (mine["low"] <= scaled) & (scaled <= mine["high"])
    assert inside.mean() >= 0.8


def test_the_rule_pays_status(found: Workload) -> None:
    verdict = found.ladder.set_index("level")["verdict"]
    assert verdict["skilled"] == "pays_more"
    assert verdict["probation"] == "pays_less"
    assert "workload-fiat" in codes(found)


def test_adjustment_removes_the_gap_between_posts(found: Workload) -> None:
    assert found.fairness is not None
    posts = found.fairness.table[found.fairness.table["grouping"] == "post"]
    assert posts["gap_before"].abs().max() > 0.3
    assert posts["gap_after"].abs().max() < 0.08
    assert (posts["verdict"] == "equal").sum() >= 2
    assert found.fairness.explained_before["post"] > 0.5
    assert found.fairness.explained_after["post"] < 0.05


def test_differential_coefficients_keep_quiet_where_none_was_planted(found: Workload) -> None:
    assert found.differential["flagged"].mean() <= 0.05


def test_units_that_round_are_found(bureau: Study, found: Workload) -> None:
    assert bureau.truth is not None
    gaming = bureau.truth["gaming"].set_index("unit")["heaps_digits"]
    flagged = found.rounded.set_index("unit")["flagged"]
    assert flagged.reindex(gaming.index)[gaming.astype(bool)].all()
    assert flagged.reindex(gaming.index)[~gaming.astype(bool)].sum() <= 1


def test_it_warns_where_posts_were_filled_by_ability_and_only_there(found: Workload) -> None:
    selected = fit_workload(simulate_bureau(stations=24, months=6, seed=1, post_selection=2.0))
    assert "workload-selected" in codes(selected)
    case = selected.selection.set_index("post").loc["case"]
    assert case["flagged"]
    assert case["shift"] > 0
    assert "workload-selected" not in codes(found)


def test_volumes_add_up_and_name_no_person(bureau: Study, found: Workload) -> None:
    log = work_records(bureau)
    assert found.volumes["minutes"].sum() == pytest.approx(log["minutes"].sum())
    assert found.volumes["pieces"].sum() == pytest.approx(log["count"].sum())
    frames = [value for value in vars(found).values() if isinstance(value, pd.DataFrame)]
    assert not any("officer" in frame.columns for frame in frames)


def test_small_groups_are_in_no_table(found: Workload) -> None:
    assert found.fairness is not None
    assert (found.fairness.table["n"] >= 5).all()
    assert (found.gains["n"] >= 5).all()


def test_the_result_is_stored_and_read_back_whole(found: Workload, tmp_path) -> None:
    save(found, tmp_path / "workload.zip")
    again = load(tmp_path / "workload.zip")
    pd.testing.assert_frame_equal(again.table, found.table)
    assert again.fairness is not None
    pd.testing.assert_series_equal(again.fairness.explained_after, found.fairness.explained_after)


def test_figures_are_drawn_in_both_languages(found: Workload) -> None:
    for lang in ("en", "zh"):
        for figure in (found.plot(lang), found.plot_ladder(lang), found.plot_fairness(lang)):
            assert figure.axes[0].get_xlabel()


def test_the_same_study_gives_the_same_result(bureau: Study, found: Workload) -> None:
    again = fit_workload(bureau)
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.gains, found.gains)


def test_the_rule_contradicts_itself_and_the_work_does_not(found: Workload) -> None:
    schemes = found.contradictions.set_index("scheme")
    assert schemes.loc["rule", "more_work"] > 0
    assert schemes.loc["work", "more_work"] == 0
    assert schemes.loc["work", "identical_work"] == 0


def test_the_audit_of_a_frame_is_that_of_the_study(bureau: Study, found: Workload) -> None:
    log = work_records(bureau, ["sex"]).rename(
        columns={"minutes": "用时", "task": "任务", "count": "件数", "officer": "民警"}
    )
    names = {"minutes": "用时", "task": "任务", "count": "件数", "person": "民警", "period": "period"}
    rule = {"rank": {"apprentice": 0.9, "probation": 0.85, "ordinary": 1.0, "skilled": 1.35, "mentor": 1.25}}
    again = audit(log, **names, unit="unit", post="post", rank="rank", groups=["post", "rank"], rule=rule)
    assert found.fairness is not None
    mine = found.fairness.table[found.fairness.table["grouping"].isin(["post", "rank"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.table, mine)


def test_a_short_log_is_not_audited_and_that_is_said(bureau: Study) -> None:
    log = work_records(bureau)
    log = log[log["period"].isin(sorted(log["period"].unique())[:4])]
    names = {"minutes": "minutes", "task": "task", "count": "count", "person": "officer", "period": "period"}
    short = audit(log, **names, unit="unit", groups=["unit"])
    assert short.table.empty
    assert "workload-no-holdout" in {item.code for item in short.findings}
    with pytest.raises(ValueError, match="not tested"):
        short.plot()
