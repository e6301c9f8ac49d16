"""Why each weight is what it is, as one word per indicator."""

from __future__ import annotations

import numpy as np

from kpi_research.weights.task import Outcome, Task

_SAME = 1e-6


def weight_reasons(task: Task, found: Outcome) -> list[str]:
    """Return what holds each weight.

    Parameters
    ----------
    task : Task
        The task.
    found : Outcome
        Its answer.

    Returns
    -------
    list of str
        In canonical order: ``banned``, ``no_evidence``, ``unmoved``, ``rules``, ``at_most``, ``at_least``, ``objective``.
    """
    size = len(task.ids)
    names = np.full(size, "objective", dtype=object)
    program, weights = found.program, found.weights
    names[(np.abs(weights - program.low) <= _SAME) & (program.low > 0)] = "at_least"
    names[(np.abs(weights - program.high) <= _SAME) & (program.high < 100)] = "at_most"
    names[np.abs(weights - found.center) <= _SAME] = "rules"
    names[np.abs(weights - task.target) <= _SAME] = "unmoved"
    for limit in task.limits:
        if limit.origin in ("banned", "no_evidence"):
            names[limit.selected] = limit.origin
    return [str(name) for name in names]
