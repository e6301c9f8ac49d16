"""The run of a short series that lies farthest from the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of positions whose level differs from the rest of its series.

    Attributes
    ----------
    start, stop : int
        First position and one past the last.
    shift : float
        Median inside the run less median outside.
    noise : float
        Mean absolute deviation from the two medians.
    gain : float
        Sum of absolute deviations that the second level saves against a single level.
    """

    start: int
    stop: int
    shift: float
    noise: float
    gain: float


def runs(series: Array, free: Flags, longest: int, least: float = 0.0) -> list[Run]:
    """Return the runs of free positions up to a length whose level lies far from the other free positions.

    Parameters
    ----------
    series : numpy.ndarray, shape (t,)
        Finite numbers in time order.
    free : numpy.ndarray of bool, shape (t,)
        Positions that may be used; a run never contains or spans one that is not free.
    longest : int
        Greatest length of a run, less than half of the free positions.
    least : float
        Smallest absolute difference of the two medians.

    Returns
    -------
    list of Run
    """
    alone = _deviation(series[free])
    candidates = _candidates(series, free, longest, least)
    found = [_compare(series, free, start, stop, alone) for start, stop in candidates]
    return [run for run in found if abs(run.shift) >= least]


def _candidates(series: Array, free: Flags, longest: int, least: float) -> list[list[int]]:
    """Return the runs, as start and stop, that can reach the difference, whatever the others are.

    The median of the others lies between two order statistics of all, so at least half of a run must lie beyond one of
    these by the difference.
    """
    ordered = np.sort(series[free])
    rank = (len(ordered) - longest - 1) // 2
    high, low, blocked = (
        _between(np.concatenate([[0], np.cumsum(mark)]))
        for mark in (series >= ordered[rank] + least, series <= ordered[-1 - rank] - least, ~free)
    )
    length = _between(np.arange(len(series) + 1))
    wanted = (length >= 1) & (length <= longest) & (blocked == 0) & (2 * np.maximum(high, low) >= length)
    return np.argwhere(wanted).tolist()


def _between(cumulated: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum from each start (row) to each stop (column)."""
    return cumulated[np.newaxis, :] - cumulated[:, np.newaxis]


def _compare(series: Array, free: Flags, start: int, stop: int, alone: float) -> Run:
    outside = free.copy()
    outside[start:stop] = False
    inner, outer = series[start:stop], series[outside]
    left = _deviation(inner) + _deviation(outer)
    shift = float(np.median(inner) - np.median(outer))
    return Run(start, stop, shift, left / int(free.sum()), alone - left)


def _deviation(values: Array) -> float:
    return float(np.abs(values - np.median(values)).sum())


def robust_spread(residuals: Array) -> float:
    """Return 1.4826 times the median absolute value: the standard deviation of a normal, hard to move by outliers.

    Parameters
    ----------
    residuals : numpy.ndarray
        Numbers around zero; NaN is left out.

    Returns
    -------
    float
        NaN where nothing is left.
    """
    kept = residuals[np.isfinite(residuals)]
    return float(1.4826 * np.median(np.abs(kept))) if kept.size else float("nan")
