"""Whom a rule hits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kpi_research.scorecard.consequences.decide import classes, decide, decide_in_a_row, shares
from kpi_research.study.spec_consequences import ConsequenceSection as Rule
from tests.scorecard.consequences.rules import COURSE, GRADES, MERIT, TALK

SCORES = st.lists(st.floats(-100, 100), min_size=8, max_size=20)


@given(scores=SCORES)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_rules_on_ranks_hit_as_many_as_they_name_and_none_twice(scores: list[float]) -> None:
    values = np.array(scores)
    assert decide(MERIT, values).sum() == 7
    assert decide(TALK, values).sum() == 3
    hit = decide(MERIT, values) == 1
    assert values[hit].min() >= values[~hit].max()


@given(scores=SCORES, place=st.integers(0, 7), gain=st.floats(0, 50))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_better_score_never_worsens_the_class(scores: list[float], place: int, gain: float) -> None:
    before = np.array(scores)
    after = before.copy()
    after[place] += gain
    assert decide(MERIT, after)[place] >= decide(MERIT, before)[place]
    assert decide(GRADES, after)[place] >= decide(GRADES, before)[place]
    assert decide(TALK, after)[place] <= decide(TALK, before)[place]


def test_grades_begin_at_their_cut() -> None:
    assert [classes(GRADES)[code] for code in decide(GRADES, np.array([57.0, 56.9, 45.0, 44.9]))] == list("ABBC")
    assert decide(COURSE, np.array([45.0, 44.9])).tolist() == [0, 1]


def test_decisions_in_a_row_must_agree() -> None:
    windows = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 9.0, 0.0, 8.0]])
    rule = Rule(id="talk", link="sanction", kind="bottom", count=2, running=2)
    assert decide_in_a_row(rule, windows).tolist() == [1, 0, 0, 0]


def test_shares_of_a_budget_add_up_and_are_equal_where_nothing_counts() -> None:
    assert shares(np.array([1.0, 3.0])).tolist() == [0.25, 0.75]
    assert shares(np.array([0.0, -1.0])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("given_keys", "message"),
    [
        ({"kind": "top"}, "needs count"),
        ({"kind": "below"}, "needs cut"),
        ({"kind": "top", "count": 3, "cut": 5}, "takes no cut"),
        ({"kind": "grades", "cuts": (45, 60)}, "must fall"),
        ({"kind": "grades", "cuts": (60,), "grades": ("A",)}, "one grade more"),
        ({"kind": "proportional", "running": 2}, "in a row"),
        ({"kind": "first", "count": 3}, "top"),
        ({"kind": "top", "count": 0}, "greater than or equal to 1"),
    ],
)
def test_rules_that_make_no_sense_are_refused(given_keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rule(id="r", link="reward", **given_keys)
