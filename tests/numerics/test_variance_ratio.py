"""The interval of a ratio of variances: closed form, exactness and invariance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kpi_research.numerics import variance_ratio as module
from kpi_research.numerics.anova import one_way
from kpi_research.numerics.variance_ratio import (
    to_icc,
    variance_ratio,
    variance_ratio_interval,
    variance_ratio_jackknife,
)


def sample(seed: int, sizes: np.ndarray, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return np.sqrt(ratio) * rng.normal(size=len(sizes))[groups] + rng.normal(size=len(groups)), groups


def test_equal_groups_have_the_textbook_interval() -> None:
    parts = one_way(*sample(1, np.full(12, 5), 0.5))
    low, high = variance_ratio_interval(parts, 0.9)
    upper, lower = stats.f.ppf([0.95, 0.05], 11, 48)
    assert low == pytest.approx((parts.f / upper - 1) / 5, rel=1e-12)
    assert high == pytest.approx((parts.f / lower - 1) / 5, rel=1e-12)


def test_nearly_equal_groups_have_nearly_the_interval_of_equal_ones() -> None:
    sizes = np.full(200, 6)
    values, groups = sample(2, sizes, 0.4)
    whole, but_one = one_way(values, groups), one_way(values[1:], groups[1:])
    assert variance_ratio_interval(but_one, 0.95) == pytest.approx(variance_ratio_interval(whole, 0.95), rel=0.02)


def test_the_bounds_put_the_statistic_on_its_quantiles() -> None:
    parts = one_way(*sample(3, np.array([2, 3, 9, 4, 7, 1, 5, 12]), 1.0))
    low, high = variance_ratio_interval(parts, 0.95)
    quantiles = stats.f.ppf([0.975, 0.025], parts.df_between, parts.df_within)
    found = [module._statistic(parts, bound) for bound in (low, high)]
    assert found == pytest.approx(list(quantiles), rel=1e-9)


def test_the_jackknife_leaves_each_group_out_exactly() -> None:
    values, groups = sample(4, np.array([4, 5, 3, 6, 7, 2]), 1.0)
    parts = one_way(values, groups)
    direct = [np.log(one_way(values[groups != group], groups[groups != group]).f) for group in range(6)]
    assert module._log_f_without_each(parts) == pytest.approx(np.array(direct), rel=1e-10)


def test_nothing_varying_within_groups_means_reliability_one() -> None:
    parts = one_way([1.0, 1.0, 2.0, 2.0, 4.0, 4.0], [0, 0, 1, 1, 2, 2])
    assert to_icc(variance_ratio(parts)) == 1.0
    assert np.isnan(variance_ratio_jackknife(parts, 0.95)).all()


def test_a_lower_level_gives_a_narrower_interval() -> None:
    parts = one_way(*sample(5, np.full(30, 4), 0.7))
    for interval in (variance_ratio_interval, variance_ratio_jackknife):
        wide, narrow = interval(parts, 0.99), interval(parts, 0.8)
        assert wide[0] < narrow[0] < narrow[1] < wide[1]
