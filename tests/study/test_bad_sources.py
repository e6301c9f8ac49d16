"""Sources that change, vanish, break or hold nothing: a named finding or a right answer, never a silent zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpi_research as kr
from kpi_research.study.findings import Finding
from kpi_research.study.tables import MAX_ROWS, Tables

SPEC = """[study]
id = "bad"
title.en = "B"
seed = 1
period = "month"

[tables.incidents]
source = "{source}"
time = "reported_at"
"""
CATALOGUE = "id,direction,table,numerator\ncalls,higher,incidents,count(*)\nlate,lower,incidents,late\n"


@pytest.fixture
def incidents() -> pd.DataFrame:
    times = pd.to_datetime(["2026-01-05", "2026-01-06", "2026-03-01", "2026-03-02", "2026-02-01"])
    return pd.DataFrame(
        {
            "incident": list("abcde"),
            "unit": ["A", "A", "A", "B", "B"],
            "reported_at": times,
            "late": [True, False, True, False, False],
        }
    )


def write(folder: Path, frame: pd.DataFrame, source: str = "i.parquet", catalogue: str = CATALOGUE) -> Path:
    frame.to_parquet(folder / "i.parquet")
    (folder / "study.toml").write_text(SPEC.format(source=source), encoding="utf-8")
    (folder / "indicators.csv").write_text(catalogue, encoding="utf-8")
    return folder / "study.toml"


def codes(path: Path, severity: str = "error") -> list[str]:
    return [item.code for item in kr.check_study(path).findings if item.severity == severity]


def test_periods_without_rows_stay_missing_and_are_named(tmp_path: Path, incidents: pd.DataFrame) -> None:
    study = kr.load_study(write(tmp_path, incidents))
    keys = list(zip(study.values["unit"], study.values["period"], strict=True))
    assert keys == [("A", "2026-01"), ("A", "2026-03"), ("B", "2026-02"), ("B", "2026-03")]
    assert study.values["calls"].tolist() == [2, 1, 1, 1]
    assert study.values["late"].tolist() == [1, 1, 0, 0]
    named: list[Finding] = [item for item in study.findings if item.code == "unit-periods-missing"]
    assert "2 of 6" in named[0].message


def test_a_truncated_parquet_file_is_named(tmp_path: Path, incidents: pd.DataFrame) -> None:
    path = write(tmp_path, incidents)
    raw = (tmp_path / "i.parquet").read_bytes()
    for part in (0, 4, len(raw) // 2, len(raw) - 3):
        (tmp_path / "i.parquet").write_bytes(raw[:part])
        found = kr.check_study(path).findings
        assert [item.code for item in found if item.severity == "error"] == ["table-unreadable"], part
        assert "i.parquet" in found[0].line()


def test_a_file_that_vanishes_after_loading_is_named_when_its_rows_are_fetched(
    tmp_path: Path, incidents: pd.DataFrame
) -> None:
    study = kr.load_study(write(tmp_path, incidents))
    (tmp_path / "i.parquet").unlink()
    with pytest.raises(kr.StudyError) as caught:
        study.tables["incidents"]
    assert [item.code for item in caught.value.findings] == ["table-unreadable"]


def test_a_file_that_changes_while_indicators_are_computed_is_named(
    tmp_path: Path, incidents: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpi_research.study import assemble

    path = write(tmp_path, incidents)
    computed = assemble.indicator_values

    def meanwhile(*arguments):
        values = computed(*arguments)
        incidents.iloc[:3].to_parquet(tmp_path / "i.parquet")
        return values

    monkeypatch.setattr(assemble, "indicator_values", meanwhile)
    assert codes(path) == ["source-changed"]


def test_an_empty_table_gives_no_zero(tmp_path: Path, incidents: pd.DataFrame) -> None:
    path = write(tmp_path, incidents.iloc[:0])
    assert codes(path) == ["no-values"]
    assert "empty-table" in codes(path, "caution")


def test_five_thousand_columns_are_read(tmp_path: Path, incidents: pd.DataFrame) -> None:
    wide = pd.DataFrame(np.ones((5, 5000)), columns=[f"x{number}" for number in range(5000)])
    study = kr.load_study(write(tmp_path, pd.concat([incidents, wide], axis=1)))
    assert study.values["calls"].sum() == 5


def test_wrong_types_missing_columns_and_repeated_keys_are_named_at_once(
    tmp_path: Path, incidents: pd.DataFrame
) -> None:
    path = write(tmp_path, incidents.assign(reported_at=incidents["reported_at"].astype(str)))
    assert set(codes(path)) >= {"column-kind", "period-from-time"}
    path = write(tmp_path, incidents.drop(columns="unit"))
    assert "missing-column" in codes(path)
    path = write(tmp_path, incidents.assign(incident=["a", "a", "b", "b", None]))
    assert codes(path) == ["empty-cells-counted", "duplicates-counted"]


def test_too_many_rows_are_not_fetched(
    tmp_path: Path, incidents: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpi_research.study import tables

    assert MAX_ROWS >= 1_000_000
    study = kr.load_study(write(tmp_path, incidents))
    assert isinstance(study.tables, Tables)
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    with pytest.raises(kr.StudyError, match="cells"):
        study.tables["incidents"]


def test_a_glob_of_files_is_one_table(tmp_path: Path, incidents: pd.DataFrame) -> None:
    path = write(tmp_path, incidents, "parts/*/*.parquet")
    for month, part in incidents.groupby(incidents["reported_at"].dt.month):
        (tmp_path / f"parts/{month}").mkdir(parents=True)
        part.to_parquet(tmp_path / f"parts/{month}/p.parquet")
    study = kr.load_study(path)
    assert study.values["calls"].sum() == 5
    assert sum(item.name.startswith("parts/") for item in study.inputs) == 3


def test_a_duckdb_file_gives_the_same_as_parquet(tmp_path: Path, incidents: pd.DataFrame) -> None:
    import duckdb

    values = kr.load_study(write(tmp_path, incidents)).values
    with duckdb.connect(str(tmp_path / "b.db")) as connection:
        connection.register("frame", incidents)
        connection.execute("CREATE TABLE cases AS SELECT * FROM frame")
    study = kr.load_study(write(tmp_path, incidents, "duckdb:b.db#cases"))
    pd.testing.assert_frame_equal(study.values, values)


def test_officers_of_a_table_that_stays_where_it_is_are_pseudonymized_when_fetched(
    tmp_path: Path, incidents: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, incidents.assign(officer=["badge7"] * 5))
    assert codes(path) == ["people-unprotected"]
    path.write_text(path.read_text() + '\n[people]\npseudonymize = ["officer"]\n', encoding="utf-8")
    assert codes(path) == ["pseudonym-key-missing"]
    monkeypatch.setenv("KPI_RESEARCH_KEY", "a secret of 16 bytes")
    study = kr.load_study(path)
    fetched = study.tables["incidents"]["officer"].unique()
    counted = study.cells("incidents", by=["officer"], value="1")["officer"].unique()
    assert len(fetched) == 1
    assert fetched[0].startswith("p-")
    assert list(counted) == list(fetched)
