"""Relations that rank sets must keep, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kpi_research.scorecard import rank_sets
from kpi_research.scorecard.ranks import Kind

KINDS: tuple[Kind, ...] = ("marginal", "simultaneous")
FEW = settings(deadline=None, derandomize=True, max_examples=30)
LEVELS = st.integers(2, 9).flatmap(lambda size: hnp.arrays(float, size, elements=st.integers(-8, 8).map(float)))
SEEDS = st.integers(0, 2**32 - 1)


def problem(levels: np.ndarray, seed: int) -> tuple[pd.Series, pd.Series]:
    names = [f"u{i}" for i in range(len(levels))]
    se = np.random.default_rng(seed).uniform(0.2, 3.0, len(levels))
    return pd.Series(levels, index=names), pd.Series(se, index=names)


def bounds(estimate: pd.Series, kind: Kind = "marginal", **errors: object) -> pd.DataFrame:
    return rank_sets(estimate, kind=kind, draws=200, **errors).table.set_index("unit")  # type: ignore[arg-type]


@FEW
@given(LEVELS, SEEDS, st.sampled_from(KINDS))
def test_the_order_of_units_changes_nothing(levels: np.ndarray, seed: int, kind: Kind) -> None:
    estimate, se = problem(levels, seed)
    mixed = estimate.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(bounds(mixed, kind, se=se).loc[estimate.index], bounds(estimate, kind, se=se))


@FEW
@given(LEVELS, SEEDS, st.floats(0.01, 100), st.floats(-100, 100), st.sampled_from(KINDS))
def test_the_unit_of_measure_changes_nothing(
    levels: np.ndarray, seed: int, factor: float, shift: float, kind: Kind
) -> None:
    estimate, se = problem(levels, seed)
    there = bounds(estimate * factor + shift, kind, se=se * factor)
    pd.testing.assert_frame_equal(
        there.drop(columns="estimate"), bounds(estimate, kind, se=se).drop(columns="estimate")
    )


@FEW
@given(LEVELS, SEEDS, st.sampled_from(KINDS))
def test_the_rank_lies_in_its_set_and_sets_are_ranks(levels: np.ndarray, seed: int, kind: Kind) -> None:
    estimate, se = problem(levels, seed)
    table = bounds(estimate, kind, se=se)
    assert ((table["low"] >= 1) & (table["low"] <= table["rank"])).all()
    assert ((table["rank"] <= table["high"]) & (table["high"] <= len(levels))).all()


@FEW
@given(LEVELS, SEEDS)
def test_a_statement_on_all_units_is_never_sharper_than_one_on_one_unit(levels: np.ndarray, seed: int) -> None:
    estimate, se = problem(levels, seed)
    one, all_units = bounds(estimate, "marginal", se=se), bounds(estimate, "simultaneous", se=se)
    assert (all_units["low"] <= one["low"]).all()
    assert (all_units["high"] >= one["high"]).all()


@FEW
@given(LEVELS, SEEDS, st.floats(1, 10), st.sampled_from(KINDS))
def test_larger_errors_never_shrink_a_set(levels: np.ndarray, seed: int, factor: float, kind: Kind) -> None:
    estimate, se = problem(levels, seed)
    small, large = bounds(estimate, kind, se=se), bounds(estimate, kind, se=se * factor)
    assert (large["low"] <= small["low"]).all()
    assert (large["high"] >= small["high"]).all()


@FEW
@given(LEVELS, st.sampled_from(KINDS))
def test_without_error_the_sets_are_the_ranks_that_ties_allow(levels: np.ndarray, kind: Kind) -> None:
    estimate, se = problem(levels, 0)
    table = bounds(estimate, kind, se=se * 0)
    above = np.array([(levels > level).sum() for level in levels])
    at_least = np.array([(levels >= level).sum() for level in levels])
    assert (table["low"] == 1 + above).all()
    assert (table["high"] == at_least).all()


@FEW
@given(SEEDS, st.integers(2, 9), st.sampled_from(KINDS))
def test_units_with_equal_estimates_cannot_be_told_apart(seed: int, size: int, kind: Kind) -> None:
    estimate, se = problem(np.full(size, 0.1 + 0.2), seed)
    sets = rank_sets(estimate, se=se, kind=kind, draws=300)
    assert (sets.table["rank"] == 1).all()
    assert (sets.table[["low", "high"]] == [1, size]).all(axis=None)
    assert sets.unresolved == 1.0


@FEW
@given(LEVELS, SEEDS)
def test_errors_that_all_units_share_hide_no_order(levels: np.ndarray, seed: int) -> None:
    estimate, se = problem(levels, seed)
    shared = np.full((len(levels), len(levels)), 100.0)
    exact = bounds(estimate, se=se * 0)
    pd.testing.assert_frame_equal(bounds(estimate, cov=shared), exact)


@FEW
@given(LEVELS, SEEDS)
def test_infinite_degrees_of_freedom_mean_known_errors(levels: np.ndarray, seed: int) -> None:
    estimate, se = problem(levels, seed)
    pd.testing.assert_frame_equal(bounds(estimate, se=se, dof=np.inf), bounds(estimate, se=se))


def test_errors_known_from_little_data_widen_the_sets() -> None:
    estimate, se = pd.Series(np.arange(20.0)), np.ones(20)
    widths = []
    for dof in (3.0, 10.0, np.inf):
        table = rank_sets(estimate, se=se, dof=dof, draws=2000).table
        widths.append((table["high"] - table["low"]).mean())
    assert widths[0] > widths[1] > widths[2]


def test_the_same_seed_gives_the_same_sets() -> None:
    estimate, se = problem(np.arange(8.0), 5)
    first, second = (rank_sets(estimate, se=se, seed=11, draws=500).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
