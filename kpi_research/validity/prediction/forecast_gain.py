"""Squared errors of forecasts with and without an indicator, and with each unit left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpi_research.numerics.panel_tables import lagged

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gain:
    """Errors of two forecasts.

    Attributes
    ----------
    baseline, model : float
        Mean squared error without and with the indicator.
    left_out : numpy.ndarray, shape (units,)
        Gain with each unit taken out of training and test.
    scores : numpy.ndarray, shape (units,)
        Sum over a unit's forecasts of the loss difference of Clark & West (2007), doi:10.1016/j.jeconom.2006.05.023.
    cells : int
        Forecasts made.
    """

    baseline: float
    model: float
    left_out: Array
    scores: Array
    cells: int

    @property
    def gain(self) -> float:
        """Share of the squared error of the baseline that the indicator saves; negative where it adds error."""
        return 1.0 - self.model / self.baseline if self.baseline > 0 else float("nan")


def rolling_gain(y: Array, x: Array, baseline: str, train: int, lag: int) -> Gain | None:
    """Forecast each period from the periods before it.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and indicator, NaN where missing.
    baseline : {"unit_mean", "previous"}
        Mean of the unit's earlier values, or its last value.
    train : int
        Periods with forecastable cells before the first forecast.
    lag : int
        Age of the indicator in periods.

    Returns
    -------
    Gain or None
        None where no forecast could be made.

    Notes
    -----
    What the baseline leaves of y is regressed, over all units and earlier periods, on what the same baseline leaves of
    x; the slope of period t only uses periods before t. All sums are kept per unit, so that leaving one out is exact.
    """
    u, z = (_innovation(part, baseline) for part in (y, lagged(x, lag)))
    kept = np.isfinite(u) & np.isfinite(z)
    u, z = np.where(kept, u, 0.0), np.where(kept, z, 0.0)
    squares, cross, spread = u * u, u * z, z * z
    seen: Array = np.cumsum(kept.any(axis=0)) - kept.any(axis=0)
    tested = kept & (seen >= train) & (_before(spread.sum(axis=0)) > 0)
    if not tested.any():
        return None
    slope = _ratio(_before(cross.sum(axis=0)), _before(spread.sum(axis=0)))
    totals = [np.where(tested, part, 0.0) for part in (squares, cross, spread)]
    whole = [part.sum(axis=0) for part in totals]
    others = _ratio(_before(cross.sum(axis=0)) - _before(cross), _before(spread.sum(axis=0)) - _before(spread))
    rest = [whole_part - part for whole_part, part in zip(whole, totals, strict=True)]
    base_without = rest[0].sum(axis=1)
    model_without = (rest[0] - 2.0 * others * rest[1] + others**2 * rest[2]).sum(axis=1)
    base, model = whole[0].sum(), (whole[0] - 2.0 * slope * whole[1] + slope**2 * whole[2]).sum()
    cells = int(tested.sum())
    scores = (2.0 * slope * totals[1]).sum(axis=1)
    return Gain(base / cells, model / cells, 1.0 - _ratio(model_without, base_without), scores, cells)


def _innovation(table: Array, baseline: str) -> Array:
    if baseline == "previous":
        return table - lagged(table, 1)
    known = np.isfinite(table)
    count, total = _before(known.astype(float)), _before(np.where(known, table, 0.0))
    return table - np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def _before(table: Array) -> Array:
    """Return running sums over the earlier periods."""
    result: Array = np.cumsum(table, axis=-1) - table
    return result


def _ratio(above: Array, below: Array) -> Array:
    positive = below > 0
    result: Array = np.where(positive, above, 0.0) / np.where(positive, below, 1.0)
    return result


def unit_gain(y: Array, x: Array) -> Gain | None:
    """Predict each unit from the other units of the same periods.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and indicator, NaN where missing.

    Returns
    -------
    Gain or None
        None with fewer than four units. The baseline is the mean of the other units in the period.

    Notes
    -----
    Leave-one-unit-out; means and slope are computed without the unit, and without a second one for the jackknife.
    """
    kept = np.isfinite(y) & np.isfinite(x)
    y, x, kept = y[kept.any(axis=1)], x[kept.any(axis=1)], kept[kept.any(axis=1)]
    if len(y) < 4:
        return None
    center = [np.where(kept, part - part[kept].mean(), 0.0) for part in (y, x)]
    weight = kept.astype(float)
    base, model, scores, cells = _held_out(center[0], center[1], weight)
    left_out = np.empty(len(y))
    for place in range(len(y)):
        others = np.arange(len(y)) != place
        parts = _held_out(center[0][others], center[1][others], weight[others])
        left_out[place] = 1.0 - parts[1].sum() / parts[0].sum() if parts[0].sum() > 0 else np.nan
    made = float(cells.sum())
    return Gain(float(base.sum() / made), float(model.sum() / made), left_out, scores, int(made))


def _held_out(y: Array, x: Array, kept: Array) -> tuple[Array, Array, Array, Array]:
    """Return squared errors of baseline and model, scores and cells of each unit, predicted from the others."""
    count = kept.sum(axis=0) - kept
    tested = (kept > 0) & (count >= 1)
    mean_y, mean_x = (_ratio(part.sum(axis=0) - part, count) for part in (y, x))
    cross = ((x * y).sum(axis=0) - x * y - count * mean_x * mean_y).sum(axis=1)
    spread = ((x * x).sum(axis=0) - x * x - count * mean_x**2).sum(axis=1)
    slope = _ratio(cross, spread)[:, None]
    u, z = np.where(tested, y - mean_y, 0.0), np.where(tested, x - mean_x, 0.0)
    base, model = (u * u).sum(axis=1), ((u - slope * z) ** 2).sum(axis=1)
    return base, model, (2.0 * slope * u * z).sum(axis=1), tested.sum(axis=1).astype(float)
