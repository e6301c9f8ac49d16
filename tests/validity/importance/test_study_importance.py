"""What the weights of the demo bureau and of the counties do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.study.model import Study
from kpi_research.validity.importance.points import unit_points
from kpi_research.validity.importance.study import study_importance
from kpi_research.validity.panel_frame import gather

DATA = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture(scope="module")
def demo() -> Study:
    return kr.load_study(DATA / "demo_bureau" / "study.toml")


def test_every_indicator_is_told_in_both_languages(demo: Study) -> None:
    found = study_importance(demo, gather(demo))
    assert found.rows["indicator"].tolist() == demo.indicators["id"].tolist()
    assert set(found.rows["aspect"]) == {"importance"}
    weighted = demo.indicators["current_weight"].to_numpy() > 0
    assert (found.rows["grade"].to_numpy() == "unknown").tolist() == (~weighted).tolist()
    assert not found.rows[["reason_en", "reason_zh"]].map(lambda text: "{" in text or "nan" in text).any().any()


def test_shares_add_up_over_indicators_and_kinds(demo: Study) -> None:
    found = study_importance(demo, gather(demo))
    assert found.tables["importance"]["effective"].sum() == pytest.approx(1.0, abs=1e-9)
    kinds = found.tables["balance"].groupby("dimension")[["nominal", "effective"]].sum()
    assert kinds.to_numpy() == pytest.approx(1.0, abs=1e-9)


def test_weight_on_what_nobody_differs_in_moves_nothing(demo: Study) -> None:
    rows = study_importance(demo, gather(demo)).rows.set_index("indicator")
    assert rows.loc[["training_logins", "use_match"], "grade"].tolist() == ["care", "care"]


def test_counts_move_the_counties_more_than_their_weight() -> None:
    study = kr.load_study(DATA / "nc_counties" / "study.toml")
    found = study_importance(study, gather(study))
    assert "counts-outgrow-their-weight" in {item.code for item in found.findings}


def test_without_weights_it_is_unknown_with_the_reason(demo: Study) -> None:
    study = replace(demo, indicators=demo.indicators.assign(current_weight=np.nan))
    found = study_importance(study, gather(study))
    assert set(found.rows["grade"]) == {"unknown"}
    assert "gives no current weight" in found.rows.loc[0, "reason_en"]
    assert [item.code for item in found.findings] == ["importance-skipped"]


def test_with_few_units_it_is_unknown_with_the_reason(demo: Study) -> None:
    few = replace(demo, values=demo.values[demo.values["unit"].isin(["S0001", "S0002"])])
    found = study_importance(few, gather(few))
    assert "only 2 units" in found.rows.loc[0, "reason_en"]
    assert "balance" in found.tables


def test_points_follow_the_direction_and_the_role() -> None:
    levels = pd.DataFrame({"minutes": [8.0, 10.0, 12.0], "met": [0.7, 0.9, 0.95], "same": 4.0})
    catalogue = pd.DataFrame(
        {
            "id": ["minutes", "met", "same"],
            "direction": ["lower", "higher", "higher"],
            "role": ["graded", "threshold", "graded"],
            "target": [9.0, 0.9, np.nan],
            "floor": [4.0, np.nan, np.nan],
            "ceiling": [12.0, np.nan, np.nan],
        }
    )
    found = {method: unit_points(levels, catalogue, method) for method in ("z", "rank", "goalposts")}
    assert found["z"]["minutes"].tolist() == pytest.approx([50 + 12.2474487139, 50, 50 - 12.2474487139])
    assert found["rank"]["minutes"].tolist() == pytest.approx([250 / 3, 50, 50 / 3])
    assert found["goalposts"]["minutes"].tolist() == pytest.approx([50.0, 25.0, 0.0])
    for points in found.values():
        assert points["met"].tolist() == [0.0, 100.0, 100.0]
        assert points["same"].tolist() == [50.0] * 3
