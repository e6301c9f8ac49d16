"""Rules on changes, on weights of 0 or at least so much, and on the number of indicators."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.weights import Goal, InfeasibleRules, Rule, Weights, optimize, pairwise_dominance, publish_weights
from kpi_research.weights.conflicts import feasible
from kpi_research.weights.objectives import closest_weights
from kpi_research.weights.program import compile_program
from kpi_research.weights.rules import resolve
from tests.weights.cases import each

IDS = list("abcdef")
CATALOGUE = pd.DataFrame({"id": IDS, "module": list("xxxyyy"), "part": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
CURRENT = dict(zip(IDS, [30.0, 20, 10, 20, 15, 5], strict=True))


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    generator = np.random.default_rng(5)
    scores = pd.DataFrame(generator.normal(size=(60, 6)) + generator.normal(size=(60, 1)), columns=IDS)
    outcome = scores @ [0.1, 0.1, 0.5, 0.1, 0.1, 0.6] + generator.normal(size=60)
    return {"scores": scores, "outcome": outcome, "current": CURRENT, "tether": None, "draws": 0}


def points(found: Weights) -> pd.Series:
    return found.table.set_index("id")["weight"]


def row(found: Weights, rule: str) -> pd.Series:
    return found.rules.set_index("rule").loc[rule]


def test_single_and_total_changes_hold_and_more_room_helps(data: dict[str, Any]) -> None:
    values = []
    for most in (0, 10, 30, 200):
        found = optimize(CATALOGUE, [Rule("year", None, change=most)], **data)
        moved = np.abs(points(found) - pd.Series(CURRENT)).sum()
        assert moved <= most + 1e-6
        assert row(found, "year")["value"] == pytest.approx(moved)
        values.append(found.objective)
    assert values == sorted(values)
    assert values[-1] == pytest.approx(optimize(CATALOGUE, [], **data).objective, abs=1e-9)
    single = optimize(CATALOGUE, [Rule("each", None, each_change=5)], **data)
    assert np.abs(points(single) - pd.Series(CURRENT)).max() <= 5 + 1e-9
    assert row(single, "each")["binding"]


def test_a_total_change_equals_a_tether_around_current_weights(data: dict[str, Any]) -> None:
    ruled = optimize(CATALOGUE, [Rule("year", None, change=20)], **data)
    tied = optimize(CATALOGUE, [], **{**data, "tether": 20})
    np.testing.assert_allclose(points(ruled), points(tied), atol=1e-6)
    assert ruled.objective == pytest.approx(tied.objective, abs=1e-9)
    for name in ("price_minus_5", "price_minus_1", "price_plus_1", "price_plus_5"):
        assert row(ruled, "year")[name] == pytest.approx(row(tied, "tether")[name], abs=1e-8)


def test_prices_of_change_rules_are_what_a_new_start_costs(data: dict[str, Any]) -> None:
    def solved(each: float, cap: float) -> Weights:
        return optimize(CATALOGUE, [Rule("each", None, each_change=each), Rule("cap", "module = 'x'", max=cap)], **data)

    base = solved(8, 55)
    for name, step in (("price_minus_5", -5), ("price_minus_1", -1), ("price_plus_1", 1), ("price_plus_5", 5)):
        assert row(base, "each")[name] == pytest.approx(solved(8 + step, 55).objective - base.objective, abs=1e-9)
        assert row(base, "cap")[name] == pytest.approx(solved(8, 55 + step).objective - base.objective, abs=1e-9)


def test_few_indicators_equal_enumeration_for_closeness() -> None:
    for count, least in ((2, 10), (3, 25), (4, 12)):
        rules = [Rule("few", None, count_max=count), Rule("least", None, least=least)]
        found = optimize(CATALOGUE, rules, objective="closest", current=CURRENT)
        best = np.inf
        for size in range(1, count + 1):
            for chosen in itertools.combinations(IDS, size):
                if least * size > 100:
                    continue
                used = [IDS.index(name) for name in chosen]
                unused = [j for j in range(len(IDS)) if j not in used]
                limits = each("least", used, len(IDS), low=least) + each("none", unused, len(IDS), high=0.0)
                nearest = closest_weights(compile_program(tuple(IDS), limits), np.array(list(CURRENT.values())))
                assert nearest is not None
                best = min(best, nearest.objective)
        assert found.objective == pytest.approx(best, abs=1e-6)
        positive = points(found)[points(found) > 1e-6]
        assert len(positive) <= count
        assert positive.min() >= least - 1e-9


def test_rules_on_numbers_hold_for_validity_too_and_never_help(data: dict[str, Any]) -> None:
    free = optimize(CATALOGUE, [], **data)
    rules = [Rule("some", "module = 'y'", count_min=2, count_max=2), Rule("least", None, least=8)]
    found = optimize(CATALOGUE, rules, **data)
    assert found.objective <= free.objective + 1e-9
    assert row(found, "some")["value"] == 2
    assert "support-chosen" in {item.code for item in found.findings}
    both = optimize(CATALOGUE, [*rules, Rule("year", None, change=60)], **data)
    assert row(both, "year")["value"] <= 60 + 1e-6
    assert row(both, "some")["value"] == 2


def test_numbers_that_cannot_be_kept_are_an_error() -> None:
    with pytest.raises(ValueError, match="no weights keep the rules 'few'"):
        optimize(CATALOGUE, [Rule("few", None, count_max=2), Rule("cap", None, each_max=40)], objective="closest")


def test_a_change_that_the_rules_do_not_allow_is_a_conflict_with_its_repair() -> None:
    rules = [Rule("less", "module = 'x'", max=40), Rule("year", None, change=10), Rule("free", "module = 'y'", max=90)]
    with pytest.raises(InfeasibleRules) as caught:
        optimize(CATALOGUE, rules, objective="closest", current=CURRENT)
    assert caught.value.conflicts == (("less", "year"),)
    assert caught.value.repairs[0].new == pytest.approx(40)
    assert "10 → 40" in str(caught.value)
    repaired = [rules[0], Rule("year", None, change=40), rules[2]]
    assert optimize(CATALOGUE, repaired, objective="closest", current=CURRENT).objective == pytest.approx(40)


def test_a_single_change_in_conflict_names_only_the_indicators_that_matter() -> None:
    rules = [Rule("less", "id = 'a'", max=10), Rule("each", None, each_change=5, label="Yearly change")]
    with pytest.raises(InfeasibleRules) as caught:
        optimize(CATALOGUE, rules, objective="closest", current=CURRENT)
    assert caught.value.conflicts == (("each", "less"),)
    assert "keeps 'a' at least 25 points" in str(caught.value)
    assert "keeps 'b'" not in str(caught.value)
    assert {item.limit: item.new for item in caught.value.repairs} == pytest.approx({"max": 25, "each_change": 20})
    frame = CATALOGUE.assign(current_weight=list(CURRENT.values()))
    repaired = resolve([rules[0], Rule("each", None, each_change=20)], frame)
    assert feasible(repaired.ids, repaired.limits)


def test_published_weights_keep_changes_and_numbers(data: dict[str, Any]) -> None:
    rules = [Rule("year", None, change=30), Rule("few", None, count_max=5), Rule("each", None, each_change=12)]
    found = optimize(CATALOGUE, rules, grid=1, **data)
    published = found.table.set_index("id")["published"]
    assert (published % 1 == 0).all()
    assert np.abs(published - pd.Series(CURRENT)).sum() <= 30 + 1e-9
    assert np.abs(published - pd.Series(CURRENT)).max() <= 12 + 1e-9
    assert (published > 0).sum() <= 5
    assert found.grid["proven"].iloc[0] == pytest.approx(found.grid["distance"].iloc[0], abs=1e-6)
    assert found.grid["objective_published"].iloc[0] <= found.objective + 1e-9


def test_a_grid_too_coarse_for_the_rules_is_said_and_nothing_else_is_lost() -> None:
    narrow = [Rule("narrow", "id = 'a'", min=31, max=34)]
    found = optimize(CATALOGUE, narrow, objective="closest", current=CURRENT, grid=5)
    assert found.table["published"].isna().all()
    assert "grid-impossible" in {item.code for item in found.findings}


def test_current_weights_are_needed_and_soft_or_empty_rules_refused() -> None:
    with pytest.raises(ValueError, match="no current weights to measure them from"):
        optimize(CATALOGUE, [Rule("year", None, change=10)], objective="closest")
    with pytest.raises(ValueError, match="can only be hard"):
        Rule("year", None, change=10, hard=False)
    with pytest.raises(ValueError, match="neither min nor max"):
        Rule("share", None, of="module = 'x'", each_max=10)
    with pytest.raises(TypeError, match="whole number"):
        Rule("few", None, count_max=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="count_min is 3, above count_max = 2"):
        Rule("few", None, count_min=3, count_max=2)
    with pytest.raises(ValueError, match="cannot keep its limit 'change'"):
        pairwise_dominance(
            pd.DataFrame(np.eye(6), columns=IDS), indicators=CATALOGUE.assign(current_weight=16.0),
            rules=[Rule("year", None, change=10)],
        )  # fmt: skip


def test_publishing_alone_measures_changes_from_the_catalogue() -> None:
    frame = CATALOGUE.assign(current_weight=list(CURRENT.values()))
    wanted = dict(zip(IDS, [20.0, 20, 20, 20, 10, 10], strict=True))
    found = publish_weights(wanted, indicators=frame, rules=[Rule("year", None, change=10)], step=5)
    assert np.abs(found.table.set_index("id")["published"] - pd.Series(CURRENT)).sum() <= 10


def test_goals_one_after_the_other_through_the_public_function(data: dict[str, Any]) -> None:
    first = optimize(CATALOGUE, [], **data)
    goals = [Goal("validity", slack=0.05), Goal("closest")]
    found = optimize(CATALOGUE, [], **{**data, "objective": goals})
    assert found.aim == "goals"
    assert list(found.goals["objective"]) == ["validity", "closest"]
    assert found.objective >= first.objective - 0.05 - 1e-8
    moved = np.abs(points(found) - pd.Series(CURRENT)).sum()
    assert moved == pytest.approx(found.goals["value"].iloc[1], abs=1e-6)
    assert moved <= np.abs(points(first) - pd.Series(CURRENT)).sum() + 1e-6
