"""The result of a whole study: what each stage found, and one digest over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from kpi_research.preventability import Preventability
from kpi_research.scorecard import Scorecard
from kpi_research.scorecard.published import published_frames
from kpi_research.study.findings import Finding, Language
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.validity import Validity
from kpi_research.weights import Weights
from kpi_research.workload import Workload


@dataclass(frozen=True)
class StudyResult:
    """What every stage found about one study.

    Attributes
    ----------
    study : Study
        The study.
    validity, preventability, workload, weights, scorecard
        The results of the stages.
    folder : pathlib.Path or None
        Folder of the published report, where one was written.
    """

    study: Study
    validity: Validity
    preventability: Preventability
    workload: Workload
    weights: Weights
    scorecard: Scorecard
    folder: Path | None = None

    def stages(self) -> Iterator[tuple[str, Result]]:
        """Yield the name and the result of each stage in the order they ran."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Result):
                yield item.name, value

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, of loading first and then stage by stage."""
        return sum((result.findings for _, result in self.stages()), self.study.findings)

    def frames(self) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Yield stage, field and frame of every tidy table of the result, also of those that results of stages hold.

        Of consequences, reasons and evaluators only what may be published is among them, see `published_frames`.
        """
        for stage, result in self.stages():
            for item in fields(result):
                value = getattr(result, item.name)
                if isinstance(value, pd.DataFrame):
                    yield stage, item.name, value
                elif isinstance(value, Mapping):
                    named = ((key, part) for key, part in value.items() if isinstance(part, pd.DataFrame))
                    yield from ((stage, str(key), part) for key, part in named)
            if isinstance(result, Scorecard):
                yield from ((stage, name, frame) for name, frame in published_frames(result))

    @property
    def digest(self) -> str:
        """sha256 over the study's digest and every table of every stage, 12 significant digits each."""
        total = hashlib.sha256(self.study.digest.encode())
        for stage, name, frame in self.frames():
            total.update(f"{stage}.{name}\n".encode())
            total.update(frame.to_csv(index=False, float_format="%.12g", lineterminator="\n").encode())
        return total.hexdigest()

    def summary(self, lang: Language = "en") -> str:
        """Return the summaries of all stages as plain text."""
        return "\n\n".join(result.summary(lang) for _, result in self.stages())

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for _, result in self.stages())
