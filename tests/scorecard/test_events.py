"""Points of events, scores that still add up, completion rates, and credit that is shared without growing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.scorecard import build_scorecard
from kpi_research.scorecard.events import EventRule, event_points
from kpi_research.scorecard.normalize import fit_normalization
from kpi_research.scorecard.shared_credit import shared_credit
from tests.scorecard.studies import make_study, random_values
from tests.scorecard.test_build import WEIGHTS

NAMES = {"target": "unit", "points": "points", "kind": "kind", "at": "day"}


def events() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": ["A", "A", "A", "B", "B"],
            "kind": ["press", "press", "absence", "press", "absence"],
            "points": [5.0, 5.0, -1.0, 5.0, -8.0],
            "day": pd.to_datetime(["2024-01-01", "2025-01-01", "2025-01-01", "2025-01-01", "2025-01-01"]),
        }
    )


def test_caps_floors_and_decay_by_hand() -> None:
    rules = [EventRule("news", ("press",), cap=7.0, half_life=12.0), EventRule("rest", floor=4.0)]
    found = event_points(events(), rules, **NAMES).set_index(["target", "rule"])
    assert found.loc[("A", "news"), "decayed"] == pytest.approx(7.5, abs=0.01)
    assert found.loc[("A", "news"), "points"] == 7.0
    assert found.loc[("A", "rest"), "points"] == -1.0
    assert found.loc[("B", "rest"), "points"] == -4.0


def test_events_after_the_score_are_left_out() -> None:
    rules = [EventRule("all")]
    found = event_points(events(), rules, **NAMES, until="2024-06-01")
    assert found[["target", "points"]].values.tolist() == [["A", 5.0]]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0, 10), st.floats(0, 10))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_points_stay_between_floor_and_cap_and_more_bonus_never_hurts(points: list, cap: float, floor: float) -> None:
    frame = pd.DataFrame({"unit": "A", "points": points})
    rule = [EventRule("all", cap=cap, floor=floor)]
    first = event_points(frame, rule, target="unit", points="points")["points"].iloc[0]
    assert -floor - 1e-12 <= first <= cap + 1e-12
    more = pd.DataFrame({"unit": "A", "points": [*points, 1.0]})
    assert event_points(more, rule, target="unit", points="points")["points"].iloc[0] >= first - 1e-12


@pytest.mark.parametrize(
    ("rules", "names", "message"),
    [
        ([EventRule("a", ("press",)), EventRule("b", ("press",))], NAMES, "two rules"),
        ([EventRule("a", cap=-1.0)], NAMES, "at least 0"),
        ([EventRule("a", ("press",))], {"target": "unit", "points": "points"}, "kind"),
        ([EventRule("a", half_life=3.0)], {"target": "unit", "points": "points"}, "at"),
        ([EventRule("a")], {"target": "station", "points": "points"}, "no column 'station'"),
    ],
)
def test_event_refusals(rules: list, names: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        event_points(events(), rules, **names)


def test_a_score_with_events_is_the_sum_of_its_parts() -> None:
    values = random_values()
    units = values["unit"].unique()
    table = pd.DataFrame({"unit": [units[0], units[0], units[1]], "target": "x", "points": [4.0, -1.0, -2.0]})
    table["kind"] = ["press", "absence", "absence"]
    rules = [{"id": "news", "kinds": ["press"], "cap": 3.0}, {"id": "rest"}]
    plain = build_scorecard(make_study(values), WEIGHTS)
    card = build_scorecard(make_study(values, tables={"panel": values, "events": table}, events=rules), WEIGHTS)
    summed = card.contributions.groupby("unit")["points"].agg(math.fsum)
    scores = card.table.set_index("unit")["score"]
    assert np.abs(summed.reindex(scores.index) - scores).max() < 1e-12
    change = scores - plain.table.set_index("unit")["score"].reindex(scores.index)
    assert change[units[0]] == pytest.approx(2.0)
    assert change[units[1]] == pytest.approx(-2.0)
    assert change.drop(list(units[:2])).abs().max() == 0
    assert "event:news" in set(card.explain(str(units[0]))["indicator"])


def test_without_rules_events_are_not_counted_and_that_is_said() -> None:
    values = random_values()
    table = pd.DataFrame({"unit": [values["unit"].iloc[0]], "points": [4.0]})
    card = build_scorecard(make_study(values, tables={"panel": values, "events": table}), WEIGHTS)
    assert "events-not-counted" in {item.code for item in card.findings}
    assert "events" not in card.table


def test_completion_rates_and_a_method_of_ones_own() -> None:
    levels = pd.DataFrame({"visits": [50.0, 100.0, 150.0], "minutes": [5.0, 10.0, 15.0]}, index=list("ABC"))
    catalogue = pd.DataFrame(
        {
            "id": ["visits", "minutes"],
            "direction": ["higher", "lower"],
            "target": [100.0, 10.0],
            "normalization": ["ratio", ""],
        }
    )
    found = fit_normalization(levels, catalogue, "z").apply(levels)
    assert found["visits"].tolist() == [50.0, 100.0, 100.0]
    assert found["minutes"].tolist() == [60.0, 50.0, 40.0]
    late = fit_normalization(levels, catalogue.assign(normalization="ratio"), "z").apply(levels)
    assert late["minutes"].tolist() == [100.0, 100.0, 50.0]


def test_a_completion_rate_needs_a_target() -> None:
    levels = pd.DataFrame({"visits": [50.0, 100.0]}, index=list("AB"))
    catalogue = pd.DataFrame({"id": ["visits"], "direction": ["higher"]})
    assert [item.code for item in fit_normalization(levels, catalogue, "ratio").findings] == ["ratio-without-target"]


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(deadline=None, derandomize=True, max_examples=100)
def test_shared_credit_is_conserved(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    results = pd.DataFrame({"case": range(12), "unit": rng.choice(list("ABCD"), 12), "credit": rng.gamma(2, 3, 12)})
    support = pd.DataFrame({"case": rng.integers(0, 12, 9), "helper": rng.choice(list("ABCDE"), 9)})
    support["minutes"] = rng.gamma(2, 30, 9)
    found = shared_credit(
        results, support, result="case", unit="unit", credit="credit", helper="helper", effort="minutes", share=share
    )
    assert found["credit"].sum() == pytest.approx(results["credit"].sum(), rel=1e-12)
    assert (found["credit"] >= -1e-9).all()


@pytest.mark.parametrize(
    ("results", "support", "message"),
    [
        ({"case": [1, 1], "unit": ["A", "B"], "credit": [1.0, 1.0]}, {"case": [1], "helper": ["B"]}, "twice"),
        ({"case": [1], "unit": ["A"], "credit": [-1.0]}, {"case": [1], "helper": ["B"]}, "0 or more"),
        ({"case": [1], "unit": ["A"], "credit": [1.0]}, {"case": [2], "helper": ["B"]}, "not in results"),
    ],
)
def test_shared_credit_refusals(results: dict, support: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shared_credit(
            pd.DataFrame(results), pd.DataFrame(support), result="case", unit="unit", credit="credit", helper="helper"
        )


def test_a_bonus_is_shared_with_whoever_helped_and_nothing_is_made_or_lost() -> None:
    events = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B", "C"],
            "kind": ["press", "drunk", "drunk", "complaint", "drunk"],
            "points": [5.0, 1.0, 1.0, -2.0, 1.0],
            "helper": [None, "D", "D", "D", "C"],
        }
    )
    rules = [EventRule("bonus", ("press", "drunk"), share=0.3), EventRule("discipline")]
    found = event_points(events, rules, target="unit", points="points", kind="kind", helper="helper")
    table = found.pivot(index="target", columns="rule", values="points")
    assert table.loc["A", "bonus"] == pytest.approx(5.7)
    assert table.loc["B"].tolist() == pytest.approx([0.7, -2.0])
    assert table.loc["D", "bonus"] == pytest.approx(0.6)
    assert table.loc["C", "bonus"] == 1.0  # help of a unit to itself is no help
    assert found["points"].sum() == pytest.approx(events["points"].sum(), abs=1e-12)
    with pytest.raises(ValueError, match="share of rule 'bonus' is 2"):
        event_points(events, [EventRule("bonus", share=2.0)], target="unit", points="points")
