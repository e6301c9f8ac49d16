"""The area-level model against R and against what must hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.numerics.fay_herriot import fay_herriot

CLOSE = 1e-5
"""R stops its search for the variance between areas at 1e-4 of its size."""


def milk(reference: Callable[[str], Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    data = pd.read_csv(reference("small_area/milk.csv"))
    groups = [(data["MajorArea"] == number).to_numpy(dtype=float) for number in (2, 3, 4)]
    made = pd.read_csv(reference("small_area/milk_eblupFH_outputs.csv"))
    design = np.column_stack([np.ones(len(data)), *groups])
    return data["yi"].to_numpy(), data["SD"].to_numpy() ** 2, design, made


def test_milk_expenditure_equals_sae(reference: Callable[[str], Path]) -> None:
    # R sae 1.3, mseFH(yi ~ as.factor(MajorArea), SD^2, method = "REML"), refvar .018550222323.
    y, psi, x, made = milk(reference)
    found = fay_herriot(y, psi, x, method="reml")
    assert found.tau2 == pytest.approx(0.018550222323, abs=CLOSE)
    assert found.beta == pytest.approx([0.9681889704, 0.1327801425, 0.2269462189, -0.2413010797], abs=CLOSE)
    assert found.estimate == pytest.approx(made["eblup_reml"], abs=CLOSE)
    assert found.mse == pytest.approx(made["mse_reml"], abs=CLOSE)
    alone = fay_herriot(y, psi, x[:, :1], method="reml")
    assert alone.estimate == pytest.approx(made["eblup_reml_int"], abs=CLOSE)
    assert alone.mse == pytest.approx(made["mse_reml_int"], abs=CLOSE)


def test_the_adjusted_likelihood_gives_the_larger_variance_and_never_zero(reference: Callable[[str], Path]) -> None:
    # An own run of the adjusted restricted likelihood by a grid search gave .021786.
    y, psi, x, _ = milk(reference)
    assert fay_herriot(y, psi, x).tau2 == pytest.approx(0.021786, abs=1e-6)
    flat = np.full(8, 0.3)
    ones = np.ones((8, 1))
    assert fay_herriot(flat, np.full(8, 0.01), ones, method="reml").tau2 == 0
    found = fay_herriot(flat, np.full(8, 0.01), ones)
    assert found.tau2 > 1e-4
    assert (found.mse > 0).all()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-5, 5))
def test_units_of_measure_and_order_of_areas_do_not_matter(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    psi = rng.uniform(0.5, 2.0, 15)
    x = np.column_stack([np.ones(15), rng.normal(size=15)])
    y = x @ [1.0, 2.0] + rng.normal(size=15) + rng.normal(size=15) * np.sqrt(psi)
    first, turn = fay_herriot(y, psi, x), rng.permutation(15)
    moved = fay_herriot(scale * y[turn] + shift, scale**2 * psi[turn], x[turn])
    assert moved.estimate == pytest.approx(scale * first.estimate[turn] + shift, rel=1e-6, abs=1e-6)
    assert moved.mse == pytest.approx(scale**2 * first.mse[turn], rel=1e-6)


def test_estimates_lie_between_the_own_one_and_the_line_and_gaps_get_the_line() -> None:
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(12), np.arange(12.0)])
    y = x @ [0.0, 1.0] + rng.normal(size=12)
    y[4] = np.nan
    found = fay_herriot(y, np.where(np.isnan(y), 0.0, 0.5), x)
    line = x @ found.beta
    assert found.estimate[4] == pytest.approx(line[4])
    assert found.mse[4] > found.mse[np.isfinite(y)].max()
    own = np.isfinite(y)
    inside = (found.estimate - np.minimum(y, line) >= -1e-12) & (found.estimate - np.maximum(y, line) <= 1e-12)
    assert inside[own].all()


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"method is 'ml'; allowed: reml, adjusted"):
        fay_herriot(np.ones(9), np.ones(9), np.ones((9, 1)), method="ml")
    with pytest.raises(ValueError, match="2 areas have an estimate; at least 3"):
        fay_herriot(np.array([0.1, 0.2, np.nan]), np.ones(3), np.ones((3, 1)))
