"""Tests of many units against what most of them do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
LEAST_UNITS = 5


def median_null(events: Array, n: Array, chance: float | None = None) -> tuple[float, Array, Array]:
    """Test whether units have a larger share of events than the median unit.

    Parameters
    ----------
    events, n : ndarray of shape (units,)
        Events and trials of each unit.
    chance : float, optional
        Share that each trial has under honest records; by default the median share of the units.

    Returns
    -------
    chance : float
        The share each unit is held against.
    z, p : ndarray of shape (units,)
        Standardized excess, and its one-sided p-value. The spread of the excess between units is taken from their
        median absolute deviation where it exceeds that of independent trials, so that ordinary differences between
        units raise no alarm (Efron 2004, doi:10.1198/016214504000000089). NaN for units without trials and with fewer
        than five units.

    Examples
    --------
    >>> chance, z, p = median_null(np.array([10.0, 11, 9, 10, 30]), np.full(5, 100.0))
    >>> chance, bool(p[4] < 1e-6), bool(p[0] > 0.3)
    (0.1, True, True)
    """
    used = n > 0
    share = np.where(used, events / np.where(used, n, 1.0), np.nan)
    if used.sum() < LEAST_UNITS and chance is None:
        return float("nan"), np.full(len(n), np.nan), np.full(len(n), np.nan)
    middle = float(np.median(share[used])) if chance is None else chance
    held = float(np.clip(middle, 0.5 / max(n.sum(), 1.0), 1 - 0.5 / max(n.sum(), 1.0)))
    z = np.where(used, (events - n * held) / np.sqrt(np.where(used, n, 1.0) * held * (1 - held)), np.nan)
    spread = (
        max(float(1.4826 * np.median(np.abs(z[used] - np.median(z[used])))), 1.0) if used.sum() >= LEAST_UNITS else 1.0
    )
    exact = stats.binom.sf(events - 1, n, held)
    p = np.where(used, np.maximum(stats.norm.sf(z / spread), exact), np.nan)
    return held, z, p
