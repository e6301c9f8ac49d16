"""Grouping where the rows live gives the sums of the rows, by hashed texts as by texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.backends.duckdb_tables import ParquetTable
from kpi_research.study.relation import Relation
from kpi_research.workload.coefficients.coefficients import coefficients_from_cells, workload_coefficients
from kpi_research.workload.coefficients.engine import log_cells

KEYS = ["unit", "period", "task", "post"]


def relation(folder: Path, frame: pd.DataFrame) -> Relation:
    file = folder / "log.parquet"
    frame.to_parquet(file)
    backend = ParquetTable((str(file),))
    kinds = backend.kinds()
    return Relation(backend, kinds, {name: name for name in kinds})


@pytest.fixture
def log() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"task": rng.choice(["接处警", "o'clock", "c"], 2000), "post": rng.choice(["x", "y"], 2000)})
    frame["unit"], frame["period"] = rng.choice([f"u{i}" for i in range(30)], 2000), rng.choice(["1", "2"], 2000)
    frame["count"] = rng.integers(1, 5, 2000)
    return frame.assign(minutes=np.round(frame["count"] * 20 * rng.gamma(4, 0.25, 2000)))


def test_cells_equal_those_of_the_rows(tmp_path: Path, log: pd.DataFrame) -> None:
    cells = log_cells(relation(tmp_path, log), by=KEYS, minutes="minutes", count="count")
    known = log.groupby(KEYS, as_index=False).agg(
        n=("count", "size"), weight=("count", "sum"), total=("minutes", "sum")
    )
    pd.testing.assert_frame_equal(
        cells[[*KEYS, "n", "weight", "total"]].astype(dict.fromkeys(KEYS, "str")), known, check_dtype=False
    )
    names = {name: name for name in KEYS}
    by_cells = coefficients_from_cells(cells, **names).table
    by_rows = workload_coefficients(log, minutes="minutes", count="count", **names).table
    pd.testing.assert_frame_equal(by_cells, by_rows, rtol=1e-8)


def test_missing_levels_numbers_and_years_as_numbers_go_the_plain_way(tmp_path: Path, log: pd.DataFrame) -> None:
    gaps = log.assign(post=log["post"].where(log.index % 7 > 0), minutes=log["minutes"].where(log.index % 11 > 0))
    gaps["period"] = gaps["period"].astype(int)
    cells = log_cells(relation(tmp_path, gaps), by=KEYS, minutes="minutes", count="count")
    assert cells["n"].sum() == gaps["minutes"].notna().sum()
    found = coefficients_from_cells(cells, post="post", unit="unit", period="period")
    assert found.fit.rows == gaps[["minutes", "post"]].notna().all(axis=1).sum()
    texts = log_cells(relation(tmp_path, gaps.assign(period="1")), by=KEYS, minutes="minutes", count="count")
    assert texts["n"].sum() == cells["n"].sum()
    assert texts["post"].isna().any()


def test_impossible_numbers_are_refused(tmp_path: Path, log: pd.DataFrame) -> None:
    for change, message in (({"minutes": -5.0}, "'minutes' is -5"), ({"count": 0}, "no piece of work")):
        with pytest.raises(ValueError, match=message):
            log_cells(relation(tmp_path, log.assign(**change)), by=KEYS, minutes="minutes", count="count")
    with pytest.raises(ValueError, match="no column 'pots'"):
        log_cells(relation(tmp_path, log), by=["pots"], minutes="minutes")
