"""Stability: whether units keep their order from one period to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.rank_correlation import clustered_error, fisher_interval, spearman_influence
from kpi_research.validity.frames import check_columns, check_unit_period, numbers, unit_period_table

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rank correlation with its interval.

    Attributes
    ----------
    estimate, low, high : float
        Correlation and bounds, from -1 to 1; NaN where they do not exist.
    units : int
        Number of units it rests on.
    method : str
        How it was computed.
    """

    estimate: float
    low: float
    high: float
    units: int
    method: str


def stability(frame: pd.DataFrame, *, unit: str, period: str, value: str, level: float = 0.95) -> Correlation:
    """Return the mean rank correlation over units between each period and the next.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, period, value : str
        Names of the key columns and of the indicator; periods must sort in time order.
    level : float
        Coverage of the interval.

    Returns
    -------
    Correlation
        Mean Spearman correlation of successive periods. The interval adds up each unit's influence over all pairs of
        periods, since the rows of a unit are not independent, and uses Fisher's z scale with t(units - 1).

    Raises
    ------
    ValueError
        If a column is unknown or not numeric or a unit-period pair stands twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": list("abcd") * 2, "year": [1] * 4 + [2] * 4, "x": [1, 2, 3, 4, 1, 3, 2, 4]})
    >>> round(stability(frame, unit="unit", period="year", value="x").estimate, 12)
    0.8
    """
    check_columns(frame, {"unit": unit, "period": period, "value": value})
    check_unit_period(frame, unit, period)
    table = unit_period_table(frame, unit, period, numbers(frame, value))[0]
    pairs = [_pair(table[:, place], table[:, place + 1]) for place in range(table.shape[1] - 1)]
    known = [pair for pair in pairs if np.isfinite(pair[0])]
    method = "mean Spearman correlation of successive periods; unit-clustered influence values, Fisher z"
    if not known:
        return Correlation(np.nan, np.nan, np.nan, 0, method)
    estimate = float(np.mean([item[0] for item in known]))
    total = np.mean([item[1] for item in known], axis=0)
    seen = np.any([item[2] for item in known], axis=0)
    error, units = clustered_error(total[seen], np.flatnonzero(seen))
    return Correlation(estimate, *fisher_interval(estimate, error, units - 1, level), units, method)


def _pair(first: Array, second: Array) -> tuple[float, Array, NDArray[np.bool_]]:
    """Return the correlation of two periods, each unit's part in its error, and which units are seen in both."""
    both = np.isfinite(first) & np.isfinite(second)
    estimate, influence = spearman_influence(first[both], second[both])
    part = np.zeros(len(first))
    part[both] = influence / max(int(both.sum()), 1)
    return estimate, part, both


def pooled_rank_correlation(
    frame: pd.DataFrame, *, unit: str, first: str, second: str, level: float = 0.95
) -> Correlation:
    """Return the rank correlation of two columns over all rows, with units as independent groups of rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period; rows that lack either value are left out.
    unit, first, second : str
        Names of the unit column and of the two numeric columns.
    level : float
        Coverage of the interval.

    Returns
    -------
    Correlation
        Spearman correlation; the interval adds up influence values within units, Fisher's z scale, t(units - 1).

    Raises
    ------
    ValueError
        If a column is unknown or not numeric.
    """
    check_columns(frame, {"unit": unit, "first": first, "second": second})
    x, y = numbers(frame, first).to_numpy(), numbers(frame, second).to_numpy()
    both = np.isfinite(x) & np.isfinite(y)
    method = "Spearman correlation of pooled rows; unit-clustered influence values, Fisher z"
    estimate, influence = spearman_influence(x[both], y[both])
    if not np.isfinite(estimate):
        return Correlation(np.nan, np.nan, np.nan, 0, method)
    error, units = clustered_error(influence / int(both.sum()), frame.loc[both, unit].to_numpy())
    return Correlation(estimate, *fisher_interval(estimate, error, units - 1, level), units, method)
