"""The rule that leads from evidence to a verdict."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.study.spec_validity import VerdictSection
from kpi_research.validity.evidence import ASPECTS, GRADES, evidence_frame
from kpi_research.validity.verdict.card import Card
from kpi_research.validity.verdict.decide import decide
from kpi_research.validity.verdict.rules import DEFAULT, verdict_rules
from kpi_research.validity.verdict.words import ASPECTS as ASPECT_NAMES
from kpi_research.validity.verdict.words import GRADES as GRADE_NAMES
from kpi_research.validity.verdict.words import VERDICTS

ORDER = list(VERDICTS)
CHECK = "reliability-of-score"


def row(indicator: str, aspect: str, grade: str, check: str = CHECK) -> dict[str, str]:
    texts = {"name_en": check, "name_zh": check, "reason_en": f"{grade}.", "reason_zh": f"{grade}。"}
    return {"indicator": indicator, "aspect": aspect, "check": check, "grade": grade} | texts


def card_of(*rows: dict[str, str], rules: tuple = DEFAULT) -> pd.Series:
    return decide(evidence_frame(rows), ["a"], rules).iloc[0]


SOUND = (row("a", "authenticity", "pass"), row("a", "reliability", "pass"), row("a", "validity", "pass"))


@pytest.mark.parametrize(
    ("extra", "verdict"),
    [
        ((), "use"),
        ((row("a", "validity", "care"),), "use_with_care"),
        ((row("a", "authenticity", "fail"),), "repair"),
        ((row("a", "reliability", "fail"),), "do_not_use"),
        ((row("a", "use", "fail", "banned"),), "do_not_use"),
        ((row("a", "use", "fail", "stale"),), "repair"),
        ((row("a", "use", "fail", "stale"), row("a", "use", "fail", "banned")), "do_not_use"),
        ((row("a", "importance", "unknown"), row("a", "validity", "unknown")), "use"),
        ((row("a", "authenticity", "care"),), "use_with_care"),
        ((row("a", "authenticity", "care"), row("a", "robustness", "care")), "repair"),
        ((row("a", "reliability", "care"), row("a", "validity", "care")), "use_with_care"),
    ],
)
def test_the_written_rule_leads_to_the_verdict(extra: tuple, verdict: str) -> None:
    assert card_of(*SOUND, *extra)["verdict"] == verdict


def test_without_a_word_on_records_or_reliability_nothing_can_be_told() -> None:
    found = card_of(row("a", "authenticity", "pass"), row("a", "validity", "pass"))
    assert found["verdict"] == "cannot_tell"
    assert "reliability" in found["reason_en"]
    assert "信度" in found["reason_zh"]
    assert card_of()["verdict"] == "cannot_tell"


def test_what_nobody_could_show_to_go_with_the_outcome_is_used_with_care() -> None:
    found = card_of(row("a", "authenticity", "pass"), row("a", "reliability", "pass"))
    assert found["verdict"] == "use_with_care"
    assert "validity" in found["reason_en"]


def test_a_line_of_the_study_replaces_the_default() -> None:
    rules = verdict_rules([VerdictSection(subject="banned", grade="fail", verdict="use_with_care")])
    assert card_of(*SOUND, row("a", "use", "fail", "banned"), rules=rules)["verdict"] == "use_with_care"
    assert card_of(*SOUND, row("a", "use", "fail", "other"), rules=rules)["verdict"] == "do_not_use"


def test_reasons_are_those_of_the_checks_that_decided() -> None:
    found = card_of(*SOUND, row("a", "validity", "care"), row("a", "use", "fail", "banned"))
    assert found["deciding"] == "banned"
    assert found["reason_en"] == "banned: fail."
    assert found["reason_zh"] == "banned：fail。"


rows = st.lists(st.builds(row, st.just("a"), st.sampled_from(ASPECTS), st.sampled_from(GRADES)), max_size=8)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(rows, rows)
def test_more_evidence_never_makes_a_verdict_milder_unless_it_speaks_where_nothing_did(first: list, more: list) -> None:
    before, after = card_of(*SOUND, *first), card_of(*SOUND, *first, *more)
    assert ORDER.index(after["verdict"]) >= ORDER.index(before["verdict"])


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.permutations([*SOUND, row("a", "validity", "fail"), row("a", "use", "care"), row("b", "use", "fail")]))
def test_order_of_evidence_does_not_matter(shuffled: list) -> None:
    found = decide(evidence_frame(shuffled), ["a", "b"], DEFAULT)
    assert list(found["verdict"]) == ["do_not_use", "do_not_use"]


def test_names_cover_every_aspect_and_grade() -> None:
    assert tuple(ASPECT_NAMES) == ASPECTS
    assert tuple(GRADE_NAMES) == GRADES
    assert {line.verdict for line in DEFAULT} <= set(VERDICTS)


def test_a_card_reads_in_both_languages() -> None:
    card = Card(
        "a",
        "Arrival",
        "到场",
        "repair",
        evidence_frame([row("a", "validity", "pass"), row("a", "use", "fail", "banned")]),
    )
    assert card.text("en").splitlines()[0] == "Arrival: repair first"
    assert card.text("zh").splitlines() == [
        "到场：须先整改",
        "效度",
        f"  [通过] {CHECK}：pass。",
        "适用性",
        "  [未通过] banned：fail。",
    ]
    assert "<script" not in Card("a", "<script>", "", "use", card.table)._repr_html_()
