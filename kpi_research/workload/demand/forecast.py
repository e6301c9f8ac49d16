"""What the next periods may bring: a seasonal level with an interval, unit by unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, column_of, number_column

Array = NDArray[np.float64]
LEAST_PERIODS = 12
GRID = np.linspace(0.0, 0.6, 13)
"""Weights of the newest value that are tried; 0 is a level that never moves."""


@dataclass(frozen=True)
class Forecast(Result):
    """Forecasts by unit and step.

    Attributes
    ----------
    table : pandas.DataFrame
        ``unit``, ``step`` (periods ahead, from 1), ``estimate``, ``low``, ``high`` (interval of the value to come).
    seasonal : pandas.DataFrame
        ``season`` (position in the cycle, from 0), ``factor`` (relative to the mean season, common to all units); empty
        without a cycle.
    smoothing : float
        Weight of the newest value in the level, common to all units.
    level : float
        Coverage of the intervals.
    """

    seasonal: pd.DataFrame
    smoothing: float
    level: float


def forecast(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    value: str,
    steps: int = 3,
    cycle: int | None = 12,
    level: float = 0.95,
) -> Forecast:
    r"""Forecast counts or minutes of the next periods for each unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period, without gaps.
    unit, period, value : str
        Names of the columns with the unit, the period (any labels that sort in time) and the value, 0 or more.
    steps : int
        Periods to forecast, at least 1.
    cycle : int, optional
        Periods of a season, e.g. 12 months; used only where two whole cycles are there.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Forecast

    Raises
    ------
    ValueError
        If a column is missing or impossible, a unit-period pair stands twice or is missing, or there are fewer than
        twelve periods.

    Notes
    -----
    Simple exponential smoothing of the logarithm of ``value + 1/2`` after common seasonal effects are taken out; one
    weight for all units minimizes the squared one-step errors (Gardner 2006, doi:10.1016/j.ijforecast.2006.03.005).
    The variance ``h`` steps ahead is :math:`\sigma_u^2 (1 + (h-1)\alpha^2)`, widened for the estimated season
    (Hyndman, Koehler, Ord & Snyder 2008, doi:10.1007/978-3-540-71918-2, table 6.1), with ``sigma`` shrunk toward the
    pooled one by degrees of freedom (Smyth 2004, doi:10.2202/1544-6115.1027).

    Examples
    --------
    >>> months = [f"2024-{month:02d}" for month in range(1, 13)]
    >>> frame = pd.DataFrame({"unit": ["A"] * 12 + ["B"] * 12, "month": months * 2, "calls": [100] * 12 + [50] * 12})
    >>> forecast(frame, unit="unit", period="month", value="calls", steps=1).table["estimate"].round(6).tolist()
    [100.0, 50.0]
    """
    check_share("level", level)
    if steps < 1:
        raise ValueError(f"steps is {steps}; it must be at least 1")
    table = _table(frame, unit, period, value)
    logs = np.log(table.to_numpy(float) + 0.5)
    seasons = _seasons(logs, cycle)
    adjusted = logs - seasons[np.arange(logs.shape[1]) % len(seasons)]
    smoothing, levels, errors = _smooth(adjusted)
    spread = _shrunk_variance(errors) * _season_cost(logs.shape, len(seasons))
    rows = list(
        _rows(table.index.astype("str").tolist(), logs.shape[1], levels, spread, smoothing, seasons, steps, level)
    )
    seasonal = pd.DataFrame({"season": np.arange(len(seasons)), "factor": np.exp(seasons)})
    found = pd.DataFrame(rows, columns=["unit", "step", "estimate", "low", "high"])
    return Forecast(
        found, _findings(logs, cycle), seasonal if len(seasons) > 1 else seasonal.iloc[:0], smoothing, level
    )


def _table(frame: pd.DataFrame, unit: str, period: str, value: str) -> pd.DataFrame:
    parts = {"unit": column_of(frame, unit), "period": column_of(frame, period), "value": number_column(frame, value)}
    clean = pd.DataFrame(parts)
    if clean[["unit", "period"]].duplicated().any():
        twice = clean[clean[["unit", "period"]].duplicated()].iloc[0]
        raise ValueError(f"unit '{twice['unit']}' has period '{twice['period']}' twice")
    table = clean.pivot_table(index="unit", columns="period", values="value", dropna=False).sort_index(axis=1)
    if table.isna().any(axis=None):
        row, column = np.argwhere(table.isna().to_numpy())[0]
        raise ValueError(
            f"unit '{table.index[row]}' has no value in period '{table.columns[column]}'; fill the gap first"
        )
    if (table < 0).any(axis=None):
        raise ValueError(f"column '{value}' is {table.min().min():g} in some row; values must be 0 or more")
    if table.shape[1] < LEAST_PERIODS:
        raise ValueError(f"there are {table.shape[1]} periods; a forecast needs {LEAST_PERIODS} at least")
    return table


def _seasons(logs: Array, cycle: int | None) -> Array:
    if cycle is None or cycle < 2 or logs.shape[1] < 2 * cycle:
        return np.zeros(1)
    centered = (logs - logs.mean(axis=1, keepdims=True)).mean(axis=0)
    kept = len(centered) // cycle * cycle
    rounds = centered[-kept:].reshape(-1, cycle)
    rounds = rounds - rounds.mean(axis=1, keepdims=True)
    shift = (len(centered) - kept) % cycle
    return np.roll(rounds.mean(axis=0), shift)


def _smooth(series: Array) -> tuple[float, Array, Array]:
    """Return the common weight with the least squared one-step errors, the last levels, and the errors."""
    runs = [(float(weight), *_levels(series, float(weight))) for weight in GRID]
    return min(runs, key=lambda run: float((run[2] ** 2).sum()))


def _levels(series: Array, weight: float) -> tuple[Array, Array]:
    """Smooth all units at once; with weight 0 the level is the mean of what was seen."""
    level, errors = series[:, 0].copy(), []
    for step in range(1, series.shape[1]):
        error = series[:, step] - level
        errors.append(error)
        level = level + max(weight, 1.0 / (step + 1)) * error
    return level, np.array(errors).T


def _shrunk_variance(errors: Array) -> Array:
    """Return each unit's error variance, drawn toward the mean of all by the prior's degrees of freedom."""
    used = errors[:, errors.shape[1] // 4 :]
    freedom = used.shape[1]
    own = (used**2).mean(axis=1)
    pooled = float(own.mean())
    if len(own) < 3 or pooled == 0:
        return own
    excess = float(own.var(ddof=1)) / pooled**2 - 2.0 / freedom
    prior = 2.0 / excess if excess > 1e-6 else np.inf
    return np.full_like(own, pooled) if np.isinf(prior) else (freedom * own + prior * pooled) / (freedom + prior)


def _season_cost(shape: tuple[int, ...], cycle: int) -> float:
    """Return by how much estimated seasons widen a forecast: degrees of freedom lost, and error of the season to come."""
    units, periods = shape
    if cycle == 1:
        return 1.0
    return (periods - 1) / max(periods - 1 - (cycle - 1) / units, 1.0) * (1 + 1 / (periods // cycle * units))


def _rows(
    units: list[str], length: int, levels: Array, spread: Array, weight: float, seasons: Array, steps: int, level: float
) -> list[tuple[str, int, float, float, float]]:
    rows = []
    reach = stats.t.ppf(0.5 + level / 2, length - 2)
    for place, name in enumerate(units):
        for step in range(1, steps + 1):
            middle = levels[place] + seasons[(length + step - 1) % len(seasons)]
            own = spread[place] * (1 + (step - 1) * weight**2)
            width = reach * float(np.sqrt(own))
            estimate, low, high = (max(float(np.exp(middle + side * width)) - 0.5, 0.0) for side in (0, -1, 1))
            rows.append((name, step, estimate, low, high))
    return rows


def _findings(logs: Array, cycle: int | None) -> tuple[Finding, ...]:
    if cycle is None or logs.shape[1] >= 2 * cycle:
        return ()
    return (finding("forecast-no-season", Where(), periods=logs.shape[1], needed=2 * cycle),)
