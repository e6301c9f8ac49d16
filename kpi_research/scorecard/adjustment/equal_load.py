"""Levels of units as they would be at the mean workload of their group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.numerics.cluster_slopes import cluster_slopes

LEAST_FREE = 5
"""Units beyond the groups and the slope that an adjustment needs."""


@dataclass(frozen=True, slots=True)
class EqualLoad:
    """Levels at equal workload.

    Attributes
    ----------
    shift : pandas.Series
        By unit: what is added to the unit's level, in the unit of measure of the level; 0 where nothing is shown.
    slope, low, high : float
        Change of the level per 10 % more work, with its interval; NaN where it cannot be found.
    applied : bool
        Whether the interval of the slope leaves out 0, so that levels are shifted.
    """

    shift: pd.Series
    slope: float
    low: float
    high: float
    applied: bool


def at_equal_load(level: pd.Series, load: pd.Series, group: pd.Series, *, confidence: float = 0.95) -> EqualLoad:
    r"""Take out of the levels of units what goes with more work per officer.

    Parameters
    ----------
    level : pandas.Series, shape (n,)
        Mean value of an indicator by unit, in any unit of measure; NaN = missing.
    load : pandas.Series
        Work per officer by unit, above 0, e.g. standard minutes; NaN = unknown.
    group : pandas.Series
        Comparison group by unit.
    confidence : float
        Coverage of the slope's interval, above 0 and below 1.

    Returns
    -------
    EqualLoad
        Units without level or load have a shift of 0.

    Raises
    ------
    ValueError
        If a load is 0 or below, or confidence is out of range.

    Notes
    -----
    Within groups the levels are regressed on the logarithm of the load; a unit is shifted by
    :math:`-b(\log \ell_u - \overline{\log \ell})`. Nothing is shifted unless the interval of the slope leaves out 0: a slope that
    may be nothing would only add noise to the scores. Errors are CR2 with Satterthwaite degrees of freedom, every unit a
    cluster, since units differ in how exact their levels are. The mean of the group stays what it was.

    This is indirect standardization by regression, as hospitals are compared after case mix (Ash et al. 2012, Statistical
    Issues in Assessing Hospital Performance). It takes out all that goes with workload, also what a unit might have done
    about it; therefore the study names each indicator for which it is fair.

    Examples
    --------
    >>> units = list("abcdefghij")
    >>> load = pd.Series(np.linspace(80.0, 120.0, 10), units)
    >>> delay = 5.0 * np.log(load) + pd.Series([0.1, -0.1] * 5, units)
    >>> found = at_equal_load(delay, load, pd.Series("all", units))
    >>> found.applied, bool((delay + found.shift).std() < 0.2)
    (True, True)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; it must lie between 0 and 1")
    units = level.index
    work = load.reindex(units).astype("float64")
    if (work <= 0).any():
        raise ValueError(
            f"load of unit {work.index[(work <= 0).to_numpy()][0]!r} is {work[work <= 0].iloc[0]:g}; it must be above 0"
        )
    shift = pd.Series(0.0, index=units)
    nothing = EqualLoad(shift, np.nan, np.nan, np.nan, applied=False)
    frame = pd.DataFrame({"y": level.astype("float64"), "x": np.log(work), "group": group.reindex(units)}).dropna()
    groups = frame["group"].nunique()
    if len(frame) < groups + 1 + LEAST_FREE:
        return nothing
    means = frame.groupby("group")[["y", "x"]].transform("mean")
    y, x = (frame[["y", "x"]] - means).to_numpy(dtype=float).T
    if not float((x**2).sum()) > 1e-12 * max(float((frame["x"] ** 2).sum()), 1e-300):
        return nothing
    fit = cluster_slopes(y[:, None], x[None, :, None], lost=groups / len(frame))
    slope, _, low, high, _, _ = fit.combine(np.array([1.0]), confidence)
    applied = bool(low > 0 or high < 0)
    if applied:
        shift[frame.index] = -slope * x
    tenth = float(np.log(1.1))
    return EqualLoad(shift, slope * tenth, low * tenth, high * tenth, applied)
