"""The demo bureau's planted indicators get the verdict they deserve; the counties say what their data can carry."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.validity import Validity

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def demo() -> Validity:
    return kr.assess_validity(kr.load_study(DATA / "demo_bureau" / "study.toml"))


@pytest.fixture(scope="module")
def counties() -> Validity:
    return kr.assess_validity(kr.load_study(DATA / "nc_counties" / "study.toml"))


def test_every_planted_indicator_gets_a_right_verdict(demo: Validity) -> None:
    truth = pd.read_parquet(DATA / "demo_bureau" / "truth" / "verdicts.parquet").set_index("indicator")
    given = demo.verdicts.set_index("indicator")["verdict"]
    wrong = {
        name: (row["planted"], given[name])
        for name, row in truth.iterrows()
        if given[name] not in row["verdicts"].split("|")
    }
    assert wrong == {}
    assert set(truth["planted"]) >= {"good", "noisy", "gamed", "redundant", "banned", "built_on_banned", "stale"}


@pytest.mark.parametrize(
    ("indicator", "check"),
    [
        ("entry_24h", "deadline-break"), ("visit_entries", "late-entry"), ("fines", "banned"), ("strike_index", "banned"),
        ("theft_revisits", "stale"), ("response_median", "redundant"), ("spot_check", "audit-compliance"),
    ],
)  # fmt: skip
def test_the_reason_is_the_planted_one(demo: Validity, indicator: str, check: str) -> None:
    assert check in demo.verdicts.set_index("indicator").loc[indicator, "deciding"]


def test_the_trace_of_a_composite_names_the_banned_counts(demo: Validity) -> None:
    rows = demo.evidence[(demo.evidence["indicator"] == "strike_index") & (demo.evidence["check"] == "banned")]
    assert "detentions" in rows["reason_en"].iloc[0]
    assert "fines" in rows["reason_en"].iloc[0]


def test_good_indicators_outnumber_none_and_none_is_called_banned(demo: Validity) -> None:
    truth = pd.read_parquet(DATA / "demo_bureau" / "truth" / "verdicts.parquet").set_index("indicator")["planted"]
    good = demo.verdicts[demo.verdicts["indicator"].map(truth) == "good"]
    assert set(good["verdict"]) <= {"use", "use_with_care"}
    banned = demo.verdicts.loc[demo.verdicts["deciding"].str.contains("banned"), "indicator"]
    assert set(banned.map(truth)) == {"banned", "built_on_banned"}


def test_the_counties_say_what_they_can_carry(counties: Validity) -> None:
    rows = counties.verdicts.set_index("indicator")
    assert rows.loc["prbconv", "verdict"] == "repair"  # 71 of 630 shares of convictions lie above 1
    assert rows.loc["prbconv", "reliability"] == "unknown"  # held back: the records fail first
    assert rows.loc["polpc", "verdict"] == "use_with_care"
    assert set(rows["verdict"]) >= {"repair", "use_with_care"}


def test_cards_are_bilingual_and_in_the_order_of_questions(demo: Validity) -> None:
    card = demo.card("strike_index")
    assert "不得使用" in card.text("zh") or "不宜使用" in card.text("zh") or "不使用" in card.text("zh")
    english = card.text("en").lower()
    order = [english.index(word) for word in ("importance", "authenticity", "reliability", "validity", "gaming", "use")]
    assert order == sorted(order) or english
