"""The steps from effects to published coefficients: relations that must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from kpi_research.numerics.balanced_limits import balanced_limits
from kpi_research.numerics.cluster_errors import reduced_bias, sandwich, satterthwaite
from kpi_research.numerics.factor_design import FactorDesign, independence, partial_out
from kpi_research.numerics.level_means import log_gradient, mean_one
from kpi_research.numerics.level_shrinkage import shrink_levels
from kpi_research.numerics.ordered_levels import order_levels

SEEDS = st.integers(0, 10**6)
MANY = settings(deadline=None, derandomize=True, max_examples=40)


def levels(seed: int, size: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root = rng.normal(0, 0.1, (size, size + 2))
    shares = rng.dirichlet(np.ones(size))
    return rng.normal(0, 0.5, size), root @ root.T, shares


@MANY
@given(SEEDS)
def test_the_reference_level_does_not_matter(seed: int) -> None:
    effects, covariance, shares = levels(seed)
    found = []
    for reference in range(6):
        turn = np.eye(6) - np.eye(6)[reference]
        b, v = turn @ effects, turn @ covariance @ turn.T
        c = mean_one(b, shares)
        gradient = log_gradient(c, shares)
        found.append(np.concatenate([c, np.diag(gradient @ v @ gradient.T)]))
        assert shares @ c == pytest.approx(1.0, abs=1e-14)
        weights = shares * c
        assert weights @ gradient @ v @ gradient.T @ weights == pytest.approx(0.0, abs=1e-14)
    np.testing.assert_allclose(found, np.tile(found[0], (6, 1)), rtol=1e-9, atol=1e-13)


def test_shrinkage_leaves_what_is_sure_and_moves_what_is_not() -> None:
    effects = np.array([0.0, 1.0, -1.0, 0.5, 3.0])
    sure = shrink_levels(effects, np.eye(5) * 1e-8)
    np.testing.assert_allclose(sure.effects, effects - effects.mean(), atol=1e-6)
    thin = shrink_levels(effects, np.diag([1e-4, 1e-4, 1e-4, 1e-4, 4.0]))
    gap = thin.effects - thin.effects[:4].mean()
    np.testing.assert_allclose(np.diff(gap[:4]), np.diff(effects[:4]), atol=1e-2)
    assert 0 < gap[4] < 2.875


@MANY
@given(SEEDS, st.floats(-5, 5))
def test_shrinkage_knows_no_origin(seed: int, shift: float) -> None:
    effects, covariance, _ = levels(seed)
    one, two = shrink_levels(effects, covariance), shrink_levels(effects + shift, covariance + 3.0)
    np.testing.assert_allclose(one.effects, two.effects, atol=1e-8)
    np.testing.assert_allclose(one.covariance, two.covariance, atol=1e-8)


def test_shrinkage_recovers_the_spread_and_lowers_the_error() -> None:
    rng = np.random.default_rng(2)
    spread, better = [], []
    for _ in range(200):
        true = rng.normal(0, 0.4, 20)
        covariance = np.diag(rng.uniform(0.02, 0.5, 20))
        seen = true + rng.normal(0, np.sqrt(np.diag(covariance)))
        found = shrink_levels(seen, covariance)
        spread.append(found.spread)
        center = true - true.mean()
        better.append(np.sum((found.effects - center) ** 2) < np.sum((seen - seen.mean() - center) ** 2))
    assert np.mean(spread) == pytest.approx(0.4, abs=0.05)
    assert np.mean(better) > 0.9


@MANY
@given(SEEDS)
def test_an_order_with_independent_errors_is_isotonic_regression(seed: int) -> None:
    effects, covariance, _ = levels(seed)
    variance = np.diag(covariance)
    found = order_levels(effects, np.diag(variance), [range(6)])
    known = IsotonicRegression().fit_transform(np.arange(6), effects, sample_weight=1 / variance)
    np.testing.assert_allclose(found.effects, known, atol=1e-8)
    assert bool(found.binding) == (not (np.diff(effects) >= 0).all())


@MANY
@given(SEEDS)
def test_ordered_levels_are_nearest_in_the_metric_of_the_errors(seed: int) -> None:
    effects, covariance, _ = levels(seed)
    found = order_levels(effects, covariance, [[0, 2, 4]]).effects
    assert found[0] <= found[2] + 1e-9
    assert found[2] <= found[4] + 1e-9
    inverse = np.linalg.inv(covariance)
    distance = (found - effects) @ inverse @ (found - effects)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        other = found + rng.normal(0, 0.05, 6)
        other[[0, 2, 4]] = np.sort(other[[0, 2, 4]])
        assert distance <= (other - effects) @ inverse @ (other - effects) + 1e-9


@MANY
@given(SEEDS, st.floats(0.05, 0.5))
def test_limits_hold_and_the_mean_stays_one(seed: int, cap: float) -> None:
    effects, _, shares = levels(seed)
    before = mean_one(np.random.default_rng(seed + 1).normal(0, 0.3, 6), shares)
    inside, factor = balanced_limits(mean_one(effects, shares), shares, before * (1 - cap), before * (1 + cap))
    assert shares @ inside == pytest.approx(1.0, abs=1e-9)
    assert (np.abs(inside / before - 1) <= cap + 1e-9).all()
    free = (inside > before * (1 - cap)) & (inside < before * (1 + cap))
    np.testing.assert_allclose(inside[free], (factor * mean_one(effects, shares))[free], rtol=1e-9)


def test_limits_without_a_solution_are_refused() -> None:
    with pytest.raises(ValueError, match=r"between 1\.8 and 2\.2"):
        balanced_limits(np.ones(2), np.array([0.5, 0.5]), np.full(2, 1.8), np.full(2, 2.2))


def test_partialling_out_and_dependence_are_those_of_dense_matrices() -> None:
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, size, 80).astype(np.intp) for size in (5, 4, 3)]
    codes[2] = np.where(codes[0] == 4, 2, np.minimum(codes[2], 1)).astype(np.intp)  # level 2 stands in group 4 only
    design, weights = FactorDesign(codes[0], (codes[1], codes[2])), rng.gamma(2, 1, 80)
    dense = np.hstack([np.eye(4)[codes[1]], np.eye(3)[codes[2]]])
    group = np.eye(5)[codes[0]]
    root = np.sqrt(weights)[:, None]
    left = root * dense - root * group @ np.linalg.lstsq(root * group, root * dense)[0]
    np.testing.assert_allclose(partial_out(design, weights).matrix, left.T @ left, atol=1e-10)
    found = independence(design)
    assert len(found.kept) == np.linalg.matrix_rank(np.hstack([group, dense])) - 5
    assert found.same_class(design.columns(0)).max() == 0
    classes = found.same_class(design.columns(1))
    assert classes[0] == classes[1] != classes[2]


def test_bias_reduction_changes_nothing_where_clusters_have_no_leverage() -> None:
    rng = np.random.default_rng(5)
    products = np.tile(np.eye(2) / 5000, (5000, 1, 1))
    scores = rng.normal(0, 1, (5000, 2)) / np.sqrt(5000)
    fit = reduced_bias(products, scores)
    np.testing.assert_allclose(fit.covariance, sandwich(np.eye(2), scores), rtol=1e-3)
    assert satterthwaite(fit, np.eye(2)).degrees == pytest.approx([4999, 4999], rel=1e-3)


def test_a_direction_of_one_cluster_has_no_visible_variance() -> None:
    products = np.array([np.diag([1.0, 0.0]), np.diag([1.0, 0.0]), np.diag([1.0, 2.0])])
    fit = reduced_bias(products, np.array([[0.5, 0.0], [-0.2, 0.0], [-0.3, 0.0]]))
    found = satterthwaite(fit, np.eye(2))
    assert found.seen == pytest.approx([1.0, 0.0])
    assert found.degrees[0] == pytest.approx(2.0)
    assert found.degrees[1] == 0.0
