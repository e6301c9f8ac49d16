"""Impossible values: shares above one, negative counts, and what else a unit of measure does not allow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns, numbers

COLUMNS = ("column", "unit", "period", "value", "low", "high", "whole")
Limits = tuple[float, float]

MEASURES: Mapping[str, Limits] = {
    "share": (0.0, 1.0),
    "percent": (0.0, 100.0),
    "count": (0.0, np.inf),
    "rate": (0.0, np.inf),
    "minutes": (0.0, np.inf),
    "hours": (0.0, np.inf),
    "days": (0.0, np.inf),
}
"""Least and greatest value of each unit of measure; counts must be whole numbers too."""

OTHER_NAMES: Mapping[str, str] = {
    "proportion": "share", "probability": "share", "比例": "share", "占比": "share",
    "%": "percent", "percentage": "percent", "百分比": "percent", "百分率": "percent",
    "number": "count", "cases": "count", "件": "count", "起": "count", "次": "count", "人": "count", "个": "count",
    "minute": "minutes", "min": "minutes", "分钟": "minutes",
    "hour": "hours", "小时": "hours", "day": "days", "天": "days",
}  # fmt: skip
_SLACK = 1e-9


def measure_of(text: str) -> str | None:
    """Return the unit of measure that a free text names, or None where it sets no limits.

    Parameters
    ----------
    text : str
        English or Chinese text of a catalogue's ``unit`` column.

    Returns
    -------
    str or None
        A key of `MEASURES`.

    Examples
    --------
    >>> measure_of("%"), measure_of("points")
    ('percent', None)
    """
    name = text.strip().casefold()
    name = OTHER_NAMES.get(name, name)
    return name if name in MEASURES else None


def impossible_values(
    frame: pd.DataFrame, limits: Mapping[str, str | Limits], *, unit: str = "unit", period: str = "period"
) -> pd.DataFrame:
    """List the values that lie outside what their unit of measure allows.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    limits : mapping of str to (str or pair of float)
        Column to its unit of measure (``share``, ``percent``, ``count``, ``rate``, ``minutes``, ``hours``, ``days``)
        or to its own least and greatest value. Columns of a ``count`` must hold whole numbers.
    unit, period : str
        Names of the key columns.

    Returns
    -------
    pandas.DataFrame
        One row per impossible value in the order of ``limits`` and of the frame: ``column``, ``unit``, ``period``,
        ``value``, ``low`` and ``high`` (the limits), ``whole`` (whether only whole numbers are allowed).
        Missing values are not impossible; infinite ones are.

    Raises
    ------
    ValueError
        If a column is unknown or not numeric, or a unit of measure is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": ["A", "B"], "period": [1, 1], "cleared": [0.4, 1.2]})
    >>> impossible_values(frame, {"cleared": "share"})[["unit", "value", "high"]]
      unit  value  high
    0    B    1.2   1.0
    """
    check_columns(frame, {"unit": unit, "period": period, "limits": list(limits)})
    numbered = frame.reset_index(drop=True)
    found = [_outside(numbered, column, limit, unit, period) for column, limit in limits.items()]
    filled = [part for part in found if not part.empty]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(COLUMNS))


def _outside(frame: pd.DataFrame, column: str, limit: str | Limits, unit: str, period: str) -> pd.DataFrame:
    low, high, whole = _bounds(column, limit)
    values = numbers(frame, column)
    slack = _SLACK * max(abs(bound) for bound in (low, high, 1.0) if np.isfinite(bound))
    bad = (values < low - slack) | (values > high + slack) | np.isinf(values)
    if whole:
        bad |= (values - values.round()).abs() > _SLACK * values.abs().clip(lower=1.0)
    keys = frame.loc[bad, [unit, period]].set_axis(["unit", "period"], axis=1)
    return keys.assign(column=column, value=values[bad], low=low, high=high, whole=whole)[list(COLUMNS)]


def _bounds(column: str, limit: str | Limits) -> tuple[float, float, bool]:
    if not isinstance(limit, str):
        low, high = (float(bound) for bound in limit)
        return low, high, False
    measure = measure_of(limit)
    if measure is None:
        raise ValueError(f"limits: '{limit}' of column '{column}' has no limits.{did_you_mean(limit, MEASURES)['en']}")
    return (*MEASURES[measure], measure == "count")
