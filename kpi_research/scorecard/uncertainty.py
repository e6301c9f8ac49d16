"""Standard errors of unit scores from the ups and downs of the periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.within import remove_two_way, two_way_rank
from kpi_research.scorecard.moderated import moderated_variance
from kpi_research.scorecard.serial import SeriesMoments, serial_correlation, series_moments

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ScoreErrors:
    """Errors of unit scores.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by unit: ``se`` (standard error of the score, in points) and ``dof`` (its degrees of freedom); NaN where
        there is no evidence.
    serial_correlation : float
        Correlation of neighbouring periods that all units share, 0 to 0.9.
    """

    table: pd.DataFrame
    serial_correlation: float


def score_errors(period_scores: pd.DataFrame) -> ScoreErrors:
    """Return standard errors of the mean of each unit's period scores.

    Parameters
    ----------
    period_scores : pandas.DataFrame
        Unit × period, periods in order and equally spaced: score, or its deviation from the unit's level, in points;
        NaN = not observed.

    Returns
    -------
    ScoreErrors
        All NaN where there are fewer than two units or two periods.

    Notes
    -----
    The model: score of unit u in period t = level of u + what period t did to all units + e_ut, with e_ut of unit-specific
    variance and one serial correlation r. Effects of units and periods are taken out; r is found from all units
    together, corrected for short series; each unit's variance is steadied by the others (`moderated_variance`). The
    standard error is that of the unit's mean as an estimate of its level over many such periods, against the other
    units: what moves all units together moves no rank and is not in it.

    It does not hold what lies outside the periods: faults of the data, bias of an indicator, the choice of weights and
    of the normalization.

    Given to `rank_sets` with its degrees of freedom this is a parametric bootstrap of the studentized differences. For
    7 periods, 90 units and r = 0.3 the chance that any order is wrongly called shown stays near its nominal 5 % (6 to
    9 % in simulations with equal, log-normal and two-valued variances; 14 % with 3 periods), where resampling the 7 periods
    in blocks gives 74 to 97 %.
    """
    scores = period_scores.to_numpy(dtype=float)
    seen = ~np.isnan(scores)
    if (seen.sum(axis=1) > 1).sum() < 2:
        return ScoreErrors(pd.DataFrame({"se": np.nan, "dof": np.nan}, index=period_scores.index), 0.0)
    residuals, kept = _residuals(scores, seen)
    correlation = serial_correlation(residuals)
    moments = [series_moments(correlation, tuple(row)) if row.any() else None for row in seen]
    squares, mean_variance, dof = (_column(moments, name) for name in ("squares", "mean_variance", "dof"))
    own = np.nansum(residuals**2, axis=1) / np.where(squares > 0, squares, 1.0) / kept
    steadied = moderated_variance(own, np.nan_to_num(dof), float(np.nansum(dof)) * kept)
    table = pd.DataFrame(
        {"se": np.sqrt(steadied.variance * mean_variance), "dof": steadied.dof}, index=period_scores.index
    )
    table.loc[~seen.any(axis=1)] = np.nan
    return ScoreErrors(table, correlation)


def _residuals(scores: FloatArray, seen: NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """Return deviations from unit and period effects, and the share of the units' own deviations that they keep."""
    unit, period = np.nonzero(seen)
    codes = [np.unique(part, return_inverse=True)[1] for part in (unit, period)]
    residuals = np.full(scores.shape, np.nan)
    residuals[seen] = remove_two_way(scores[seen][:, None], *codes)[:, 0]
    units = len(np.unique(unit))
    return residuals, (len(unit) - two_way_rank(*codes)) / (len(unit) - units)


def _column(moments: list[SeriesMoments | None], name: str) -> FloatArray:
    return np.array([np.nan if item is None else getattr(item, name) for item in moments])
