"""The groups of checks of the stage, one after the other or in several processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpi_research.study.findings import Finding
from kpi_research.study.model import Study
from kpi_research.study.parallel import map_tasks
from kpi_research.validity.areas import AREAS
from kpi_research.validity.assess_effects import study_effects
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.panel_frame import StudyPanel

Progress = Callable[[str, int, int], None]
"""Called before each part with its name, its number from 0 and the number of parts."""
EFFECTS = "effects"
COST: Mapping[str, float] = {
    "integrity": 0.33,
    EFFECTS: 0.27,
    "prediction": 0.22,
    "reliability": 0.11,
    "redundancy": 0.04,
}
"""Share of the time, of `benchmarks/validity.py`; others are small."""


@dataclass(frozen=True)
class Gathered:
    """What the groups of checks found.

    Attributes
    ----------
    parts : list of Evidence
        In the order of the groups.
    effects : tuple or None
        Panel models and their findings, where they were estimated along the way.
    """

    parts: list[Evidence]
    effects: tuple[pd.DataFrame, tuple[Finding, ...]] | None


def gather_evidence(study: Study, panel: StudyPanel, tell: Progress, total: int, jobs: int) -> Gathered:
    """Run the groups of checks.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.
    tell : callable
        Progress.
    total : int
        Number of parts of the stage.
    jobs : int
        Processes.

    Returns
    -------
    Gathered

    Raises
    ------
    ValueError
        If jobs is below 1.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; allowed: 1 or more")
    names = list(AREAS)
    if jobs == 1:
        parts = []
        for number, name in enumerate(names):
            tell(name, number, total)
            parts.append(AREAS[name](study, panel))
        return Gathered(parts, None)
    tell("areas", 0, total)
    bundles = share_out([*names, EFFECTS], jobs)
    found: dict[str, Any] = {}
    for part in map_tasks(_run, [(study, panel, bundle) for bundle in bundles], jobs=jobs):
        found |= part
    return Gathered([found[name] for name in names], found[EFFECTS])


def share_out(names: list[str], jobs: int) -> list[list[str]]:
    """Deal the groups out, the longest first to whoever has least to do.

    Parameters
    ----------
    names : list of str
        Groups.
    jobs : int
        Processes.

    Returns
    -------
    list of list of str
        One list per process; none is empty.

    Examples
    --------
    >>> share_out(["use", "integrity", "effects", "prediction"], 2)
    [['integrity', 'use'], ['effects', 'prediction']]
    """
    load = [0.0] * jobs
    dealt: list[list[str]] = [[] for _ in range(jobs)]
    for name in sorted(names, key=lambda name: -COST.get(name, 0.01)):
        place = load.index(min(load))
        dealt[place].append(name)
        load[place] += COST.get(name, 0.01)
    return [bundle for bundle in dealt if bundle]


def _run(task: tuple[Study, StudyPanel, list[str]]) -> dict[str, Any]:
    study, panel, names = task
    return {name: study_effects(study, panel) if name == EFFECTS else AREAS[name](study, panel) for name in names}
