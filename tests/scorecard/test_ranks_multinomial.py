"""Exact sets of counts: against R csranks 1.2.3 (csranks_multinom), against brute force, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard.multinomial import Correction, multinomial_rank_sets
from kpi_research.scorecard.ranks import Kind

NAMES: dict[Kind, str] = {"marginal": "marg", "simultaneous": "simul"}
FEW = settings(deadline=None, derandomize=True, max_examples=40)
COUNTS = st.lists(st.integers(0, 60), min_size=2, max_size=7).filter(lambda counts: sum(counts) > 0)


@pytest.mark.parametrize("data", ["HairEyeColor", "UCBAdmissions_dept"])
@pytest.mark.parametrize("correction", ["holm", "bonferroni"])
@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
def test_sets_equal_csranks(data: str, correction: Correction, kind: Kind, reference: Callable[[str], Path]) -> None:
    theirs = pd.read_csv(reference(f"csranks/csranks_multinom_{data}.csv")).set_index("cat")
    ours = multinomial_rank_sets(theirs["count"], kind=kind, correction=correction).table.set_index("unit")
    column = f"{correction.title()}_{NAMES[kind]}_two-sided"
    assert (ours["low"] == theirs[f"{column}_L"]).all()
    assert (ours["high"] == theirs[f"{column}_U"]).all()
    assert (ours["rank"] == theirs["rank"]).all()


def test_published_sets_of_admissions() -> None:
    counts = pd.Series({"A": 933, "B": 585, "C": 918, "D": 792, "E": 584, "F": 714})
    table = multinomial_rank_sets(counts, kind="simultaneous").table.set_index("unit")
    assert table[["low", "high"]].to_numpy().tolist() == [[1, 2], [5, 6], [1, 2], [3, 4], [5, 6], [3, 4]]
    assert table["tie_group"].tolist() == [1, 3, 1, 2, 3, 2]


@FEW
@given(COUNTS, st.sampled_from(["marginal", "simultaneous"]))
def test_holm_shows_at_least_what_bonferroni_shows(counts: list[int], kind: Kind) -> None:
    holm, bonferroni = (
        multinomial_rank_sets(counts, kind=kind, correction=name).table for name in ("holm", "bonferroni")
    )
    assert (holm["low"] >= bonferroni["low"]).all()
    assert (holm["high"] <= bonferroni["high"]).all()


@FEW
@given(COUNTS, st.integers(2, 5))
def test_more_cases_of_the_same_shares_never_widen_a_set(counts: list[int], factor: int) -> None:
    few, many = (multinomial_rank_sets(np.array(counts) * times).table for times in (1, factor * 10))
    assert ((many["high"] - many["low"]) <= (few["high"] - few["low"])).all()


@pytest.mark.validation
@pytest.mark.parametrize("shares", [[0.25] * 4, [0.4, 0.2, 0.2, 0.2], [0.5, 0.3, 0.15, 0.05]])
def test_sets_cover(shares: list[float], dossier: Callable[..., None]) -> None:
    rng, runs = np.random.default_rng(3), 2000
    truth = 1 + (np.array(shares)[None] > np.array(shares)[:, None]).sum(axis=1)
    held = []
    for counts in rng.multinomial(120, shares, runs):
        table = multinomial_rank_sets(counts, kind="simultaneous").table
        held.append(((table["low"] <= truth) & (truth <= table["high"])).all())
    coverage = float(np.mean(held))
    dossier("scorecard", "Exact sets of multinomial counts, all categories at once (nominal 95 %)", shares=str(shares),
            cases=120, runs=runs, coverage=coverage)  # fmt: skip
    assert coverage >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize(
    ("counts", "options", "words"),
    [
        ([], {}, "counts is empty"),
        ([1.5, 2], {}, "count of 0 is 1.5; allowed: a whole number"),
        ([-1, 2], {}, "count of 0 is -1.0"),
        ([np.nan, 2], {}, "count of 0 is nan"),
        ([np.inf, 2], {}, "count of 0 is inf"),
        ([0, 0], {}, "all counts are 0"),
        (["many", "few"], {}, "counts holds"),
        (pd.Series([1, 2], index=["派出所", "派出所"]), {}, "'派出所' twice"),
        ([3, 2], {"correction": "Holms"}, "Did you mean 'holm'?"),
        ([3, 2], {"kind": "all"}, "kind is 'all'"),
        ([3, 2], {"level": 1.0}, "level is 1.0"),
        ([3, 2], {"best": 3}, "best is 3; allowed: a whole number from 1 to 2"),
    ],
)
def test_wrong_arguments_are_refused(counts: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        multinomial_rank_sets(counts, **options)
    assert words in str(caught.value)


def test_a_single_category_is_first() -> None:
    table = multinomial_rank_sets([5], best=1).table
    assert table[["rank", "low", "high"]].iloc[0].tolist() == [1, 1, 1]
    assert table["surely_best"].tolist() == [True]
