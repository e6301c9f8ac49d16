"""Impossible orders of time: an arrival before the dispatch, a record before the event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns

ORDER = ("occurred_at", "reported_at", "dispatched_at", "arrived_at", "recorded_at", "closed_at")
"""Times of an incident in the order in which they must come."""
FREE = frozenset({("recorded_at", "closed_at")})
"""Pairs of them that may come in either order: a matter may be closed before it is entered."""
COLUMNS = ("unit", "earlier", "later", "n", "wrong", "share", "low", "high", "p", "q", "flagged")


def time_order(
    events: pd.DataFrame,
    *,
    unit: str,
    order: Sequence[str] = ORDER,
    tolerated: float = 0.005,
    level: float = 0.95,
    false_discovery: float = 0.05,
) -> pd.DataFrame:
    """Count impossible orders of time per unit.

    Parameters
    ----------
    events : pandas.DataFrame
        One row per event.
    unit : str
        Name of the column with the unit.
    order : sequence of str
        Names of columns with times, earliest first; columns that the frame lacks are left out, and so is the pair of
        entering and closing an incident, which may come in either order.
    tolerated : float
        Share of wrong orders that clocks and typing errors explain, 0 to 1.
    level : float
        Coverage of the intervals.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per unit and pair of times: ``unit``, ``earlier``, ``later``; ``n`` (events with both), ``wrong``,
        ``share`` with ``low``, ``high`` (Wilson's interval); ``p`` (that the share is above the tolerated one, exact
        binomial), ``q``, ``flagged``.

    Raises
    ------
    ValueError
        If the unit column is missing, fewer than two of the times are there, or one holds no times.

    Examples
    --------
    >>> times = pd.to_datetime(["2024-01-01 10:00", "2024-01-01 10:05"])
    >>> calls = pd.DataFrame({"unit": ["A", "A"], "dispatched_at": times, "arrived_at": times[::-1]})
    >>> time_order(calls, unit="unit")[["n", "wrong"]].values.tolist()
    [[2, 1]]
    """
    check_columns(events, {"unit": unit})
    present = [name for name in order if name in events.columns]
    if len(present) < 2:
        hint = did_you_mean(order[0], [str(name) for name in events.columns])["en"]
        raise ValueError(f"order: fewer than two of its columns are in the frame ({', '.join(order)}).{hint}")
    for name in present:
        if not pd.api.types.is_datetime64_any_dtype(events[name]):
            raise ValueError(f"column '{name}' holds {events[name].dtype}; it must hold times")
    counts = []
    for earlier, later in ordered_pairs(present):
        both = events[earlier].notna() & events[later].notna()
        wrong = both & (events[later] < events[earlier])
        part = pd.DataFrame({"unit": events[unit].astype("str"), "n": both, "wrong": wrong}).groupby("unit").sum()
        counts.append(part.reset_index().assign(earlier=earlier, later=later))
    return judge_orders(pd.concat(counts, ignore_index=True), tolerated, level, false_discovery)


def ordered_pairs(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of times of which the first must come first.

    Parameters
    ----------
    columns : sequence of str
        Names of times, earliest first.

    Returns
    -------
    list of (str, str)

    Examples
    --------
    >>> ordered_pairs(["arrived_at", "recorded_at", "closed_at"])
    [('arrived_at', 'recorded_at'), ('arrived_at', 'closed_at')]
    """
    return [pair for pair in combinations(columns, 2) if pair not in FREE]


def judge_orders(counts: pd.DataFrame, tolerated: float, level: float, false_discovery: float) -> pd.DataFrame:
    """Return shares, intervals and tests for counts of wrong orders.

    Parameters
    ----------
    counts : pandas.DataFrame
        ``unit``, ``earlier``, ``later``, ``n``, ``wrong``.
    tolerated, level, false_discovery : float
        See `time_order`.

    Returns
    -------
    pandas.DataFrame
        See `time_order`.
    """
    kept = counts[counts["n"] > 0].reset_index(drop=True)
    n, wrong = kept["n"].to_numpy(float), kept["wrong"].to_numpy(float)
    low, high = wilson(wrong, n, level)
    p = stats.binom.sf(wrong - 1, n, tolerated)
    q = q_values(p)
    found = kept.assign(n=n.astype(int), wrong=wrong.astype(int), share=wrong / n, low=low, high=high, p=p, q=q)
    return found.assign(flagged=q <= false_discovery)[list(COLUMNS)]


def wilson(successes: np.ndarray, n: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's interval of a share.

    Parameters
    ----------
    successes, n : ndarray
        Counts; ``n`` above 0.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : ndarray
        Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in wilson(np.array(48.0), np.array(50.0), 0.95)]
    [0.865, 0.989]
    """
    z = stats.norm.ppf(0.5 + level / 2)
    center = (successes + z**2 / 2) / (n + z**2)
    reach = z / (n + z**2) * np.sqrt(successes * (n - successes) / n + z**2 / 4)
    return np.maximum(center - reach, 0.0), np.minimum(center + reach, 1.0)
