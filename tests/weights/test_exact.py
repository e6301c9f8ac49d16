"""The largest correlation: equal to a general optimizer, never below the default objective, refused nowhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from kpi_research.weights.exact import largest_correlation
from kpi_research.weights.objectives import closest_weights, most_valid_weights
from tests.weights.cases import Case, evidence_of, random_case


def by_slsqp(case: Case, start: np.ndarray) -> float:
    program = case.program
    low, high = np.isfinite(program.lower), np.isfinite(program.upper)

    def slack(weights: np.ndarray) -> np.ndarray:
        activity = program.matrix @ weights
        return np.concatenate([(activity - program.lower)[low], (program.upper - activity)[high]])

    limits = [{"type": "ineq", "fun": slack}, {"type": "eq", "fun": lambda weights: weights.sum() - 100}]
    bounds = list(zip(program.low, program.high, strict=True))
    options = {"maxiter": 300, "ftol": 1e-12}
    found = minimize(
        lambda weights: -case.evidence.correlation(weights), start, constraints=limits, bounds=bounds,
        method="SLSQP", options=options,
    )  # fmt: skip
    return -float(found.fun)


def test_it_is_never_below_the_default_objective_nor_a_general_optimizer() -> None:
    compared = 0
    for seed in range(60):
        case = random_case(seed)
        nearest = closest_weights(case.program, case.target)
        assert nearest is not None
        largest, weights = largest_correlation(case.program, case.evidence, nearest.weights, case.tether)
        found = most_valid_weights(case.program, case.evidence, nearest.weights, case.target, case.tether)
        if found is None or weights is None:
            continue
        program = case.program
        assert (program.matrix @ weights >= program.lower - 1e-6).all()
        assert (program.matrix @ weights <= program.upper + 1e-6).all()
        assert np.abs(weights - nearest.weights).sum() <= case.tether + 1e-5
        assert largest >= case.evidence.correlation(found.weights) - 1e-8
        if np.isinf(case.tether) and compared < 8:
            assert largest >= by_slsqp(case, found.weights) - 1e-6
            compared += 1
    assert compared == 8


def test_without_a_positive_relation_there_is_none() -> None:
    case = random_case(0)
    scores = case.evidence.scores
    turned = evidence_of(scores, -scores.sum(axis=1) - 3 * scores @ np.ones(scores.shape[1]))
    largest, weights = largest_correlation(case.program, turned, case.target, np.inf)
    assert weights is None or largest == pytest.approx(turned.correlation(weights))
