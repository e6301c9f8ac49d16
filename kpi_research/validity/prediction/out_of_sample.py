"""Whether an indicator makes forecasts of an outcome better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.numerics.panel_tables import remove_effects
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.prediction.forecast_gain import Gain, rolling_gain, unit_gain
from kpi_research.validity.prediction.panel_columns import check_level, read_columns

Array = NDArray[np.float64]
Baseline = Literal["unit_mean", "previous", "period_mean"]
Folds = Literal["rolling", "unit"]
LEAST_UNITS = 4
LEAST_FREEDOM = 5.0
ENOUGH_UNITS = 12
_BASELINES = {"rolling": ("unit_mean", "previous"), "unit": ("period_mean",)}


@dataclass(frozen=True)
class OutOfSample(Result):
    """Gain of forecasts by an indicator.

    ``table`` has one row: ``indicator``, ``outcome``, ``baseline``, ``folds``; ``gain`` (share of the baseline's
    squared error that the indicator saves; negative where it adds error) with ``low``, ``high``; ``rmse_baseline``,
    ``rmse_model`` (root mean squared errors in the unit of the outcome); ``p`` (one-sided, of no predictive gain);
    ``forecasts``, ``units``.

    Attributes
    ----------
    verdict : str
        ``helps`` (interval above 0), ``harms`` (below) or ``cannot_tell``.
    level : float
        Coverage of the interval.
    """

    verdict: str
    level: float


def out_of_sample_gain(
    frame: pd.DataFrame,
    *,
    outcome: str,
    indicator: str,
    unit: str,
    period: str,
    baseline: Baseline | None = None,
    folds: Folds = "rolling",
    lag: int = 1,
    train: int | None = None,
    period_effects: bool = True,
    level: float = 0.95,
) -> OutOfSample:
    """Measure how much an indicator lowers the error of forecasts made without it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and period; its sorted periods are taken as successive.
    outcome, indicator : str
        Numeric columns.
    unit, period : str
        Key columns.
    baseline : {"unit_mean", "previous", "period_mean"}, optional
        Forecast without the indicator: mean of the unit's earlier values (default of rolling folds), its last value, or
        the mean of the other units in the same period (the only one of unit folds).
    folds : {"rolling", "unit"}
        ``rolling``: every period is forecast from those before it. ``unit``: every unit is predicted from the others.
    lag : int
        Age of the indicator in periods; rolling folds only, at least 1, so that no forecast sees its own period.
    train : int, optional
        Periods before the first forecast; a third of the periods, at least 3, by default.
    period_effects : bool
        Forecast the standing among units: what all units share in a period is taken out first.
    level : float
        Coverage of the interval, above 0 and below 1.

    Returns
    -------
    OutOfSample

    Raises
    ------
    ValueError
        If names or numbers do not fit, or no forecast can be made.

    Notes
    -----
    ``gain = 1 - sum e1**2 / sum e0**2`` (Campbell & Thompson 2008, doi:10.1093/rfs/hhm055). The interval is the estimate
    plus and minus a t quantile times the jackknife error over units, which refits without each unit; without any gain
    it is too wide rather than too narrow. ``p`` is Clark & West's (2007, doi:10.1016/j.jeconom.2006.05.023), summed over
    units: it asks whether the indicator would help if its slope were known, so it may be small where the gain is not.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> patrols, noise = rng.normal(size=(2, 30, 24))
    >>> safety = np.roll(patrols, 1, axis=1) + noise
    >>> keys = {"station": np.repeat(range(30), 24), "month": np.tile(range(24), 30)}
    >>> panel = pd.DataFrame({**keys, "patrols": patrols.ravel(), "safety": safety.ravel()})
    >>> out_of_sample_gain(panel, outcome="safety", indicator="patrols", unit="station", period="month").verdict
    'helps'
    """
    check_level(level)
    chosen = _check(folds, baseline, lag)
    columns = read_columns(frame, {"outcome": outcome, "indicator": indicator}, unit, period)
    y, x = columns.tables[outcome], columns.tables[indicator]
    if folds == "unit":
        found = unit_gain(y, x)
    else:
        start = max(3, y.shape[1] // 3) if train is None else train
        first, second = (_standing(part) if period_effects else part for part in (y, x))
        found = rolling_gain(first, second, chosen, start, lag)
    if found is None or not found.baseline > 0 or len(found.left_out) < LEAST_UNITS:
        raise ValueError(
            f"no forecast can be made: {y.shape[0]} units and {y.shape[1]} periods with folds='{folds}', lag={lag}; "
            "at least 4 units, 5 periods and a varying outcome and indicator are needed"
        )
    low, high = gain_interval(found, level)
    verdict = "helps" if low > 0 else "harms" if high < 0 else "cannot_tell"
    row = {
        "indicator": indicator,
        "outcome": outcome,
        "baseline": chosen,
        "folds": folds,
        "gain": found.gain,
        "low": low,
        "high": high,
        "rmse_baseline": float(np.sqrt(found.baseline)),
        "rmse_model": float(np.sqrt(found.model)),
        "p": clark_west(found),
        "forecasts": found.cells,
        "units": len(found.left_out),
    }
    return OutOfSample(pd.DataFrame([row]), _findings(len(found.left_out)), verdict, level)


def _check(folds: str, baseline: str | None, lag: int) -> str:
    if folds not in _BASELINES:
        raise ValueError(f"folds is '{folds}'; allowed: rolling, unit.{did_you_mean(folds, _BASELINES)['en']}")
    allowed = _BASELINES[folds]
    if baseline is not None and baseline not in allowed:
        hint = did_you_mean(baseline, allowed)["en"]
        raise ValueError(f"baseline is '{baseline}'; folds='{folds}' allows {', '.join(allowed)}.{hint}")
    if folds == "rolling" and (not isinstance(lag, int | np.integer) or lag < 1):
        raise ValueError(f"lag is {lag!r}; it must be a whole number of at least 1, so that a forecast looks back only")
    return baseline or allowed[0]


def _standing(table: Array) -> Array:
    kept = np.isfinite(table)
    return np.where(kept, remove_effects(table[None], kept, unit=False)[0], np.nan)


def gain_interval(found: Gain, level: float) -> tuple[float, float]:
    """Return the interval of a gain by the jackknife over units, centered on the estimate.

    Parameters
    ----------
    found : Gain
        The gain and its values with each unit left out.
    level : float
        Coverage.

    Returns
    -------
    low, high : float
        Degrees of freedom ``2 k / (kurtosis - 1)`` of the left-out values, from 5 to k - 1.
    """
    values = found.left_out[np.isfinite(found.left_out)]
    count = len(values)
    squares = (values - values.mean()) ** 2
    if count < LEAST_UNITS or not squares.sum() > 0:
        return float("nan"), float("nan")
    kurtosis = float((squares**2).mean() / squares.mean() ** 2)
    wanted = 2.0 * count / (kurtosis - 1.0) if kurtosis > 1.0 else count
    freedom = float(np.clip(wanted, min(LEAST_FREEDOM, count - 1.0), count - 1.0))
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom) * np.sqrt((count - 1.0) / count * squares.sum()))
    return found.gain - half, found.gain + half


def clark_west(found: Gain) -> float:
    """Return the one-sided p-value of no predictive gain.

    Parameters
    ----------
    found : Gain
        The gain with its scores.

    Returns
    -------
    float
        t test of the mean score of units; NaN where scores do not vary.
    """
    scores = found.scores
    error = float(scores.std(ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else 0.0
    return float(stats.t.sf(scores.mean() / error, len(scores) - 1)) if error > 0 else float("nan")


def _findings(units: int) -> tuple[Finding, ...]:
    return (finding("forecast-few-units", Where(), units=units, enough=ENOUGH_UNITS),) if units < ENOUGH_UNITS else ()
