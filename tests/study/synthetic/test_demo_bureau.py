"""The demonstration bureau in the repository is what the code draws, small, and loads as a study."""

from __future__ import annotations

from pathlib import Path

import numpy
import pandas
import pyarrow
import pytest

from kpi_research.study.model import Study
from kpi_research.study.synthetic import draw_demo_bureau, write_bureau

WHY = (
    "differs from what the code draws. Its bytes hold for the numpy, scipy, pandas and pyarrow of requirements.lock "
    f"(here: numpy {numpy.__version__}, pandas {pandas.__version__}, pyarrow {pyarrow.__version__}). If the simulation was "
    "changed on purpose, write it anew: python -m kpi_research.study.synthetic"
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_bureau(draw_demo_bureau(), folder)
    return folder


def files(folder: Path) -> dict[str, Path]:
    return {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}


def test_the_demonstration_bureau_is_drawn_again_byte_for_byte(fresh: Path, demo_folder: Path) -> None:
    stored, drawn = files(demo_folder), files(fresh)
    assert stored.keys() == drawn.keys()
    for name, file in drawn.items():
        assert file.read_bytes() == stored[name].read_bytes(), f"data/demo_bureau/{name} {WHY}"


def test_writing_leaves_no_unfinished_files(fresh: Path) -> None:
    assert not [name for name in files(fresh) if name.rpartition("/")[2].startswith(".")]


def test_the_demonstration_bureau_has_at_most_three_megabytes(demo_folder: Path) -> None:
    assert sum(file.stat().st_size for file in files(demo_folder).values()) <= 3_000_000


def test_the_demonstration_bureau_loads_without_a_finding(demo: Study) -> None:
    assert [str(item) for item in demo.findings] == []
    assert len(demo.indicators) == 34
    assert demo.values["period"].nunique() == 18
    assert demo.outcome() is not None
