"""The scorecard chapter says what the ranking can carry, in both languages, and names no person, rater or address."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kpi_research.publish.blocks import Folded, Grid, Heading, Pair, Paragraph
from kpi_research.publish.chapters.scorecard import scorecard_chapter
from kpi_research.publish.render import report_files
from kpi_research.publish.scorecard_lines import scorecard_lines
from kpi_research.publish.words import LANGUAGES, words
from kpi_research.result import StudyResult
from kpi_research.scorecard import (
    ChangeReport,
    GapReport,
    RaterSeverity,
    Reasons,
    StudyConsequences,
    StudyEvaluators,
    SurveyEstimate,
    consequences,
    digest,
    improvements,
)
from kpi_research.study.spec_consequences import ConsequenceSection

NAN = float("nan")
UNITS = [f"第{number}所" for number in range(1, 31)]
SECRETS = ("P-0001", "P-0002", "R-9", "Mill Lane 7")
"""An officer, a colleague, a rater and an address."""
RULES = [
    {"id": "merit", "label": {"en": "top three", "zh": "前三名"}, "link": "reward", "kind": "top", "count": 3},
    {"id": "talk", "label": {"en": "below 41", "zh": "41分以下"}, "link": "sanction", "kind": "below", "cut": 41},
    {"id": "grades", "label": {"en": "grades", "zh": "定级"}, "link": "grade", "kind": "grades", "cuts": [60, 50]},
    {"id": "money", "label": {"en": "budget", "zh": "经费"}, "link": "resources", "kind": "proportional"},
]


def made_consequences(table: pd.DataFrame) -> StudyConsequences:
    score = pd.Series(table["score"].to_numpy(), index=table["unit"])
    rng = np.random.default_rng(1)
    periods = pd.DataFrame(score.to_numpy()[:, None] + 8 * rng.standard_normal((len(score), 6)), index=score.index)
    rules = [ConsequenceSection.model_validate(rule) for rule in RULES]
    part = consequences(
        score, rules=rules, se=pd.Series(2.5, index=score.index), periods=periods, name="current", seed=1
    )
    return StudyConsequences(part.table.assign(group=""), (), {"": part})


def made_reasons() -> Reasons:
    frame = {"unit": UNITS[:3], "group": "", "outcome": [7.0, 8.0, 9.0], "peers": 8.0, "gap": [-1.0, 0.0, 1.0]}
    verdicts = {
        "verdict": ["cause", "no_gap", "cannot_tell"],
        "main": ["staffing", "", ""],
        "certainty": [0.95, 0.5, 0.4],
    }
    table = pd.DataFrame(
        {**frame, "low": -1.5, "high": 1.5, **verdicts, "drag": ["staffing", "", ""], "drag_certainty": 0.9}
    )
    parts = pd.DataFrame(
        [(u, c, 0.25, 0.1, 0.4, 0.5) for u in UNITS[:3] for c in ("staffing", "manner", "unexplained")],
        columns=["unit", "cause", "part", "low", "high", "largest"],
    )
    causes = pd.DataFrame({"cause": ["staffing", "manner"], "effect": [-0.2, 0.4], "low": -0.3, "high": 0.5})
    gaps = GapReport(table, (), parts, causes, pd.DataFrame(columns=["cause", "column", "loading"]))
    months = [f"2024-{month:02d}" for month in range(1, 7)]
    cases = pd.DataFrame(
        [(m, k, u) for m in months for k, n in (("theft", 30), ("robbery", 1)) for u in UNITS[:2] for _ in range(n)],
        columns=["month", "type", "unit"],
    )  # fmt: skip
    summary = digest(cases, type="type", period="month", unit="unit", names={"theft": {"en": "theft", "zh": "盗窃"}})
    summary = replace(summary, table=summary.table.assign(before=[NAN, 40.0, 41.0]))
    points = pd.DataFrame(
        [(unit, name, 50.0 - place, 50.0) for place, unit in enumerate(UNITS[:4]) for name in ("clearance", "visits")],
        columns=["unit", "indicator", "normalized", "weight"],
    )
    return Reasons(table, (), gaps, (made_change("theft"), made_change("robbery")), improvements(points), summary)


def made_change(kind: str) -> ChangeReport:
    rows = [
        ("address", 0.0, 4.0, 4.0),
        ("place", 0.0, 0.0, 0.0),
        ("calendar", 40.0, 41.0, 1.0),
        ("own", 41.0, 60.0, 15.0),
    ]
    table = pd.DataFrame(rows, columns=["part", "before", "now", "change"])
    table = table.assign(low=table["change"] - (table["change"] != 0), high=table["change"] + (table["change"] != 0))
    levels = pd.DataFrame({"factor": ["address"], "level": ["Mill Lane 7"], "now": [4.0], "flagged": [True]})
    label = {"en": kind, "zh": {"theft": "盗窃", "robbery": "抢劫"}[kind]}
    return ChangeReport(table, (), levels, pd.DataFrame(), pd.DataFrame(), kind, "2024-06", label)


def made_evaluators() -> StudyEvaluators:
    rows = [
        ("survey", "unit", UNITS[0], "safety", 40, 0.8, 0.05, 0.7, 0.9, 0.79),
        ("survey", "unit", UNITS[1], "safety", 3, 0.333, 0.3, 0.1, 0.9, 0.5),
        ("ratings", "officer", "P-0001", "all", 12, 6.5, 0.2, 6.1, 6.9, NAN),
        ("ratings", "unit", UNITS[0], "all", 12, 5.5, 0.2, 5.1, 5.9, NAN),
    ]
    names = ["evaluator", "target_kind", "target", "item", "answers", "estimate", "se", "low", "high", "pooled"]
    compared = pd.DataFrame(
        [("survey", "unit", "safety", 2, 21.5, 0.7, 0.5, 60.0), ("ratings", "officer", "all", 9, 12.0, 0.9, 0.4, NAN)],
        columns=["evaluator", "target_kind", "item", "targets", "answers", "reliability", "unresolved", "needed"],
    )  # fmt: skip
    survey = pd.DataFrame({"target": UNITS[:2], "item": "safety", "answers": [40, 3], "response": [0.4, 0.1]})
    items = pd.DataFrame({"item": ["safety"], "targets": [2], "answers": [43]})
    return StudyEvaluators(
        pd.DataFrame(rows, columns=names),
        (),
        compared,
        SurveyEstimate(survey, (), items, "share", 0.95),
        None,
        {"officer": made_ratings()},
    )


def made_ratings() -> RaterSeverity:
    names = [
        "kind",
        "family",
        "raters",
        "targets",
        "ratings",
        "reference",
        "leniency",
        "low",
        "high",
        "severity_sd",
        "target_sd",
        "agreement",
    ]
    kinds = [
        ("self", 1, 9, 9, 9, "peer", 1.15, 0.96, 1.34, NAN, 0.9, 0.6),
        ("peer", 1, 9, 9, 72, "peer", 0.0, 0.0, 0.0, 0.8, 0.9, 0.4),
        ("superior", 1, 1, 9, 9, "peer", -2.0, -3.0, -1.0, NAN, 0.9, 0.4),
    ]
    severities = pd.DataFrame({"rater": ["R-9", "P-0002"], "kind": ["superior", "peer"], "severity": [2.0, 0.1]})
    table = pd.DataFrame({"target": ["P-0001"], "score": [6.5]})
    return RaterSeverity(
        table, (), severities, pd.DataFrame(kinds, columns=names), pd.DataFrame(), pd.DataFrame(), 0.95
    )


@pytest.fixture(scope="module")
def full(make_result) -> StudyResult:
    """Return a result whose scorecard has every part."""
    made = make_result(units=UNITS)
    card = made.scorecard
    shifts = pd.DataFrame(
        {"indicator": "response", "by": "workload", "unit": UNITS[:3], "raw": 10.0, "adjusted": [9, 10, 12.5]}
    )
    pairs = pd.DataFrame({"group": [""], "units": [30], "pairs": [435], "unresolved": [0.4]})
    card = replace(
        card,
        adjustments=shifts,
        pairs=pairs,
        consequences=made_consequences(card.table),
        reasons=made_reasons(),
        evaluators=made_evaluators(),
    )
    return replace(made, scorecard=card)


@pytest.fixture(params=LANGUAGES)
def said(request):
    return words(request.param)


def flat(blocks):
    for block in blocks:
        yield block
        if isinstance(block, Folded):
            yield from flat(block.blocks)


def grids(result, said) -> list[Grid]:
    chapter = scorecard_chapter(result, said, frozenset({"matrix", "consequences", "gaps"}))
    return [block for block in flat(chapter.blocks) if isinstance(block, Grid)]


def grid(result, said, key: str, **facts) -> Grid:
    return next(found for found in grids(result, said) if found.caption == said(key, **facts))


def rows(found: Grid) -> list[list[str]]:
    return [[f"{cell.main} [{cell.small}]" if isinstance(cell, Pair) else cell for cell in row] for row in found.rows]


def test_the_chapter_goes_from_the_ranking_to_what_it_can_carry(full, said):
    chapter = scorecard_chapter(full, said, frozenset({"matrix", "consequences", "gaps"}))
    titles = [block.text for block in chapter.blocks if isinstance(block, Heading)]
    keys = [
        "ranking",
        "points.title",
        "adjusted.title",
        "rules.title",
        "rules.instead",
        "reasons.title",
        "improvements.title",
    ]
    assert titles[:7] == [said(f"scorecard.{key}") for key in keys]
    assert titles[7:] == [said("scorecard.month.title", period="2024-06"), said("scorecard.raters.title")]


def test_the_first_cell_of_each_row_is_a_plain_header(full, said):
    assert all(isinstance(row[0], str) for found in grids(full, said) for row in found.rows)
    assert all(len(row) == len(found.columns) for found in grids(full, said) for row in found.rows)


def test_a_scorecard_without_these_parts_ends_with_its_points(result, said):
    titles = [block.text for block in scorecard_chapter(result, said, frozenset()).blocks if isinstance(block, Heading)]
    assert titles == [said("scorecard.ranking")]


def test_the_largest_shifts_of_an_adjustment_are_named(full, said):
    shown = rows(grid(full, said, "scorecard.adjusted.caption"))
    assert [row[-2:] for row in shown] == [["+2.50 [第3所]", "−1.00 [第1所]"]]


def test_each_rule_has_its_hits_and_its_wrong_hits_with_an_interval(full, said):
    scheme = {"en": "current", "zh": "现行"}[said.lang]
    shown = rows(grid(full, said, "scorecard.rules.caption", scheme=scheme))
    table = full.scorecard.consequences.table.set_index("rule")
    assert [row[0] for row in shown] == table[f"label_{said.lang}"].tolist()
    merit = table.loc["merit"]
    assert shown[0][2] == said("front.of", part="3", whole="30")
    assert shown[0][3] == f"{merit['wrong']:.1f} [{merit['wrong_low']:.0f}–{merit['wrong_high']:.0f}]"
    assert shown[3][2] == said("scorecard.rules.budget")
    assert shown[3][3].startswith(f"{100 * table.loc['money', 'wrong']:.1f}%")


def test_gaps_have_a_cause_only_where_it_is_told(full, said):
    shown = rows(grid(full, said, "scorecard.reasons.caption"))
    verdicts = dict(said.group("scorecard.gap_verdict"))
    assert [row[-3] for row in shown] == [verdicts[name] for name in ("cause", "no_gap", "cannot_tell")]
    assert [row[-2] == "–" for row in shown] == [False, True, True]
    assert shown[0][3] == "−1.00 [−1.50 " + said("to") + " 1.50]"


def test_a_small_part_of_a_change_is_hidden_and_the_rest_it_would_follow_from(full, said):
    label = {"en": "theft", "zh": "盗窃"}[said.lang]
    shown = rows(grid(full, said, "scorecard.month.change_caption", kind=label, period="2024-06"))
    hidden, nothing = said("scorecard.month.hidden"), said("scorecard.month.none")
    assert [row[1] for row in shown] == [hidden, nothing, "+1.0 [0.0–2.0]", hidden]


def test_kinds_that_the_digest_hides_are_not_taken_apart(full, said):
    assert not [found for found in grids(full, said) if ("robbery" in found.caption or "抢劫" in found.caption)]


def test_raters_are_shown_as_kinds_of_five_or_more(full, said):
    shown = rows(grid(full, said, "scorecard.raters.kinds_caption"))
    known = dict(said.group("scorecard.rater_kind"))
    assert [row[0] for row in shown] == [known["self"], known["peer"]]
    lessons = [
        b.text
        for b in scorecard_chapter(full, said, frozenset()).blocks
        if isinstance(b, Paragraph) and b.role == "lesson"
    ]
    assert any("1.15" in text and "0.96–1.34" in text for text in lessons)


def test_no_officer_rater_address_or_small_sample_is_in_any_file(full, quick):
    for path, data in report_files(full, LANGUAGES).items():
        text = data.decode("utf-8-sig")
        assert not [secret for secret in SECRETS if secret in text], path
    frames = {name: frame for stage, name, frame in full.frames() if stage == "scorecard"}
    assert frames["evaluators"]["unit"].tolist() == [UNITS[0], UNITS[0]]
    assert "levels" not in frames
    assert {"consequences", "alternatives", "gaps", "gap_parts", "changes", "digest", "rater_kinds"} <= set(frames)


def test_the_digest_of_a_study_covers_nested_tables(full):
    gaps = replace(full.scorecard.reasons.gaps, level=0.95, table=full.scorecard.reasons.gaps.table.assign(gap=0.5))
    card = replace(full.scorecard, reasons=replace(full.scorecard.reasons, gaps=gaps))
    assert replace(full, scorecard=card).digest != full.digest


def test_the_terminal_is_told_who_can_be_told_apart_what_is_wrong_and_what_is_needed(full, said):
    (_, apart), (_, wrong), (_, needed) = scorecard_lines(full, said.lang)
    assert apart == [
        said(
            "scorecard_lines.apart",
            group=said("scorecard_lines.all_units"),
            units=30,
            better=9,
            worse=9,
            tied=174,
            pairs=435,
        )
    ]
    assert len(wrong) == len(RULES)
    assert (
        said("scorecard_lines.wrong_grades", rule="定级" if said.lang == "zh" else "grades", hits=30, wrong="X").split(
            "X"
        )[0]
        in wrong[2]
    )
    assert 1 <= len(needed) <= len(RULES)


def test_without_rules_the_terminal_says_so(full, said):
    card = replace(full.scorecard, consequences=None)
    parts = scorecard_lines(replace(full, scorecard=card), said.lang)
    assert parts[1][1] == [said("scorecard_lines.no_rules")]
    assert scorecard_lines(replace(full, scorecard=replace(card, pairs=pd.DataFrame({"units": []}))), said.lang) == []
