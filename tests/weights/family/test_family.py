"""Families of posts: equal to one big linear program, ties hold, and conflicts name the ties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kpi_research.weights import InfeasibleRules, Post, Rule, family_weights
from kpi_research.weights.family.solve import FamilyConflictError


def catalogue(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"id": list(names)})


DESK = Post(
    catalogue("law", "team", "calls"),
    current={"law": 30, "team": 10, "calls": 60},
    profile={"law": 80, "team": 70, "calls": 60},
)
PATROL = Post(
    catalogue("law", "team", "visits"),
    current={"law": 50, "team": 20, "visits": 30},
    profile={"law": 75, "team": 72, "visits": 90},
)
CASES = Post(catalogue("law", "cases"), current={"law": 20, "cases": 80}, profile={"law": 85, "cases": 65})
POSTS = {"desk": DESK, "patrol": PATROL, "cases": CASES}


def weights(found, post: str) -> pd.Series:
    return found.table[found.table["post"] == post].set_index("id")["weight"]


def test_without_ties_nothing_moves() -> None:
    found = family_weights(POSTS)
    assert found.moved == pytest.approx(0, abs=1e-9)
    assert found.links.empty


def test_equal_core_equals_the_linear_program_written_by_hand() -> None:
    found = family_weights(POSTS, core=["law"], equal_core=True)
    law = [weights(found, post)["law"] for post in POSTS]
    assert np.ptp(law) <= 1e-8
    best = np.inf
    for level in np.linspace(0, 100, 2001):
        moved = sum(
            abs(level - item.current["law"]) + abs((100 - level) - (100 - item.current["law"]))
            for item in POSTS.values()
        )
        best = min(best, moved)
    assert found.moved == pytest.approx(best, abs=1e-6)


def test_spread_total_and_expected_score_hold() -> None:
    found = family_weights(POSTS, core=["law", "team"], spread=5, core_total=True, same_expected=6.0)
    law = [weights(found, post)["law"] for post in POSTS]
    assert np.ptp(law) <= 5 + 1e-8
    totals = [weights(found, post).reindex(["law", "team"]).sum() for post in POSTS]
    assert np.ptp(totals) <= 1e-8
    expected = [(weights(found, post) * pd.Series(item.profile)).sum() / 100 for post, item in POSTS.items()]
    assert np.ptp(expected) <= 6 + 1e-8
    assert found.gap <= 1e-9
    assert set(found.links["kind"]) == {"spread", "core_total", "expected_score"}
    assert (found.table.groupby("post")["weight"].sum() - 100).abs().max() <= 1e-9


def test_a_looser_tie_never_moves_more_and_scipy_agrees() -> None:
    moved = [
        family_weights({"desk": DESK, "patrol": PATROL}, core=["law", "team"], spread=most).moved
        for most in (0, 4, 8, 20)
    ]
    assert moved == sorted(moved, reverse=True)
    eye, current = np.eye(6), np.array([30.0, 10, 60, 50, 20, 30])
    tie = np.array([[1.0, 0, 0, -1, 0, 0], [0, 1, 0, 0, -1, 0]])
    rows = np.block([[np.vstack([tie, -tie]), np.zeros((4, 6))], [eye, -eye], [-eye, -eye]])
    limits = np.concatenate([np.full(4, 4.0), current, -current])
    total = np.zeros((2, 12))
    total[0, :3] = total[1, 3:6] = 1
    other = linprog(np.append(np.zeros(6), np.ones(6)), A_ub=rows, b_ub=limits, A_eq=total, b_eq=[100, 100])
    assert moved[1] == pytest.approx(other.fun, abs=1e-7)


def test_ties_that_the_rules_forbid_are_named() -> None:
    strict = {
        "desk": Post(catalogue("law", "calls"), [Rule("law", "id = 'law'", max=20)]),
        "patrol": Post(catalogue("law", "visits"), [Rule("law", "id = 'law'", min=40)]),
    }
    with pytest.raises(FamilyConflictError, match="spread of 'law'"):
        family_weights(strict, core=["law"], spread=10)
    assert family_weights(strict, core=["law"], spread=20).moved > 0


def test_what_cannot_be_right_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        family_weights({"desk": DESK})
    with pytest.raises(ValueError, match="Did you mean 'team'"):
        family_weights(POSTS, core=["taem"])
    with pytest.raises(ValueError, match="spread is -1"):
        family_weights(POSTS, core=["law"], spread=-1)
    bare = {"desk": Post(catalogue("law", "calls")), "patrol": PATROL}
    with pytest.raises(ValueError, match="post 'desk': profile has no value for 'calls'"):
        family_weights(bare, same_expected=1)
    wrong = Post(catalogue("law", "calls"), [Rule("a", "id = 'law'", max=20), Rule("b", "id = 'calls'", max=20)])
    with pytest.raises(InfeasibleRules):
        family_weights({"desk": wrong, "patrol": PATROL})
