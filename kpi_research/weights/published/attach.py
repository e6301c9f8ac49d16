"""Published weights beside optimized ones in one result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.weights.general import objective_at
from kpi_research.weights.published.grid import GridError, publish_weights
from kpi_research.weights.result import GRID_COLUMNS, Weights
from kpi_research.weights.rules import Rule
from kpi_research.weights.task import Outcome, Task


def with_grid(result: Weights, task: Task, found: Outcome, rules: Sequence[Rule], step: float) -> Weights:
    """Add the weights on a grid that are closest to the optimized ones and keep every rule.

    Parameters
    ----------
    result : Weights
        Optimized weights.
    task : Task
        What they answer.
    found : Outcome
        Their optimum.
    rules : sequence of Rule
        The rules.
    step : float
        Published weights are multiples of it, points.

    Returns
    -------
    Weights
        With the column ``published``, the table ``grid`` and the findings of `publish_weights`; a finding alone where no
        weights on the grid keep the rules.
    """
    points = result.table.set_index("id")["weight"]
    frame = task.frame.assign(banned=[reason in ("banned", "no_evidence") for reason in _reasons(result, task)])
    try:
        grid = publish_weights(points, indicators=frame, rules=rules, step=step)
    except GridError:
        return replace(result, findings=(*result.findings, finding("grid-impossible", Where(), step=f"{step:g}")))
    published = grid.table.set_index("id")["published"]
    value = objective_at(task, found, published.reindex(list(task.ids)).to_numpy())
    row = (step, grid.distance, grid.proven, result.objective, value)
    table = result.table.assign(published=result.table["id"].map(published))
    return replace(
        result,
        table=table,
        findings=(*result.findings, *grid.findings),
        grid=pd.DataFrame([row], columns=list(GRID_COLUMNS), dtype=float),
    )


def _reasons(result: Weights, task: Task) -> list[str]:
    known = result.table.set_index("id")["reason"]
    return [str(known[name]) for name in task.ids]
