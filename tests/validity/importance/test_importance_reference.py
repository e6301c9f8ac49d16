"""Importance against the published example of 51 countries and the outputs of COINr and another linear program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.validity.importance.importance import importance
from kpi_research.validity.importance.reachable import reach

PILLARS = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
INDEX_OF_TWO = np.array([[1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0]])
"""The index is the plain mean of Connectivity (five pillars) and Sustainability (three)."""


@pytest.fixture(scope="module")
def pillars(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("coinr/asem_results_scores_original.csv")).set_index("uCode")


def test_correlations_of_indicators_with_the_index(reference: Callable[[str], Path], pillars: pd.DataFrame) -> None:
    """COINr::get_corr(coin, dset = "Aggregated", Levels = c(1, 4), cortype = "pearson")."""
    scores = pd.read_csv(reference("coinr/asem_norm_minmax.csv")).set_index("uCode")
    theirs = pd.read_csv(reference("coinr/asem_corr_ind_index_pearson.csv")).set_index("Var2")["Correlation"]
    found = importance(scores, dict.fromkeys(scores.columns, 1.0), composite=pillars["Index"])
    ours = found.table.set_index("indicator")["correlation"]
    assert ours.to_numpy() == pytest.approx(theirs[ours.index].to_numpy(), abs=1e-9)


TARGETS = [((1, 1, 1, 1, 1, 1, 1, 1), 0.052), ((1, 2, 1, 1, 1, 2, 1, 1), 0.066)]


@pytest.mark.parametrize(("target", "misfit"), TARGETS)
def test_no_weights_from_zero_come_nearer(pillars: pd.DataFrame, target: tuple[int, ...], misfit: float) -> None:
    """The same linear program, written with PuLP and solved with CBC: .052 and .066 of the sum of correlations."""
    covariance = np.cov(pillars[PILLARS].to_numpy(), rowvar=False)
    found = reach(covariance, np.array(target, dtype=float), INDEX_OF_TWO)
    assert found.misfit == pytest.approx(misfit, abs=5e-4)
    assert (found.weights >= 0).all()
    assert found.weights[:5].sum() == pytest.approx(0.5, abs=1e-9)


def test_the_shares_are_those_of_the_weights(pillars: pd.DataFrame) -> None:
    points = pillars[PILLARS].to_numpy()
    found = reach(np.cov(points, rowvar=False), np.ones(8), INDEX_OF_TWO)
    index = points @ found.weights
    correlations = np.array([np.corrcoef(points[:, place], index)[0, 1] for place in range(8)])
    assert found.shares == pytest.approx(correlations / correlations.sum(), abs=1e-9)


def test_equal_weights_of_the_pillars_are_not_equal_importance(pillars: pd.DataFrame) -> None:
    found = importance(pillars[PILLARS], dict.fromkeys(PILLARS, 1.0))
    table = found.table.set_index("indicator")
    assert not found.reachable
    assert float(table.loc["Social", "effective_low"]) > 0.125  # type: ignore[arg-type]
    assert float(table.loc["SusEcFin", "effective_high"]) < 0.125  # type: ignore[arg-type]
