"""Whether credit obeys plain justice: equal work earns equal credit, and more work never earns less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kpi_research.workload.fairness.frame import number_column

CHUNK = 256


def consistency(frame: pd.DataFrame, *, work: Sequence[str], credit: str, tolerance: float = 1e-9) -> pd.DataFrame:
    """Return pairs of rows whose credit contradicts their work.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person and period.
    work : sequence of str
        Names of the columns with amounts of work, one per kind of task; more is more work.
    credit : str
        Name of the column with the credit.
    tolerance : float
        Relative difference of credit that counts as equal.

    Returns
    -------
    pandas.DataFrame
        One row per contradiction: ``kind`` (``identical_work``: same amounts, other credit; ``more_work``: at least as
        much of everything, more of something, less credit), ``first``, ``second`` (labels of the rows, the one with more
        work first), ``credit_first``, ``credit_second``. Empty where credit is consistent.

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or an amount is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"calls": [3, 3, 5], "cases": [1, 1, 1], "points": [10.0, 12.0, 9.0]})
    >>> consistency(rows, work=["calls", "cases"], credit="points")[["kind", "first", "second"]].values.tolist()
    [['identical_work', 1, 0], ['more_work', 2, 0], ['more_work', 2, 1]]
    """
    if not work:
        raise ValueError("work is empty; name one column at least")
    amounts = pd.DataFrame({name: number_column(frame, name) for name in work})
    earned = number_column(frame, credit)
    if amounts.isna().any(axis=None) or earned.isna().any():
        raise ValueError("amounts of work and credit must not be missing; leave such rows out")
    rows = []
    values, points = amounts.to_numpy(float), earned.to_numpy(float)
    for start in range(0, len(values), CHUNK):
        rows += _contradictions(values, points, start, tolerance)
    found = pd.DataFrame(rows, columns=["kind", "first", "second"])
    labels = frame.index.to_numpy()
    credits = {f"credit_{side}": points[found[side].to_numpy(int)] for side in ("first", "second")}
    named = {side: labels[found[side].to_numpy(int)] for side in ("first", "second")}
    return found.assign(**named, **credits)


def _contradictions(values: np.ndarray, points: np.ndarray, start: int, tolerance: float) -> list[tuple[str, int, int]]:
    block, own = values[start : start + CHUNK], points[start : start + CHUNK]
    at_least = (block[:, None, :] >= values[None, :, :]).all(axis=2)
    same = at_least & (block[:, None, :] <= values[None, :, :]).all(axis=2)
    room = tolerance * np.maximum(np.abs(own)[:, None], np.abs(points)[None, :])
    higher = own[:, None] - points[None, :] > room
    lower = points[None, :] - own[:, None] > room
    unequal = np.argwhere(same & higher)
    less = np.argwhere(at_least & ~same & lower)
    return [
        *(("identical_work", int(i) + start, int(j)) for i, j in unequal),
        *(("more_work", int(i) + start, int(j)) for i, j in less),
    ]
