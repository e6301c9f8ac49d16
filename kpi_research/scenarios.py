"""What the answer owes to choices: the same study under ``[[vary]]`` scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.compare import compare_runs, largest_move
from kpi_research.pipeline import STAGES, Stage
from kpi_research.result import StudyResult
from kpi_research.study.findings import Finding, finding
from kpi_research.study.results import Result
from kpi_research.study.vary import varied_study

Progress = Callable[[str, int, int], None]
COLUMNS = ("scenario", "label_en", "label_zh", "rank_correlation", "mean_move", "largest_move", "unit", "beyond", "weights_moved", "verdicts_changed", "failed")  # fmt: skip


@dataclass(frozen=True)
class Scenarios(Result):
    """A study under other choices.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per scenario: ``scenario``, ``label_en``, ``label_zh``; ``rank_correlation`` of scores with those of the
        study as it is; ``mean_move``, ``largest_move`` (ranks) and the ``unit`` that made it; ``beyond`` (units whose rank
        leaves the interval it had); ``weights_moved`` (points, half the sum of changes); ``verdicts_changed``;
        ``failed`` (why the scenario gave no result, or empty).
    ranks : pandas.DataFrame
        One row per unit: ``unit``, ``group``, ``as_is``, and a column of ranks per scenario.
    weights : pandas.DataFrame
        One row per indicator: ``indicator``, ``as_is``, and a column of weights per scenario.
    """

    ranks: pd.DataFrame
    weights: pd.DataFrame


def run_scenarios(result: StudyResult, progress: Progress | None = None) -> Scenarios:
    """Run a study again under each ``[[vary]]`` of its file, only the stages that a scenario touches.

    Parameters
    ----------
    result : StudyResult
        The study as it is.
    progress : callable, optional
        Called with scenario, its number from 0 and the number of scenarios before each.

    Returns
    -------
    Scenarios
        Findings: ``scenarios-agree`` or ``scenarios-differ``, ``scenario-failed``.

    Notes
    -----
    A scenario sets keys of the study file by their address, e.g. ``"scorecard.normalization" = "rank"``, as COINr does for
    its objects. Stages that do not read these keys keep their result, so a scenario of the scorecard costs seconds.
    """
    sections = result.study.spec.vary
    rows: list[dict[str, Any]] = []
    base = result.scorecard.table
    ranks = pd.DataFrame({"unit": base["unit"], "group": base.get("group", ""), "as_is": base["rank"]})
    weights = result.weights.table[["id", "weight"]].rename(columns={"id": "indicator", "weight": "as_is"})
    for number, section in enumerate(sections):
        if progress is not None:
            progress(section.id, number, len(sections))
        label = {"label_en": section.label["en"] if section.label else section.id}
        label["label_zh"] = section.label["zh"] if section.label else section.id
        try:
            other = _run(result, section.changes)
        except ValueError as error:
            rows.append({"scenario": section.id, **label, "failed": str(error)})
            continue
        rows.append({"scenario": section.id, **label, **_row(result, other)})
        ranks[section.id] = ranks["unit"].map(other.scorecard.table.set_index("unit")["rank"])
        weights[section.id] = weights["indicator"].map(other.weights.table.set_index("id")["weight"])
    table = pd.DataFrame(rows, columns=list(COLUMNS)).fillna({"failed": "", "unit": ""})
    return Scenarios(table, _findings(table), ranks, weights)


def _run(result: StudyResult, changes: Mapping[str, Any]) -> StudyResult:
    study = varied_study(result.study, changes)
    done: dict[str, Any] = dict(result.stages())
    touched: set[str] = set()
    for stage in STAGES:
        if _reads(stage, changes) or touched & set(stage.needs):
            done[stage.name] = stage.run(study, **{name: done[name] for name in stage.needs})
            touched.add(stage.name)
    return replace(result, study=study, **done)


_OWN = {"validity", "preventability", "workload", "weights", "scorecard"}


def _reads(stage: Stage, changes: Mapping[str, Any]) -> bool:
    """Return whether a stage reads a section that changes; sections of no one stage touch all."""
    for address in changes:
        section = address.split(".")[0]
        if section == stage.name or (section == "rules" and stage.name == "weights"):
            return True
        if section not in _OWN | {"rules", "report"}:
            return True
    return False


def _row(result: StudyResult, other: StudyResult) -> dict[str, Any]:
    found = compare_runs(result, other)
    unit, move = largest_move(found.table)
    moves = found.table["move"].dropna().abs()
    return {
        "rank_correlation": found.rank_correlation,
        "mean_move": float(moves.mean()) if len(moves) else float("nan"),
        "largest_move": move,
        "unit": unit,
        "beyond": int(found.table["beyond"].sum()),
        "weights_moved": float(found.weights["change"].abs().sum() / 2.0),
        "verdicts_changed": len(found.verdicts),
        "failed": "",
    }


def _findings(table: pd.DataFrame) -> tuple[Finding, ...]:
    found = [
        finding("scenario-failed", scenario=str(row["scenario"]), problem=str(row["failed"]))
        for row in table[table["failed"] != ""].to_dict("records")
    ]
    ran = table[table["failed"] == ""]
    if ran.empty:
        return tuple(found)
    differ = ran[ran["beyond"] > 0]
    if differ.empty:
        least = f"{float(np.nanmin(ran['rank_correlation'].astype(float))):.2f}"
        return (*found, finding("scenarios-agree", count=len(ran), least=least))
    named = ", ".join(f"{row.scenario} ({row.beyond})" for row in differ.itertuples())
    return (*found, finding("scenarios-differ", names=named, of=len(ran)))
