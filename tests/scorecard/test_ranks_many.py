"""Of many units most comparisons are left out of the search for critical values; the sets stay the same to the last rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import comparisons, rank_sets
from kpi_research.scorecard.ranks import Kind

UNITS = 120
KINDS: tuple[Kind, ...] = ("marginal", "simultaneous")


def case(name: str, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return estimates and errors."""
    rng = np.random.default_rng(seed)
    levels = rng.normal(size=UNITS)
    se = rng.uniform(0.1, 0.5, UNITS)
    loadings = rng.normal(size=(UNITS, 4))
    return {
        "equal errors": (levels, {"se": np.full(UNITS, 0.3)}),
        "errors of all sizes": (levels, {"se": np.exp(2 * rng.normal(size=UNITS))}),
        "one large error, some none": (levels, {"se": np.where(np.arange(UNITS) < 3, [10.0], se) * (np.arange(UNITS) % 9 > 0)}),
        "ties": (np.repeat(levels[: UNITS // 10], 10), {"se": np.full(UNITS, 0.1)}),
        "far apart": (np.arange(UNITS, dtype=float), {"se": np.full(UNITS, 0.2)}),
        "few degrees of freedom": (levels, {"se": se, "dof": rng.choice([2.0, 5.0, np.inf], UNITS)}),
        "correlated": (2 * levels, {"cov": 0.002 * loadings @ loadings.T + np.diag(se**2)}),
        "shared error": (2 * levels, {"cov": 5 + np.diag(se**2)}),
    }[name]  # fmt: skip


NAMES = ("equal errors", "errors of all sizes", "one large error, some none", "ties", "far apart",
         "few degrees of freedom", "correlated", "shared error")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, derandomize=True, max_examples=4)
@given(seed=st.integers(0, 2**32 - 1))
def test_leaving_comparisons_out_changes_no_set(name: str, kind: Kind, seed: int) -> None:
    estimate, errors = case(name, seed)
    found = []
    for many in (10**9, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(comparisons, "MANY", many)
            found.append(rank_sets(estimate, kind=kind, draws=200, **errors).table)
    pd.testing.assert_frame_equal(*found)


def test_strongly_correlated_errors_take_the_other_way() -> None:
    loadings = np.random.default_rng(0).normal(size=(UNITS, 2))
    levels = 5 * np.random.default_rng(1).normal(size=UNITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparisons, "MANY", 1)
        table = rank_sets(levels, cov=0.05 * loadings @ loadings.T, draws=200).table
    plain = rank_sets(levels, cov=0.05 * loadings @ loadings.T, draws=200).table
    pd.testing.assert_frame_equal(table, plain)
