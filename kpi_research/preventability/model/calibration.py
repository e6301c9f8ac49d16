"""Whether probabilities hold what they say, in bins and in groups of units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.proportions import weighted_share

Floats = NDArray[np.float64]
BINS = 8
LEAST_CASES = 15
"""Labelled cases that a bin should hold."""


def calibration_table(
    label: Floats,
    probability: Floats,
    *,
    group: pd.Series | None = None,
    weight: Floats | None = None,
    error: tuple[float, float] | None = None,
    bins: int = BINS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Hold mean probability against the observed share of preventable cases, in bins of equal numbers of cases.

    Parameters
    ----------
    label : numpy.ndarray
        1 and 0.
    probability : numpy.ndarray
        Out-of-fold probability.
    group : pandas.Series, optional
        Group of units each case belongs to, such as urban and rural.
    weight : numpy.ndarray, optional
        Weights.
    error : (float, float), optional
        Errors of the labels, e01 and e10; observed shares are then corrected for them.
    bins : int
        Most bins of a group; fewer where a bin would hold under 15 cases.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        ``group`` (empty for all cases), ``bin`` (from 1), ``n`` (labelled cases), ``predicted`` (mean probability),
        ``observed`` (weighted share of preventable cases), ``low``, ``high`` (Wilson's interval at the effective number
        of cases).

    Examples
    --------
    >>> p = np.linspace(0.05, 0.95, 40)
    >>> table = calibration_table((np.arange(40) % 4 < 2).astype(float), p)
    >>> table[["bin", "n"]].values.tolist()
    [[1, 20], [2, 20]]
    """
    w = np.ones(len(label)) if weight is None else weight
    masks: dict[str, NDArray[np.bool_]] = {"": np.ones(len(label), dtype=bool)}
    if group is not None:
        names = group.fillna("").astype(str).to_numpy()
        masks |= {name: names == name for name in sorted(set(names) - {""})}
    rows = [
        (name, *row)
        for name, mask in masks.items()
        for row in _bins(label[mask], probability[mask], w[mask], bins, level, error or (0.0, 0.0))
    ]
    return pd.DataFrame(rows, columns=["group", "bin", "n", "predicted", "observed", "low", "high"])


def _bins(
    y: Floats, p: Floats, w: Floats, bins: int, level: float, error: tuple[float, float]
) -> list[tuple[float, ...]]:
    count = int(np.clip(len(y) // LEAST_CASES, 1, bins))
    order = np.argsort(p, kind="stable")
    rows = []
    for number, part in enumerate(np.array_split(order, count), 1):
        if part.size:
            share = np.array(weighted_share(y[part], w[part], level=level))
            true = np.clip((share - error[0]) / (1 - sum(error)), 0.0, 1.0)
            rows.append((number, part.size, float(np.average(p[part], weights=w[part])), *map(float, true)))
    return rows
