"""Evidence: which units count, which indicators can be judged, and what is said about the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.text import Text
from kpi_research.weights.evidence import Evidence, EvidenceError, prepare_evidence
from kpi_research.weights.wording import Wording

WORDING = Wording(("a", "b", "c"), {}, {"a": Text("A", "甲"), "b": Text("B", "乙"), "c": Text("C", "丙")})
ALL = np.ones(3, dtype=bool)


def frame(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=[f"u{number}" for number in range(len(next(iter(columns.values()))))])


def prepared(scores: pd.DataFrame, outcome: list[float], needed: np.ndarray = ALL) -> Evidence:
    return prepare_evidence(scores, pd.Series(outcome, index=scores.index), WORDING, needed)


def test_only_complete_units_count_and_the_share_is_said() -> None:
    scores = frame(a=[1, 2, 3, 4, 6], b=[1, np.nan, 5, 2, 3], c=[2, 1, 1, 0, 7])
    found = prepared(scores, [1, 2, 3, np.nan, 4])
    assert found.units == ("u0", "u2", "u4")
    np.testing.assert_allclose(found.scores.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.scores.std(axis=0), 1)
    told = found.findings[0]
    assert "3 of 5 units (60 %)" in told.message
    assert "'B'" in told.message
    assert "“乙”" in told.text("zh")[0]


def test_an_indicator_without_values_is_set_aside_instead_of_all_units() -> None:
    found = prepared(frame(a=[1, 2, 3], b=[np.nan] * 3, c=[5, 5, 5]), [1, 2, 4])
    assert list(found.absent) == [False, True, True]
    assert len(found.units) == 3
    assert [item.facts["state"]["en"] for item in found.findings] == ["has no values", "is the same for every unit"]


def test_an_indicator_that_varies_only_where_others_are_missing_has_no_evidence() -> None:
    found = prepared(frame(a=[1, 2, 3, np.nan], b=[7, 7, 7, 9], c=[1, 3, 2, 5]), [1, 2, 4, 3])
    assert list(found.absent) == [False, True, False]


def test_gaps_in_an_indicator_that_may_not_get_weight_cost_no_unit() -> None:
    found = prepared(frame(a=[1, 2, 3], b=[2, 1, 5], c=[np.nan, 1, 2]), [1, 2, 4], np.array([True, True, False]))
    assert len(found.units) == 3
    assert found.scores[0, 2] == 0


def test_the_gain_is_the_correlation() -> None:
    generator = np.random.default_rng(0)
    scores = frame(
        a=list(generator.normal(size=20)), b=list(generator.normal(size=20)), c=list(generator.normal(size=20))
    )
    outcome = list(generator.normal(size=20))
    found = prepared(scores, outcome)
    np.testing.assert_allclose(found.gain, [np.corrcoef(scores[name], outcome)[0, 1] for name in "abc"], rtol=1e-12)
    assert found.correlation(np.array([100.0, 0, 0])) == pytest.approx(found.gain[0])


@pytest.mark.parametrize(
    ("scores", "outcome", "code"),
    [
        (frame(a=[1, 2], b=[2, 1], c=[0, 1]), [1.0, 2.0], "weights-too-few-units"),
        (frame(a=[1, 2, 3], b=[2, 1, 5], c=[0, 1, 1]), [4.0, 4.0, 4.0], "weights-outcome-constant"),
        (frame(a=[1, 1, 1], b=[2, 2, 2], c=[np.nan] * 3), [1.0, 2.0, 3.0], "weights-no-usable-indicator"),
    ],
)
def test_evidence_that_says_nothing_is_an_error_of_its_own_kind(
    scores: pd.DataFrame, outcome: list[float], code: str
) -> None:
    with pytest.raises(EvidenceError) as caught:
        prepared(scores, outcome)
    assert caught.value.reason.code == code
