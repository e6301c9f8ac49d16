"""No weight moves further than it may, whatever else the rules ask for."""

from __future__ import annotations

import pandas as pd
import pytest

from kpi_research.weights import InfeasibleRules, Rule, optimize
from kpi_research.weights.change import limit_changes

CURRENT = {"a": 50, "b": 30, "c": 20}


def test_single_moves_stay_within_the_limit_and_tighter_limits_stay() -> None:
    catalogue = pd.DataFrame({"id": ["c", "a", "b"], "max_weight": [22.0, None, None]})
    limited = limit_changes(catalogue, CURRENT, 5)
    assert limited["id"].tolist() == ["c", "a", "b"]
    assert limited["max_weight"].tolist() == [22, 55, 35]
    found = optimize(limited, [Rule("less", "id = 'a'", max=46)], objective="closest", current=CURRENT)
    weights = found.table.set_index("id")["weight"]
    assert weights["a"] == pytest.approx(46)
    assert weights["c"] <= 22
    with pytest.raises(InfeasibleRules):
        optimize(limited, [Rule("less", "id = 'a'", max=40)], objective="closest", current=CURRENT)


def test_only_named_indicators_are_held_and_faults_are_named() -> None:
    catalogue = pd.DataFrame({"id": ["a", "b", "c"]})
    limited = limit_changes(catalogue, CURRENT, {"a": 0}).set_index("id")
    assert limited.loc["a", ["min_weight", "max_weight"]].tolist() == [50, 50]
    assert limited.loc["b", ["min_weight", "max_weight"]].tolist() == [0, 100]
    with pytest.raises(ValueError, match="no indicator 'x'"):
        limit_changes(catalogue, CURRENT, {"x": 3})
    with pytest.raises(ValueError, match="points of 'a' is -1"):
        limit_changes(catalogue, CURRENT, -1)
    with pytest.raises(ValueError, match="current is empty"):
        limit_changes(catalogue, {}, 5)
