"""Bureaus that several tests share; each table is drawn when a test first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.synthetic import Bureau, make_options
from kpi_research.study.synthetic.catalogue import catalogue_rows, spec_text
from kpi_research.study.synthetic.parts import TABLES, TRUTH, Parts

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo_bureau"
SIZE = {"stations": 40, "months": 18, "officers_per_station": 12, "incidents_per_month": 100, "survey_calls": 30}


class Drawn(Mapping[str, pd.DataFrame]):
    """Tables by name, made when asked for."""

    def __init__(self, parts: Parts, makers: Mapping[str, Callable[[Parts], pd.DataFrame]]) -> None:
        self._parts, self._makers = parts, makers
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name](self._parts)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@lru_cache(maxsize=24)
def _drawn(seed: int, given: tuple[tuple[str, object], ...]) -> Bureau:
    options = make_options(seed=seed, **dict(given))
    parts = Parts(options)
    return Bureau(Drawn(parts, TABLES), Drawn(parts, TRUTH), catalogue_rows(), spec_text(options))


@pytest.fixture(scope="session")
def bureau() -> Callable[..., Bureau]:
    """Return a function that gives a middle-sized bureau."""

    def draw(seed: int = 1, **options: object) -> Bureau:
        return _drawn(seed, tuple(sorted({**SIZE, **options}.items())))

    return draw


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """Return the folder of the demonstration bureau."""
    return DEMO


@pytest.fixture(scope="session")
def demo() -> Study:
    """Return the demonstration bureau as a loaded study."""
    return load_study(DEMO / "study.toml")


@pytest.fixture(scope="session")
def demo_truth() -> Mapping[str, pd.DataFrame]:
    """Return the truth tables of the demonstration bureau."""
    return {file.stem: pd.read_parquet(file) for file in sorted((DEMO / "truth").glob("*.parquet"))}
