"""CR2 errors with effects removed equal those of the full regression with all indicators, written out densely."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg

from kpi_research.numerics.cluster_slopes import cluster_slopes
from kpi_research.numerics.panel_tables import complete, lagged, period_leverage, remove_effects

Array = NDArray[np.float64]


def dense(y: Array, x: Array, contrast: Array) -> tuple[Array, Array, float]:
    """Return slopes, CR2 covariance and Satterthwaite degrees of freedom from dummies, as in Bell & McCaffrey (2002)."""
    terms, units, periods = x.shape
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    design = np.column_stack([*x.reshape(terms, -1), np.eye(units)[unit], np.eye(periods)[period][:, 1:]])
    inverse = linalg.pinv(design.T @ design)
    slopes = inverse @ design.T @ y.ravel()
    residual = y.ravel() - design @ slopes
    maker = np.eye(len(residual)) - design @ inverse @ design.T
    weights = np.zeros(design.shape[1])
    weights[:terms] = contrast
    meat, parts = np.zeros_like(inverse), []
    for number in range(units):
        rows = unit == number
        values, vectors = np.linalg.eigh(maker[np.ix_(rows, rows)])
        roots = np.where(values > 1e-8, 1.0 / np.sqrt(np.maximum(values, 1e-12)), 0.0)
        adjust = vectors @ np.diag(roots) @ vectors.T
        score = design[rows].T @ adjust @ residual[rows]
        meat += np.outer(score, score)
        part = np.zeros(len(residual))
        part[rows] = adjust @ design[rows] @ inverse @ weights
        parts.append(part)
    table = np.array(parts)
    moments = table @ maker @ table.T
    covariance = (inverse @ meat @ inverse)[:terms, :terms]
    return slopes[:terms], covariance, float(np.trace(moments) ** 2 / (moments**2).sum())


@pytest.mark.parametrize("contrast", [[1.0, 0.0], [1.0, -1.0]])
def test_balanced_panels_match_the_dense_formula(contrast: list[float]) -> None:
    rng = np.random.default_rng(3)
    y, x = rng.normal(size=(7, 5)), rng.normal(size=(2, 7, 5))
    parts = np.stack([y, *x])
    left = remove_effects(parts, complete(parts))
    found = cluster_slopes(left[0], left[1:], lost=period_leverage(complete(parts)))
    slopes, covariance, freedom = dense(y, x, np.array(contrast))
    np.testing.assert_allclose(found.estimate, slopes, atol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9)
    assert found.freedom(np.array(contrast)) == pytest.approx(freedom, rel=1e-9)


def test_columns_that_depend_on_each_other_are_refused() -> None:
    x = np.random.default_rng(1).normal(size=(1, 6, 4))
    with pytest.raises(ValueError, match="combination"):
        cluster_slopes(x[0], np.concatenate([x, 2.0 * x]))


def test_effects_are_removed_exactly_from_unbalanced_tables() -> None:
    rng = np.random.default_rng(5)
    units, periods = 12, 9
    kept = rng.random((units, periods)) < 0.7
    table = rng.normal(size=(units, 1)) * 50 + rng.normal(size=(1, periods)) * 20
    assert np.abs(remove_effects(table[None], kept)).max() < 1e-9


def test_lags_look_back() -> None:
    assert np.isnan(lagged(np.arange(4.0), 2)[:2]).all()
    assert lagged(np.arange(4.0), 2)[2:].tolist() == [0.0, 1.0]
