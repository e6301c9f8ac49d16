"""Streamed incidents are those of the drawn bureau, whole partition by whole partition."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import kpi_research.study.synthetic.stream as stream_module
from kpi_research.study.synthetic import draw_with, make_options, stream_incidents

OPTIONS = make_options(stations=7, months=3, officers_per_station=6, incidents_per_month=50, survey_calls=3, seed=8)


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make partitions of three stations."""
    monkeypatch.setattr(stream_module, "ROWS_PER_PARTITION", 150)


def checksums(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*.parquet")
    }


def test_streamed_rows_are_those_of_the_drawn_bureau(tmp_path: Path, blocks: None) -> None:
    seen = []
    result = stream_incidents(OPTIONS, tmp_path, progress=lambda *state: seen.append(state), truth=True)
    drawn = draw_with(OPTIONS)
    assert result.partitions == result.written == 9
    assert result.rows == len(drawn.tables["incidents"])
    assert [state[0] for state in seen] == list(range(1, 10))
    assert seen[-1] == (9, 9, result.rows)
    for folder, wanted in (("incidents", drawn.tables["incidents"]), ("truth/cases", drawn.truth["cases"])):
        parts = [pd.read_parquet(file) for file in sorted((tmp_path / folder).rglob("*.parquet"))]
        rows = pd.concat(parts).sort_values("incident", ignore_index=True)
        pd.testing.assert_frame_equal(rows, wanted.sort_values("incident", ignore_index=True), check_dtype=False)


def test_duckdb_reads_the_partitions_with_one_glob(tmp_path: Path, blocks: None) -> None:
    result = stream_incidents(OPTIONS, tmp_path)
    query = f"SELECT count(*), count(DISTINCT period), count(DISTINCT incident) FROM '{result.folder}/*/*.parquet'"
    assert duckdb.sql(query).fetchone() == (result.rows, 3, result.rows)


def test_an_interrupted_stream_is_continued_with_the_same_bytes(tmp_path: Path, blocks: None) -> None:
    whole = stream_incidents(OPTIONS, tmp_path / "whole")

    class Interruption(Exception):
        pass

    def stop(done: int, partitions: int, rows: int) -> None:
        if done == 4:
            raise Interruption

    with pytest.raises(Interruption):
        stream_incidents(OPTIONS, tmp_path / "cut", progress=stop)
    (tmp_path / "cut" / "incidents" / "2024-02" / ".part-0001.parquet.part").write_bytes(b"half a file")
    rest = stream_incidents(OPTIONS, tmp_path / "cut")
    assert rest.written == whole.partitions - 4
    assert rest.rows == whole.rows
    assert checksums(tmp_path / "cut") == checksums(tmp_path / "whole")


def test_a_folder_of_another_bureau_is_refused(tmp_path: Path) -> None:
    stream_incidents(OPTIONS, tmp_path)
    before = checksums(tmp_path)
    with pytest.raises(ValueError, match="holds incidents of a bureau with other options"):
        stream_incidents(make_options(stations=7, months=4), tmp_path)
    assert checksums(tmp_path) == before
