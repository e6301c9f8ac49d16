"""The small model of the validity problem: the same optimum as the whole one, and unique only where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights.compact import CompactValidity
from kpi_research.weights.objectives import closest_weights, most_valid_weights
from kpi_research.weights.program import compile_program
from tests.weights.cases import evidence_of, random_case


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_the_small_model_equals_the_whole_one(seed: int) -> None:
    case = random_case(seed)
    nearest = closest_weights(case.program, case.target)
    assert nearest is not None
    whole = most_valid_weights(case.program, case.evidence, nearest.weights, case.target, case.tether)
    small = CompactValidity(case.program, case.evidence, nearest.weights, case.tether)
    units = len(case.evidence.outcome)
    found, unique = small.weights(np.full(units, 1 / units))
    assert (found is None) == (whole is None)
    if found is not None and whole is not None:
        assert case.evidence.ratio(found) == pytest.approx(whole.objective, abs=1e-8)
        if unique:
            np.testing.assert_allclose(found, whole.weights, atol=1e-6)


def test_copies_of_an_indicator_are_not_called_unique() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(30, 1)) @ np.ones((1, 2))
    evidence = evidence_of(scores, scores[:, 0] + rng.normal(size=30))
    small = CompactValidity(compile_program(("a", "b"), []), evidence, np.full(2, 50.0), np.inf)
    found, unique = small.weights(np.full(30, 1 / 30))
    assert found is not None
    assert not unique
