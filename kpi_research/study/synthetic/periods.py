"""Months of a simulation and the conversion of local clock times to time stamps with zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats, Ints

ZONE = "Asia/Shanghai"
DAY = 86_400
_MISSING = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Months:
    """The months of a simulation.

    Attributes
    ----------
    names : tuple of str
        ``"2024-01"`` and so on; the values of column ``period``.
    starts : numpy.ndarray of int
        Local clock time of each month's first second, in seconds since 1970-01-01.
    days : numpy.ndarray of int
        Days of each month.
    """

    names: tuple[str, ...]
    starts: Ints
    days: Ints

    def __len__(self) -> int:
        return len(self.names)


def months_from(start: str, count: int) -> Months:
    """Return consecutive months.

    Parameters
    ----------
    start : str
        First month, ``"YYYY-MM"``.
    count : int
        Number of months.

    Returns
    -------
    Months

    Examples
    --------
    >>> months_from("2024-01", 2).days.tolist()
    [31, 29]
    """
    edges = np.datetime64(start, "M") + np.arange(count + 1)
    seconds = edges.astype("datetime64[s]").astype(np.int64)
    return Months(tuple(str(edge) for edge in edges[:-1]), seconds[:-1], np.diff(seconds) // DAY)


def clock(seconds: Floats) -> pd.Series:
    """Return local clock times as time stamps with zone.

    Parameters
    ----------
    seconds : numpy.ndarray
        Local seconds since 1970-01-01; NaN gives a missing time. Fractions of a second are cut off.

    Returns
    -------
    pandas.Series
        Times in Asia/Shanghai (UTC+8, no daylight saving time since 1991).
    """
    known = np.isfinite(seconds)
    whole = np.floor(np.where(known, seconds, 0)).astype(np.int64) - 8 * 3600
    micro = np.where(known, whole * 1_000_000, _MISSING)
    return pd.Series(pd.DatetimeIndex(micro.view("datetime64[us]"), tz="UTC").tz_convert(ZONE))
