"""The tables of a study by name: small ones in memory, large ones where they live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.backends.backend import BackendError
from kpi_research.study.findings import StudyError, Where, finding
from kpi_research.study.relation import Relation

MAX_ROWS = 2_000_000
"""Rows of a table that are fetched into memory at the most."""


@dataclass(frozen=True)
class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name.

    Attributes
    ----------
    frames : mapping of str to pandas.DataFrame
        Tables held in memory.
    relations : mapping of str to Relation
        All tables as recipes of queries, also those in memory.
    """

    frames: Mapping[str, pd.DataFrame]
    relations: Mapping[str, Relation]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name in self.frames:
            return self.frames[name]
        relation = self.relations[name]
        try:
            rows = relation.count()
            if rows > MAX_ROWS:
                raise StudyError([finding("table-too-large", Where(name), rows=rows, limit=MAX_ROWS)])
            return relation.collect()
        except BackendError as error:
            raise StudyError([finding("table-unreadable", Where(name), reason=str(error))]) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.relations)

    def __len__(self) -> int:
        return len(self.relations)
