"""Optimizing on other sets of units gives what a new start on those units gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights.evidence import Evidence, correlation
from kpi_research.weights.objectives import closest_weights, most_valid_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.resample import Question, Reweighted, bootstrap_weights, cross_validated
from tests.weights.cases import Case, evidence_of, random_case


def question_of(case: Case) -> Question:
    nearest = closest_weights(case.program, case.target)
    assert nearest is not None
    return Question(case.program, case.evidence, nearest.weights, case.target, case.tether)


def free_question(units: int, signal: float, seed: int) -> Question:
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(units, 4))
    outcome = signal * scores[:, 0] + generator.normal(size=units)
    even = np.full(4, 25.0)
    return Question(compile_program(tuple("abcd"), []), evidence_of(scores, outcome), even, even, np.inf)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10**6))
def test_counting_a_unit_several_times_equals_repeating_it(seed: int) -> None:
    question = question_of(random_case(seed))
    evidence = question.evidence
    asker, generator = Reweighted(question), np.random.default_rng(seed)
    for _ in range(3):
        counts = generator.multinomial(len(evidence.outcome), np.full(len(evidence.outcome), 1 / len(evidence.outcome)))
        rows = np.repeat(np.arange(len(counts)), counts)
        scores, outcome = evidence.scores[rows], evidence.outcome[rows]
        repeated = Evidence(
            tuple(map(str, rows)), scores - scores.mean(axis=0), outcome - outcome.mean(), evidence.absent, ()
        )
        fresh = most_valid_weights(question.program, repeated, question.center, question.target, question.tether)
        kept = asker.weights(counts.astype(float))
        assert (fresh is None) == (kept is None)
        if fresh is not None and kept is not None:
            assert repeated.ratio(kept) == pytest.approx(fresh.objective, abs=1e-8)
            np.testing.assert_allclose(kept, fresh.weights, atol=1e-5)


def test_the_seed_decides_the_draws_and_nothing_else() -> None:
    question = free_question(40, 1.0, 0)
    first, again, other = (bootstrap_weights(question, 5, seed).weights for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_weights_spread_less_the_more_units_there_are() -> None:
    spreads = [bootstrap_weights(free_question(units, 0.5, 3), 40, 0).weights.std(axis=0).mean() for units in (20, 320)]
    assert spreads[1] < 0.5 * spreads[0]


def test_cross_validation_is_sober_about_noise() -> None:
    # With no relation at all, the optimum looks good in sample; on units it has not seen it is worth nothing.
    inside, outside = [], []
    for seed in range(20):
        question = free_question(30, 0.0, seed)
        best = most_valid_weights(question.program, question.evidence, question.center, question.target, np.inf)
        if best is not None:
            inside.append(question.evidence.correlation(best.weights))
            outside.append(cross_validated(question, 0))
    assert np.mean(inside) > 0.15
    assert np.mean(outside) < 0.05


def test_a_correlation_with_a_constant_is_missing() -> None:
    assert np.isnan(correlation(np.ones(4), np.arange(4.0)))
    assert correlation(np.arange(4.0), -np.arange(4.0)) == pytest.approx(-1)
