"""Several processes give the same evidence."""

from __future__ import annotations

import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.validity.assess_areas import COST, share_out


def test_two_processes_find_what_one_finds() -> None:
    few = {"incidents_per_month": 12, "survey_calls": 3, "labels_per_year": 40}
    study = kr.simulate_bureau(stations=8, months=8, officers_per_station=6, seed=2, **few)
    told: list[str] = []
    one, two = kr.assess_validity(study), kr.assess_validity(study, lambda name, *_: told.append(name), jobs=2)
    for name in ("table", "effects", "faults", "evidence", "verdicts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert one.findings == two.findings
    assert told == ["areas", "table", "effects"]


def test_every_group_is_dealt_out_once() -> None:
    names = [*COST, "use", "gaming"]
    for jobs in (1, 2, 3, 20):
        dealt = [name for bundle in share_out(names, jobs) for name in bundle]
        assert sorted(dealt) == sorted(names)


def test_jobs_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="jobs is 0"):
        kr.assess_validity(kr.simulate_bureau(stations=3, months=3, officers_per_station=6), jobs=0)
