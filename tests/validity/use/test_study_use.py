"""The demo bureau's banned and stale indicators are found, and no other one is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.study.findings import StudyError
from kpi_research.study.lineage import lineage
from kpi_research.study.model import Study
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.panel_frame import gather
from kpi_research.validity.use.study import study_use
from kpi_research.validity.use.trace import study_sources
from kpi_research.validity.use.words import listed, say

DATA = Path(__file__).resolve().parents[3] / "data"
BANNED = {"fines", "detentions", "recorded_crimes", "clearance_rate", "strike_index"}


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DATA / "demo_bureau" / "study.toml")


@pytest.fixture(scope="module")
def found(demo: Study) -> Evidence:
    return study_use(demo, gather(demo))


def at(evidence: Evidence, check: str, grade: str) -> set[str]:
    rows = evidence.rows
    return set(rows.loc[(rows["check"] == check) & (rows["grade"] == grade), "indicator"])


def test_banned_numbers_and_what_is_built_on_them_fail(found: Evidence) -> None:
    assert at(found, "banned", "fail") == BANNED
    assert at(found, "banned", "care") == set()


def test_the_trace_names_the_counts(found: Evidence) -> None:
    traces = found.tables["use_trace"]
    mine = traces[traces["indicator"] == "strike_index"]
    assert set(zip(mine["source"], mine["banned_by"], strict=True)) == {
        ("detentions", "detentions"),
        ("fines", "fines"),
    }
    row = found.rows.set_index(["indicator", "check"]).loc[("strike_index", "banned")]
    assert "panel.detentions" in row["reason_en"]
    assert "人均拘留数" in row["reason_zh"]
    assert "built-on-banned" in {item.code for item in found.findings}


def test_sources_are_those_of_the_lineage(demo: Study) -> None:
    ours = study_sources(demo)
    ours = ours[ours["use"] != "rows"].rename(columns={"source": "column"})
    theirs = lineage(demo)[lambda rows: rows["column"] != ""]
    keys = ["indicator", "table", "column"]
    assert set(map(tuple, ours[keys].to_numpy())) == set(map(tuple, theirs[keys].to_numpy()))


def test_theft_revisits_are_stale_and_nothing_else_is(found: Evidence) -> None:
    assert at(found, "stale", "fail") == {"theft_revisits"}
    assert at(found, "stale", "care") == set()
    row = found.rows.set_index(["indicator", "check"]).loc[("theft_revisits", "stale")]
    assert "telecom_fraud" in row["reason_en"]
    assert row["high"] < 0


def test_units_posts_and_definitions_fit(found: Evidence) -> None:
    for check in ("fit", "definition"):
        assert at(found, check, "pass") == set(found.rows["indicator"])


def test_every_indicator_has_every_check_in_both_languages(demo: Study, found: Evidence) -> None:
    assert (found.rows.groupby("indicator").size() == 4).all()
    assert set(found.rows["indicator"]) == set(demo.indicators["id"])
    assert not found.rows[["reason_en", "reason_zh"]].eq("").any().any()
    assert not found.rows[["reason_en", "reason_zh"]].map(lambda text: "{" in text or "。。" in text).any().any()


def changed(study: Study, indicator: str, **cells: Any) -> Study:
    catalogue = study.indicators.copy()
    for column, value in cells.items():
        catalogue.loc[catalogue["id"] == indicator, column] = value
    return replace(study, indicators=catalogue)


def with_validity(study: Study, **fields: Any) -> Study:
    return replace(
        study, spec=study.spec.model_copy(update={"validity": study.spec.validity.model_copy(update=fields)})
    )


def test_growing_fraud_with_a_weighted_indicator_is_not_outside(demo: Study) -> None:
    study = changed(demo, "fraud_dissuasion", current_weight=5.0)
    evidence = study_use(study, gather(study))
    assert "crime-outside-indicators" not in {item.code for item in evidence.findings}
    assert at(evidence, "stale", "fail") == set()
    assert at(evidence, "stale", "care") == {"theft_revisits"}


def test_types_that_no_case_has_are_told(demo: Study) -> None:
    study = with_validity(demo, covers={"fraud_dissuasion": ("telecom_frauds",)})
    evidence = study_use(study, gather(study))
    assert "covered-type-unknown" in {item.code for item in evidence.findings}
    assert "fraud_dissuasion" in at(evidence, "stale", "unknown")


def test_a_part_of_solved_cases_and_a_listed_column_are_banned(demo: Study) -> None:
    study = changed(
        demo, "theft_revisits", numerator="outcome = 'solved' AND type = 'burglary' AND 'criminal' = category"
    )
    assert "theft_revisits" in at(study_use(study, gather(study)), "banned", "fail")
    listed_too = with_validity(demo, banned_sources=("panel.mediations",))
    evidence = study_use(listed_too, gather(listed_too))
    assert "mediations" in at(evidence, "banned", "fail")
    assert at(evidence, "banned", "care") == {"mediation_success"}


def test_units_outside_the_sequence_and_posts_nobody_has_are_told(demo: Study) -> None:
    wrong = changed(demo, "support_to_others", sequence="station", post="diver")
    row = study_use(wrong, gather(wrong)).rows.set_index(["indicator", "check"]).loc[("support_to_others", "fit")]
    assert row["grade"] == "care"
    assert "D01" in row["reason_en"]
    assert "diver" in row["reason_zh"]
    nowhere = changed(demo, "fines", sequence="harbor")
    reason = (
        study_use(nowhere, gather(nowhere)).rows.set_index(["indicator", "check"]).loc[("fines", "fit"), "reason_en"]
    )
    assert "harbor" in str(reason)


def test_units_without_a_value_are_told(demo: Study) -> None:
    values = demo.values.copy()
    values.loc[values["unit"].isin([f"S{number:04d}" for number in range(1, 7)]), "visibility"] = float("nan")
    some = replace(demo, values=values)
    assert at(study_use(some, gather(some)), "fit", "care") == {"visibility"}
    everywhere = changed(demo, "visibility", sequence="")
    row = study_use(everywhere, gather(everywhere)).rows.set_index(["indicator", "check"]).loc[("visibility", "fit")]
    assert row["grade"] == "care"
    assert "internal" in row["reason_en"]


@pytest.mark.parametrize(("field", "said"), [("unit", "unit of measure"), ("source", "source"), ("kind", "kind")])
def test_what_the_catalogue_leaves_open_is_named(demo: Study, field: str, said: str) -> None:
    study = changed(demo, "visibility", **{field: ""})
    rows = study_use(study, gather(study)).rows
    mine = rows[rows["check"] == "definition"].set_index("indicator").loc["visibility"]
    assert (mine["grade"], said in mine["reason_en"]) == ("care", True)


def test_the_counties_have_a_banned_outcome_and_no_incidents() -> None:
    study = kr.load_study(DATA / "nc_counties" / "study.toml")
    evidence = study_use(study, gather(study))
    assert at(evidence, "banned", "fail") == {"crmrte"}
    assert at(evidence, "stale", "unknown") == set(study.indicators["id"])
    assert at(evidence, "fit", "unknown") == set(study.indicators["id"])
    assert at(evidence, "definition", "pass") == set(study.indicators["id"])


def test_unknown_names_in_the_study_file_are_faults(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "nc_counties", tmp_path / "study")
    file = folder / "study.toml"
    wrong = 'banned_sources = ["panel.polpcc", "panels.polpc"]\ncovers = { prbar = ["burglary"] }\n'
    text = file.read_text(encoding="utf-8").replace(
        'outcome_direction = "lower"\n', 'outcome_direction = "lower"\n' + wrong
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        kr.load_study(file)
    told = str(caught.value)
    for name in ("polpcc", "panels", "prbar"):
        assert name in told
    assert "Did you mean 'polpc'" in told


def test_sentences_are_filled_in() -> None:
    assert say("through", what="panel.fines", via="strikes")["zh"] == "panel.fines（经由 strikes）"
    assert listed([]) == {"en": "", "zh": ""}
    assert isinstance(pd.Series(listed(["a"])), pd.Series)
