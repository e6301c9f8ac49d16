"""Posterior draws of levels."""

from __future__ import annotations

import numpy as np
import pytest

from kpi_research.numerics.level_posterior import draw_levels

# Effects of coaching on test scores in eight schools (Rubin 1981, doi:10.3102/10769986006004377).
SCHOOLS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


def test_eight_schools_give_the_published_posterior() -> None:
    # Gelman et al. 2013, Bayesian Data Analysis, third edition, table 5.3 (200 draws): median of school A 10, 2.5 and
    # 97.5 % points -2 and 31; school C 7 with -11 and 19; school B 8 with -5 and 23. P(A above C) = .705.
    drawn = draw_levels(SCHOOLS, np.diag(ERRORS**2), 40_000, 1).levels
    low, middle, high = np.quantile(drawn, [0.025, 0.5, 0.975], axis=0)
    assert middle[0] == pytest.approx(10, abs=1)
    assert (low[0], high[0]) == (pytest.approx(-2, abs=1.5), pytest.approx(31, abs=1.5))
    assert (middle[2], high[2]) == (pytest.approx(7, abs=1.1), pytest.approx(19, abs=2))
    assert (low[2]) == pytest.approx(-11, abs=2)
    assert (drawn[:, 0] > drawn[:, 2]).mean() == pytest.approx(0.705, abs=0.03)


def test_a_rotated_problem_has_the_rotated_posterior() -> None:
    cov = np.diag(ERRORS**2) + 40.0
    joint = draw_levels(SCHOOLS, cov, 40_000, 1).levels
    alone = draw_levels(SCHOOLS, np.diag(ERRORS**2), 40_000, 1).levels
    # An error that all share moves no difference between units.
    np.testing.assert_allclose(
        (joint - joint.mean(axis=1, keepdims=True)).mean(axis=0),
        (alone - alone.mean(axis=1, keepdims=True)).mean(axis=0),
        atol=0.25,
    )


def test_without_errors_the_levels_are_the_estimates() -> None:
    drawn = draw_levels(SCHOOLS, np.zeros((8, 8)), 50, 1).levels
    np.testing.assert_allclose(drawn, np.tile(SCHOOLS, (50, 1)), atol=1e-9)


def test_two_units_are_not_shrunk() -> None:
    drawn = draw_levels(np.array([0.0, 10.0]), np.eye(2), 20_000, 1).levels
    np.testing.assert_allclose(drawn.mean(axis=0), [0, 10], atol=0.05)
    np.testing.assert_allclose(drawn.std(axis=0), [1, 1], atol=0.03)


def test_uncertain_errors_widen_the_posterior() -> None:
    cov = np.diag(np.full(8, 1.0))
    known = draw_levels(10 * SCHOOLS, cov, 20_000, 1).levels.std(axis=0)
    guessed = draw_levels(10 * SCHOOLS, cov, 20_000, 1, np.full(8, 5.0)).levels.std(axis=0)
    np.testing.assert_allclose(known, 1.0, atol=0.05)
    np.testing.assert_allclose(guessed, np.sqrt(5 / 3), atol=0.15)


def test_what_is_no_covariance_is_refused() -> None:
    with pytest.raises(ValueError, match="not a covariance"):
        draw_levels(np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]), 10, 0)
