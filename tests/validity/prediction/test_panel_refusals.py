"""What `panel_effect` refuses, and that it names what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.validity import panel_effect
from tests.validity.panels import effect_panel

ASK: dict[str, Any] = {"outcome": "y", "indicators": ["x", "w"], "unit": "unit", "period": "period"}


@pytest.fixture
def frame() -> pd.DataFrame:
    return effect_panel(np.random.default_rng(1)).assign(
        fixed=lambda part: part["unit"] * 1.0,
        seasonal=lambda part: part["period"] % 2 * 1.0,
        both=lambda part: part["unit"] - 3.0 * part["period"],
        mixture=lambda part: 2.0 * part["x"] - part["w"] + 5.0,
        copy=lambda part: part["w"] * 4.0,
        text="a",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "tow_way"}, "Did you mean 'two_way'"),
        ({"outcome": "yy"}, "outcome: there is no column 'yy'"),
        ({"controls": ["fixed"]}, "nothing is left of 'fixed'"),
        ({"controls": ["seasonal", "both"]}, "nothing is left of 'seasonal', 'both'"),
        ({"controls": ["fixed"], "model": "first_difference"}, "nothing is left of 'fixed'"),
        ({"controls": ["mixture"]}, "'mixture' is a linear combination of 'x', 'w'"),
        ({"controls": ["mixture"], "model": "between"}, "'mixture' is a linear combination of 'const', 'x', 'w'"),
        ({"controls": ["text"]}, "column 'text' holds .*; it must hold numbers"),
        ({"controls": ["x"]}, "'x' is used in two roles"),
        ({"indicators": []}, "indicators is empty"),
        ({"logs": True}, "column 'y' is not positive in [0-9]+ rows"),
        ({"model": "iv_two_way"}, "needs instruments"),
        ({"instruments": {"x": "z"}}, "only used by model 'iv_two_way'"),
        ({"model": "iv_two_way", "instruments": {"xx": "z"}}, "'xx' is no regressor. Did you mean 'x'"),
        ({"model": "iv_two_way", "instruments": {"x": "z", "w": "z"}}, "need as many instruments"),
        ({"model": "iv_two_way", "instruments": {"x": "w"}}, "'w' is used in two roles"),
        ({"unit": "period"}, "'period' is used in two roles"),
        ({"model": "iv_two_way", "instruments": {"x": "copy"}}, "'copy' is a linear combination of 'w'"),
        ({"cluster": "district"}, "cluster: there is no column 'district'"),
        ({"level": 95}, "level is 95; it must lie between 0 and 1"),
    ],
)
def test_questions_without_an_answer(frame: pd.DataFrame, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        panel_effect(frame, **{**ASK, **change})


def test_a_text_where_a_list_is_meant(frame: pd.DataFrame) -> None:
    with pytest.raises(TypeError, match="write \\['x'\\]"):
        panel_effect(frame, **{**ASK, "indicators": "x"})


def test_something_else_than_a_frame() -> None:
    with pytest.raises(TypeError, match="pandas DataFrame, found dict"):
        panel_effect({"y": [1.0]}, **ASK)  # type: ignore[arg-type]


def test_repeated_rows_are_named(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="2 rows share their unit and period with another row: 0 in 4"):
        panel_effect(pd.concat([frame, frame.iloc[[4]]]), **ASK)


def test_infinite_values_are_placed(frame: pd.DataFrame) -> None:
    frame.loc[8, "w"] = np.inf
    with pytest.raises(ValueError, match="column 'w' is infinite in 1 rows: 1 in 2"):
        panel_effect(frame, **ASK)


def test_values_without_logarithm_are_placed(frame: pd.DataFrame) -> None:
    positive = frame.assign(**{name: np.exp(frame[name]) for name in ("y", "x", "w")})
    positive.loc[[3, 9], "x"] = [0.0, -1.0]
    with pytest.raises(ValueError, match=r"column 'x' is not positive in 2 rows, .*: 0 in 3, 1 in 3; use logs=False"):
        panel_effect(positive, **ASK, logs=True)


@pytest.mark.parametrize(("key", "model"), [("unit", "two_way"), ("period", "two_way"), ("unit", "between")])
def test_one_unit_or_one_period_is_too_little(frame: pd.DataFrame, key: str, model: Any) -> None:
    with pytest.raises(ValueError, match=f"needs at least 2 values of '{key}', found 1"):
        panel_effect(frame[frame[key] == 1], **ASK, model=model)


def test_missing_keys_and_clusters(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="column 'period': 1 rows have no value"):
        panel_effect(frame.assign(period=frame["period"].where(frame.index != 2)), **ASK)
    with pytest.raises(ValueError, match="cluster: column 'district' has no value in 3 rows"):
        panel_effect(frame.assign(district=frame["fixed"].where(frame.index > 2)), **ASK, cluster="district")


def test_clusters_that_cannot_be_used(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="single group"):
        panel_effect(frame, **ASK, cluster="text")
    with pytest.raises(ValueError, match="'seasonal' changes within units"):
        panel_effect(frame, **ASK, cluster="seasonal", model="between")


def test_more_parameters_than_rows(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="3 rows for 3 parameters"):
        panel_effect(frame[frame["unit"] < 3], **ASK, model="between")


def test_all_rows_missing(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="found 0 with complete rows"):
        panel_effect(frame.assign(x=np.nan), **ASK)
