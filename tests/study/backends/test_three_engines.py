"""The same study gives the same table from DuckDB, PostgreSQL and Spark: counts exactly, ratios to 1e-9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr

FORMULAS = {
    "calls": ("", "count(*)", ""),
    "cleared_share": ("", "outcome = 'cleared'", "outcome IS NOT NULL"),
    "burglary": ("", "type IN ('burglary', 'robbery')", ""),
    "late_share": ("", "date_diff('minute', reported_at, arrived_at) > 10", "arrived_at IS NOT NULL"),
    "median_minutes": ("median(date_diff('second', reported_at, arrived_at) / 60)", "", ""),
    "p90_minutes": ("quantile_cont(date_diff('second', reported_at, arrived_at) / 60, 0.9)", "", ""),
    "mean_loss": ("avg(loss)", "", ""),
    "types": ("count(DISTINCT type)", "", ""),
    "night_share": ("", "extract(hour FROM reported_at) < 6", "count(*)"),
    "loss_per_call": ("", "loss", "1 * count(*)"),
    "long_text": ("", "length(note) > 3 AND note LIKE '%急%'", ""),
    "judged": ("coalesce(outcome, 'it''s open')", "", ""),
    "month_ends": ("", "reported_at >= TIMESTAMP '2026-01-28 00:00:00' AND outcome IS NULL", ""),
}
RUBRICS = {"judged": "it's open=0; open=33.3; cleared=100"}
SPEC = """[study]
id = "engines"
title.en = "E"
seed = 1
period = "month"
timezone = "Asia/Shanghai"

[tables.incidents]
source = "{source}"
columns = {{ unit = "station" }}
derive = {{ loss = "coalesce(amount, 0) * 2" }}
time = "reported_at"
"""


@pytest.fixture(scope="module")
def incidents() -> pd.DataFrame:
    draws = np.random.default_rng(5)
    n = 4000
    reported = pd.Timestamp("2025-12-31 20:00", tz="Asia/Shanghai") + pd.to_timedelta(
        draws.integers(0, 70 * 86400, n), "s"
    )
    arrived = reported + pd.to_timedelta(draws.gamma(2, 300, n).astype(int), "s")
    return pd.DataFrame(
        {
            "incident": [f"i{number}" for number in range(n)],
            "station": draws.choice(["甲所", "乙所", "丙'所"], n),
            "type": draws.choice(["burglary", "robbery", "assault", "dispute"], n),
            "reported_at": reported,
            "arrived_at": arrived.where(draws.random(n) > 0.1),
            "outcome": pd.Series(draws.choice(["cleared", "open", ""], n)).replace("", None).astype("str"),
            "amount": np.where(draws.random(n) < 0.2, np.nan, draws.gamma(2, 100, n)),
            "note": draws.choice(["急事处理", "普通", "a very long note"], n),
        }
    )


def study(folder: Path, source: str) -> kr.Study:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(SPEC.format(source=source), encoding="utf-8")
    rows = [
        {
            "id": name,
            "direction": "higher",
            "table": "incidents",
            "value": value,
            "numerator": above,
            "denominator": below,
            "rubric": RUBRICS.get(name, ""),
        }
        for name, (value, above, below) in FORMULAS.items()
    ]
    pd.DataFrame(rows).to_csv(folder / "indicators.csv", index=False)
    return kr.load_study(folder / "study.toml")


@pytest.fixture(scope="module")
def from_duckdb(incidents: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("duck")
    incidents.iloc[:1500].to_parquet(folder / "a.parquet")
    incidents.iloc[1500:].to_parquet(folder / "b.parquet")
    return study(folder, "*.parquet").values


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left[["unit", "period"]], right[["unit", "period"]])
    for name in ("calls", "burglary", "types", "long_text", "month_ends"):
        assert left[name].tolist() == right[name].tolist(), name
    for name in FORMULAS:
        np.testing.assert_allclose(left[name], right[name], rtol=1e-9, err_msg=name)


def test_duckdb_agrees_with_a_plain_computation(incidents: pd.DataFrame, from_duckdb: pd.DataFrame) -> None:
    frame = incidents.assign(
        period=incidents["reported_at"].dt.strftime("%Y-%m"), loss=incidents["amount"].fillna(0) * 2
    )
    minutes = (frame["arrived_at"] - frame["reported_at"]).dt.total_seconds() / 60
    frame["minutes"] = minutes
    groups = frame.groupby(["station", "period"])
    ours = from_duckdb.set_index(["unit", "period"])
    assert ours["calls"].tolist() == groups.size().tolist()
    np.testing.assert_allclose(ours["median_minutes"], groups["minutes"].median(), rtol=1e-12)
    np.testing.assert_allclose(ours["p90_minutes"], groups["minutes"].quantile(0.9), rtol=1e-12)
    np.testing.assert_allclose(ours["mean_loss"], groups["loss"].mean(), rtol=1e-12)
    points = frame["outcome"].map({"open": 33.3, "cleared": 100}).fillna(0)
    np.testing.assert_allclose(ours["judged"], points.groupby([frame["station"], frame["period"]]).mean(), rtol=1e-12)
    hours = frame["reported_at"].dt.hour < 6
    np.testing.assert_allclose(
        ours["night_share"], hours.groupby([frame["station"], frame["period"]]).mean(), rtol=1e-12
    )
    assert sorted({period for _, period in ours.index}) == ["2025-12", "2026-01", "2026-02", "2026-03"]


def test_postgresql_gives_the_same_table(
    incidents: pd.DataFrame, from_duckdb: pd.DataFrame, postgres: str, tmp_path: Path
) -> None:
    import pyarrow as pa
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("incidents", pa.Table.from_pandas(incidents, preserve_index=False), mode="replace")
        connection.commit()
    loaded = study(tmp_path / "pg", f"{postgres}#incidents")
    same(loaded.values, from_duckdb)
    assert not loaded.tables.frames


def test_spark_gives_the_same_table(
    incidents: pd.DataFrame, from_duckdb: pd.DataFrame, spark: None, tmp_path: Path
) -> None:
    folder = tmp_path / "spark"
    folder.mkdir()
    incidents.astype(
        {"reported_at": "datetime64[us, Asia/Shanghai]", "arrived_at": "datetime64[us, Asia/Shanghai]"}
    ).to_parquet(folder / "a.parquet")
    same(study(folder, "spark:parquet:*.parquet").values, from_duckdb)


def test_a_csv_of_the_same_rows_gives_the_same_table(
    incidents: pd.DataFrame, from_duckdb: pd.DataFrame, tmp_path: Path
) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    incidents.to_csv(folder / "a.csv", index=False)
    same(study(folder, "a.csv").values, from_duckdb)


def test_a_server_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    with pytest.raises(kr.StudyError) as caught:
        study(tmp_path / "none", "postgresql://study@127.0.0.1:9/none#incidents")
    assert [item.code for item in caught.value.findings if item.severity == "error"] == ["table-unreadable"]


def test_a_password_in_the_study_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(kr.StudyError) as caught:
        study(tmp_path / "secret", "postgresql://study:hush@127.0.0.1/none#incidents")
    assert [item.code for item in caught.value.findings if item.severity == "error"] == ["source-secret"]
    assert "hush" not in str(caught.value)
