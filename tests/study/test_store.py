"""Stored stage results: what comes back is equal, and nothing but our own dataclasses can be made."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.study.store import DamagedStoreError, load, save


def example() -> Result:
    frame = pd.DataFrame({"unit": ["甲", None], "x": [np.nan, 1 / 3], "n": [1, 2], "flag": [True, False]})
    return Result(frame, (finding("stage-skipped", Where("f", 2, "c"), stage="a", missing="b"),))


def test_what_comes_back_is_equal(tmp_path: Path) -> None:
    save(example(), tmp_path / "r.zip")
    found = load(tmp_path / "r.zip")
    pd.testing.assert_frame_equal(found.table, example().table)
    assert found.findings == example().findings
    assert found.findings[0].text("zh") == example().findings[0].text("zh")


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    save(example(), tmp_path / "a.zip")
    save(example(), tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("module", ["os", "subprocess", "kpi_research.study.store", "kpi_research_evil"])
def test_a_class_that_is_not_ours_is_refused(tmp_path: Path, module: str) -> None:
    tree = {"!": "class", "module": module, "name": "system", "parts": {"command": "true"}}
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("tree.json", json.dumps(tree))
    with pytest.raises(DamagedStoreError):
        load(tmp_path / "r.zip")


def test_a_missing_or_torn_file_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedStoreError):
        load(tmp_path / "none.zip")
    save(example(), tmp_path / "r.zip")
    raw = (tmp_path / "r.zip").read_bytes()
    (tmp_path / "r.zip").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(DamagedStoreError):
        load(tmp_path / "r.zip")


def test_what_cannot_be_stored_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Foreign:
        x: int

    with pytest.raises(TypeError, match="Foreign"):
        save(Result(pd.DataFrame(), (Foreign(1),)), tmp_path / "r.zip")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
