"""Officers needed: from pieces of work to minutes, from minutes to officers, from officers to overload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, column_of, number_column

Array = NDArray[np.float64]
COMMITTED = 0.60
"""Largest share of an officer's time that calls and cases may take (International City/County Management Association)."""
LEAST_PERIODS = 3
COLUMNS = (
    "unit", "periods", "minutes", "needed", "low", "high", "present", "overload", "overload_low", "overload_high", "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Staffing(Result):
    """Officers that the work of each unit needs.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit: ``unit``, ``periods``; ``minutes`` (needed per period, mean); ``needed`` (officers) with
        ``low``, ``high``; ``present`` (officers, NaN where not given); ``overload`` (needed over present) with its
        interval; ``verdict``: ``overloaded`` (the interval lies above 1), ``spare`` (below 1), ``cannot_tell``.
    share_by_task : pandas.DataFrame
        ``unit``, ``task``, ``share`` (of the unit's minutes, 0 to 1).
    level : float
        Coverage of the intervals.
    """

    share_by_task: pd.DataFrame
    level: float


def staffing(
    volumes: pd.DataFrame,
    standard: pd.DataFrame,
    *,
    unit: str,
    period: str,
    task: str,
    count: str,
    available_hours: float,
    relief: float = 1.0,
    committed: float = COMMITTED,
    present: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> Staffing:
    r"""Return the officers that the work of each unit needs.

    Parameters
    ----------
    volumes : pandas.DataFrame
        One row per unit, period and task; a combination that is missing counts as no work.
    standard : pandas.DataFrame
        Minutes of a standard piece of work: the task column, ``minutes`` (above 0) and, where known, ``se``.
    unit, period, task, count : str
        Names of the columns with the unit, the period, the task and the pieces of work (0 or more).
    available_hours : float
        Hours that an officer is on duty in a period after leave, training and sickness; above 0.
    relief : float
        Shift-relief factor, at least 1: officers on the books for one who is on duty where posts are filled around
        the clock; 1 where ``available_hours`` says it all.
    committed : float
        Share of time on duty that this work may take, above 0 and below 1.
    present : mapping of str to float, optional
        Officers that each unit has.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Staffing

    Raises
    ------
    ValueError
        If a column is missing or impossible, a task has no standard time, or a unit is unknown in ``present``.

    Notes
    -----
    :math:`N = f \cdot \sum_t n_t m_t / (60\, h\, s)`, with ``f`` relief, ``h`` hours and ``s`` committed share (Wilson &
    Weiss 2012, A Performance-Based Approach to Police Staffing and Allocation). The variance joins that of the mean of
    the unit's periods, widened by their first autocorrelation, and that of the standard times (delta method).

    Examples
    --------
    >>> volumes = pd.DataFrame({"unit": "A", "month": [1, 2, 3], "task": "calls", "n": [100, 110, 90]})
    >>> standard = pd.DataFrame({"task": ["calls"], "minutes": [60.0]})
    >>> found = staffing(volumes, standard, unit="unit", period="month", task="task", count="n", available_hours=160)
    >>> round(float(found.table["needed"].iloc[0]), 3)
    1.042
    """
    check_share("level", level)
    check_share("committed", committed)
    if not available_hours > 0 or not relief >= 1:
        raise ValueError(
            f"available_hours is {available_hours} and relief {relief}; they must be above 0 and at least 1"
        )
    clean, minutes, errors = _read(volumes, standard, unit, period, task, count)
    factor = relief / (60.0 * available_hours * committed)
    officers = _present(present, clean["unit"].unique())
    rows, shares = [], []
    for name, part in clean.groupby("unit", sort=True):
        table = part.pivot_table(index="period", columns="task", values="n", aggfunc="sum", fill_value=0.0)
        table = table.reindex(index=sorted(clean["period"].unique()), columns=minutes.index, fill_value=0.0)
        rows.append(_unit_row(str(name), table.to_numpy(float), minutes.to_numpy(), errors.to_numpy(), factor, level))
        rows[-1] |= _overload(rows[-1], officers.get(str(name), np.nan))
        spent = table.mean() * minutes
        total = float(spent.sum())
        shares += [(str(name), str(key), float(value) / total if total else 0.0) for key, value in spent.items()]
    return Staffing(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        tuple(_findings(clean)),
        pd.DataFrame(shares, columns=["unit", "task", "share"]),
        level,
    )


def _read(
    volumes: pd.DataFrame, standard: pd.DataFrame, unit: str, period: str, task: str, count: str
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    names = {"unit": column_of(volumes, unit).astype("str"), "period": column_of(volumes, period)}
    clean = pd.DataFrame(names | {"task": column_of(volumes, task), "n": number_column(volumes, count)}).dropna()
    if clean.empty:
        raise ValueError("volumes has no row with unit, period, task and count")
    if (clean["n"] < 0).any():
        raise ValueError(f"column '{count}' is {clean['n'].min():g} in some row; pieces of work must be 0 or more")
    known = column_of(standard, task)
    if known.duplicated().any():
        raise ValueError(f"standard has task '{known[known.duplicated()].iloc[0]}' twice")
    if missing := sorted(set(clean["task"]) - set(known), key=str):
        raise ValueError(f"standard has no minutes for these tasks: {', '.join(map(str, missing))}")
    minutes = number_column(standard, "minutes").set_axis(known)
    if not (minutes > 0).all():
        raise ValueError("column 'minutes' of standard must be above 0 in every row")
    errors = number_column(standard, "se").set_axis(known).fillna(0.0) if "se" in standard else minutes * 0.0
    return clean, minutes, errors


def _unit_row(
    name: str, counts: Array, minutes: Array, errors: Array, factor: float, level: float
) -> dict[str, object]:
    totals = counts @ minutes
    periods = len(totals)
    between = mean_variance(totals)
    standard = float(((counts.mean(axis=0) * errors) ** 2).sum())
    reach = stats.t.ppf(0.5 + level / 2, max(periods - 1, 1)) * np.sqrt(between + standard)
    mean = float(totals.mean())
    low, high = max(mean - reach, 0.0), mean + reach
    return {"unit": name, "periods": periods, "minutes": mean} | {
        "needed": mean * factor,
        "low": float(low * factor),
        "high": float(high * factor),
    }


def mean_variance(series: Array) -> float:
    """Return the variance of the mean of a series of periods, widened where neighbors are alike.

    Parameters
    ----------
    series : ndarray of shape (t,)
        One number per period in order.

    Returns
    -------
    float
        Sample variance over ``t``, times ``(1 + r) / (1 - r)`` with ``r`` the first autocorrelation between 0 and .8
        (Bayley & Hammersley 1946, doi:10.2307/2983560); NaN with fewer than three periods.
    """
    if len(series) < LEAST_PERIODS:
        return float("nan")
    moved = series - series.mean()
    spread = float((moved**2).sum())
    if spread == 0:
        return 0.0
    r = min(max(float((moved[1:] * moved[:-1]).sum()) / spread, 0.0), 0.8)
    return spread / (len(series) - 1) / len(series) * (1 + r) / (1 - r)


def _present(present: Mapping[str, float] | None, units: NDArray[np.str_]) -> dict[str, float]:
    if present is None:
        return {}
    given = {str(name): float(value) for name, value in present.items()}
    if missing := sorted(set(map(str, units)) - set(given)):
        raise ValueError(f"present has no officers for these units: {', '.join(missing[:5])}")
    if bad := [name for name, value in given.items() if not value > 0]:
        raise ValueError(f"present gives unit '{bad[0]}' {given[bad[0]]:g} officers; numbers above 0 are needed")
    return given


def _overload(row: dict[str, object], officers: float) -> dict[str, object]:
    needed, low, high = (float(str(row[name])) / officers for name in ("needed", "low", "high"))
    verdict = "overloaded" if low > 1 else "spare" if high < 1 else "cannot_tell"
    return {"present": officers, "overload": needed, "overload_low": low, "overload_high": high, "verdict": verdict}


def _findings(clean: pd.DataFrame) -> list[Finding]:
    periods = clean["period"].nunique()
    if periods >= LEAST_PERIODS:
        return []
    return [finding("staffing-few-periods", Where(), periods=periods, needed=LEAST_PERIODS)]
