"""From values of units to points that can be added: one scale, higher is better."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd


def unit_points(levels: pd.DataFrame, catalogue: pd.DataFrame, method: str) -> pd.DataFrame:
    """Return points of units, on the scale that the scorecard of the study names.

    Parameters
    ----------
    levels : pandas.DataFrame
        Unit × indicator: mean over the periods; NaN = missing.
    catalogue : pandas.DataFrame
        ``id``, ``direction``, ``role``, ``target``, ``floor``, ``ceiling``.
    method : {"z", "rank", "goalposts"}
        ``z``: 50 + 10 z; ``rank``: percentile; ``goalposts``: share of the way from worst to best, 0 to 100.

    Returns
    -------
    pandas.DataFrame
        Same shape. An indicator of role ``threshold`` earns 100 where its target is reached and 0 where not; one that
        is equal in all units gives 50.
    """
    rows = {str(row["id"]): row for row in catalogue.to_dict("records")}
    points = {name: _points(levels[name].astype("float64"), rows[str(name)], method) for name in levels.columns}
    return pd.DataFrame(points, index=levels.index)


def _points(level: pd.Series[float], row: Mapping[Hashable, Any], method: str) -> pd.Series[float]:
    sign = -1.0 if row["direction"] == "lower" else 1.0
    target = float(row["target"])
    if row["role"] == "threshold" and np.isfinite(target):
        return (100.0 * (sign * level >= sign * target)).where(level.notna())
    if not level.max() > level.min():
        return level * 0.0 + 50.0
    if method == "rank":
        return 100.0 * ((sign * level).rank() - 0.5) / level.notna().sum()
    if method == "goalposts":
        worst, best = _goalposts(level, row, sign)
        return (100.0 * (level - worst) / (best - worst)).clip(0.0, 100.0)
    return 50.0 + 10.0 * sign * (level - level.mean()) / level.std(ddof=0)


def _goalposts(level: pd.Series[float], row: Mapping[Hashable, Any], sign: float) -> tuple[float, float]:
    given = (float(row["floor"]), float(row["ceiling"]))
    found = (float(level.min()), float(level.max()))
    low, high = (one if np.isfinite(one) else other for one, other in zip(given, found, strict=True))
    low, high = (low, high) if high > low else found
    return (low, high) if sign > 0 else (high, low)
