"""The whole study: every stage in order, resumable, then the report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from kpi_research.preventability import separate_preventable
from kpi_research.publish import render_report
from kpi_research.result import StudyResult
from kpi_research.scorecard import build_scorecard
from kpi_research.study.findings import Language
from kpi_research.study.load import load_study
from kpi_research.study.model import Study
from kpi_research.study.results import Result
from kpi_research.study.store import DamagedStoreError, forget, load, save
from kpi_research.validity import assess_validity
from kpi_research.weights import optimize_weights
from kpi_research.workload import fit_workload

Progress = Callable[[str, int, int], None]
"""Called before each step with its name, its number from 0 and the number of steps."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a study: a pure function of the study and of earlier results.

    Attributes
    ----------
    name : str
        Name of the stage, also of its folder, chapter and notebook.
    run : callable
        ``run(study, **earlier results) -> Result``.
    needs : tuple of str
        Names of the earlier stages whose results it takes.
    """

    name: str
    run: Callable[..., Result]
    needs: tuple[str, ...] = ()


STAGES: tuple[Stage, ...] = (
    Stage("validity", assess_validity),
    Stage("preventability", separate_preventable),
    Stage("workload", fit_workload),
    Stage("weights", optimize_weights, ("validity",)),
    Stage("scorecard", build_scorecard, ("weights", "preventability", "workload")),
)
"""The stages in the order they run."""


def run_study(
    study: Study | str | Path,
    out: str | Path | None = None,
    resume: bool = True,
    lang: Language | None = None,
    progress: Progress | None = None,
) -> StudyResult:
    """Run every stage of a study and, where a folder is given, publish the report.

    Parameters
    ----------
    study : Study, str or pathlib.Path
        A loaded study, or the path of its ``study.toml``.
    out : str or pathlib.Path, optional
        Folder of all reports; this study's goes to ``out/<study id>/`` as a whole or not at all. None publishes nothing.
    resume : bool, default True
        Take finished stages of an interrupted run of the same study from ``out/.resume``.
    lang : {"en", "zh"}, optional
        Language of the report; by default it is written in each of ``[report] languages``.
    progress : callable, optional
        Called with step name, number and total before each step.

    Returns
    -------
    StudyResult
        With ``folder`` set where a report was written.

    Raises
    ------
    StudyError
        If the study has faults; it lists all of them.
    """
    tell = progress or _silent
    total = len(STAGES) + 1 + (out is not None)
    tell("load", 0, total)
    loaded = study if isinstance(study, Study) else load_study(study)
    store = Path(out) / ".resume" / loaded.spec.study.id if out is not None else None
    with threadpool_limits(1):
        result = _run_stages(loaded, store if resume else None, lambda name, step: tell(name, step, total))
        if out is None:
            return result
        tell("report", total - 1, total)
        folder = Path(out) / loaded.spec.study.id
        render_report(result, folder, lang=lang or loaded.spec.report.languages)
    if store is not None:
        forget(store)
        forget(store.parent)
    return replace(result, folder=folder)


def _run_stages(study: Study, store: Path | None, tell: Callable[[str, int], None]) -> StudyResult:
    done: dict[str, Any] = {}
    for step, stage in enumerate(STAGES, 1):
        tell(stage.name, step)
        done[stage.name] = _run_or_resume(stage, study, done, store)
    return StudyResult(study=study, **done)


def _run_or_resume(stage: Stage, study: Study, done: Mapping[str, Result], store: Path | None) -> Result:
    earlier = {name: done[name] for name in stage.needs}
    if store is None:
        return stage.run(study, **earlier)
    path = store / f"{stage.name}-{_stage_key(stage, study)}.zip"
    try:
        found: Result = load(path)
    except DamagedStoreError:
        found = stage.run(study, **earlier)
        save(found, path)
    return found


def _stage_key(stage: Stage, study: Study) -> str:
    return hashlib.sha256(f"{stage.name}\n{study.digest}\n{code_digest()}".encode()).hexdigest()[:24]


@cache
def code_digest() -> str:
    """Return the sha256 over all source files of the package, so that a changed program never resumes old results."""
    total = hashlib.sha256()
    root = Path(str(resources.files("kpi_research")))
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.toml")]):
        total.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _silent(_name: str, _step: int, _total: int) -> None:
    return None
