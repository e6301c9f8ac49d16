"""Shapley values of terms behind a link."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from kpi_research.numerics.shapley import shapley_terms

FLOATS = st.floats(-5, 5)


@given(base=FLOATS, terms=st.lists(FLOATS, min_size=1, max_size=5))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_shares_add_up_to_the_whole_change(base: float, terms: list[float]) -> None:
    shares = shapley_terms(np.array(base), np.array(terms), expit)
    assert shares.sum() == pytest.approx(expit(base + sum(terms)) - expit(base), abs=1e-13)


def test_shares_are_the_mean_over_all_orders_of_adding() -> None:
    base, terms = 0.4, np.array([1.0, -0.7, 2.0, 0.3])
    steps = np.zeros(4)
    for order in permutations(range(4)):
        place = base
        for term in order:
            steps[term] += expit(place + terms[term]) - expit(place)
            place += terms[term]
    np.testing.assert_allclose(shapley_terms(np.array(base), terms, expit), steps / 24, atol=1e-14)


def test_without_a_link_shares_are_the_terms() -> None:
    assert shapley_terms(np.zeros(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_term_of_zero_gets_nothing_and_equal_terms_get_the_same() -> None:
    shares = shapley_terms(np.array(0.0), np.array([0.0, 1.0, 1.0]), np.exp)
    assert shares[0] == pytest.approx(0.0, abs=1e-15)
    assert shares[1] == pytest.approx(shares[2])


def test_too_many_terms_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 12"):
        shapley_terms(np.array(0.0), np.ones(13), np.exp)
