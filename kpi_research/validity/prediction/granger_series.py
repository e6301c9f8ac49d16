"""The Granger test of two single series."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from kpi_research.validity.prediction.granger_walds import unit_walds


def granger(cause: ArrayLike, effect: ArrayLike, *, lags: int = 1) -> tuple[float, float, float]:
    """Test whether one series helps to predict another beyond its own past.

    Parameters
    ----------
    cause, effect : array_like, shape (periods,)
        Series in time order without missing values.
    lags : int
        Periods to look back.

    Returns
    -------
    f, p, freedom : float
        F statistic, its p-value from F(lags, freedom), and the residual degrees of freedom ``periods - 3 lags - 1``.

    Raises
    ------
    ValueError
        If the series differ in length, lack a value, are too short or do not vary.

    Notes
    -----
    Granger (1969), doi:10.2307/1912791; the same as R's ``lmtest::grangertest``.
    """
    x, y = np.asarray(cause, dtype=float), np.asarray(effect, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"cause and effect must be series of one length, found shapes {x.shape} and {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("cause or effect holds a missing or infinite value; fill or cut the series first")
    found = unit_walds(y[None], x[None], lags)
    freedom = float(found.freedom[0])
    if not np.isfinite(found.wald[0]):
        raise ValueError(
            f"{len(x)} periods with lags={lags} leave {freedom:g} degrees of freedom, or a series does not vary; "
            f"at least {3 * lags + 2} varying periods are needed"
        )
    f = float(found.wald[0]) / lags
    return f, float(stats.f.sf(f, lags, freedom)), freedom
