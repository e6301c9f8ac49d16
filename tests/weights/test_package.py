"""The cheapest package of repairs: it repairs, costs no more than any other, and spares important rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kpi_research.weights import InfeasibleRules, Rule, optimize
from kpi_research.weights.conflicts import feasible
from kpi_research.weights.limits import Limit, single_limit
from kpi_research.weights.package import cheapest_package
from tests.weights.cases import band, each

IDS = ("a", "b", "c")


def repaired(limits: list[Limit]) -> list[Limit]:
    """Return the limits with the package applied, loosened by rounding only."""
    found = cheapest_package(IDS, limits)
    assert found is not None
    new = {(item.rule, item.limit): item.new for item in found[0]}
    moved = []
    for limit in limits:
        value = new.get((limit.rule, limit.kind))
        moved.append(limit if value is None else replace(limit, value=value + (-1e-7 if limit.is_lower else 1e-7)))
    return moved


def test_the_less_important_rule_gives_way() -> None:
    limits = [*band("law", [0], 3, 70, priority=1), *band("wish", [1], 3, 50, priority=2)]
    found = cheapest_package(IDS, limits)
    assert found is not None
    assert [(item.rule, item.limit, item.new) for item in found[0]] == [("wish", "min", pytest.approx(30))]


def test_what_cannot_be_moved_stays() -> None:
    assert cheapest_package(IDS, [single_limit(list(IDS), j, "banned", 0.0) for j in range(3)]) is None
    limits = [single_limit(list(IDS), 0, "banned", 0.0), *band("much", [0], 3, 20)]
    found = cheapest_package(IDS, limits)
    assert found is not None
    assert [(item.rule, item.new) for item in found[0]] == [("much", pytest.approx(0, abs=1e-9))]


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, derandomize=True, max_examples=120)
def test_the_package_repairs_and_no_cheaper_one_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits: list[Limit] = []
    for number in range(4):
        members = [j for j in range(3) if rng.random() < 0.5] or [0]
        low = float(rng.integers(0, 90))
        limits += band(f"r{number}", members, 3, low, min(100.0, low + float(rng.integers(0, 20))))
    limits += each("cap", [0, 1, 2], 3, high=float(rng.integers(20, 60)))
    found = cheapest_package(IDS, limits)
    assert found is not None
    assert feasible(IDS, repaired(limits))
    assert bool(found[0]) != feasible(IDS, limits)
    # Elastic program written out: each limit on a sum has one slack, each single cap one for every indicator.
    forms, rights = [], []
    for limit in limits:
        sign = -1.0 if limit.is_lower else 1.0
        rows = np.eye(3)[limit.selected] if limit.is_each else [limit.row()[0]]
        forms += [sign * row for row in rows]
        rights += [sign * limit.value] * len(rows)
    count = len(forms)
    answer = linprog(
        np.append(np.zeros(3), np.ones(count)), np.hstack([np.array(forms), -np.eye(count)]), rights,
        np.append(np.ones(3), np.zeros(count))[None], [100.0],
    )  # fmt: skip
    beyond = np.maximum(np.array(forms) @ found[1] - rights, 0.0).sum()
    assert beyond == pytest.approx(answer.fun, abs=1e-5)


def test_several_conflicts_are_told_with_their_package() -> None:
    catalogue = pd.DataFrame({"id": list("abcd")})
    rules = [
        Rule("one", "id = 'a'", min=40), Rule("two", "id = 'a'", max=30, priority=2),
        Rule("three", "id = 'b'", min=30), Rule("four", "id = 'b'", max=25, priority=2),
    ]  # fmt: skip
    with pytest.raises(InfeasibleRules) as caught:
        optimize(catalogue, rules, objective="closest")
    assert len(caught.value.conflicts) == 2
    assert {item.rule: item.new for item in caught.value.package} == {
        "two": pytest.approx(40),
        "four": pytest.approx(30),
    }
    assert "smallest changes" in str(caught.value)
    assert "须同时实施" in caught.value.text("zh")
