"""Small studies made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.backends.duckdb_tables import FrameTable
from kpi_research.study.model import Study
from kpi_research.study.relation import Relation
from kpi_research.study.spec import StudySpec
from kpi_research.study.tables import Tables

FOLDER = Path("study")


def make_study(
    values: pd.DataFrame,
    indicators: pd.DataFrame | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    **options: Any,
) -> Study:
    """Return a study over ready indicator values; indicators are graded and higher is better unless given."""
    given = {"panel": values} if tables is None else tables
    spec = StudySpec.model_validate(
        {
            "study": {"id": "small", "title": "Small study", "seed": 7},
            "tables": {name: {"source": f"{name}.csv"} for name in given},
            "scorecard": {"draws": 500, **options},
        }
    )
    catalogue = make_catalogue(values.columns[2:]) if indicators is None else indicators
    return Study(spec, FOLDER, catalogue, Tables(given, relations_of(given)), values, (), (), "digest")


def relations_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, Relation]:
    """Return ready frames as tables that can be queried."""
    found = {}
    for name, frame in tables.items():
        backend = FrameTable(frame)
        found[name] = Relation(backend, backend.kinds(), {column: column for column in frame.columns})
    return found


def make_catalogue(ids: Any, **columns: Any) -> pd.DataFrame:
    """Return catalogue rows with defaults; a column may be given as one value or as a mapping by indicator."""
    frame = pd.DataFrame({"id": list(ids), "direction": "higher", "role": "graded", "sequence": ""})
    frame[["target", "floor", "ceiling"]] = np.nan
    for name, value in columns.items():
        frame[name] = frame["id"].map(value).fillna(frame[name]) if isinstance(value, Mapping) else value
    return frame


def make_weights(**weights: float) -> Any:
    """Return a stand-in for the result of the weights stage."""
    return SimpleNamespace(table=pd.DataFrame({"id": list(weights), "weight": list(weights.values())}))


def random_values(
    units: int = 12,
    periods: int = 6,
    ids: tuple[str, ...] = ("calls", "cases", "visits"),
    seed: int = 0,
    spread: float = 1.0,
) -> pd.DataFrame:
    """Return values of units that differ by ``spread`` standard deviations of a period's noise."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([[f"s{i:02}" for i in range(units)], range(2020, 2020 + periods)]).to_frame(
        index=False
    )
    frame = rows.set_axis(["unit", "period"], axis=1)
    for name in ids:
        frame[name] = np.repeat(spread * rng.standard_normal(units), periods) + rng.standard_normal(units * periods)
    return frame


def codes(result: Any) -> set[str]:
    """Return the codes of a result's findings."""
    return {item.code for item in result.findings}
