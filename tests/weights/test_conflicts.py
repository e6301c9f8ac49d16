"""Conflicts: the sets are minimal, the repairs repair, the text says it in both languages."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.weights import InfeasibleRules, Rule, optimize
from kpi_research.weights.conflicts import conflict_sets, feasible, single_repairs
from kpi_research.weights.limits import Limit
from tests.weights.cases import band, each

CATALOGUE = pd.DataFrame({
    "id": ["cases", "patrol", "team", "campaign", "fines"],
    "label_en": ["Cases", "Patrol", "Team", "Campaign", "Fines"],
    "label_zh": ["办案", "巡防", "队伍建设", "专项行动", "罚没款"],
    "module": ["business", "business", "team", "special", "business"],
    "banned": [False, False, False, False, True],
})  # fmt: skip


def raised(*rules: Rule, **columns: Any) -> InfeasibleRules:
    with pytest.raises(InfeasibleRules) as caught:
        optimize(CATALOGUE.assign(**columns), rules, objective="closest")
    return caught.value


def random_limits(seed: int) -> tuple[tuple[str, ...], list[Limit]]:
    generator = np.random.default_rng(seed)
    size = int(generator.integers(3, 6))
    limits: list[Limit] = []
    for number in range(int(generator.integers(3, 8))):
        members = np.flatnonzero(generator.random(size) < 0.5).tolist() or [0]
        value = float(generator.integers(5, 95))
        kind = generator.integers(0, 4)
        if kind < 2:
            limits += band(f"r{number}", members, size, *((value, None) if kind else (None, value)))
        elif kind == 2:
            limits += each(f"r{number}", members, size, *((value / 2, None) if value < 60 else (None, value / 3)))
        else:
            base = generator.random(size) < 0.8
            chosen = np.isin(np.arange(size), members) & base
            if chosen.any():
                limits.append(Limit(f"r{number}", "min" if value < 50 else "max", value / 100, chosen, base))
    return tuple("abcdef"[:size]), limits


@st.deferred
def conflicting() -> st.SearchStrategy[int]:
    """Seeds of rules that cannot all hold."""
    return st.sampled_from([seed for seed in range(400) if not feasible(*random_limits(seed))])


@settings(deadline=None, derandomize=True, max_examples=500)
@given(conflicting)
def test_a_conflict_cannot_hold_and_every_part_of_it_can(seed: int) -> None:
    ids, limits = random_limits(seed)
    sets = conflict_sets(ids, limits)
    assert sets
    assert len(set(itertools.chain(*sets))) == sum(map(len, sets))
    for conflict in sets:
        own = [item for item in limits if item.rule in conflict]
        assert not feasible(ids, own)
        for name in conflict:
            assert feasible(ids, [item for item in own if item.rule != name])
    apart = [item for item in limits if not any(item.rule in conflict for conflict in sets)]
    assert feasible(ids, apart)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(conflicting)
def test_a_repair_is_enough_and_half_of_it_is_not(seed: int) -> None:
    ids, limits = random_limits(seed)
    sets = conflict_sets(ids, limits)
    for repair in single_repairs(ids, limits, sets):
        own = next(conflict for conflict in sets if repair.rule in conflict)
        rest = [item for item in limits if not any(item.rule in other for other in sets if other != own)]

        def moved(
            value: float, among: list[Limit] = rest, rule: str = repair.rule, kind: str = repair.limit
        ) -> list[Limit]:
            return [item.moved(value) if (item.rule, item.kind) == (rule, kind) else item for item in among]

        if repair.new is None:
            assert not feasible(ids, [item for item in rest if (item.rule, item.kind) != (repair.rule, repair.limit)])
            continue
        outward = 1e-6 * (-1 if repair.limit.endswith("min") else 1)
        assert feasible(ids, moved(repair.new + outward))
        if abs(repair.new - repair.old) > 1e-3:
            assert not feasible(ids, moved(repair.old + 0.99 * (repair.new - repair.old)))


def test_the_four_caps_of_a_bureau_are_found_with_their_repairs() -> None:
    error = raised(
        Rule("business", "module = 'business'", max=60, label={"en": "Business work", "zh": "业务工作"}),
        Rule("team", "module = 'team'", max=15, label={"en": "Team building", "zh": "队伍建设"}),
        Rule("special", "module = 'special'", max=20, label={"en": "Campaigns", "zh": "专项工作"}),
        Rule("patrol", "id = 'patrol'", min=20),
    )
    assert error.conflicts == (("business", "special", "team"),)
    assert {(item.rule, item.limit, item.old): item.new for item in error.repairs} == pytest.approx(
        {("business", "max", 60): 65, ("special", "max", 20): 25, ("team", "max", 15): 20}
    )
    assert "'Business work' at most 60 points" in error.text()
    assert "maximum of 'Business work' 60 → 65" in str(error)
    assert "“业务工作”不超过60分" in error.text("zh")
    assert "“专项工作”上限由20调整为25" in error.text("zh")
    assert error.findings[0].severity == "error"


def test_a_rule_that_needs_a_banned_indicator_says_so() -> None:
    error = raised(Rule("fines-too", "id = 'fines'", min=5, label="Fines count"))
    assert error.conflicts == (("fines-too", "fines.banned"),)
    assert "'Fines' is banned (weight 0)" in error.text()
    assert "“罚没款”禁止计分" in error.text("zh")
    assert [(item.rule, item.new) for item in error.repairs] == [("fines-too", pytest.approx(0, abs=1e-9))]


def test_a_smallest_weight_on_a_banned_indicator_is_a_conflict() -> None:
    error = raised(min_weight=[None, None, None, None, 5.0])
    assert set(error.conflicts[0]) == {"fines.banned", "fines.min_weight"}


def test_a_share_is_repaired_to_the_share_that_can_be_reached() -> None:
    # Business is at most 60 and patrol at most 12 of it, so at most 12 of at least 40 points: 30 %.
    error = raised(
        Rule("business", "module = 'business'", min=40, max=60),
        Rule("patrol", "id = 'patrol'", max=12),
        Rule("share", "id = 'patrol'", of="module = 'business'", min=0.5, label="Prevention"),
    )
    share = next(item for item in error.repairs if item.rule == "share")
    assert (share.unit, share.new) == ("share", pytest.approx(0.3, abs=1e-9))
    assert "'Prevention' at least 50 %" in error.text()


def test_a_conflict_that_no_single_change_resolves_says_so() -> None:
    # Each two of three claims of 60 points contradict each other; giving up one leaves the other two.
    error = raised(*(Rule(name, f"id = '{name}'", min=60) for name in ("cases", "patrol", "team")))
    assert len(error.conflicts) == 1
    assert {item.new for item in error.repairs} == {None}
    assert "No change of a single limit" in error.text()
    assert "无法化解" in error.text("zh")


def test_sixty_rules_are_searched_in_a_moment() -> None:
    generator = np.random.default_rng(0)
    size = 40
    limits = [
        item
        for number in range(58)
        for item in band(f"r{number:02d}", list(np.flatnonzero(generator.random(size) < 0.3)), size, high=99)
    ]
    limits += band("x", [0, 1], size, 60) + band("y", [1, 2], size, high=30) + band("z", [0], size, high=20)
    ids = tuple(f"i{number:02d}" for number in range(size))
    start = time.process_time()
    assert conflict_sets(ids, limits) == (("x", "y", "z"),)
    assert time.process_time() - start < 2
