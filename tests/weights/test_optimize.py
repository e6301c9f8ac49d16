"""The public function: real data, prices, findings, and every refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pulp
import pytest

from kpi_research.weights import InfeasibleRules, Rule, Weights, optimize

CATALOGUE = pd.DataFrame({
    "id": ["prbarr", "prbconv", "prbpris", "avgsen", "polpc", "crmrte"],
    "label_en": ["Arrests", "Convictions", "Prison", "Sentence", "Police", "Crimes"],
    "label_zh": ["逮捕率", "定罪率", "监禁率", "刑期", "警力", "发案数"],
    "module": ["certainty", "certainty", "severity", "severity", "resources", "outcome"],
    "direction": ["higher", "higher", "higher", "higher", "higher", "lower"],
    "banned": [False, False, False, False, False, True],
})  # fmt: skip
CURRENT = {"prbarr": 30, "prbconv": 20, "prbpris": 15, "avgsen": 15, "polpc": 20}
RULES = [
    Rule("certainty", "module = 'certainty'", min=40, max=70),
    Rule("severity", "module = 'severity'", max=30),
    Rule("resources", "module = 'resources'", min=5, max=25),
    Rule("cap", "NOT banned", each_max=40),
    Rule("quality", "id = 'prbconv'", of="module = 'certainty'", min=0.3),
]


@pytest.fixture(scope="module")
def counties(crime4: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return scores and outcome of the 90 counties, means over seven years."""
    means = crime4.groupby("county")[list(CATALOGUE["id"])].mean()
    return means, -means["crmrte"]


@pytest.fixture(scope="module")
def real(counties: tuple[pd.DataFrame, pd.Series]) -> Weights:
    scores, outcome = counties
    return optimize(CATALOGUE, RULES, scores=scores, outcome=outcome, current=CURRENT, tether=20, draws=50, seed=1)


def column(found: Weights, name: str = "weight") -> pd.Series:
    return found.table.set_index("id")[name]


def test_on_the_counties_every_rule_holds_and_the_proof_is_exact(real: Weights) -> None:
    points = column(real)
    assert points.sum() == pytest.approx(100, abs=1e-9)
    assert points["crmrte"] == 0
    assert 40 <= points["prbarr"] + points["prbconv"] <= 70
    assert points["prbconv"] >= 0.3 * (points["prbarr"] + points["prbconv"]) - 1e-9
    assert np.abs(points - pd.Series(CURRENT)).sum() <= 20 + 1e-9
    assert real.certificate.primal_violation <= 1e-9
    assert real.certificate.duality_gap <= 1e-9


def test_on_the_counties_weight_goes_to_arrests_and_away_from_prison(
    real: Weights, counties: tuple[pd.DataFrame, pd.Series]
) -> None:
    scores, outcome = counties
    assert column(real)["prbarr"] == pytest.approx(40, abs=1e-9)
    assert column(real)["prbpris"] == pytest.approx(5, abs=1e-9)
    standardized = (scores - scores.mean()) / scores.std(ddof=0)
    score = standardized @ column(real)
    assert real.validity_of("optimized") == pytest.approx(np.corrcoef(score, outcome)[0, 1], abs=1e-12)
    assert real.validity_reference == pytest.approx(
        np.corrcoef(standardized @ pd.Series(CURRENT).reindex(scores.columns).fillna(0), outcome)[0, 1]
    )
    assert real.objective == pytest.approx(
        np.mean(score * (outcome - outcome.mean()) / outcome.std(ddof=0)) / np.mean(np.abs(score))
    )
    assert real.validity_of("optimized") > real.validity_of("optimized_cross_validated") > real.validity_reference


def test_the_tables_have_the_promised_columns(real: Weights) -> None:
    assert list(real.table["id"]) == list(CATALOGUE["id"])
    assert list(real.table.columns) == [
        "id", "label_en", "label_zh", "module", "direction", "current", "weight", "low", "high",
        "boot_sd", "boot_low", "boot_high", "boot_share", "near_low", "near_high", "published", "reason",
    ]  # fmt: skip
    assert {
        "rule",
        "label_en",
        "label_zh",
        "value",
        "min",
        "max",
        "binding",
        "source",
        "price_minus_1",
        "price_plus_1",
    } <= set(real.rules.columns)
    assert list(real.rules["rule"]) == ["cap", "certainty", "quality", "resources", "severity", "tether"]
    assert ((real.table["low"] <= real.table["weight"]) & (real.table["weight"] <= real.table["high"])).all()
    assert real.table["boot_share"].between(0, 1).all()


def test_order_of_rows_columns_rules_and_names_of_units_change_nothing(
    real: Weights, counties: tuple[pd.DataFrame, pd.Series]
) -> None:
    names = [f"county {county}" for county in counties[1].index]
    scores, outcome = counties[0].set_axis(names, axis=0), counties[1].set_axis(names)
    order = np.random.default_rng(0).permutation(len(outcome))
    again = optimize(
        CATALOGUE[::-1],
        RULES[::-1],
        scores=scores.iloc[order].iloc[:, ::-1],
        outcome=outcome[::-1],
        current=CURRENT,
        tether=20,
        draws=0,
    )
    np.testing.assert_allclose(column(again)[real.table["id"]], column(real), atol=1e-9)


def test_equal_calls_give_equal_bytes(real: Weights, counties: tuple[pd.DataFrame, pd.Series]) -> None:
    scores, outcome = counties
    again = optimize(CATALOGUE, RULES, scores=scores, outcome=outcome, current=CURRENT, tether=20, draws=50, seed=1)
    pd.testing.assert_frame_equal(again.table, real.table, check_exact=True)
    pd.testing.assert_frame_equal(again.rules, real.rules, check_exact=True)
    assert again.findings == real.findings


INSIDE = {"prbarr": 30, "prbconv": 22, "prbpris": 14, "avgsen": 14, "polpc": 20}
"""Weights that no rule touches, so that the center stays where it is when a rule is moved by a point."""


def repriced(row: pd.Series, change: float, counties: tuple[pd.DataFrame, pd.Series], **options: Any) -> float:
    """Return the objective after moving the priced limit of a rule, from a new start."""
    scores, outcome = counties
    tether, rules = options.pop("tether"), []
    for rule in RULES:
        fields = dict(vars(rule))
        if rule.id == row["rule"]:
            prefix = "each_" if row["kind"] == "each" else ""
            fields[prefix + row["limit"]] += change / 100 if row["kind"] == "share" else change
        rules.append(Rule(**fields))
    reach = tether + change if row["rule"] == "tether" else tether
    return optimize(
        CATALOGUE, rules, scores=scores, outcome=outcome, current=INSIDE, tether=reach, draws=0, **options
    ).objective


@pytest.mark.parametrize("tether", [20.0, 60.0])
def test_prices_are_what_a_new_start_with_the_moved_rule_costs(
    tether: float, counties: tuple[pd.DataFrame, pd.Series]
) -> None:
    scores, outcome = counties
    found = optimize(CATALOGUE, RULES, scores=scores, outcome=outcome, current=INSIDE, tether=tether, draws=0)
    assert found.rules["binding"].sum() >= 2
    for _, row in found.rules.iterrows():
        for change, name in ((-1.0, "price_minus_1"), (1.0, "price_plus_1")):
            expected = repriced(row, change, counties, tether=tether) - found.objective
            assert row[name] == pytest.approx(expected, abs=1e-9), (row["rule"], name)


def test_a_price_is_missing_where_the_moved_rules_cannot_all_hold() -> None:
    catalogue = pd.DataFrame({"id": ["a", "b"]})
    rules = [Rule("a", "id = 'a'", min=60), Rule("b", "id = 'b'", min=40)]
    prices = optimize(catalogue, rules, objective="closest").rules.set_index("rule")
    assert np.isnan(prices["price_plus_1"]["a"])
    assert prices["price_minus_1"]["a"] == pytest.approx(-2)
    assert prices["price_minus_5"]["a"] == pytest.approx(-10)
    assert np.isnan(prices["price_plus_5"]["a"])


@pytest.mark.parametrize("solver", [pulp.HiGHS(msg=False, threads=1), pulp.PULP_CBC_CMD(msg=False)])
def test_the_exported_problem_has_the_same_optimum_in_other_hands(
    real: Weights, tmp_path: Path, solver: pulp.LpSolver
) -> None:
    problem = real.to_pulp()
    problem.writeMPS(str(tmp_path / "weights.mps"))
    _, again = pulp.LpProblem.fromMPS(str(tmp_path / "weights.mps"))
    for item in (problem, again):
        item.solve(solver)
        assert -pulp.value(item.objective) == pytest.approx(real.objective, abs=1e-6)


def test_closeness_moves_no_more_than_the_rules_ask_for() -> None:
    catalogue = pd.DataFrame({"id": ["a", "b", "c"]})
    found = optimize(
        catalogue, [Rule("r", "id = 'a'", min=50)], objective="closest", current={"a": 40, "b": 40, "c": 20}
    )
    assert found.objective == pytest.approx(20)
    assert list(found.table["weight"]) == pytest.approx([50, 35, 15])
    # Any split of the ten points between b and c moves as much; the one shown moves least in squares.
    assert list(found.table["low"]) == pytest.approx([50, 30, 10])
    assert list(found.table["high"]) == pytest.approx([50, 40, 20])
    assert {"weights-not-determined", "current-breaks-rules"} == {item.code for item in found.findings}


def test_current_weights_that_break_rules_are_named_with_the_amount() -> None:
    catalogue = pd.DataFrame(
        {"id": ["a", "b", "c"], "banned": [False, False, True], "label_en": list("ABC"), "label_zh": ["甲", "乙", "丙"]}
    )
    rule = Rule("band", "id = 'a'", max=30, label={"en": "Band", "zh": "甲类占比"})
    found = optimize(catalogue, [rule], objective="closest", current={"a": 42.5, "b": 50, "c": 7.5})
    broken = next(item for item in found.findings if item.code == "current-breaks-rules")
    assert "'Band' at most 30 points (off by 12.5 points)" in broken.message
    assert "'C' is banned (weight 0) (off by 7.5 points)" in broken.message
    assert "“甲类占比”不超过30分（相差12.5分）" in broken.text("zh")[0]


def test_the_tether_starts_from_the_closest_allowed_weights() -> None:
    generator = np.random.default_rng(0)
    scores = pd.DataFrame(generator.normal(size=(50, 3)), columns=["a", "b", "c"])
    rule = Rule("band", "id = 'a'", max=30)
    found = optimize(
        pd.DataFrame({"id": ["a", "b", "c"]}),
        [rule],
        scores=scores,
        outcome=scores["c"],
        current={"a": 60, "b": 20, "c": 20},
        tether=6,
        draws=0,
    )
    assert list(found.table["weight"]) == pytest.approx([30, 32, 38]) or found.rules.iloc[-1]["value"] == pytest.approx(
        6
    )
    assert column(found)["c"] == pytest.approx(38)


def test_where_nothing_goes_with_the_outcome_the_answer_is_the_closest_and_says_so(
    counties: tuple[pd.DataFrame, pd.Series],
) -> None:
    scores, outcome = counties
    found = optimize(CATALOGUE, RULES, scores=scores, outcome=-outcome, current=CURRENT, tether=None, draws=0)
    assert found.aim == "closest"
    assert dict(column(found)[list(CURRENT)]) == pytest.approx(CURRENT)
    assert "no-positive-validity" in {item.code for item in found.findings}
    assert next(item for item in found.findings if item.code == "no-positive-validity").severity == "caution"


def test_few_units_and_gaps_are_pointed_out(counties: tuple[pd.DataFrame, pd.Series]) -> None:
    scores, outcome = counties[0].copy(), counties[1]
    scores.loc[scores.index[:60], "avgsen"] = np.nan
    scores["polpc"] = 1.0
    found = optimize(CATALOGUE, RULES[:2], scores=scores, outcome=outcome, current=CURRENT, draws=0)
    codes = {item.code: item for item in found.findings}
    assert {"units-incomplete", "few-units-for-weights", "indicator-without-evidence", "current-breaks-rules"} <= set(
        codes
    )
    assert "30 of 90 units (33 %)" in codes["units-incomplete"].message
    assert column(found)["polpc"] == 0


def test_an_indicator_without_evidence_that_a_rule_needs_is_an_error(counties: tuple[pd.DataFrame, pd.Series]) -> None:
    scores, outcome = counties
    with pytest.raises(InfeasibleRules, match="'Police' has no evidence") as caught:
        optimize(CATALOGUE, RULES, scores=scores.assign(polpc=1.0), outcome=outcome, current=CURRENT)
    assert caught.value.conflicts == (("resources", "polpc.no_evidence"),)


def test_a_soft_rule_that_cannot_hold_is_reported() -> None:
    rules = [
        Rule("law", "id = 'a'", max=30),
        Rule("wish", "id = 'a'", min=50, hard=False, label={"en": "Wish", "zh": "愿望"}),
    ]
    found = optimize(pd.DataFrame({"id": ["a", "b"]}), rules, objective="closest")
    assert column(found)["a"] == pytest.approx(30)
    told = next(item for item in found.findings if item.code == "soft-rule-broken")
    assert "'Wish'" in told.message
    assert "20 points" in told.message
    assert "“愿望”" in told.text("zh")[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_picture_shows_every_indicator(real: Weights, lang: Any) -> None:
    axes = real.plot(lang).axes[0]
    expected = real.table["label_zh" if lang == "zh" else "label_en"]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(expected)


def test_one_indicator_gets_all_points() -> None:
    assert list(optimize(pd.DataFrame({"id": ["a"]}), [], objective="closest").table["weight"]) == [100]


def test_four_hundred_indicators_are_weighted() -> None:
    catalogue = pd.DataFrame({"id": [f"i{number:04d}" for number in range(400)], "module": ["x", "y"] * 200})
    found = optimize(catalogue, [Rule("x", "module = 'x'", min=60)], objective="closest")
    assert found.table["weight"].to_numpy()[:2] == pytest.approx([0.3, 0.2])


SCORES = pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [2.0, 1, 4, 0]}, index=list("wxyz"))
OUTCOME = pd.Series([1.0, 2, 3, 4], index=list("wxyz"))
TWO = pd.DataFrame({"id": ["a", "b"]})


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"objective": "validty"}, ValueError, "Did you mean 'validity'"),
        ({"scores": None}, ValueError, "scores is missing"),
        ({"outcome": None}, ValueError, "outcome is missing"),
        ({"scenarios": 5}, ValueError, "only the objectives worst, tail, regret, mean"),
        ({"grid": 3}, ValueError, "100 must be a multiple"),
        ({"tether": -1}, ValueError, "tether is -1"),
        ({"tether": float("nan")}, ValueError, "tether is nan"),
        ({"tether": "10"}, TypeError, "must be a number"),
        ({"level": 1.0}, ValueError, "between 0 and 1"),
        ({"seed": 1.5}, TypeError, "whole number"),
        ({"draws": -1}, ValueError, "0 or more"),
        ({"current": {"a": 50, "B": 50}}, ValueError, "no indicator 'B'"),
        ({"current": {"a": 0.5, "b": 0.5}}, ValueError, "not shares of 1"),
        ({"current": {"a": -5, "b": 105}}, ValueError, "0 or more points"),
        ({"scores": SCORES.to_numpy()}, TypeError, "DataFrame"),
        ({"outcome": [1, 2, 3, 4]}, TypeError, "Series"),
        ({"scores": SCORES.drop(columns="b")}, ValueError, "no column for indicator 'b'"),
        ({"scores": SCORES.replace(5.0, np.inf)}, ValueError, "unit 'z' has an infinite value in 'a'"),
        ({"scores": SCORES.astype(object).replace(5.0, "five")}, ValueError, "must hold numbers"),
        ({"scores": SCORES.set_axis(list("wwyz"))}, ValueError, "'w' stands twice"),
        ({"scores": SCORES.iloc[:1]}, ValueError, "1 unit"),
        ({"scores": SCORES * np.nan}, ValueError, "none of the indicators"),
        ({"outcome": OUTCOME * 0}, ValueError, "outcome is the same"),
        ({"outcome": OUTCOME.set_axis(list("abcd"))}, ValueError, "0 unit"),
        ({"rules": ["total"]}, TypeError, "Rule objects"),
        ({"indicators": TWO.iloc[:0]}, ValueError, "no rows"),
        ({"indicators": [1]}, TypeError, "DataFrame"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_reason(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    arguments: dict[str, Any] = {
        "indicators": TWO,
        "rules": [],
        "scores": SCORES,
        "outcome": OUTCOME,
        "draws": 0,
        **change,
    }
    with pytest.raises(error, match=words):
        optimize(arguments.pop("indicators"), arguments.pop("rules"), **arguments)


def test_every_finding_reads_well_in_chinese(real: Weights, counties: tuple[pd.DataFrame, pd.Series]) -> None:
    scores, outcome = counties
    few = [
        optimize(CATALOGUE, RULES, scores=scores[:25], outcome=outcome[:25], current=given, draws=5)
        for given in (None, CURRENT)
    ]
    for item in (*real.findings, *few[0].findings, *few[1].findings):
        message, remedy = item.text("zh")
        assert "{" not in message + remedy
        assert any("一" <= letter <= "鿿" for letter in message)
