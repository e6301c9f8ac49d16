"""Work for others, which no count of one's own cases credits."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.workload.fairness.frame import column_of, number_column

LEAST_PERSONS = 5
COLUMNS = ("group", "persons", "minutes", "support", "share")


def support_work(
    log: pd.DataFrame, *, minutes: str, task: str, support: Sequence[str], group: str, person: str | None = None
) -> pd.DataFrame:
    """Measure which share of logged time goes into work for other units.

    Parameters
    ----------
    log : pandas.DataFrame
        One row per logged entry.
    minutes, task : str
        Columns of minutes and task.
    support : sequence of str
        Tasks that are done for others.
    group : str
        Column of groups (unit, post).
    person : str, optional
        Column of persons; groups of fewer than five are joined to ``other``.

    Returns
    -------
    pandas.DataFrame
        One row per group, largest share first: ``group``, ``persons`` (missing without), ``minutes``, ``support``
        (minutes for others), ``share`` (0 to 1): what a scheme that counts own results leaves without credit.

    Raises
    ------
    ValueError
        If a column is missing or a task does not occur.

    Examples
    --------
    >>> log = pd.DataFrame({"unit": ["A", "A", "B"], "task": ["call", "support", "call"], "minutes": [30, 10, 40]})
    >>> support_work(log, minutes="minutes", task="task", support=["support"], group="unit")["share"].tolist()
    [0.25, 0.0]
    """
    frame = pd.DataFrame({"group": column_of(log, group).astype("str"), "minutes": number_column(log, minutes)})
    tasks = column_of(log, task).astype("str")
    for name in support:
        if not (tasks == name).any():
            raise ValueError(
                f"support: no entry has the task '{name}'.{did_you_mean(name, sorted(tasks.unique()))['en']}"
            )
    frame["support"] = frame["minutes"].where(tasks.isin(list(support)), 0.0)
    if person is not None:
        frame["person"] = column_of(log, person).astype("str")
        persons = frame.groupby("group")["person"].nunique()
        frame["group"] = frame["group"].where(frame["group"].map(persons) >= LEAST_PERSONS, "other")
    groups = frame.groupby("group", sort=True)
    found = groups[["minutes", "support"]].sum().reset_index()
    found["persons"] = groups["person"].nunique().to_numpy() if person is not None else pd.NA
    found["share"] = found["support"] / found["minutes"]
    return found.sort_values(["share", "group"], ascending=[False, True], ignore_index=True)[list(COLUMNS)]
