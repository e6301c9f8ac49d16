"""A penalized spline: closed forms and relations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.numerics.penalized_spline import smooth_fit


def test_a_straight_line_is_left_as_it_is() -> None:
    x = np.linspace(-3.0, 8.0, 40)
    fit = smooth_fit(x, 2.0 - 0.7 * x)
    assert fit.fitted == pytest.approx(2.0 - 0.7 * x, abs=1e-9)
    assert fit.freedom == pytest.approx(2.0, abs=1e-3)


def test_two_values_give_two_means() -> None:
    x, y = np.array([0.0, 0.0, 5.0, 5.0]), np.array([1.0, 3.0, 10.0, 14.0])
    fit = smooth_fit(x, y)
    assert fit.fitted == pytest.approx([2.0, 2.0, 12.0, 12.0])
    assert (fit.residual, fit.freedom, fit.residual_freedom) == pytest.approx((10.0, 2.0, 2.0))


def test_two_knots_give_the_regression_line() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=80), rng.normal(size=80)
    fit = smooth_fit(x, y, knots=2)
    line = stats.linregress(x, y)
    assert fit.fitted == pytest.approx(line.intercept + line.slope * x, abs=1e-9)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 500), st.floats(0.01, 100.0), st.floats(-30.0, 30.0))
def test_scale_and_place_do_not_matter(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=50)
    y = np.sin(2.0 * x) + 0.3 * rng.normal(size=50)
    first, second = smooth_fit(x, y), smooth_fit(factor * x + shift, 3.0 * y)
    assert second.fitted == pytest.approx(3.0 * first.fitted, abs=1e-5)
    assert second.freedom == pytest.approx(first.freedom, rel=1e-5)
    assert first.leverage.sum() == pytest.approx(first.freedom, rel=1e-9)
    assert first.residual == pytest.approx(((y - first.fitted) ** 2).sum(), rel=1e-6)
    assert first.fitted.mean() == pytest.approx(y.mean(), abs=1e-9)
