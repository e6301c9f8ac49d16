"""Scores of one scheme with their errors, as a user gives them and as rules need them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpi_research.scorecard.rank_inputs import read_rank_inputs
from kpi_research.scorecard.uncertainty import score_errors

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Standing:
    """Scores of all units under one scheme.

    Attributes
    ----------
    estimates : pandas.Series
        Score per unit, higher is better.
    se, dof : pandas.Series, array or None
        Standard errors of independent scores, and their degrees of freedom.
    cov : pandas.DataFrame, array or None
        Covariance of the scores' errors, instead of ``se``.
    draws : pandas.DataFrame, array or None
        Resampled scores, one row per draw and one column per unit, instead of both: their covariance is used.
    periods : pandas.DataFrame or None
        Unit × period, periods in order and equally long: score of each period. Rules on single periods or on several in
        a row need it; without ``se``, ``cov`` and ``draws`` the errors are taken from it.
    """

    estimates: pd.Series
    se: pd.Series | ArrayLike | None = None
    dof: pd.Series | ArrayLike | float | None = None
    cov: pd.DataFrame | ArrayLike | None = None
    draws: pd.DataFrame | ArrayLike | None = None
    periods: pd.DataFrame | None = None


@dataclass(frozen=True)
class Levels:
    """A standing that was checked, in the order of the units' labels.

    Attributes
    ----------
    units : pandas.Index
        Labels.
    estimate : numpy.ndarray, shape (p,)
        Scores.
    cov : numpy.ndarray, shape (p, p)
        Covariance of their errors.
    dof : numpy.ndarray, shape (p,), or None
        Degrees of freedom.
    periods : numpy.ndarray, shape (p, T), or None
        Scores of the periods.
    correlation : float
        How much of the persistent part of the errors is left one period later.
    noise : float
        Share of the errors' variance that does not persist, 0 to 1.
    """

    units: pd.Index
    estimate: Array
    cov: Array
    dof: Array | None
    periods: Array | None
    correlation: float
    noise: float = 0.0

    @property
    def length(self) -> int | None:
        """Number of periods behind the estimates; None where unknown."""
        return None if self.periods is None else self.periods.shape[1]


def read_standing(standing: Standing) -> Levels:
    """Check the scores of one scheme.

    Parameters
    ----------
    standing : Standing
        Scores with their errors.

    Returns
    -------
    Levels

    Raises
    ------
    ValueError
        If errors are lacking or given twice, a unit is lacking, or a number is missing or out of range.
    """
    given = [name for name in ("se", "cov", "draws") if getattr(standing, name) is not None]
    if len(given) > 1:
        raise ValueError(f"give only one of se, cov and draws; found {' and '.join(given)}")
    periods = _period_scores(standing)
    se, cov, dof = standing.se, standing.cov, standing.dof
    if standing.draws is not None:
        cov = _covariance(standing.draws, standing.estimates.index)
    correlation, noise = 0.0, 0.0
    if standing.periods is not None and periods is not None:
        errors = score_errors(standing.periods)
        correlation, noise = errors.persistence, errors.noise_share
        if not given:
            se, dof = errors.table["se"].reindex(standing.estimates.index), errors.table["dof"]
    if se is None and cov is None:
        raise ValueError("give se, cov, draws or periods: without errors of the scores nothing can be said")
    inputs = read_rank_inputs(standing.estimates, se, cov, dof if cov is None else None)
    matrix = inputs.cov if inputs.cov is not None else np.diag(np.asarray(inputs.se) ** 2)
    ordered = None if periods is None else periods.loc[inputs.labels].to_numpy(dtype=float)
    return Levels(inputs.labels, inputs.estimate, matrix, inputs.dof, ordered, correlation, noise)


def _period_scores(standing: Standing) -> pd.DataFrame | None:
    periods = standing.periods
    if periods is None:
        return None
    if not isinstance(periods, pd.DataFrame):
        raise TypeError(f"periods must be a pandas DataFrame of units and periods, found {type(periods).__name__}")
    if not periods.index.is_unique:
        raise ValueError(f"periods has unit {periods.index[periods.index.duplicated()][0]!r} twice")
    absent = standing.estimates.index.difference(periods.index)
    if len(absent):
        raise ValueError(f"periods lacks unit {absent[0]!r}; it must have every unit of estimates")
    if not periods.shape[1]:
        raise ValueError("periods has no column; it needs one per period")
    return periods


def _covariance(draws: pd.DataFrame | ArrayLike, units: pd.Index) -> pd.DataFrame:
    if isinstance(draws, pd.DataFrame):
        absent = units.difference(draws.columns)
        if len(absent):
            raise ValueError(f"draws lacks unit {absent[0]!r}; it must have a column per unit of estimates")
        draws = draws[list(units)]
    values = np.asarray(draws, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(units) or len(values) < 20:
        raise ValueError(f"draws has shape {values.shape}; allowed: 20 rows or more and {len(units)} columns")
    if not np.isfinite(values).all():
        raise ValueError("draws holds missing or infinite values; only finite numbers are allowed")
    return pd.DataFrame(np.atleast_2d(np.cov(values, rowvar=False)), index=units, columns=units)


def variance_of_mean(periods: int, correlation: float, noise: float = 0.0) -> float:
    """Return the variance of the mean of some periods of a first-order autoregression plus white noise, unit variance together.

    Parameters
    ----------
    periods : int
        Number of periods, at least 1.
    correlation : float
        How much of the autoregression is left one period later, from 0 up to below 1.
    noise : float
        Share of the variance that is white noise, 0 to 1.

    Returns
    -------
    float

    Examples
    --------
    >>> variance_of_mean(4, 0.0), variance_of_mean(2, 0.5)
    (0.25, 0.75)
    """
    lag = np.arange(1, periods)
    together = (1.0 - noise) * ((periods - lag) * correlation**lag).sum()
    return float((periods + 2 * together) / periods**2)
