"""A small hand-made result of a study, shaped as the stages make it, whose texts a test can choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.preventability.separate import separate_preventable
from kpi_research.publish.render import report_files
from kpi_research.result import StudyResult
from kpi_research.scorecard.result import Scorecard
from kpi_research.study.findings import Finding, Where
from kpi_research.study.model import InputFile, Study
from kpi_research.study.spec import StudySpec
from kpi_research.validity.evidence import GRADES, evidence_frame
from kpi_research.validity.result import Validity
from kpi_research.validity.verdict.decide import decide
from kpi_research.validity.verdict.rules import DEFAULT
from kpi_research.weights.check import Certificate
from kpi_research.weights.optimize import Weights
from kpi_research.workload.fit import fit_workload

NAN = float("nan")
INDICATORS = ("clearance", "response", "visits", "safety")


def study(text: Callable[[str], str], units: list[str], findings: tuple[Finding, ...]) -> Study:
    labels = {"clearance": "破案率", "response": "出警用时", "visits": "走访次数", "safety": "群众安全感"}
    spec = StudySpec.model_validate(
        {
            "study": {
                "id": "small-bureau",
                "title": {"en": text("A small bureau"), "zh": text("某分局")},
                "question": {"en": text("What should count?"), "zh": text("应当考核什么?")},
                "description": {"en": text("Simulated."), "zh": text("模拟数据。")},
                "seed": 7,
            },
            "validity": {
                "outcome": "panel.harm",
                "outcome_direction": "lower",
                "outcome_label": {"en": text("harm"), "zh": text("损害")},
            },
        }
    )
    catalogue = pd.DataFrame(
        {
            "id": INDICATORS,
            "label_en": [text(name.title()) for name in INDICATORS],
            "label_zh": [text(labels[name]) for name in INDICATORS],
            "module": ["business", "business", "prevention", text("public")],
            "direction": ["higher", "lower", "higher", "higher"],
            "role": "graded",
            "unit": ["share", "minutes", "count", text("points")],
            "current_weight": [40.0, 20.0, 30.0, 10.0],
        }
    )
    periods = range(2019, 2024)
    values = pd.DataFrame(
        [(unit, period, *([0.5] * 4)) for unit in units for period in periods], columns=["unit", "period", *INDICATORS]
    )
    inputs = (
        InputFile("study.toml", "a" * 64, 60),
        InputFile("/home/someone/panel.csv", "b" * 64, 150),
        InputFile("postgresql://me:secret@db/bureau#log", "c" * 64, 9),
    )
    return Study(spec, Path("/home/someone/study"), catalogue, {}, values, inputs, findings, "d" * 64)


def validity(text: Callable[[str], str], units: list[str]) -> Validity:
    table = pd.DataFrame(
        {
            "indicator": INDICATORS,
            "label_en": "x",
            "label_zh": "x",
            "n": 150,
            "units": 30,
            "periods": 5,
            "icc1": [0.563, 0.183, 0.9, NAN],
            "icc1_low": [0.45, -0.02, 0.85, NAN],
            "icc1_high": [0.66, 0.31, 0.94, NAN],
            "stability": [0.7, 0.2, 0.95, NAN],
            "stability_low": [0.6, -0.1, 0.9, NAN],
            "stability_high": [0.8, 0.4, 0.98, NAN],
            "missing": [0.0, 0.02, 0.0, 0.8],
            "outcome_rank_correlation": [-0.31, 0.12, 0.46, NAN],
            "outcome_low": [-0.45, -0.05, 0.24, NAN],
            "outcome_high": [-0.15, 0.27, 0.63, NAN],
            "expected_sign": [-1.0, 1.0, -1.0, -1.0],
            "wrong_sign": [False, False, True, False],
        }
    )
    rows = [
        (model, term, -0.35483, 0.0322, -0.41804, -0.29162, 1e-12, 630, 0.40121)
        for model in ("two_way", "between", "first_difference")
        for term in (*INDICATORS[:3], text("density"))
    ]
    effects = pd.DataFrame(rows, columns=["model", "term", "estimate", "se", "low", "high", "p", "n", "r2"])
    faults = pd.DataFrame(
        [
            *(
                ("impossible-value", "clearance", unit, 2019, 2019, 1.2 + place, 1.0, 1.2 + place, 1)
                for place, unit in enumerate(units[:14])
            ),
            ("jump", text("wage"), units[0], 2020, 2022, 2177.068, 200.0, 10.88534, 3),
        ],
        columns=["kind", "column", "unit", "period_from", "period_to", "value", "reference", "ratio", "rows"],
    )
    caution = Finding(
        "made-up", "caution", Where("panel", 3, text("wage")), text("visits has the wrong sign."), text("Look again.")
    )
    evidence = evidence_frame([_evidence(name, grade, text) for name, grade in zip(INDICATORS, GRADES, strict=True)])
    verdicts = decide(evidence, INDICATORS, DEFAULT)
    table["verdict"] = verdicts["verdict"]
    return Validity(table, (caution,), effects, faults, evidence, verdicts, outcome_en="harm", outcome_zh="损害")


def _evidence(name: str, grade: str, text: Callable[[str], str]) -> dict[str, Any]:
    reasons = {"reason_en": text("0.18 of it is lasting."), "reason_zh": text("仅 0.18 是稳定差异。")}
    return {"indicator": name, "aspect": "reliability", "check": "made-up", "grade": grade, **reasons} | {
        "name_en": text("steadiness"),
        "name_zh": text("稳定程度"),
    }


def weights(text: Callable[[str], str]) -> Weights:
    table = pd.DataFrame(
        {
            "id": INDICATORS,
            "label_en": [text(name.title()) for name in INDICATORS],
            "label_zh": [text(name.title()) for name in INDICATORS],
            "module": ["business", "business", "prevention", text("public")],
            "direction": ["higher", "lower", "higher", "higher"],
            "current": [40.0, 20.0, 30.0, 10.0],
            "weight": [35.5, 1 / 3, 24.5, 39.0 + 2 / 3],
            "low": [35.5, 0.0, 20.0, 30.0],
            "high": [35.5, 5.0, 30.0, 40.0],
            "boot_sd": 2.0,
            "boot_low": [30.0, 0.0, 18.0, 28.0],
            "boot_high": [40.0, 8.0, 33.0, 40.0],
            "boot_share": [1.0, 0.6, 1.0, 1.0],
            "near_low": [30.0, 0.0, 15.0, 25.0],
            "near_high": [38.0, 9.0, 33.0, 40.0],
            "published": NAN,
            "reason": ["objective", "objective", "objective", "at_most"],
        }
    )
    rows = [
        (
            "band",
            "sum",
            text("Business 30 to 70"),
            text("业务30–70分"),
            35.8,
            30.0,
            70.0,
            False,
            0.0,
            True,
            text("Order 137"),
            "max",
            0.0,
            0.0,
        ),
        ("cap", "each", "cap", "", 39.7, NAN, 40.0, True, 0.0, True, "", "max", -0.0123, 0.0101),
        ("share", "share", text("Quality at least 30 %"), "", 0.25, 0.3, NAN, False, 5.0, False, "", "min", NAN, NAN),
        ("tether", "move", "Sum of moves", "变动合计", 20.0, NAN, 20.0, True, 0.0, True, "", "max", -0.01, 0.01),
    ]
    names = "rule kind label_en label_zh value min max binding violation hard source limit price_minus_1 price_plus_1"
    rules = pd.DataFrame(rows, columns=names.split())
    rules["price_minus_5"], rules["price_plus_5"] = 5 * rules["price_minus_1"], 5 * rules["price_plus_1"]
    certificate = Certificate(primal_violation=3.8e-15, duality_gap=2.7e-15, dual_violation=0.0)
    return Weights(table, (), rules, "validity", 0.61, weights_validity(), certificate)


def weights_validity() -> pd.DataFrame:
    """Correlation of score and outcome under several weights."""
    rows = [
        ("optimized", 24, 0.47, 0.08, 0.74, NAN, NAN, NAN),
        ("optimized_out_of_bag", 24, 0.42, 0.2, 0.64, NAN, NAN, NAN),
        ("optimized_cross_validated", 24, 0.41, NAN, NAN, NAN, NAN, NAN),
        ("largest_possible", 24, 0.49, NAN, NAN, NAN, NAN, NAN),
        ("current", 24, 0.36, -0.05, 0.67, 0.06, -0.02, 0.14),
        ("equal", 24, 0.31, -0.11, 0.63, 0.11, 0.01, 0.21),
    ]
    names = ["weights", "units", "correlation", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=names)


def scorecard(units: list[str]) -> Scorecard:
    ranks = np.arange(1, len(units) + 1)
    table = pd.DataFrame(
        {
            "unit": units,
            "score": 70.0 - ranks,
            "se": 2.5,
            "rank": ranks.astype(float),
            "low": np.maximum(1, ranks - 6),
            "high": np.minimum(len(units), ranks + 6),
        }
    )
    table = table.astype({"rank": "Int64", "low": "Int64", "high": "Int64"})
    contributions = pd.DataFrame(
        [(unit, name, place + 0.5, 48.0, 25.0, 12.0) for place, unit in enumerate(units) for name in INDICATORS],
        columns=["unit", "indicator", "value", "normalized", "weight", "points"],
    )
    return Scorecard(table, (), contributions)


@pytest.fixture(scope="session")
def make_result() -> Callable[..., StudyResult]:
    """Return a maker of results; ``text`` turns every free text into another one, ``units`` names the units."""

    def make(text: Callable[[str], str] = str, units: list[str] | None = None) -> StudyResult:
        names = units or [f"第{number}所" for number in range(1, 31)]
        note = Finding("made-up-note", "note", Where(), text("a note on the data."), "")
        made = study(text, names, (note,))
        return StudyResult(
            made, validity(text, names), separate_preventable(made), fit_workload(made), weights(text), scorecard(names)
        )

    return make


@pytest.fixture(scope="session")
def result(make_result) -> StudyResult:
    return make_result()


@pytest.fixture(scope="session")
def files(result) -> dict[str, bytes]:
    """Return every file of the report of the result in both languages."""
    return report_files(result, ("en", "zh"))


@pytest.fixture
def quick(monkeypatch) -> None:
    """Leave out figures and fonts, for tests about folders and texts."""
    leave_out_pictures(monkeypatch)


@pytest.fixture(scope="module")
def quick_module() -> Iterator[None]:
    """Leave out figures and fonts for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        leave_out_pictures(patch)
        yield


def leave_out_pictures(patch: pytest.MonkeyPatch) -> None:
    names = ("validity", "effects", "weights", "scorecard")
    patch.setattr("kpi_research.publish.render.figure_files", lambda *_: dict.fromkeys(names, b"<svg/>"))
    patch.setattr("kpi_research.publish.report.webfont", lambda *_: b"font")
