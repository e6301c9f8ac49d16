"""Rank correlation and its influence values against scipy and against leaving rows out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.numerics.rank_correlation import clustered_error, fisher_interval, spearman, spearman_influence


def rows(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, x + rng.normal(size=n)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_it_equals_scipy_with_and_without_ties(seed: int, ties: bool) -> None:
    x, y = (part.round(0) if ties else part for part in rows(seed))
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_only_the_order_counts(seed: int) -> None:
    x, y = rows(seed)
    order = np.random.default_rng(seed).permutation(len(x))
    assert spearman(np.exp(x), y**3) == pytest.approx(spearman(x, y), abs=1e-12)
    assert spearman(x[order], y[order]) == pytest.approx(spearman(x, y), abs=1e-12)
    assert spearman(-x, y) == pytest.approx(-spearman(x, y), abs=1e-12)


@pytest.mark.parametrize("decimals", [6, 0])
def test_influence_values_tell_what_leaving_a_row_out_does(decimals: int) -> None:
    x, y = (part.round(decimals) for part in rows(7, 200))
    _, influence = spearman_influence(x, y)
    left_out = [stats.spearmanr(np.delete(x, row), np.delete(y, row)).statistic for row in range(200)]
    assert influence.sum() == pytest.approx(0.0, abs=1e-9)
    assert np.corrcoef(influence, left_out)[0, 1] < -0.999
    jackknife = np.sqrt(199 / 200 * np.sum((left_out - np.mean(left_out)) ** 2))
    assert clustered_error(influence / 200, np.arange(200))[0] == pytest.approx(jackknife, rel=0.03)


def test_rows_said_twice_do_not_count_twice() -> None:
    x, y = rows(8)
    unit = np.arange(60)
    once, twice = spearman_influence(x, y)[1] / 60, spearman_influence(np.r_[x, x], np.r_[y, y])[1] / 120
    error, count = clustered_error(twice, np.r_[unit, unit])
    assert (error, count) == (pytest.approx(clustered_error(once, unit)[0], rel=1e-9), 60)


def test_a_column_that_does_not_vary_has_no_correlation() -> None:
    assert np.isnan(spearman([1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0]))


def test_a_perfect_correlation_has_no_interval() -> None:
    assert np.isnan(fisher_interval(1.0, 0.0, 20, 0.95)).all()


def test_the_interval_stays_inside_minus_one_and_one() -> None:
    low, high = fisher_interval(0.97, 0.2, 8, 0.99)
    assert -1.0 < low < 0.97 < high < 1.0
