"""The database that evaluates expressions reaches no file, no extension and no variable."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlglot

from kpi_research.study.expressions import Expression, connect, evaluate
from kpi_research.study.findings import StudyError

FRAME = pd.DataFrame({"x": [1.0, 2.0]})


@pytest.mark.parametrize(
    "sql",
    [
        "(SELECT count(*) FROM read_text('{canary}'))",
        "(SELECT count(*) FROM '{canary}')",
        "(SELECT count(*) FROM read_csv('{canary}'))",
        "(SELECT count(*) FROM glob('{canary}'))",
        "(SELECT count(*) FROM secret)",
    ],
)
def test_a_forged_expression_still_reads_no_file_and_no_variable(sql: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary.csv"
    canary.write_text("a\n1\n", encoding="utf-8")
    secret = pd.DataFrame({"a": [1]})
    forged = sqlglot.parse_one(sql.format(canary=canary), read="duckdb")
    with pytest.raises(StudyError):
        evaluate(FRAME, {"value": Expression("forged", "number", frozenset({"x"}), False, forged)})
    assert len(secret) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{file}'",
        "ATTACH '{file}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 2",
        "EXPORT DATABASE '{file}'",
    ],
)
def test_the_database_of_evaluation_is_closed_in(statement: str, tmp_path: Path) -> None:
    with connect() as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(file=tmp_path / "out"))
    assert not list(tmp_path.iterdir())
