"""What the evidence on validity brings to the weights: banned sources, topped-out indicators, reliability."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from kpi_research.study.spec import WeightsSection
from kpi_research.weights import optimize
from kpi_research.weights.from_validity import banned_findings, built_on_banned, evidence_rules, with_evidence

CATALOGUE = pd.DataFrame(
    {
        "id": ["fines", "strikes", "fines_per_case", "visits"],
        "label_en": ["Fines", "Strikes", "Fines per case", "Visits"],
        "label_zh": ["罚款", "打击", "案均罚款", "走访"],
        "banned": [True, False, False, False],
    }
)
TRACE = pd.DataFrame(
    [
        ("fines", "panel", "counted", "fines", "", "fines"),
        ("strikes", "panel", "counted", "fines", "index", "fines"),
        ("fines_per_case", "panel", "divided_by", "fines", "", "fines"),
    ],
    columns=["indicator", "table", "use", "source", "via", "banned_by"],
)
CHECKS = pd.DataFrame(
    {"indicator": ["visits", "fines_per_case"], "check": ["topped-out"] * 2, "grade": ["fail", "pass"]}
)
EVIDENCE: Any = SimpleNamespace(skipped=False, details={"use_trace": TRACE}, evidence=CHECKS)


def test_a_composite_of_a_banned_count_has_no_weight_and_a_ratio_to_it_may_have() -> None:
    assert built_on_banned(CATALOGUE, EVIDENCE) == {"strikes": ["fines"]}
    frame = with_evidence(CATALOGUE, EVIDENCE)
    assert frame["banned"].tolist() == [True, True, False, False]
    assert frame["topped_out"].tolist() == [0.0, 0.0, 0.0, 1.0]
    (told,) = banned_findings(CATALOGUE, EVIDENCE)
    assert told.code == "weight-on-banned-source"
    assert "fines" in told.message
    assert CATALOGUE["banned"].tolist() == [True, False, False, False]


def test_a_cap_on_what_is_topped_out_holds() -> None:
    (rule,) = evidence_rules(WeightsSection(topped_out_cap=20), EVIDENCE)
    current = {"visits": 60, "fines_per_case": 40}
    found = optimize(with_evidence(CATALOGUE, EVIDENCE), [rule], objective="closest", current=current)
    assert found.table.set_index("id")["weight"].to_dict() == pytest.approx(
        {"fines": 0, "strikes": 0, "fines_per_case": 80, "visits": 20}
    )


def test_what_was_not_assessed_is_not_assumed() -> None:
    pd.testing.assert_frame_equal(with_evidence(CATALOGUE, None), CATALOGUE)
    assert banned_findings(CATALOGUE, None) == ()
    for key in ("topped_out_cap", "cluster_cap", "min_reliability"):
        with pytest.raises(ValueError, match=f"weights.{key} is set"):
            evidence_rules(WeightsSection(**{key: 0.5}), None)
