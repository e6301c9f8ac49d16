"""The rate of preventable cases as an indicator: its value per unit and how reliable it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

PER = 10_000
"""Inhabitants, or whatever cases are counted against, that the rate is given for."""


def rate_indicator(shares: pd.DataFrame, exposure: pd.Series | None = None) -> pd.DataFrame:
    r"""Return the rate of preventable cases of each unit with its reliability.

    With :math:`x_u` the value and :math:`s_u` its standard error, the variance between units is
    :math:`\tau^2 = \max(0, \mathrm{var}(x) - \overline{s^2})`, and the reliability of a unit's value is
    :math:`\tau^2 / (\tau^2 + s_u^2)`.

    Parameters
    ----------
    shares : pandas.DataFrame
        One row per unit: ``unit``, ``n`` (cases), ``estimate`` and ``se`` of the share, not shrunk, so that its errors are
        those of the unit alone.
    exposure : pandas.Series, optional
        What cases are counted against, such as population, by unit; the share itself is the value without it.

    Returns
    -------
    pandas.DataFrame
        ``unit``, ``value`` (preventable cases per 10,000, or share of cases), ``se``, ``reliability`` (0 to 1; missing with
        fewer than three units).

    References
    ----------
    DerSimonian, R. & Laird, N. (1986), doi:10.1016/0197-2456(86)90046-2 (moments of the variance between units).

    Examples
    --------
    >>> shares = pd.DataFrame({"unit": list("abc"), "n": 100, "estimate": [0.2, 0.4, 0.6], "se": 0.05})
    >>> rate_indicator(shares)["reliability"].round(4).tolist()
    [0.9375, 0.9375, 0.9375]
    """
    scale = pd.Series(1.0, index=shares.index)
    if exposure is not None:
        base = shares["unit"].map(exposure).astype(float)
        scale = PER * shares["n"].astype(float) / base.where(base > 0)
    value = shares["estimate"].astype(float) * scale
    error = shares["se"].astype(float) * scale
    known = value.notna() & error.notna()
    between = max(0.0, float(value[known].var(ddof=1) - (error[known] ** 2).mean())) if known.sum() > 2 else np.nan
    total = between + error**2
    reliability = (between / total).where(total > 0)
    return pd.DataFrame({"unit": shares["unit"], "value": value, "se": error, "reliability": reliability})
