"""Unit and period effects are taken out as dummy variables would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.numerics.within import remove_two_way, two_way_rank


def panel(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return columns, unit and period of an unbalanced panel without gaps in the codes."""
    rng = np.random.default_rng(seed)
    unit, period = (part.ravel() for part in np.meshgrid(np.arange(9), np.arange(5), indexing="ij"))
    kept = rng.random(45) < 0.7
    unit, period = (np.unique(part[kept], return_inverse=True)[1] for part in (unit, period))
    return rng.normal(size=(len(unit), 3)), unit, period


def dummies(unit: np.ndarray, period: np.ndarray) -> np.ndarray:
    return np.column_stack([np.eye(unit.max() + 1)[unit], np.eye(period.max() + 1)[period]])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_it_equals_the_residuals_on_dummies(seed: int) -> None:
    columns, unit, period = panel(seed)
    design = dummies(unit, period)
    expected = columns - design @ np.linalg.lstsq(design, columns, rcond=None)[0]
    assert remove_two_way(columns, unit, period) == pytest.approx(expected, abs=1e-10)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_the_parameters_of_effects_are_the_rank_of_the_dummies(seed: int) -> None:
    _, unit, period = panel(seed)
    assert two_way_rank(unit, period) == np.linalg.matrix_rank(dummies(unit, period))


def test_parts_that_share_nothing_lose_a_parameter_each() -> None:
    unit, period = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 0, 1, 2, 3, 2, 3])
    assert two_way_rank(unit, period) == 8 - 2


def test_effects_of_any_size_leave_nothing_behind() -> None:
    columns, unit, period = panel(3)
    shifted = columns + 1e6 * unit[:, None] - 1e5 * period[:, None] ** 2
    assert remove_two_way(shifted, unit, period) == pytest.approx(remove_two_way(columns, unit, period), abs=1e-8)
