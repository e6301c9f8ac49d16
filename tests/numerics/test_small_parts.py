"""Collinear columns, instruments, jackknife, split halves and level shifts: facts each must meet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kpi_research.numerics.collinear import first_dependence, vanished
from kpi_research.numerics.jackknife import jackknife_interval
from kpi_research.numerics.level_shift import robust_spread, runs
from kpi_research.numerics.split_half import mean_correlation, split_counts, split_values
from kpi_research.numerics.weak_instruments import cragg_donald

RNG = np.random.default_rng(20)


def test_the_dependent_column_and_its_parts_are_named() -> None:
    columns = RNG.normal(size=(40, 5))
    columns[:, 3] = 2e6 * columns[:, 0] - 3.0 * columns[:, 2]
    assert first_dependence(columns) == (3, (0, 2))
    assert first_dependence(columns[:, [0, 1, 2, 4]]) is None


def test_more_columns_than_rows_are_always_dependent() -> None:
    found = first_dependence(RNG.normal(size=(3, 5)))
    assert found is not None
    assert found[0] == 3


def test_single_precision_leftovers_count_as_gone() -> None:
    before = np.full((50, 1), np.float32(1283.6543), dtype=float)
    assert vanished(before, RNG.normal(scale=1e-5, size=(50, 1))).all()
    assert not vanished(before, RNG.normal(size=(50, 1))).any()


def test_one_instrumented_column_has_the_first_stage_f() -> None:
    z, exogenous = RNG.normal(size=(120, 2)), np.column_stack([np.ones(120), RNG.normal(size=120)])
    x = z @ [0.4, 0.2] + RNG.normal(size=120)
    whole = np.column_stack([exogenous, z])
    rss = [np.sum((x - part @ np.linalg.lstsq(part, x, rcond=None)[0]) ** 2) for part in (exogenous, whole)]
    f = (rss[0] - rss[1]) / 2 / (rss[1] / (120 - 4))
    assert cragg_donald(x[:, None], z, exogenous, 116.0) == pytest.approx(f, rel=1e-10)


def test_instrument_strength_ignores_the_units_of_columns() -> None:
    z, x = RNG.normal(size=(90, 3)), RNG.normal(size=(90, 2))
    x = x + z[:, :2]
    empty = np.empty((90, 0))
    mixed = x @ np.array([[2.0, 1e3], [0.0, 5.0]])
    assert cragg_donald(mixed, z * 7.0, empty, 87.0) == pytest.approx(cragg_donald(x, z, empty, 87.0), rel=1e-8)


def test_the_jackknife_of_a_mean_is_the_t_interval() -> None:
    values = RNG.uniform(size=2000)  # short tails keep all degrees of freedom
    left_out = (values.sum() - values) / 1999
    error = values.std(ddof=1) / np.sqrt(2000)
    expected = values.mean() + np.array([-1, 1]) * stats.t.isf(0.025, 1999) * error
    assert jackknife_interval(values.mean(), left_out, 0.95) == pytest.approx(tuple(expected), rel=1e-6)


def test_the_jackknife_has_no_answer_where_a_value_is_missing() -> None:
    assert np.isnan(jackknife_interval(1.0, np.array([1.0, np.inf, 2.0, 1.0]), 0.95)).all()


def test_halves_put_every_case_and_value_into_one_half() -> None:
    rng = np.random.default_rng(1)
    n, x = np.array([7.0, 10.0, 2.0]), np.array([3.0, 10.0, 1.0])
    first, second = split_counts(x, n, 50, rng)
    assert first * (n // 2) + second * (n - n // 2) == pytest.approx(np.tile(x, (50, 1)))
    unit, values = np.repeat([0, 1, 2], [5, 4, 3]), RNG.normal(size=12)
    first, second = split_values(values, unit, 50, rng)
    size = np.array([5, 4, 3])
    total = first * (size // 2) + second * (size - size // 2)
    assert total == pytest.approx(np.tile(np.bincount(unit, values), (50, 1)))


def test_leaving_a_unit_out_of_a_correlation_is_exact() -> None:
    first, second = RNG.normal(size=(4, 12)), RNG.normal(size=(4, 12))
    whole, left_out = mean_correlation(first, second)
    direct = [np.corrcoef(a, b)[0, 1] for a, b in zip(first, second, strict=True)]
    assert whole == pytest.approx(np.mean(direct), abs=1e-12)
    without = [np.corrcoef(np.delete(a, 5), np.delete(b, 5))[0, 1] for a, b in zip(first, second, strict=True)]
    assert left_out[5] == pytest.approx(np.mean(without), abs=1e-12)


def test_runs_never_span_a_position_that_is_taken() -> None:
    series, free = np.array([0.0, 5.0, 5.0, 0.0, 0.1, 0.0, 0.2]), np.array([1, 1, 1, 0, 1, 1, 1], dtype=bool)
    found = runs(series, free, 2)
    assert all(free[run.start : run.stop].all() for run in found)
    best = max(found, key=lambda run: run.gain)
    assert (best.start, best.stop) == (1, 3)
    assert best.shift == pytest.approx(5.0 - 0.05)


@pytest.mark.parametrize("seed", range(20))
def test_no_run_that_is_far_enough_is_passed_over(seed: int) -> None:
    rng = np.random.default_rng(seed)
    series, free = rng.standard_t(2, size=15), rng.random(15) < 0.9
    longest = (int(free.sum()) - 1) // 2
    everything = {(run.start, run.stop): abs(run.shift) for run in runs(series, free, longest)}
    far = {(run.start, run.stop) for run in runs(series, free, longest, 1.5)}
    assert far == {place for place, shift in everything.items() if shift >= 1.5}


def test_the_robust_spread_of_a_normal_is_its_standard_deviation() -> None:
    assert robust_spread(np.random.default_rng(3).normal(scale=2.0, size=200_000)) == pytest.approx(2.0, rel=0.01)
    assert np.isnan(robust_spread(np.array([np.nan])))
