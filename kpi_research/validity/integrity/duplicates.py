"""Duplicates: the same thing recorded twice."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.validity.frames import check_columns
from kpi_research.validity.integrity.time_order import wilson

COLUMNS = ("unit", "n", "duplicates", "share", "low", "high", "p", "q", "flagged")


def duplicates(
    records: pd.DataFrame,
    *,
    unit: str,
    keys: Sequence[str],
    tolerated: float = 0.01,
    level: float = 0.95,
    false_discovery: float = 0.05,
) -> pd.DataFrame:
    """Count records that stand more than once, per unit.

    Parameters
    ----------
    records : pandas.DataFrame
        One row per record.
    unit : str
        Name of the column with the unit.
    keys : sequence of str
        Names of columns that together tell one record from another, e.g. officer, kind and time of the event.
    tolerated : float
        Share of duplicates that slips explain, 0 to 1.
    level : float
        Coverage of the intervals.
    false_discovery : float
        Expected share of wrong flags among flags.

    Returns
    -------
    pandas.DataFrame
        One row per unit: ``unit``, ``n`` (records with all keys: where one is missing,
        nothing tells whether they are the same); ``duplicates`` (records beyond the first of each kind), ``share``
        with ``low``, ``high`` (Wilson's interval); ``p`` (that the share is above the tolerated one, exact binomial),
        ``q``, ``flagged``.

    Raises
    ------
    ValueError
        If a column is missing or ``keys`` is empty.

    Examples
    --------
    >>> visits = pd.DataFrame({"unit": ["A"] * 3, "officer": [1, 1, 2], "minute": [5, 5, 5]})
    >>> duplicates(visits, unit="unit", keys=["officer", "minute"])[["n", "duplicates"]].values.tolist()
    [[3, 1]]
    """
    check_columns(records, {"unit": unit, "keys": list(keys)})
    if not keys:
        raise ValueError("keys is empty; name one column at least")
    known = records.dropna(subset=[unit, *keys])
    again = known.duplicated([unit, *keys], keep="first")
    counts = again.groupby(known[unit].astype("str")).agg(["size", "sum"])
    return judge_duplicates(
        counts.set_axis(["n", "duplicates"], axis=1).reset_index(names="unit"), tolerated, level, false_discovery
    )


def judge_duplicates(counts: pd.DataFrame, tolerated: float, level: float, false_discovery: float) -> pd.DataFrame:
    """Return shares, intervals and tests for counts of duplicates.

    Parameters
    ----------
    counts : pandas.DataFrame
        ``unit``, ``n``, ``duplicates``.
    tolerated, level, false_discovery : float
        See `duplicates`.

    Returns
    -------
    pandas.DataFrame
        See `duplicates`.
    """
    kept = counts[counts["n"] > 0].reset_index(drop=True)
    n, again = kept["n"].to_numpy(float), kept["duplicates"].to_numpy(float)
    low, high = wilson(again, n, level)
    p = stats.binom.sf(again - 1, n, tolerated)
    q = q_values(p)
    found = kept.assign(n=n.astype(int), duplicates=again.astype(int), share=again / n, low=low, high=high, p=p, q=q)
    return found.assign(flagged=q <= false_discovery)[list(COLUMNS)]
