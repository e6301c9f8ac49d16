"""Normalizations that a composite may choose between: every indicator on one scale, higher always better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Floats

METHODS = ("minmax", "zscore", "rank", "best")


@dataclass(frozen=True)
class Scale:
    """One way to bring indicators to a common scale.

    Parameters
    ----------
    method : {"minmax", "zscore", "rank", "best"}
        ``minmax``: the worst unit gets ``first``, the best ``second``. ``zscore``: mean ``first``, standard deviation
        ``second`` (divisor n - 1). ``rank``: average ranks from ``first`` for the worst to ``second`` for the best place
        possible. ``best``: share of the best value, times ``second`` (for indicators of 0 or more where higher is better).
    first, second : float
        See above; ``second`` above ``first`` (for ``zscore`` only above 0).

    Raises
    ------
    ValueError
        If the method is unknown or the two numbers are out of order.

    Examples
    --------
    >>> Scale("minmax", 1, 100).apply(np.array([[2.0], [4.0], [3.0]]))[:, 0].tolist()
    [1.0, 100.0, 50.5]
    """

    method: Literal["minmax", "zscore", "rank", "best"]
    first: float = 0.0
    second: float = 100.0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}.{did_you_mean(str(self.method), METHODS)['en']}")
        least = 0.0 if self.method == "zscore" else self.first
        if not (np.isfinite(self.first) and np.isfinite(self.second) and self.second > least):
            raise ValueError(f"scale '{self.method}': second is {self.second}; it must be above {least:g}")

    def apply(self, values: Floats) -> Floats:
        """Return values on the scale.

        Parameters
        ----------
        values : ndarray of shape (units, indicators)
            Higher is better; NaN = missing and stays so. An indicator that does not vary gets the middle of the scale.

        Returns
        -------
        ndarray of shape (units, indicators)
        """
        low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        flat = high - low <= 1e-12 * np.maximum(np.abs(low), np.abs(high))
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = getattr(self, f"_{self.method}")(values, low, high)
        middle = self.first if self.method == "zscore" else (self.first + self.second) / 2
        return np.where(np.isnan(values), np.nan, np.where(flat, middle, scaled))

    def _minmax(self, values: Floats, low: Floats, high: Floats) -> Floats:
        return self.first + (self.second - self.first) * (values - low) / (high - low)

    def _zscore(self, values: Floats, _low: Floats, _high: Floats) -> Floats:
        spread = np.nanstd(values, axis=0, ddof=1) if len(values) > 1 else np.ones(values.shape[1])
        return self.first + self.second * (values - np.nanmean(values, axis=0)) / spread

    def _rank(self, values: Floats, _low: Floats, _high: Floats) -> Floats:
        known = (~np.isnan(values)).sum(axis=0)
        ranks = rankdata(values, axis=0, nan_policy="omit")
        return self.first + (self.second - self.first) * (ranks - 1) / np.maximum(known - 1, 1)

    def _best(self, values: Floats, _low: Floats, high: Floats) -> Floats:
        return self.second * values / high
