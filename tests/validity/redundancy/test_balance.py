"""What a scheme of weights rewards: shares by hand, relations, refusals."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_research.validity.redundancy.balance import balance

CATALOGUE = pd.DataFrame(
    {
        "id": ["visits", "fines", "lawful", "safety", "checks"],
        "kind": ["quantity", "quantity", "quality", "outcome", None],
        "perspective": ["process", "process", "process", "public", "process"],
        "evaluator": ["self", "system", "superior", "public", "system"],
    }
)
WEIGHTS = {"visits": 20.0, "fines": 10.0, "lawful": 25.0, "safety": 45.0}
EFFECTIVE = pd.DataFrame({"indicator": ["visits", "fines", "lawful", "safety"], "effective": [0.5, 0.3, -0.1, 0.3]})


def test_shares_by_hand() -> None:
    table = balance(CATALOGUE, WEIGHTS, EFFECTIVE, by=["kind"]).table.set_index("group")
    assert table["nominal"].to_dict() == pytest.approx({"quantity": 0.3, "quality": 0.25, "outcome": 0.45, "": 0.0})
    assert table["effective"].to_dict() == pytest.approx({"quantity": 0.8, "quality": -0.1, "outcome": 0.3, "": 0.0})
    assert table["indicators"].tolist() == [2, 1, 1, 1]
    assert table["weighted"].tolist() == [2, 1, 1, 0]


def test_counts_that_crowd_out_or_outgrow_quality_are_told() -> None:
    told = [item.code for item in balance(CATALOGUE, WEIGHTS, EFFECTIVE).findings]
    assert told == ["counts-crowd-out-quality", "counts-outgrow-their-weight"]
    assert balance(CATALOGUE, WEIGHTS).findings == ()
    heavy = balance(CATALOGUE, WEIGHTS | {"visits": 90.0}).findings
    assert [item.code for item in heavy] == ["counts-crowd-out-quality"]


def test_a_weight_that_belongs_to_nothing_is_told() -> None:
    found = balance(CATALOGUE, WEIGHTS | {"arrests": 5.0})
    assert [item.code for item in found.findings] == ["weight-without-indicator"]
    assert found.table.loc[found.table["dimension"] == "kind", "nominal"].sum() == pytest.approx(1.0)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    st.lists(st.floats(0.0, 100.0), min_size=5, max_size=5).filter(lambda points: sum(points) > 0.1),
    st.floats(0.1, 9.0),
)
def test_shares_add_up_and_do_not_depend_on_the_unit_of_points(points: list[float], factor: float) -> None:
    weights = dict(zip(CATALOGUE["id"], points, strict=True))
    first = balance(CATALOGUE, weights).table
    second = balance(CATALOGUE.iloc[::-1], {name: factor * point for name, point in weights.items()}).table
    assert first.groupby("dimension")["nominal"].sum().tolist() == pytest.approx([1.0] * 3)
    keys = ["dimension", "group"]
    both = first.merge(second, on=keys, suffixes=("", "_2"))
    assert both["nominal"].tolist() == pytest.approx(both["nominal_2"].tolist(), abs=1e-12)
    assert first["effective"].isna().all()


def test_figures_are_drawn_in_both_languages() -> None:
    found = balance(CATALOGUE, WEIGHTS, EFFECTIVE)
    for lang in ("en", "zh"):
        labels = [label.get_text() for label in found.plot(lang).axes[0].get_yticklabels()]  # type: ignore[arg-type]
        assert len(labels) == len(found.table)
    assert "数量" in labels


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="weights of 'visits' is -1"):
        balance(CATALOGUE, {"visits": -1.0})
    with pytest.raises(ValueError, match="no indicator of the catalogue has a weight"):
        balance(CATALOGUE, {"arrests": 1.0})
    with pytest.raises(ValueError, match="id 'visits' stands twice"):
        balance(pd.concat([CATALOGUE, CATALOGUE]), WEIGHTS)
    with pytest.raises(ValueError, match="there is no column 'kinds'"):
        balance(CATALOGUE, WEIGHTS, by="kinds")
    with pytest.raises(ValueError, match="there is no column 'effective'"):
        balance(CATALOGUE, WEIGHTS, EFFECTIVE.rename(columns={"effective": "share"}))
    with pytest.raises(TypeError, match="DataFrame"):
        balance([1], WEIGHTS)  # type: ignore[arg-type]
