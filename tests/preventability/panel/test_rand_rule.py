"""The RAND/UCLA rule on cases worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.preventability import panel_scores


def long(scores: list[list[float]]) -> pd.DataFrame:
    rows = [(case, rater, score) for case, row in enumerate(scores) for rater, score in enumerate(row)]
    return pd.DataFrame(rows, columns=["case", "rater", "score"])


NAMES = {"case": "case", "rater": "rater", "rating": "score"}


def test_worked_cases() -> None:
    table = panel_scores(long([[7, 8, 8, 9, 9], [1, 1, 5, 9, 9], [4, 5, 5, 5, 6], [1, 2, 2, 3, 1]]), **NAMES).table
    assert table["decision"].tolist() == ["preventable", "unclear", "unclear", "not"]
    assert table["disagreement"].tolist() == [False, True, False, False]
    # second case: 30th percentile 1.8, 70th 8.2; range 6.4, symmetric about 5, so 2.35 are allowed
    assert table.loc[1, ["p30", "p70", "range", "allowed"]].tolist() == pytest.approx([1.8, 8.2, 6.4, 2.35])
    # last case: 1.2 and 2.0, center 1.6, so 2.35 + 1.5 x 3.4 are allowed
    assert table.loc[3, "allowed"] == pytest.approx(2.35 + 1.5 * 3.4)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=9))
def test_the_mirror_image_of_a_case_is_decided_the_other_way(scores: list[int]) -> None:
    table = panel_scores(long([scores, [10 - score for score in scores]]), **NAMES).table
    assert table["disagreement"].nunique() == 1
    mirror = {"preventable": "not", "not": "preventable", "unclear": "unclear"}
    assert table["decision"].iloc[1] == mirror[table["decision"].iloc[0]]
    assert table["median"].sum() == pytest.approx(10)
    assert table["p30"].iloc[0] == pytest.approx(np.quantile(scores, 0.3))


def test_disagreement_is_counted_and_wrong_scales_refused() -> None:
    assert [item.code for item in panel_scores(long([[1, 9], [8, 9]]), **NAMES).findings] == ["panel-disagreement"]
    with pytest.raises(ValueError, match="allowed are 1 to 9"):
        panel_scores(long([[0, 9]]), **NAMES)
