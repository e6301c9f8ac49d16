"""Same arguments, same tables; larger bureaus keep the rows of smaller ones; a mechanism touches only its own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from kpi_research.study.synthetic import Bureau, draw_bureau

Draw = Callable[..., Bureau]

BASE = {"stations": 4, "months": 3, "officers_per_station": 6, "incidents_per_month": 40, "survey_calls": 9}
DRAWN = [
    "units",
    "officers",
    "incidents",
    "labels",
    "worklog",
    "ledger",
    "panel",
    "outcomes",
    "survey",
    "ratings",
    "assessments",
    "audits",
]


def test_the_same_arguments_give_the_same_tables() -> None:
    first, second = draw_bureau(**BASE), draw_bureau(**BASE)
    for kind in ("tables", "truth"):
        for name, table in getattr(first, kind).items():
            pd.testing.assert_frame_equal(table, getattr(second, kind)[name])
    assert first.spec_text == second.spec_text


def test_another_seed_gives_other_tables() -> None:
    first, second = draw_bureau(**BASE, seed=1), draw_bureau(**BASE, seed=2)
    assert not first.tables["outcomes"].equals(second.tables["outcomes"])


@pytest.mark.parametrize("larger", [{"months": 5}, {"stations": 6}, {"direct_units": 6}])
def test_a_larger_bureau_keeps_the_rows_of_a_smaller_one(larger: dict[str, int]) -> None:
    small, large = draw_bureau(**BASE), draw_bureau(**{**BASE, **larger})
    months, units = set(small.tables["panel"]["period"]), set(small.tables["units"]["unit"])
    for name in DRAWN:
        table = large.tables[name]
        if "period" in table:
            table = table[table["period"].isin(months)]
        kept = table[table["unit"].isin(units)].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, small.tables[name], check_dtype=False, obj=name)


@pytest.mark.parametrize(
    ("options", "touched"),
    [
        ({"bunching_share": 0.0}, {"incidents", "audits"}),
        ({"backfill_share": 0.0}, {"ledger", "audits"}),
        ({"heaping_share": 0.0}, {"worklog"}),
        ({"lifting_share": 0.0, "tenfold_slips": 0.0, "frozen_share": 0.0}, {"panel", "audits"}),
        ({"mode_effect": 0.0}, {"survey", "panel"}),
        ({"rater_severity": 0.0, "self_inflation": 0.0}, {"ratings", "assessments"}),
        ({"label_spread": 0.0}, {"labels"}),
        ({"outcome_noise": 0.0}, {"outcomes"}),
        ({"unit_speed": 0.0}, {"incidents", "worklog"}),
    ],
)
def test_a_mechanism_changes_only_its_own_tables(options: dict[str, Any], touched: set[str]) -> None:
    with_it, without = draw_bureau(**BASE), draw_bureau(**BASE, **options)
    changed = {name for name, table in with_it.tables.items() if not table.equals(without.tables[name])}
    assert changed <= touched


def test_switching_bunching_off_changes_nothing_but_entry_times(bureau: Draw) -> None:
    with_it, without = bureau(1).tables["incidents"], bureau(1, bunching_share=0.0).tables["incidents"]
    pd.testing.assert_frame_equal(with_it.drop(columns="recorded_at"), without.drop(columns="recorded_at"))
    moved = bureau(1).truth["cases"]["moved"]
    assert (with_it["recorded_at"] != without["recorded_at"]).equals(moved)
