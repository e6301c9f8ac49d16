"""Sobol indices: published analytic values, an output far from 0, honest intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights.robustness import sobol_indices


def ishigami(points: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami_equals_the_analytic_indices() -> None:
    # Ishigami & Homma 1990 with a = 7, b = .1: S = .3139, .4424, 0; T = .5576, .4424, .2437
    found = sobol_indices(ishigami, ["a", "b", "c"], size=8192).table
    assert found["first"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["total"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)


@given(offset=st.floats(-1e4, 1e4), seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_an_output_far_from_zero_changes_nothing(offset: float, seed: int) -> None:
    near, far = (
        sobol_indices(lambda u, shift=shift: shift + u[:, 0] + 2 * u[:, 1], ["a", "b"], size=64, seed=seed).table[
            "first"
        ]
        for shift in (0.0, offset)
    )
    assert far.to_numpy() == pytest.approx(near.to_numpy(), abs=1e-6)


def test_the_error_with_a_hundred_base_points_is_far_below_that_of_a_raw_product() -> None:
    # mean(b (a_i - a)) / var has a root mean squared error of .236 at offset 0 and 4.0 at offset 50 with 100 points.
    truth = np.array([0.2, 0.8])
    errors = [
        sobol_indices(lambda u: 50 + u[:, 0] + 2 * u[:, 1], ["a", "b"], size=128, seed=seed).table["first"].to_numpy()
        - truth
        for seed in range(40)
    ]
    assert np.sqrt(np.mean(np.square(errors))) <= 0.05


def test_an_output_that_does_not_vary_gives_no_shares() -> None:
    found = sobol_indices(lambda u: np.ones(len(u)), ["a"], size=64)
    assert found.table["first"].isna().all()
    assert [item.code for item in found.findings] == ["sobol-no-variance"]


def test_unusable_input_is_refused() -> None:
    for factors, options, words in (
        ([], {}, "factors"), (["a", "a"], {}, "factors"), (["a"], {"size": 100}, "power of 2"),
        (["a"], {"level": 0}, "level"), (["a"], {"seed": -1}, "seed"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            sobol_indices(lambda u: u[:, 0], factors, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one finite number per run"):
        sobol_indices(lambda u: u, ["a", "b"], size=16)
