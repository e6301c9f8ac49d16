"""The effect of past values of a column on another one, with unit and period effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.cluster_slopes import cluster_slopes
from kpi_research.numerics.panel_tables import complete, lagged, period_leverage, remove_effects

Array = NDArray[np.float64]
COLUMNS = ("lag", "estimate", "se", "low", "high", "p", "freedom")


def distributed_lag(
    y: Array, x: Array, lags: int, level: float, *, first: int = 1, period_effects: bool = True
) -> pd.DataFrame:
    """Estimate how past x goes with y within units.

    Parameters
    ----------
    y, x : numpy.ndarray, shape (units, periods)
        Outcome and cause, NaN where missing.
    lags : int
        Last lag.
    level : float
        Coverage of the intervals.
    first : int
        First lag; 0 takes the same period in.
    period_effects : bool
        Whether effects of periods are removed beside those of units.

    Returns
    -------
    pandas.DataFrame
        A row per lag and one for their sum: ``lag`` (text; ``sum`` for the sum), ``estimate`` (units of y per unit of
        x), ``se``, ``low``, ``high``, ``p``, ``freedom``.

    Raises
    ------
    ValueError
        If x does not vary within units.

    Notes
    -----
    ``y_it = a_i + g_t + sum_k b_k x_i(t-k) + e_it``, errors clustered by unit with CR2 and Satterthwaite degrees of
    freedom. The own past of y is not in the model, so that the sum is the whole effect within the lags (Baltagi 2021).
    """
    columns = [lagged(x, lag) for lag in range(first, lags + 1)]
    tables = np.stack([y, *columns])
    kept = complete(tables)
    left = remove_effects(tables, kept, period=period_effects)
    found = cluster_slopes(left[0], left[1:], lost=period_leverage(kept) if period_effects else 0.0)
    weights = [*np.eye(len(columns)), np.ones(len(columns))]
    names = [*(str(lag) for lag in range(first, lags + 1)), "sum"]
    rows = [(name, *found.combine(weight, level)) for name, weight in zip(names, weights, strict=True)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"lag": "str"})
