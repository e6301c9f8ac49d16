"""Rules: what they may say, what they select, and that nothing is ever dropped."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.text import Text
from kpi_research.weights import Rule
from kpi_research.weights.program import compile_program
from kpi_research.weights.rules import resolve

CATALOGUE = pd.DataFrame({
    "id": ["patrol", "clearance", "fines", "calls"],
    "module": ["prevention", "business", "business", "business"],
    "kind": ["preventive", "quality", "quantity", "quantity"],
    "min_weight": [np.nan, 5, np.nan, np.nan],
    "max_weight": [30, np.nan, np.nan, np.nan],
    "banned": [False, False, True, False],
})  # fmt: skip


def limits_of(*rules: Rule) -> dict[tuple[str, str], tuple[float, list[str]]]:
    """Return value and selected ids of every limit by rule and kind."""
    resolved = resolve(rules, CATALOGUE)
    ids = np.array(resolved.ids)
    return {(item.rule, item.kind): (item.value, list(ids[item.selected])) for item in resolved.limits}


def test_a_rule_is_frozen_and_has_the_promised_signature() -> None:
    names = [item.name for item in dataclasses.fields(Rule)]
    assert names == [
        "id",
        "where",
        "min",
        "max",
        "of",
        "each_min",
        "each_max",
        "hard",
        "priority",
        "label",
        "source",
        "than",
        "column",
        "each_change",
        "change",
        "least",
        "count_min",
        "count_max",
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rule("a", None, min=1).min = 2  # type: ignore[misc]


def test_filters_select_rows_of_the_catalogue() -> None:
    found = limits_of(Rule("band", "module = 'business' AND NOT banned", min=40), Rule("cap", None, each_max=50))
    assert found["band", "min"] == (40, ["calls", "clearance"])
    assert found["cap", "each_max"] == (50, ["calls", "clearance", "fines", "patrol"])


def test_the_catalogue_sets_limits_of_its_own() -> None:
    found = limits_of()
    assert found == {
        ("clearance.min_weight", "each_min"): (5, ["clearance"]),
        ("patrol.max_weight", "each_max"): (30, ["patrol"]),
        ("fines.banned", "each_max"): (0, ["fines"]),
    }


def test_a_share_counts_only_what_lies_in_its_base() -> None:
    resolved = resolve(
        [Rule("share", "kind = 'quality' OR kind = 'preventive'", of="module = 'business'", min=0.4)], CATALOGUE
    )
    program = compile_program(resolved.ids, resolved.limits)
    assert resolved.ids == ("calls", "clearance", "fines", "patrol")
    np.testing.assert_allclose(program.matrix[1], [-0.4, 0.6, -0.4, 0.0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"min": 0.4, "max": 40, "of": "TRUE"}, "share from 0 to 1"),
        ({"min": 101}, "0 to 100"),
        ({"each_max": -1}, "0 to 100"),
        ({"min": float("nan")}, "0 to 100"),
        ({"min": 60, "max": 40}, "above max"),
        ({"each_min": 6, "each_max": 4}, "above each_max"),
        ({}, "sets no limit"),
        ({"min": 1, "priority": 0}, "at least 1"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rule("r", "module = 'business'", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [True, "40", [40]])
def test_a_limit_must_be_a_number(value: object) -> None:
    with pytest.raises(TypeError, match="must be a number"):
        Rule("r", None, min=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "total", "tether"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="id of a rule"):
        Rule(name, None, min=1)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("modul = 'business'", "module"),
        ("module = 'busines'", "business"),
        ("id IN ('patrol', 'clearence')", "clearance"),
        ("module = 'business' AND kind = 'preventive'", "selects no indicator"),
        ("module = ", "rule 'r'"),
        ("1 + 1", "rule 'r'"),
    ],
)
def test_an_unknown_name_or_an_empty_selection_is_an_error_with_a_hint(where: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resolve([Rule("r", where, min=1)], CATALOGUE)


def test_all_faults_are_listed_at_once() -> None:
    rules = [
        Rule("a", "modul = 'x'", min=1),
        Rule("b", "module = 'x'", min=1),
        Rule("b", None, min=1),
        Rule("c", "module = 'business'", of="module = 'prevention'", min=0.1),
    ]
    with pytest.raises(ValueError, match=r"'b' stands twice.*'a'.*'b'.*'c'.*both"):
        resolve(rules, CATALOGUE)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (CATALOGUE.rename(columns={"id": "code"}), "no column 'id'"),
        (CATALOGUE.iloc[:0], "no rows"),
        (CATALOGUE.assign(id="a"), "stands twice"),
        (CATALOGUE.assign(id=["a", "", "c", "d"]), "not empty"),
        (CATALOGUE.assign(max_weight=pd.Series(["30", "much", None, None], dtype=object)), "'clearance' is 'much'"),
        (CATALOGUE.assign(max_weight=130.0), "0 to 100"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_refused(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resolve([], frame)


def test_labels_come_in_both_languages() -> None:
    assert Rule("r", None, min=1, label={"en": "Prevention", "zh": "防范"}).text == Text("Prevention", "防范")
    assert Rule("r", None, min=1, label="Prevention").text["zh"] == "Prevention"
    assert Rule("r", None, min=1).text["en"] == "r"
