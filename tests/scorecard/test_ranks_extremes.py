"""Sets of the best and worst, tie groups, who is tied with whom, and sets from bootstrap replicates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import rank_sets

FEW = settings(deadline=None, derandomize=True, max_examples=30)
SEEDS = st.integers(0, 2**32 - 1)


def problem(seed: int, units: int = 8) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    names = [f"u{i}" for i in range(units)]
    return pd.Series(rng.normal(0, 2, units), index=names), pd.Series(rng.uniform(0.1, 1, units), index=names)


@pytest.mark.parametrize(("number", "best", "worst"), [(1, 6, 2), (5, 12, 7), (10, 18, 16)])
def test_sets_of_best_and_worst_equal_csranks(
    number: int, best: int, worst: int, reference: Callable[[str], Path]
) -> None:
    pisa = pd.read_csv(reference("csranks/csranks_pisa2018_math.csv")).set_index("jurisdiction")
    sets = rank_sets(pisa["score"], se=pisa["se"], best=number, worst=number, draws=20_000)
    table = sets.table.set_index("unit")
    assert (table["best"] == pisa[f"taubest{number}_R20000"]).all()
    assert (table["worst"] == pisa[f"tauworst{number}_R20000"]).all()
    assert (table["best"].sum(), table["worst"].sum()) == (best, worst)
    assert [item.code for item in sets.findings] == ["ranks-set-of-best", "ranks-set-of-worst"]


@FEW
@given(SEEDS, st.integers(1, 8))
def test_the_set_of_the_best_holds_those_found_best(seed: int, number: int) -> None:
    estimate, se = problem(seed)
    table = rank_sets(estimate, se=se, best=number, worst=number, draws=200).table
    assert table.loc[table["rank"] <= number, "best"].all()
    assert table.loc[table["rank"] > len(table) - number, "worst"].all()
    assert table.loc[table["surely_best"], "best"].all()
    assert table["surely_best"].sum() <= number <= table["best"].sum()
    assert table["surely_worst"].sum() <= number <= table["worst"].sum()


@FEW
@given(SEEDS, st.integers(1, 7))
def test_whoever_cannot_be_among_the_last_is_surely_among_the_first(seed: int, number: int) -> None:
    estimate, se = problem(seed)
    table = rank_sets(estimate, se=se, best=number, worst=8 - number, draws=200).table
    assert (table["surely_best"] == ~table["worst"]).all()
    assert (table["surely_worst"] == ~table["best"]).all()


@FEW
@given(SEEDS)
def test_tie_groups_part_units_that_are_all_told_apart(seed: int) -> None:
    estimate, se = problem(seed)
    sets = rank_sets(estimate, se=se, kind="simultaneous", draws=200)
    group, order = sets.table["tie_group"].to_numpy(), sets.order.to_numpy()
    above = group[:, None] < group[None]
    assert (order[above] == 1).all()
    assert (order == -order.T).all()
    for number in range(1, group.max() + 1):
        members = np.flatnonzero(group == number)
        in_order = members[np.argsort(sets.table["rank"].to_numpy()[members], kind="stable")]
        for cut in range(1, len(members)):
            assert (order[np.ix_(in_order[:cut], in_order[cut:])] != 1).any()


def test_who_is_tied_with_whom() -> None:
    scores = pd.Series({"North": 71.0, "East": 70.5, "South": 52.0})
    sets = rank_sets(scores, se=[1.0, 1.0, 1.0], kind="simultaneous")
    assert sets.tied_with("North") == ("East",)
    assert sets.tied_with("South") == ()
    assert sets.table["tie_group"].tolist() == [1, 1, 2]
    with pytest.raises(ValueError, match="Did you mean 'North'"):
        sets.tied_with("Nort")


def test_where_nothing_is_told_apart_a_finding_says_so() -> None:
    sets = rank_sets([1.0, 1.1, 1.2], se=[5.0, 5.0, 5.0])
    assert [item.code for item in sets.findings] == ["ranks-all-tied"]
    assert "3" in sets.findings[0].line("zh")


@pytest.mark.parametrize("options", [{"best": 0}, {"worst": 9}, {"best": 1.5}, {"best": "all"}])
def test_impossible_numbers_of_best_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a whole number from 1 to 8"):
        rank_sets(problem(0)[0], se=problem(0)[1], **options)


def test_normal_replicates_say_the_same_as_their_covariance() -> None:
    estimate, se = problem(4)
    replicates = estimate.to_numpy() + se.to_numpy() * np.random.default_rng(1).standard_normal((20_000, len(se)))
    ours = rank_sets(estimate, replicates=pd.DataFrame(replicates, columns=estimate.index)).table
    theirs = rank_sets(estimate, se=se, draws=20_000).table
    assert ((ours[["low", "high"]] - theirs[["low", "high"]]).abs() <= 1).all(axis=None)


def test_errors_shared_by_all_replicates_hide_no_order() -> None:
    estimate, _ = problem(4)
    shared = np.random.default_rng(1).normal(0, 100, (300, 1))
    table = rank_sets(estimate, replicates=estimate.to_numpy() + shared).table
    assert (table["low"] == table["high"]).all()


@pytest.mark.parametrize(
    ("replicates", "words"),
    [
        (np.zeros((50, 8)), "replicates has shape"),
        (np.zeros((200, 7)), "a column for each of the 8 units"),
        (np.full((200, 8), np.nan), "missing or infinite"),
        (pd.DataFrame(np.zeros((200, 8)), columns=[f"u{i}" for i in range(1, 9)]), "lacks unit 'u0'"),
    ],
)
def test_wrong_replicates_are_refused(replicates: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rank_sets(problem(0)[0], replicates=replicates)  # type: ignore[arg-type]


def test_a_picture_is_drawn() -> None:
    assert rank_sets(*problem(1)[:1], se=problem(1)[1], draws=200).plot("zh").axes
