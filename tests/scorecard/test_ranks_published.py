"""Rank sets against R csranks 1.2.3 on PISA 2018 mathematics, 38 countries, 20,000 draws (seeds 100 to 103)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kpi_research.scorecard import rank_sets
from kpi_research.scorecard.ranks import Kind, RankSets

PREFIX = {"marginal": "marg", "simultaneous": "simul"}


@pytest.fixture(scope="module")
def pisa(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("csranks/csranks_pisa2018_math.csv")).set_index("jurisdiction")


def sets_of(pisa: pd.DataFrame, kind: Kind, level: float = 0.95) -> RankSets:
    return rank_sets(pisa["score"], se=pisa["se"], kind=kind, level=level, draws=20_000, seed=0)


@pytest.mark.parametrize("kind", ["marginal", "simultaneous"])
def test_sets_match_csranks_within_one_rank(pisa: pd.DataFrame, kind: Kind) -> None:
    table = sets_of(pisa, kind).table.set_index("unit")
    for ours, theirs in (("low", "L"), ("high", "U")):
        gap = (table[ours] - pisa[f"{PREFIX[kind]}_two_step_R20000_{theirs}"]).abs()
        assert gap.max() <= 1
        assert (gap > 0).sum() <= 2
    assert (table["rank"] == pisa["rank"]).all()


@pytest.mark.parametrize(
    ("kind", "country", "low", "high"),
    [
        ("marginal", "Japan", 1, 4),
        ("simultaneous", "Japan", 1, 6),
        ("marginal", "Germany", 10, 24),
        ("simultaneous", "Germany", 7, 25),
        ("marginal", "United States", 25, 31),
        ("simultaneous", "United States", 23, 32),
    ],
)
def test_published_sets(pisa: pd.DataFrame, kind: Kind, country: str, low: int, high: int) -> None:
    name = next(label for label in pisa.index if country in label)
    row = sets_of(pisa, kind).table.set_index("unit").loc[name]
    assert (row["low"], row["high"]) == (low, high)


def test_a_diagonal_covariance_says_the_same_as_standard_errors(pisa: pd.DataFrame) -> None:
    cov = pd.DataFrame(0.0, index=pisa.index, columns=pisa.index)
    for name in pisa.index:
        cov.loc[name, name] = pisa.loc[name, "se"] ** 2
    ours = rank_sets(pisa["score"], cov=cov, draws=20_000, seed=3).table
    theirs = sets_of(pisa, "marginal").table
    assert ((ours[["low", "high"]] - theirs[["low", "high"]]).abs() <= 2).all(axis=None)
