"""Jumps: runs of periods in which a unit's value lies far off its own other periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.level_shift import Run, robust_spread, runs
from kpi_research.validity.frames import check_columns, check_unit_period, numbers, unit_period_table

Array = NDArray[np.float64]
COLUMNS = ("column", "unit", "period_from", "period_to", "value", "reference", "ratio", "rows")
SPREADS = 5.0
OWN_NOISE = 3.0
LEAST_PERIODS = 4
PASSES = 3
MEDIAN_BIAS = 1.35
"""Around the median of t normal values the robust spread is about 1 - 1.35 / t of the true one (simulated, t >= 5)."""


def jumps(frame: pd.DataFrame, *, unit: str, period: str, columns: Sequence[str], factor: float = 3.0) -> pd.DataFrame:
    """Find runs of periods in which a unit's value lies far off its own other periods.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period, in any order.
    unit, period : str
        Names of the key columns; periods must sort in time order.
    columns : sequence of str
        Numeric columns to look at. Missing values and values that are not positive take no part.
    factor : float
        Smallest ratio to the unit's other periods (or its inverse) that counts, above 1.

    Returns
    -------
    pandas.DataFrame
        One row per run, sorted by column, unit and period: ``column``, ``unit``, ``period_from``, ``period_to``
        (labels as given), ``value`` (median in the run), ``reference`` (median of the unit's other periods outside
        any earlier found run), ``ratio`` (value / reference), ``rows`` (periods in the run).

    Raises
    ------
    ValueError
        If a column is unknown or not numeric, a unit-period pair stands twice, or ``factor`` is not above 1.

    Notes
    -----
    Works on logarithms. A run of at most ``(periods - 1) // 2`` consecutive observed periods is compared with the
    unit's other periods by medians. It is a jump when the ratio reaches ``factor`` as it stands and also after
    common period effects are taken out, when the shift is at least five robust standard deviations (1.4826 times
    the median absolute deviation) of all units' values around their own medians, and at least three times the
    standard deviation (1.2533 times the mean absolute deviation) that is left in the unit's own series. Of several
    such runs the one that leaves the least absolute deviation is taken out; the rest is searched again, up to three
    times.

    Examples
    --------
    >>> months = list(range(1, 9))
    >>> calls = [100, 103, 98, 101, 1020, 99, 102, 97]
    >>> other = [55, 54, 57, 56, 53, 55, 58, 56]
    >>> frame = pd.DataFrame({"station": ["A"] * 8 + ["B"] * 8, "month": months * 2, "calls": calls + other})
    >>> jumps(frame, unit="station", period="month", columns=["calls"])[["unit", "period_from", "ratio"]].round(1)
      unit  period_from  ratio
    0    A            5   10.2
    """
    check_columns(frame, {"unit": unit, "period": period, "columns": list(columns)})
    check_unit_period(frame, unit, period)
    if not factor > 1:
        raise ValueError(f"factor is {factor}; it must be above 1")
    rows = [row for column in columns for row in _column_jumps(frame, unit, period, column, float(np.log(factor)))]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.sort_values(["column", "unit", "period_from"], kind="stable", ignore_index=True)


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a shift of logarithms must reach, besides standing out of the unit's own noise."""

    raw: float
    adjusted: float


def _column_jumps(
    frame: pd.DataFrame, unit: str, period: str, column: str, log_factor: float
) -> Iterator[tuple[object, ...]]:
    values = numbers(frame, column)
    logs = pd.Series(np.log(values.where(values > 0)), index=frame.index)
    table, units, periods = unit_period_table(frame, unit, period, logs)
    adjusted, spread = _adjust(table)
    limits = _Limits(log_factor, max(log_factor, SPREADS * spread))
    for name, raw, series in zip(units, table, adjusted, strict=True):
        seen = np.flatnonzero(np.isfinite(raw))
        if len(seen) < LEAST_PERIODS or np.ptp(series[seen]) < limits.adjusted:
            continue
        for run, reference in _search(raw[seen], series[seen], limits):
            inside = seen[run.start : run.stop]
            value = float(np.exp(np.median(raw[inside])))
            first, last = periods[inside[0]], periods[inside[-1]]
            yield (
                column,
                name,
                first,
                last,
                value,
                float(np.exp(reference)),
                value / float(np.exp(reference)),
                len(inside),
            )


def _adjust(logs: Array) -> tuple[Array, float]:
    """Return the logs without common period effects and the pooled spread around unit medians."""
    if np.isfinite(logs).sum(axis=1).max(initial=0) < LEAST_PERIODS:
        return logs, float("nan")
    centered = logs - _median(logs, axis=1)
    effects = _median(centered, axis=0) if len(logs) >= 10 else np.zeros((1, logs.shape[1]))
    residuals = centered - effects
    residuals = residuals - _median(residuals, axis=1)
    periods = float(np.isfinite(logs).sum(axis=1).max())
    return logs - effects, robust_spread(residuals) / (1.0 - MEDIAN_BIAS / periods)


def _median(table: Array, axis: int) -> Array:
    kept = np.ma.masked_invalid(table)
    middle: Array = np.ma.median(kept, axis=axis, keepdims=True).filled(np.nan)
    return middle


def _search(raw: Array, series: Array, limits: _Limits) -> Iterator[tuple[Run, float]]:
    """Yield jumps of one unit, the clearest first, each with the median of the raw logs it is compared with."""
    free = np.ones(len(raw), dtype=bool)
    for _ in range(PASSES):
        if free.sum() < LEAST_PERIODS - 1:
            return
        candidates = runs(series, free, (int(free.sum()) - 1) // 2, limits.adjusted)
        clear = [run for run in candidates if _stands_out(run, raw, free, limits)]
        if not clear:
            return
        best = max(clear, key=lambda run: run.gain)
        free[best.start : best.stop] = False
        yield best, float(np.median(raw[free]))


def _stands_out(run: Run, raw: Array, free: NDArray[np.bool_], limits: _Limits) -> bool:
    if abs(run.shift) < OWN_NOISE * 1.2533 * run.noise:
        return False
    outside = free.copy()
    outside[run.start : run.stop] = False
    plain = float(np.median(raw[run.start : run.stop]) - np.median(raw[outside]))
    return abs(plain) >= limits.raw and plain * run.shift > 0
