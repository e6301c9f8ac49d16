"""Standard errors as they were before white noise was told apart from memory: one first-order autoregression for all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize

from kpi_research.scorecard.moderated import moderated_variance
from kpi_research.scorecard.serial import known_correlation, series_moments

Array = np.ndarray


class FirstOrder(NamedTuple):
    se: Array
    dof: Array
    correlation: float


def first_order_errors(scores: Array) -> FirstOrder:
    """Return standard errors of unit means in a complete panel, the lag-1 correlation corrected for its bias.

    That is the correlation under which products of neighboring residuals over squares have the expected value found.
    """
    units, periods = scores.shape
    residuals = scores - scores.mean(axis=1, keepdims=True)
    residuals = residuals - residuals.mean(axis=0)
    found = (residuals[:, 1:] * residuals[:, :-1]).sum() / (residuals**2).sum()

    def excess(correlation: float) -> float:
        lags = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
        covariance = correlation**lags if correlation else np.eye(periods)
        center = np.eye(periods) - 1 / periods
        inner = center @ covariance @ center
        return float(np.trace(inner, 1) / np.trace(inner) - found)

    correlation = 0.0 if excess(0.0) >= 0 else 0.9 if excess(0.9) <= 0 else optimize.brentq(excess, 0.0, 0.9)
    moments = series_moments(known_correlation(1.0, correlation), (True,) * periods)
    kept = (units - 1) / units
    own = (residuals**2).sum(axis=1) / moments.squares / kept
    steadied = moderated_variance(own, np.full(units, moments.dof), units * moments.dof * kept)
    return FirstOrder(np.sqrt(steadied.variance * moments.mean_variance), steadied.dof, correlation)
