"""Rules of a study, held against its scores."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.scorecard.consequences.consequences import consequences
from kpi_research.scorecard.consequences.study import StudyConsequences, study_consequences
from kpi_research.scorecard.group_scores import Options, score_group
from kpi_research.scorecard.officers import officer_scorecard
from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.spec_consequences import ConsequenceSection as Rule

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo_bureau" / "study.toml"
GROUPS = {"station / rural", "station / urban"}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(DEMO)


@pytest.fixture(scope="module")
def current(study: Study) -> pd.Series:
    weights = study.indicators.set_index("id")["current_weight"].fillna(0.0)
    return weights[weights > 0]


@pytest.fixture(scope="module")
def found(study: Study, current: pd.Series) -> StudyConsequences:
    return study_consequences(study, {"current": current, "equal": current * 0 + 1})


def test_the_demo_bureau_shows_every_link(found: StudyConsequences) -> None:
    assert set(found.table["link"]) == {"reward", "sanction", "promotion", "training", "grade", "resources"}
    assert set(found.table["group"]) == set(found.groups) == GROUPS
    assert list(dict.fromkeys(found.table["scheme"])) == ["current", "equal"]
    assert found.table[["units", "hits", "wrong", "missed"]].notna().all(axis=None)


def test_the_user_learns_what_the_current_scheme_gets_wrong_and_what_would_be_needed(found: StudyConsequences) -> None:
    codes = {item.code for item in found.findings}
    assert {"consequence-often-wrong", "consequence-needs-periods", "consequence-schemes"} <= codes
    assert len(found.findings) <= 25
    assert "诫勉谈话" in found.summary("zh")


def test_scores_are_those_of_the_scorecard(study: Study, current: pd.Series) -> None:
    members = [f"S{number:04d}" for number in range(1, 25)]
    rural = [unit for unit in members if unit in _units(study, "rural")]
    indicators = study.indicators[study.indicators["sequence"].isin(["", "station"])]
    weights = current[current.index.isin(indicators.loc[indicators["role"] != "veto", "id"])]
    options = Options("z", "reweight", 0.95, 100, 0)
    scored = score_group(study.values[study.values["unit"].isin(rural)], indicators, weights, options).table
    rule = Rule(id="half", link="grade", kind="top", count=6)
    best = set(scored.nsmallest(6, "rank")["unit"])
    members_of = study_consequences(study, {"current": current}, [rule]).groups["station / rural"].members
    assert set(members_of.loc[members_of["decision"] == "in", "unit"]) == best


def _units(study: Study, group: str) -> set[str]:
    units = study.role_table("units")
    return set() if units is None else set(units.loc[units["peer_group"] == group, "unit"].astype("str"))


def test_points_of_events_count(study: Study, current: pd.Series) -> None:
    rule = Rule(id="best", link="reward", kind="top", count=1)
    events = pd.Series({"S0001": 200.0, "S0002": 200.0})
    groups = study_consequences(study, {"current": current}, [rule], events).groups
    best = {name: part.members.loc[part.members["decision"] == "in", "unit"].item() for name, part in groups.items()}
    assert best["station / rural"] == "S0001"
    assert best["station / urban"] == "S0002"


def test_rules_on_persons_hold_within_a_post(study: Study, current: pd.Series) -> None:
    weights: Any = SimpleNamespace(table=current.rename_axis("id").rename("weight").reset_index())
    card = officer_scorecard(study, weights).table.dropna(subset=["score", "se"]).set_index("officer")
    post = card[card["group"] == card["group"].iloc[0]]
    rule = {"id": "promotion", "link": "promotion", "kind": "top", "count": 2}
    members = consequences(post["score"], rules=[rule], se=post["se"]).members
    assert members["belongs"].sum() == pytest.approx(2)
    assert set(members["unit"]) == set(post.index)


def test_rules_that_do_not_fit_and_groups_without_errors_are_told(study: Study, current: pd.Series) -> None:
    wide = Rule(id="all", link="reward", kind="top", count=12)
    codes = [item.code for item in study_consequences(study, {"current": current}, [wide]).findings]
    assert codes.count("consequence-does-not-fit") == 4
    nothing = pd.Series({"tasks_on_time": 1.0})
    told = study_consequences(study, {"current": nothing}, [Rule(id="one", link="reward", kind="top", count=1)])
    assert "consequences-without-errors" in {item.code for item in told.findings}


def test_a_study_without_rules_is_told_so(study: Study, current: pd.Series) -> None:
    empty = study_consequences(study, {"current": current}, [])
    assert [item.code for item in empty.findings] == ["consequences-without-rules"]
    assert empty.table.empty
    empty.plot("zh")


def test_the_picture_draws_in_both_languages(found: StudyConsequences) -> None:
    for lang in ("en", "zh"):
        found.plot(lang)


def test_a_run_repeats_itself(study: Study, current: pd.Series, found: StudyConsequences) -> None:
    again = study_consequences(study, {"current": current, "equal": current * 0 + 1})
    pd.testing.assert_frame_equal(found.table, again.table)
    assert np.isfinite(again.table["right_by_design"]).sum() >= 20
