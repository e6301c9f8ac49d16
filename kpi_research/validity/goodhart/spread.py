"""Dispersion, level and pile-up of an indicator before and after it became a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.jackknife import jackknife_interval
from kpi_research.validity.goodhart.relation import NOTHING, Row, era_means

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST_UNITS = 5
WINDOW = 0.5
"""Width of the windows beside the target, in standard deviations inside units before it."""


def dispersion(x: Array, after: Bools, level: float) -> list[Row]:
    """Return the ratio of variances between units, after over before.

    Parameters
    ----------
    x : numpy.ndarray, shape (units, periods)
        Indicator, NaN where missing.
    after : numpy.ndarray of bool, shape (periods,)
        Which periods lie after.
    level : float
        Coverage of the interval.

    Returns
    -------
    list of tuple
        One row: ``dispersion``, ``ratio``, estimate, se (of its logarithm), low, high, p (against 1), freedom (NaN).

    Notes
    -----
    Variance of units within each period, averaged over the periods of an era, so that eras of different length compare;
    interval by the jackknife over units of the log ratio (Arvesen & Schmitz 1970), which needs no normal distribution.
    """
    whole = _log_ratio(*_period_sums(x), after)
    count, total, squares = _period_sums(x)
    known, values = np.isfinite(x), np.where(np.isfinite(x), x - _center(x), 0.0)
    left_out = _log_ratio(count - known, total - values, squares - values**2, after)
    active = known.any(axis=1)
    left_out = np.atleast_1d(left_out)[active]
    if active.sum() < LEAST_UNITS or not np.isfinite(left_out).all():
        return [("dispersion", "ratio", *NOTHING)]
    low, high = jackknife_interval(float(whole), left_out, level)
    se = float(np.sqrt((len(left_out) - 1) * left_out.var()))
    middle = (low + high) / 2.0
    freedom = len(left_out) - 1.0
    p = float(2.0 * stats.t.sf(abs(middle) / se, freedom)) if se > 0 else float("nan")
    return [("dispersion", "ratio", float(np.exp(whole)), se, float(np.exp(low)), float(np.exp(high)), p, freedom)]


def _center(x: Array) -> float:
    return float(x[np.isfinite(x)].mean()) if np.isfinite(x).any() else 0.0


def _period_sums(x: Array) -> tuple[Array, Array, Array]:
    known, values = np.isfinite(x), np.where(np.isfinite(x), x - _center(x), 0.0)
    return known.sum(axis=0).astype(float), values.sum(axis=0), (values**2).sum(axis=0)


def _log_ratio(count: Array, total: Array, squares: Array, after: Bools) -> Array:
    enough = count >= 3
    variance = np.where(enough, (squares - total**2 / np.maximum(count, 1.0)) / np.maximum(count - 1.0, 1.0), 0.0)
    eras = [variance[..., era].sum(axis=-1) / np.maximum(enough[..., era].sum(axis=-1), 1) for era in (~after, after)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.log(np.asarray(eras[1])) - np.log(np.asarray(eras[0]))
    return ratio


def level_change(table: Array, after: Bools, level: float, name: str) -> list[Row]:
    """Return the mean change of units from before to after, in standard deviations of single values before.

    Parameters
    ----------
    table : numpy.ndarray, shape (units, periods)
        Values, NaN where missing.
    after : numpy.ndarray of bool, shape (periods,)
        Which periods lie after.
    level : float
        Coverage of the interval.
    name : str
        Name of the row.

    Returns
    -------
    list of tuple
        One row: ``level``, name, estimate, se, low, high, p, freedom.

    Notes
    -----
    The variance adds what units and what periods contribute, less what both contain (Cameron, Gelbach & Miller 2011,
    doi:10.1198/jbes.2010.07136), with Satterthwaite's degrees of freedom: a mean of all units also moves by shocks that
    all units share, and few periods tell them badly from the work of a target.
    """
    means = era_means(table[None], after)[0]
    change = means[:, 1] - means[:, 0]
    before = table[:, ~after]
    spread = float(before[np.isfinite(before)].std()) if np.isfinite(before).any() else 0.0
    if not spread > 0:
        return [("level", name, *NOTHING)]
    mean, se, *_ = mean_row(change[np.isfinite(change)] / spread, level)
    if not se > 0:
        return [("level", name, mean, se, *NOTHING[2:])]
    shared, freedom = _shared_variance(table / spread, after)
    total = se**2 + shared
    units = float(np.isfinite(change).sum()) - 1.0
    freedom = total**2 / (se**4 / units + shared**2 / freedom)
    se = float(np.sqrt(total))
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * se
    p = float(2.0 * stats.t.sf(abs(mean) / se, freedom))
    return [("level", name, mean, se, mean - half, mean + half, p, freedom)]


def _shared_variance(table: Array, after: Bools) -> tuple[float, float]:
    """Return the variance that shocks common to all units give the change of eras, and its degrees of freedom."""
    parts = [_shared_in_era(table[:, era]) for era in (~after, after)]
    return max(sum(part for part, _ in parts), 0.0), float(max(sum(freedom for _, freedom in parts), 1))


def _shared_in_era(table: Array) -> tuple[float, int]:
    """Return the variance of the era's mean that comes from common shocks, and its degrees of freedom."""
    table = table[np.isfinite(table).any(axis=1)]
    table = table[:, np.isfinite(table).any(axis=0)]
    periods = table.shape[1]
    if periods < 2:
        return 0.0, 0
    left = table - np.nanmean(table, axis=1, keepdims=True)
    count = np.isfinite(left).sum(axis=0)
    noise = np.nanvar(left, axis=0) / np.maximum(count - 1, 1)
    return float(np.nanmean(left, axis=0).var(ddof=1) - noise.mean()) / periods, periods - 1


def pile_up_means(x: Array, after: Bools, target: float, *, higher: bool = True, window: float | None = None) -> Array:
    """Return how much more often a unit's values lie just past a target than just short of it.

    Parameters
    ----------
    x : numpy.ndarray, shape (units, periods)
        Indicator, NaN where missing.
    after : numpy.ndarray of bool, shape (periods,)
        Which periods lie after.
    target : float
        The value wanted.
    higher : bool
        Whether values above it are better.
    window : float, optional
        Width looked at on either side; half the median standard deviation inside units before, by default.

    Returns
    -------
    numpy.ndarray, shape (units, 2)
        Share just past less share just short, -1 to 1, before and after; NaN where a unit has no value or no width
        could be found.
    """
    width = _width(x[:, ~after]) if window is None else window
    if not width > 0:
        return np.full((len(x), 2), np.nan)
    distance = (x - target) * (1.0 if higher else -1.0)
    past = (distance >= 0) & (distance < width)
    short = (distance < 0) & (distance >= -width)
    score = np.where(np.isfinite(x), past.astype(float) - short.astype(float), np.nan)
    return era_means(score[None], after)[0]


def pile_up(means: Array, level: float) -> list[Row]:
    """Return the pile-up past a target before and after, and the change.

    Parameters
    ----------
    means : numpy.ndarray, shape (units, 2)
        See `pile_up_means`.
    level : float
        Coverage of the interval.

    Returns
    -------
    list of tuple
        Three rows of ``pile_up``: ``before``, ``after`` and ``difference``, means over units with their t intervals.

    Notes
    -----
    A density that slopes or moves through the target has much the same share on both sides of it; raising what falls
    short empties one side and fills the other.
    """
    means = means[np.isfinite(means).all(axis=1)]
    names = ("before", "after", "difference")
    if len(means) < LEAST_UNITS:
        return [("pile_up", name, *NOTHING) for name in names]
    columns = (means[:, 0], means[:, 1], means[:, 1] - means[:, 0])
    return [("pile_up", name, *mean_row(column, level)) for name, column in zip(names, columns, strict=True)]


def _width(before: Array) -> float:
    known = np.isfinite(before).sum(axis=1) >= 2
    if not known.any():
        return 0.0
    spread = np.nanstd(before[known], axis=1, ddof=1)
    return WINDOW * float(np.median(spread))


def mean_row(values: Array, level: float) -> tuple[float, float, float, float, float, float]:
    """Return the mean of independent values with its t interval.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Finite values, one per unit.
    level : float
        Coverage.

    Returns
    -------
    estimate, se, low, high, p, freedom : float
        NaN with fewer than two values.
    """
    count = len(values)
    if count < 2:
        return NOTHING
    mean, se = float(values.mean()), float(values.std(ddof=1) / np.sqrt(count))
    half = float(stats.t.isf((1.0 - level) / 2.0, count - 1)) * se
    p = float(2.0 * stats.t.sf(abs(mean) / se, count - 1)) if se > 0 else float("nan")
    return mean, se, mean - half, mean + half, p, count - 1.0
