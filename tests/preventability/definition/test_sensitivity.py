"""Shares under several definitions, their bounds, and definitions against the decisions of a panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.preventability import Definition, classify, definition_accuracy, definition_shares

RULES = Definition("rules", (("kind = 'p'", "preventable"), ("kind = 'u'", "unclear")))
ONLY_SURE = Definition("sure", (("kind = 'p'", "preventable"),))
OTHERS = Definition("others", (("kind = 'n'", "preventable"),))


def test_bounds_are_those_of_none_and_all_unclear_cases() -> None:
    cases = pd.DataFrame({"unit": list("aaaabb"), "kind": list("ppunuu"), "chance": [0, 0, 0.5, 0, 0.2, 0.4]})
    table = definition_shares(cases, [RULES], unit="unit", probability="chance").table.set_index("unit")
    assert table.loc["a", ["n", "preventable", "not", "unclear"]].tolist() == [4, 2, 1, 1]
    assert table.loc["a", ["low", "estimate", "high"]].tolist() == [0.5, 0.625, 0.75]
    assert table.loc["b", ["low", "estimate", "high"]].tolist() == pytest.approx([0.0, 0.3, 1.0])


def test_without_probability_only_the_bounds_are_known() -> None:
    cases = pd.DataFrame({"unit": ["a", "b"], "kind": ["u", "p"]})
    table = definition_shares(cases, [RULES], unit="unit").table
    assert np.isnan(table["estimate"].iloc[0])
    assert table["estimate"].iloc[1] == 1.0


def test_definitions_that_turn_the_order_around_are_pointed_out() -> None:
    cases = pd.DataFrame(
        [(f"u{unit}", "p" if row < unit else "n") for unit in range(6) for row in range(6)], columns=["unit", "kind"]
    )
    result = definition_shares(cases, [ONLY_SURE, OTHERS], unit="unit")
    assert result.pairs["rank_correlation"].tolist() == pytest.approx([-1.0])
    assert result.pairs["largest_difference"].tolist() == pytest.approx([1.0])
    assert [item.code for item in result.findings] == ["definition-changes-order"]
    same = definition_shares(cases, [ONLY_SURE, Definition("again", ONLY_SURE.rules)], unit="unit")
    assert same.pairs["rank_correlation"].tolist() == pytest.approx([1.0])
    assert same.findings == ()


def test_many_unclear_cases_are_pointed_out_in_both_languages() -> None:
    cases = pd.DataFrame({"unit": list("aabb"), "kind": list("pupu")})
    (item,) = definition_shares(cases, [RULES], unit="unit").findings
    assert item.code == "definition-unclear"
    assert "50" in item.line("en")
    assert "100" in item.line("zh")


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("pun"), st.floats(0, 1)), min_size=1, max_size=40))
def test_the_estimate_lies_within_the_bounds(rows: list[tuple[str, str, float]]) -> None:
    cases = pd.DataFrame(rows, columns=["unit", "kind", "chance"])
    table = definition_shares(cases, [RULES], unit="unit", probability="chance").table
    assert (table["low"] <= table["estimate"] + 1e-12).all()
    assert (table["estimate"] <= table["high"] + 1e-12).all()
    assert (table[["preventable", "not", "unclear"]].sum(axis=1) == table["n"]).all()


def test_refusals() -> None:
    cases = pd.DataFrame({"unit": ["a"], "kind": ["p"]})
    with pytest.raises(ValueError, match="at least one definition"):
        definition_shares(cases, [], unit="unit")
    with pytest.raises(ValueError, match="each id may stand once"):
        definition_shares(cases, [RULES, RULES], unit="unit")
    with pytest.raises(ValueError, match="no column 'station'"):
        definition_shares(cases, [RULES], unit="station")
    with pytest.raises(ValueError, match="no 'unit'"):
        definition_shares(pd.DataFrame({"unit": ["a", None], "kind": ["p", "p"]}), [RULES], unit="unit")


def test_a_definition_is_held_against_the_panel() -> None:
    cases = pd.DataFrame({"kind": list("pppnnnnu")})
    label = pd.Series([1, 1, 0, 0, 0, 0, np.nan, 1])
    classes = {"rules": classify(cases, RULES)}
    table = definition_accuracy(classes, label).set_index("measure")["estimate"]
    assert table["found"] == pytest.approx(2 / 3)
    assert table["spared"] == pytest.approx(3 / 4)
    assert table["unclear"] == pytest.approx(1 / 7)
    doubled = definition_accuracy(classes, label, weight=pd.Series(2.0, index=label.index)).set_index("measure")
    assert doubled["estimate"].tolist() == pytest.approx(table.tolist())
