"""Models on cells equal the row-level fits of statsmodels: estimates and standard errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kpi_research.numerics.cell_models import gaussian_cells, poisson_cells


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    draws = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"a": draws.integers(0, 4, 3000), "b": draws.integers(0, 3, 3000), "w": draws.gamma(2, 1, 3000)}
    )
    frame["count"] = draws.poisson(np.exp(0.3 + 0.2 * frame["a"] - 0.1 * frame["b"]))
    frame["minutes"] = 1e6 + 5 * frame["a"] + frame["b"] + draws.normal(0, 2, 3000)
    return frame


def design(frame: pd.DataFrame) -> np.ndarray:
    dummies = pd.get_dummies(frame[["a", "b"]].astype(str), drop_first=True, dtype=float)
    return sm.add_constant(dummies).to_numpy()


def cells(frame: pd.DataFrame, value: str, weight: pd.Series) -> pd.DataFrame:
    parts = frame.assign(weight=weight, total=weight * frame[value]).groupby(["a", "b"])
    table = parts.agg(n=("weight", "size"), weight=("weight", "sum"), total=("total", "sum")).reset_index()
    mean = (table["total"] / table["weight"]).to_numpy()
    index = frame.merge(table[["a", "b"]].reset_index(), on=["a", "b"], how="left")["index"].to_numpy()
    table["squares"] = np.bincount(index, weights=weight * (frame[value] - mean[index]) ** 2)
    return table


@pytest.mark.parametrize("weighted", [False, True])
def test_gaussian_equals_weighted_least_squares_on_rows(rows: pd.DataFrame, weighted: bool) -> None:
    weight = rows["w"] if weighted else pd.Series(1.0, index=rows.index)
    whole = sm.WLS(rows["minutes"], design(rows), weights=weight).fit()
    table = cells(rows, "minutes", weight)
    fit = gaussian_cells(design(table), table["n"], table["weight"], table["total"], table["squares"])
    np.testing.assert_allclose(fit.coefficients, whole.params, rtol=1e-9)
    np.testing.assert_allclose(fit.errors, whole.bse, rtol=1e-8)


def test_poisson_equals_the_row_level_likelihood(rows: pd.DataFrame) -> None:
    whole = sm.GLM(rows["count"], design(rows), family=sm.families.Poisson()).fit(tol=1e-14)
    table = cells(rows, "count", pd.Series(1.0, index=rows.index))
    fit = poisson_cells(design(table), table["weight"], table["total"])
    np.testing.assert_allclose(fit.coefficients, whole.params, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.errors, whole.bse, rtol=1e-8)


def test_a_group_without_any_count_is_refused() -> None:
    with pytest.raises(ValueError, match="no finite maximum"):
        poisson_cells([[1.0, 0.0], [1.0, 1.0]], weight=[10, 10], total=[20, 0])


def test_dependent_columns_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="linearly dependent"):
        gaussian_cells([[1.0, 2.0], [1.0, 2.0]], [5, 5], [5, 5], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="shape"):
        poisson_cells([[1.0]], weight=[1, 2], total=[1])
    with pytest.raises(ValueError, match="positive weight"):
        poisson_cells([[1.0], [1.0]], weight=[1, 0], total=[1, 1])
