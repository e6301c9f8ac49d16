"""Levels of units held against what their surroundings let expect."""

from __future__ import annotations

import numpy as np
import pandas as pd


def against_expected(expected: pd.Series, group: pd.Series, *, exposure: pd.Series | None = None) -> pd.Series:
    r"""Return the factor that turns a unit's rate into the rate it would have in average surroundings.

    Parameters
    ----------
    expected : pandas.Series
        Expected number of cases by unit, above 0; NaN = unknown.
    group : pandas.Series
        Comparison group by unit.
    exposure : pandas.Series, optional
        What the indicator is a rate of, by unit (residents, premises), above 0; 1 for an indicator that is a count.

    Returns
    -------
    pandas.Series
        Factor by unit of ``group``; NaN where expected or exposure is unknown.

    Raises
    ------
    ValueError
        If an expected number or an exposure is 0 or below.

    Notes
    -----
    With E expected and P exposure, the factor is :math:`\bar r / r_u`, where :math:`r_u = E_u / P_u` and :math:`\bar r` is that of
    the group together: the observed rate times the factor is observed / expected times the rate of the group, indirect
    standardization (Breslow & Day 1987, Statistical Methods in Cancer Research II).

    Examples
    --------
    >>> expected = pd.Series({"a": 10.0, "b": 30.0})
    >>> against_expected(expected, pd.Series({"a": "g", "b": "g"})).to_dict()
    {'a': 2.0, 'b': 0.6666666666666666}
    """
    units = group.index
    cases = expected.reindex(units).astype("float64")
    base = pd.Series(1.0, index=units) if exposure is None else exposure.reindex(units).astype("float64")
    for name, given in (("expected", cases), ("exposure", base)):
        if (given <= 0).any():
            raise ValueError(
                f"{name} of unit {given.index[(given <= 0).to_numpy()][0]!r} is {given[given <= 0].iloc[0]:g}; it must be above 0"
            )
    known = cases.notna() & base.notna()
    sums = pd.DataFrame({"cases": cases, "base": base})[known].groupby(group[known]).sum()
    mean = group.map(sums["cases"] / sums["base"]).astype("float64")
    return (mean / (cases / base)).where(known, np.nan)
