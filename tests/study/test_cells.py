"""Cells carry all that a model of the rows needs: same estimates, same errors, from every kind of table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import kpi_research as kr
from kpi_research.numerics.cell_models import gaussian_cells, poisson_cells

SPEC = """[study]
id = "cells"
title.en = "C"
seed = 1

[people]
simulated = true

[tables.worklog]
source = "{source}"

[tables.panel]
source = "panel.csv"
"""


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    draws = np.random.default_rng(11)
    n = 5000
    frame = pd.DataFrame(
        {
            "officer": draws.choice([f"o{number}" for number in range(30)], n),
            "task": draws.choice(["patrol", "report", "visit"], n),
            "post": draws.choice(["community", "case"], n),
            "weight": draws.integers(1, 4, n),
        }
    )
    level = {"patrol": 3.0, "report": 3.5, "visit": 4.0}
    frame["minutes"] = draws.poisson(np.exp(frame["task"].map(level) + 0.2 * (frame["post"] == "case"))).astype(float)
    frame.loc[::50, "minutes"] = np.nan
    return frame


def loaded(folder: Path, rows: pd.DataFrame, source: str) -> kr.Study:
    (rows.to_parquet if source.endswith("parquet") else rows.to_csv)(folder / source, index=False)
    (folder / "panel.csv").write_text("unit,period,x\nA,2020,1\nB,2020,2\n", encoding="utf-8")
    (folder / "indicators.csv").write_text("id,direction,value\nx,higher,x\n", encoding="utf-8")
    (folder / "study.toml").write_text(SPEC.format(source=source), encoding="utf-8")
    return kr.load_study(folder / "study.toml")


def design(frame: pd.DataFrame) -> np.ndarray:
    return sm.add_constant(pd.get_dummies(frame[["task", "post"]], drop_first=True, dtype=float)).to_numpy()


@pytest.mark.parametrize("source", ["log.parquet", "log.csv"])
def test_models_on_cells_equal_models_on_rows(rows: pd.DataFrame, tmp_path: Path, source: str) -> None:
    if source == "log.csv":
        rows = rows.dropna()
    study = loaded(tmp_path, rows, source)
    known = rows.dropna()
    cells = study.cells("worklog", by=["task", "post"], value="minutes")
    assert cells["n"].sum() == len(known)
    whole = sm.GLM(known["minutes"], design(known), family=sm.families.Poisson()).fit(tol=1e-14)
    poisson = poisson_cells(design(cells), cells["weight"], cells["total"])
    np.testing.assert_allclose(poisson.coefficients, whole.params, rtol=1e-8)
    np.testing.assert_allclose(poisson.errors, whole.bse, rtol=1e-8)
    weighted = study.cells("worklog", by=["task", "post"], value="minutes", weight="weight")
    gaussian = gaussian_cells(
        design(weighted), weighted["n"], weighted["weight"], weighted["total"], weighted["squares"]
    )
    least = sm.WLS(known["minutes"], design(known), weights=known["weight"]).fit()
    np.testing.assert_allclose(gaussian.coefficients, least.params, rtol=1e-9)
    np.testing.assert_allclose(gaussian.errors, least.bse, rtol=1e-8)


def test_squares_keep_their_digits_far_from_zero(rows: pd.DataFrame, tmp_path: Path) -> None:
    study = loaded(tmp_path, rows, "log.parquet")
    near = study.cells("worklog", by=["task"], value="minutes", weight="weight")["squares"]
    far = study.cells("worklog", by=["task"], value="minutes + 1000000000", weight="weight")["squares"]
    np.testing.assert_allclose(far, near, rtol=1e-6)


def test_a_condition_keeps_only_its_rows(rows: pd.DataFrame, tmp_path: Path) -> None:
    study = loaded(tmp_path, rows, "log.parquet")
    cells = study.cells("worklog", by=["task"], value="minutes", where="post = 'case' AND minutes > 10")
    chosen = rows[(rows["post"] == "case") & (rows["minutes"] > 10)]
    assert cells.set_index("task")["total"].to_dict() == chosen.groupby("task")["minutes"].sum().to_dict()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"by": ["tsak"], "value": "minutes"}, "task"),
        ({"by": ["task"], "value": "minuts"}, "minutes"),
        ({"by": ["task"], "value": "minutes", "where": "post = (SELECT 1)"}, "SELECT"),
        ({"by": ["task"], "value": "minutes", "weight": "weigth"}, "weight"),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(
    rows: pd.DataFrame, tmp_path: Path, arguments: dict, words: str
) -> None:
    study = loaded(tmp_path, rows, "log.parquet")
    with pytest.raises(kr.StudyError, match=words):
        study.cells("worklog", **arguments)
