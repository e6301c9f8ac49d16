"""Frozen series: a unit that repeats one value period after period."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.validity.frames import check_columns, check_unit_period, numbers, unit_period_table

Array = NDArray[np.float64]
LEAST_RUN = 4
COLUMNS = ("column", "unit", "period_from", "period_to", "value", "rows", "p", "q")


def frozen(frame: pd.DataFrame, *, unit: str, period: str, value: str, false_discovery: float = 0.05) -> pd.DataFrame:
    r"""List runs of equal values that the indicator's own variation does not explain.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period.
    unit, period, value : str
        Names of the columns.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per flagged run: ``column``, ``unit``, ``period_from``, ``period_to``, ``value``, ``rows`` (its length);
        ``p``, ``q`` (false discovery rate over units).

    Raises
    ------
    ValueError
        If a column is missing or not numeric, or a unit-period pair stands twice.

    Notes
    -----
    The chance of a tie of neighbors, :math:`\tau`, is the larger of the rate in all other units and, for counts, that
    of two Poisson numbers with the unit's mean. With :math:`\tau'` the rate of ties that
    follow a tie, a run of ``k`` in ``T`` periods has the probability of at most
    :math:`(T-k+1)\,\tau\,\tau'^{k-2}` (Boole's inequality), so the test is conservative. Runs shorter than four, runs of 0 and
    runs at a limit are not judged: at the largest or smallest value of all where two or more units reach it, or at 1 where no value exceeds it.

    Examples
    --------
    >>> values = [31, 28, 35, 30, 26, 33, 29, 36] + [30] * 8 + [27, 33, 30, 25, 34, 28, 31, 29]
    >>> frame = pd.DataFrame({"unit": np.repeat(list("ABC"), 8), "month": list(range(8)) * 3, "visits": values})
    >>> frozen(frame, unit="unit", period="month", value="visits")[["unit", "rows"]].values.tolist()
    [['B', 8]]
    """
    check_columns(frame, {"unit": unit, "period": period, "value": value})
    check_unit_period(frame, unit, period)
    table, units, periods = unit_period_table(frame, unit, period, numbers(frame, value))
    start, length = longest_runs(table)
    p = run_probability(table, start, length)
    q = q_values(p)
    rows = np.flatnonzero(q <= false_discovery)
    first, last = start[rows], start[rows] + length[rows] - 1
    found = {
        "column": value,
        "unit": units[rows].astype("str"),
        "period_from": periods[first],
        "period_to": periods[last],
    }
    found |= {"value": table[rows, first], "rows": length[rows], "p": p[rows], "q": q[rows]}
    return pd.DataFrame(found, columns=list(COLUMNS))


def longest_runs(table: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each row's longest run of equal values begins and how long it is.

    Parameters
    ----------
    table : ndarray of shape (units, periods)
        Values; NaN ends a run.

    Returns
    -------
    start, length : ndarray of shape (units,)
        The first of the longest runs; length 0 where a row has no value.
    """
    length = np.zeros(table.shape, dtype=np.int64)
    known = np.isfinite(table)
    length[:, 0] = known[:, 0]
    for place in range(1, table.shape[1]):
        same = known[:, place] & (table[:, place] == table[:, place - 1])
        length[:, place] = np.where(same, length[:, place - 1] + 1, known[:, place])
    end = length.argmax(axis=1)
    longest = length[np.arange(len(length)), end]
    return end - np.maximum(longest, 1) + 1, longest


def run_probability(table: Array, start: NDArray[np.int64], length: NDArray[np.int64]) -> Array:
    """Return the bound on the probability of each unit's longest run.

    Parameters
    ----------
    table : ndarray of shape (units, periods)
    start, length : ndarray of shape (units,)
        As `longest_runs` gives them.

    Returns
    -------
    ndarray of shape (units,)
        At most 1; NaN for rows that are not judged.
    """
    both = np.isfinite(table[:, 1:]) & np.isfinite(table[:, :-1])
    ties = (both & (table[:, 1:] == table[:, :-1])).sum(axis=1)
    pairs = both.sum(axis=1)
    others = (ties.sum() - ties + 1.0) / (pairs.sum() - pairs + 2.0)
    chance = np.maximum(others, _poisson_ties(table))
    seen = np.isfinite(table).sum(axis=1)
    again = np.maximum(chance, _ties_after_ties(table))
    bound = np.minimum((seen - length + 1) * chance * again ** np.maximum(length - 2, 0), 1.0)
    value = table[np.arange(len(table)), start]
    judged = (length > 0) & np.isfinite(value) & (value != 0) & ~np.isin(value, _limits(table))
    return np.where(judged, np.where(length >= LEAST_RUN, bound, 1.0), np.nan)


def _limits(table: Array) -> list[float]:
    """Return the extreme values that units pile up at, and 1 for shares."""
    finite = table[np.isfinite(table)]
    if not finite.size:
        return []
    found = [float(end) for end in (finite.min(), finite.max()) if (table == end).any(axis=1).sum() > 1]
    return [*found, 1.0] if finite.min() >= 0 and finite.max() == 1.0 else found


def _ties_after_ties(table: Array) -> Array:
    """Return, for each unit, how often a tie follows a tie in the other units: slow series tie in clusters."""
    tie = np.isfinite(table[:, 1:]) & (table[:, 1:] == table[:, :-1])
    after, twice = tie[:, :-1].sum(axis=1), (tie[:, 1:] & tie[:, :-1]).sum(axis=1)
    return (twice.sum() - twice + 1.0) / (after.sum() - after + 2.0)


def _poisson_ties(table: Array) -> Array:
    """Return the chance that two counts with a unit's mean are equal; 0 where values are no counts."""
    finite = np.isfinite(table)
    if not finite.any() or (np.abs(table[finite] - np.rint(table[finite])) > 1e-9).any() or table[finite].min() < 0:
        return np.zeros(len(table))
    n = np.maximum(finite.sum(axis=1), 1)
    mean = np.where(finite, table, 0.0).sum(axis=1) / n
    # The sum of two Poisson numbers' difference at 0 is exp(-2m) I0(2m), the Skellam distribution at 0.
    return np.asarray(stats.skellam.pmf(0, np.maximum(mean, 1e-9), np.maximum(mean, 1e-9)))
