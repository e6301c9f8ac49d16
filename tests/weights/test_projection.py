"""The closest point: equal to enumeration of active sets, and characterized by its multipliers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights.face import Face
from kpi_research.weights.projection import closest_point, free_directions, least_distance
from kpi_research.weights.solve import SolverError


def enumerated(forms: np.ndarray, at_least: np.ndarray) -> np.ndarray:
    """Return the shortest vector with forms @ u >= at_least by trying every set of active inequalities."""
    best = None
    for count in range(forms.shape[1] + 1):
        for active in itertools.combinations(range(len(forms)), count):
            chosen = list(active)
            point = np.linalg.pinv(forms[chosen]) @ at_least[chosen] if chosen else np.zeros(forms.shape[1])
            allowed = (forms @ point >= at_least - 1e-9).all()
            if allowed and (best is None or point @ point < best @ best):
                best = point
    assert best is not None
    return best


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, 10**6))
def test_the_shortest_vector_equals_enumeration(seed: int) -> None:
    generator = np.random.default_rng(seed)
    size, rows = int(generator.integers(1, 4)), int(generator.integers(1, 7))
    forms = generator.normal(size=(rows, size))
    at_least = forms @ generator.normal(size=size) * 10.0 ** generator.integers(-3, 3) - generator.uniform(
        0, 1, size=rows
    )
    np.testing.assert_allclose(least_distance(forms, at_least), enumerated(forms, at_least), atol=1e-8)


def test_contradicting_inequalities_are_found() -> None:
    with pytest.raises(SolverError, match="contradict"):
        least_distance(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0]))


def simplex(center: np.ndarray, tether: float) -> Face:
    size = len(center)
    return Face(np.ones((1, size)), np.array([100.0]), np.eye(size), np.zeros(size), center, tether)


def test_on_the_simplex_it_is_the_textbook_projection() -> None:
    # Held, Wolfe & Crowder 1974, doi:10.1007/BF01580223: subtract one threshold from all and cut at 0.
    target = np.array([80.0, 50.0, 10.0, 0.0])
    found = closest_point(simplex(np.full(4, 25.0), np.inf), np.full(4, 25.0), target)
    np.testing.assert_allclose(found, [65.0, 35.0, 0.0, 0.0], atol=1e-10)


def test_a_tether_that_is_in_the_way_is_kept() -> None:
    # From (50, 50, 0) towards (0, 0, 100) at most 20 points may move: 10 points go over, 5 from each.
    center, target = np.array([50.0, 50.0, 0.0]), np.array([0.0, 0.0, 100.0])
    found = closest_point(simplex(center, 20.0), center, target)
    np.testing.assert_allclose(found, [45.0, 45.0, 10.0], atol=1e-8)


def test_a_face_that_is_one_point_leaves_no_direction() -> None:
    face = Face(np.eye(3), np.array([20.0, 30.0, 50.0]), np.zeros((0, 3)), np.zeros(0), np.zeros(3), np.inf)
    assert free_directions(face).shape == (3, 0)
    np.testing.assert_allclose(
        closest_point(face, np.array([20.0, 30.0, 50.0 + 1e-7]), np.zeros(3)), [20, 30, 50], atol=1e-12
    )
