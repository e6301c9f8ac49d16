"""Facts that hold in every simulated bureau, whatever its options."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.schemas import ROLES
from kpi_research.study.synthetic import Bureau, draw_bureau

Draw = Callable[..., Bureau]

ROLE = {"assessments": "ratings"}
"""Tables that bear another name than their role."""
TINY = {"stations": 3, "months": 3, "officers_per_station": 6, "incidents_per_month": 30, "survey_calls": 10}
STRENGTHS = [
    "context_spread", "quality_spread", "quality_drift", "irrelevant_variation", "weak_share", "weakness",
    "prevention_effect", "programme_share", "feature_strength", "concept_shift", "transient_scale", "label_spread",
    "double_coded", "unequal_sampling", "work_variance", "unit_speed", "post_selection", "backfill_share", "backfill",
    "bunching_share", "bunching", "lifting_share", "heaping_share", "heaping", "inflation_share", "inflation",
    "frozen_share", "feature_missing", "face_share", "rater_severity", "nonresponse_bias", "mode_effect",
]  # fmt: skip


def assert_facts(bureau: Bureau) -> None:
    tables = bureau.tables
    units, officers = set(tables["units"]["unit"]), set(tables["officers"]["officer"])
    periods = set(tables["panel"]["period"])
    for name, table in tables.items():
        assert set(table.get("unit", [])) <= units, name
        assert set(table.get("period", [])) <= periods, name
        if name != "events":
            assert set(table.get("officer", [])) <= officers, name
        schema = ROLES[ROLE.get(name, name)]
        key = list(schema.key)
        assert not table.duplicated(key).any() if key else True, name
        required = [column for column, kind in schema.columns.items() if kind.required]
        assert set(required) <= set(table.columns), name
    assert_people(bureau, units, officers)
    assert_incidents(bureau)
    assert_shares(tables["panel"])
    assert np.isfinite(tables["outcomes"][["safety", "victimization"]].to_numpy()).all()
    assert tables["labels"]["inclusion"].between(0, 1, inclusive="right").all()
    assert (tables["worklog"][["minutes", "count"]] >= 1).all().all()
    assert (tables["ledger"]["entered_at"] >= tables["ledger"]["event_at"]).all()


def assert_people(bureau: Bureau, units: set[str], officers: set[str]) -> None:
    events, ratings = bureau.tables["events"], bureau.tables["ratings"]
    for table in (events, ratings):
        personal = table["target_kind"] == "officer"
        assert set(table.loc[personal, "target"]) <= officers
        assert set(table.loc[~personal, "target"]) <= units
    assert set(ratings.loc[ratings["kind"].isin(["peer", "self"]), "rater"]) <= officers
    own = ratings[ratings["kind"] == "self"]
    assert (own["rater"] == own["target"]).all()
    peers = ratings[ratings["kind"] == "peer"]
    assert (peers["rater"] != peers["target"]).all()
    assert ratings["rating"].between(1, 10).all()


def assert_incidents(bureau: Bureau) -> None:
    table, truth = bureau.tables["incidents"], bureau.truth["cases"]
    assert table["incident"].tolist() == truth["incident"].tolist()
    assert set(bureau.tables["labels"]["incident"]) <= set(table.loc[table["category"] != "service", "incident"])
    unknown = table["transient"] == "unknown"
    assert (unknown == (table["outcome"] == "unsolved")).all()
    called = table["channel"] == "call"
    assert (table["arrived_at"].notna() == called).all()
    assert (table["closed_at"].isna() == (table["outcome"] == "unsolved")).all()
    right = table[called & ~truth["swapped"]]
    times = [right[f"{name}_at"] for name in ("occurred", "reported", "dispatched", "arrived", "recorded")]
    for before, after in pairwise(times):
        assert (before <= after).all()
    wrong = table[truth["swapped"]]
    assert (wrong["arrived_at"] < wrong["dispatched_at"]).all()
    local = table["reported_at"].dt.strftime("%Y-%m")
    assert (local == table["period"]).all()
    assert str(table["reported_at"].dt.tz) == "Asia/Shanghai"


def assert_shares(panel: pd.DataFrame) -> None:
    pairs = [
        ("procedures_lawful", "procedures_checked"), ("cases_upheld", "cases_reviewed"), ("records_right", "records_checked"),
        ("mediations_settled", "mediations"), ("hazards_rectified", "hazards_found"), ("support_done", "support_requests"),
        ("logins_met", "logins_due"), ("equipment_ready", "equipment_total"), ("satisfaction_high", "satisfaction_answers"),
    ]  # fmt: skip
    for part, whole in pairs:
        known = panel[[part, whole]].dropna()
        assert (known[part] <= known[whole]).all(), part
    assert (panel["sequence"] == "station").eq(panel["visits"].notna()).all()


def test_facts_hold_in_the_default_mechanisms(bureau: Draw) -> None:
    assert_facts(bureau())


@settings(deadline=None, derandomize=True, max_examples=12)
@given(
    st.dictionaries(st.sampled_from(STRENGTHS), st.sampled_from([0.0, 0.4, 1.0]), max_size=12),
    st.integers(0, 2**63 - 1),
    st.sampled_from(["gamma", "lognormal"]),
    st.integers(0, 2),
)
def test_facts_hold_under_any_mix_of_mechanisms(strengths: dict[str, Any], seed: int, noise: str, others: int) -> None:
    sizes = {"direct_units": others, "internal_departments": others}
    assert_facts(draw_bureau(**TINY, seed=seed, work_noise=noise, **sizes, **strengths))


def test_one_station_and_one_month_are_enough() -> None:
    bureau = draw_bureau(stations=1, months=1, officers_per_station=6, incidents_per_month=1, survey_calls=1)
    assert_facts(bureau)
    assert bureau.tables["ratings"].empty


def test_every_role_is_filled_and_every_unit_sequence_is_there(bureau: Draw) -> None:
    drawn = bureau()
    assert {ROLE.get(name, name) for name in drawn.tables} == set(ROLES)
    assert all(len(table) > 0 for table in drawn.tables.values())
    units = drawn.tables["units"]
    assert units["sequence"].value_counts().to_dict() == {"station": 40, "direct": 4, "internal": 4}
    assert units["peer_group"].value_counts().to_dict() == {"urban": 20, "rural": 20, "direct": 4, "internal": 4}
    assert units["name_zh"].is_unique
    assert set(drawn.tables["officers"]["post"]) == {"patrol", "community", "case", "desk", "traffic", "legal"}


def test_chinese_labels_are_chinese_and_tell_the_same_things_apart(bureau: Draw) -> None:
    tables = bureau().tables
    labels = [("incidents", "type"), ("officers", "post"), ("officers", "rank"), ("worklog", "task"), ("ledger", "kind"),
              ("survey", "item"), ("ratings", "item"), ("events", "kind"), ("units", "sequence")]  # fmt: skip
    for name, column in labels:
        pairs = tables[name][[column, f"{column}_zh"]].drop_duplicates()
        assert pairs[column].is_unique, column
        assert pairs[f"{column}_zh"].is_unique, column
        assert pairs[f"{column}_zh"].str.fullmatch(r"[\u4e00-\u9fff]+").all(), column


def test_the_catalogue_has_both_labels_and_weights_of_100(bureau: Draw) -> None:
    catalogue = bureau().indicators
    assert catalogue["current_weight"].sum() == pytest.approx(100, abs=1e-9)
    assert catalogue["label_zh"].str.contains(r"[\u4e00-\u9fff]").all()
    assert catalogue["label_en"].is_unique
    assert catalogue["id"].is_unique
    assert set(catalogue["perspective"]) == {"public", "process", "people", "resources"}
    weights = catalogue.set_index("id")["current_weight"]
    community = weights[["satisfaction", "risk_checks", "information_items"]]
    case = weights[["lawful_procedure", "clearance_quality", "support_to_others"]]
    assert (community * 2).tolist() == [30, 20, 15]
    assert (case * 2).tolist() == [25, 20, 15]
