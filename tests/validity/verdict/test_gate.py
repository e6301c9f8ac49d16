"""Where records fail, what they say is held back."""

from __future__ import annotations

import pandas as pd

from kpi_research.validity.evidence import evidence_frame
from kpi_research.validity.verdict.gate import hold_back
from tests.validity.verdict.test_decide import row


def frame(records: str) -> pd.DataFrame:
    rows = [row("a", "authenticity", records, "last-digit"), row("a", "reliability", "pass") | {"value": 0.9}]
    return evidence_frame([*rows, row("a", "use", "care", "stale"), row("b", "reliability", "pass") | {"value": 0.8}])


def test_failed_records_hold_reliability_back() -> None:
    found = hold_back(frame("fail")).set_index(["indicator", "aspect"])
    assert found.loc[("a", "reliability"), "grade"] == "unknown"
    assert pd.isna(found.loc[("a", "reliability"), "value"])
    assert "last-digit" in found.loc[("a", "reliability"), "reason_en"]
    assert "last-digit" in found.loc[("a", "reliability"), "reason_zh"]
    assert found.loc[("a", "use"), "grade"] == "care"
    assert found.loc[("b", "reliability"), "value"] == 0.8


def test_sound_records_hold_nothing_back() -> None:
    for grade in ("pass", "care", "unknown"):
        pd.testing.assert_frame_equal(hold_back(frame(grade)), frame(grade))
