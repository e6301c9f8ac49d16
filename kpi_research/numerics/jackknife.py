"""The delete-one-unit jackknife for a smooth statistic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
LEAST_FREEDOM = 5.0


def jackknife_interval(whole: float, left_out: Array, level: float) -> tuple[float, float]:
    """Return the jackknife interval of a statistic from its values with each unit left out once.

    Parameters
    ----------
    whole : float
        The statistic on all k units.
    left_out : numpy.ndarray, shape (k,)
        The statistic without unit 1, 2, ..., k.
    level : float
        Coverage, above 0 and below 1.

    Returns
    -------
    low, high : float
        Mean of the pseudo-values ``k whole - (k - 1) left_out``, plus and minus a t quantile times their standard
        error; NaN where a value is not finite.

    Notes
    -----
    Pseudo-values after Tukey; see Arvesen & Schmitz (1970, Biometrics 26:677-686) for ratios of variances. The degrees
    of freedom are ``2 k / (kurtosis - 1)`` of the pseudo-values, from 5 (k - 1 if less) to k - 1, after Satterthwaite:
    with long tails the standard error is itself uncertain.

    Examples
    --------
    >>> low, high = jackknife_interval(2.0, np.array([2.5, 2.2, 2.0, 1.8, 1.5]), 0.95)
    >>> round((low + high) / 2, 12)
    2.0
    """
    count = len(left_out)
    if count < 3 or not (np.isfinite(whole) and np.isfinite(left_out).all()):
        return float("nan"), float("nan")
    pseudo = count * whole - (count - 1) * left_out
    center = float(pseudo.mean())
    squares = (pseudo - center) ** 2
    error = np.sqrt(squares.sum() / (count - 1) / count)
    half = float(stats.t.isf((1.0 - level) / 2.0, _freedom(squares)) * error)
    return center - half, center + half


def _freedom(squares: Array) -> float:
    count, mean = len(squares), squares.mean()
    kurtosis = float((squares**2).mean() / mean**2) if mean > 0 else 3.0
    freedom = 2.0 * count / (kurtosis - 1.0) if kurtosis > 1.0 else count
    return float(np.clip(freedom, min(LEAST_FREEDOM, count - 1.0), count - 1.0))
