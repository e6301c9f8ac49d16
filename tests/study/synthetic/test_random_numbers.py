"""Named streams do not disturb each other, and quantile functions are those of their distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.study.synthetic.planting import planted
from kpi_research.study.synthetic.quantiles import (
    binomial,
    choice,
    mean_one_gamma,
    mean_one_lognormal,
    poisson,
)
from kpi_research.study.synthetic.streams import Streams

KEYS = [(0, unit) for unit in range(5)]


def test_a_longer_simulation_keeps_the_numbers_of_a_shorter_one() -> None:
    short, long = (Streams(3).uniforms("panel", KEYS, months, 4) for months in (6, 24))
    np.testing.assert_array_equal(short, long[:, :6])


def test_more_units_keep_the_numbers_of_fewer() -> None:
    np.testing.assert_array_equal(Streams(3).uniforms("x", KEYS[:2], 4), Streams(3).uniforms("x", KEYS, 4)[:2])


@pytest.mark.parametrize(("seed", "subject", "key"), [(4, "a", (0, 1)), (3, "b", (0, 1)), (3, "a", (1, 0))])
def test_seed_subject_and_key_each_give_other_numbers(seed: int, subject: str, key: tuple[int, int]) -> None:
    base = Streams(3).generator("a", 0, 1).random(100)
    other = Streams(seed).generator(subject, *key).random(100)
    assert abs(np.corrcoef(base, other)[0, 1]) < 0.4
    assert not np.any(base == other)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.floats(0.0, 400.0), st.floats(1e-9, 1 - 1e-9))
def test_poisson_draws_are_the_quantiles_of_the_distribution(mean: float, u: float) -> None:
    assert poisson(u, mean) == max(0, stats.poisson.ppf(u, mean)) or mean == 0


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, 200), st.floats(0.0, 1.0), st.floats(1e-9, 1 - 1e-9))
def test_binomial_draws_stay_within_the_trials(trials: int, chance: float, u: float) -> None:
    assert 0 <= binomial(u, trials, chance) <= trials


@pytest.mark.parametrize("noise", [mean_one_gamma, mean_one_lognormal])
def test_noise_of_minutes_has_mean_one_and_the_variance_asked_for(noise: Callable[..., np.ndarray]) -> None:
    grid = (np.arange(400_000) + 0.5) / 400_000
    drawn = noise(grid, 0.25)
    assert drawn.mean() == pytest.approx(1, abs=1e-4)
    assert drawn.var() == pytest.approx(0.25, abs=1e-3)
    np.testing.assert_array_equal(mean_one_gamma(grid[:3], 0.0), np.ones(3))


def test_choice_takes_each_category_as_often_as_its_probability() -> None:
    grid = (np.arange(1000) + 0.5) / 1000
    assert np.bincount(choice(grid, np.array([0.2, 0.5, 1.0]))).tolist() == [200, 300, 500]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.3, 1.0])
def test_every_twenty_stations_hold_exactly_the_planted_share(share: float) -> None:
    flags = planted(Streams(1), "anything", 60, share)
    assert flags.reshape(3, 20).sum(axis=1).tolist() == [round(20 * share)] * 3
    np.testing.assert_array_equal(flags[:25], planted(Streams(1), "anything", 25, share))
